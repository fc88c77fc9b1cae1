"""Seeded clusters of any size up to the limits that Kubernetes supports, written as the JSON that kubectl prints."""
