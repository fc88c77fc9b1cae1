"""
The checks, one file each, named by their ids.

A check looks at a `Context` and yields findings. Checks do not know each other.
"""
