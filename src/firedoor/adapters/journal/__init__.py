"""
The journals of applies: a folder for each, one JSON entry on each line, each on the disk before the next write.

May write below the state folder of the user, and knows nothing of clusters.
"""

from firedoor.adapters.journal.files import JournalFile, JournalFolder, default_folder

__all__ = ["JournalFile", "JournalFolder", "default_folder"]
