"""Audit logs of the API server, from files: as it writes them, or wrapped as cloud providers deliver them."""

from firedoor.adapters.audit.source import AuditFiles

__all__ = ["AuditFiles"]
