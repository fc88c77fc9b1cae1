"""Tests on a real node, whose pods have a real network."""
