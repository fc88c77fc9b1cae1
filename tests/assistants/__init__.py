"""Tests of the answers to assistants."""
