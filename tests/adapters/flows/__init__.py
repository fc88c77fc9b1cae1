"""Tests of flows read from files."""
