"""
The questions that an API server asks of a validating webhook, over HTTPS.

Knows the form of an ``AdmissionReview`` and of TLS; what is answered is for others to say.
"""

from firedoor.adapters.admission.reviews import Answer, answered
from firedoor.adapters.admission.server import TlsFiles, serve

__all__ = ["Answer", "TlsFiles", "answered", "serve"]
