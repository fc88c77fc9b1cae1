"""Tests of revisions in git as a source."""
