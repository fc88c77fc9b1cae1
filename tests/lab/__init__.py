"""What firedoor says of a real API server, which ``lab`` starts; skipped where it is not built."""
