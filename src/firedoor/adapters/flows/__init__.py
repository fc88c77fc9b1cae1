"""Flows of the data plane, from files: their formats and the store of what was read."""
