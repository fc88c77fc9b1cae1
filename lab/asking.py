"""What the lab itself asks the API server."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def ask(kubeconfig: Path, path: str) -> bytes | None:
    """Return what the API server of a kubeconfig answers to a GET; None where it does not answer or refuses."""
    config = json.loads(kubeconfig.read_text(encoding="utf-8"))
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    request = urllib.request.Request(cluster["server"] + path, headers={"Authorization": f"Bearer {user['token']}"})
    try:
        context = ssl.create_default_context(cafile=cluster["certificate-authority"])
        with urllib.request.urlopen(request, timeout=5, context=context) as answer:
            content: bytes = answer.read()
    except (OSError, urllib.error.URLError):
        return None
    return content
