"""Files of a revision in a git repository, read by git's own plumbing: nothing is checked out, nothing is written."""
