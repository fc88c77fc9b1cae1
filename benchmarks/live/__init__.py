"""A live cluster on loopback: an API server whose objects change, and what following it costs."""
