"""Tests of the parsers of flow records."""
