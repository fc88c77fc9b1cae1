"""Tests of the store adapter."""
