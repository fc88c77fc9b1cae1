"""Tests of flows from Hubble Relay, against a real gRPC server."""
