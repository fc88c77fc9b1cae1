"""Manifests: files and folders of YAML and JSON, read, checked and turned into a snapshot."""
