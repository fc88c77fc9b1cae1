"""Tests of what tries connections."""
