"""A real Kubernetes on this machine, for the tests: plain processes on loopback."""
