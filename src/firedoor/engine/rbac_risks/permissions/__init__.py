"""Permissions that are dangerous for whoever holds them; a family of risks is one file."""
