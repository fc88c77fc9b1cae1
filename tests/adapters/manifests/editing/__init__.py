"""Tests of changes of manifests as text."""
