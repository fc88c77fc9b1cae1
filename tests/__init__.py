"""The test suite of firedoor."""
