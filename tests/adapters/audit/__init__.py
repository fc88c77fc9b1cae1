"""Tests of the audit log adapter."""
