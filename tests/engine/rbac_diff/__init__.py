"""Tests of what everybody may do in one state and not in another."""
