"""Tests of the least roles and the unused rules."""
