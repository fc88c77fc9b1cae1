"""Flows of the data plane, from files or while they happen: their formats and the store of what was read."""
