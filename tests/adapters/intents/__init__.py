"""Tests of files of intents."""
