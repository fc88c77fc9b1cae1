"""Tests of the cluster adapter."""
