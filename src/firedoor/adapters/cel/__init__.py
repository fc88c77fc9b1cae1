"""Expressions in CEL (Common Expression Language), evaluated in a process with bounds on time and memory."""
