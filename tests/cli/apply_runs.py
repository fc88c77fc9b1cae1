"""Applies and rollbacks of a small cluster on a fake API server, run as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.adapters.cluster.worlds import namespace, pod, write_kubeconfig
from tests.applying import from_app, kept, policy
from tests.cli.command import Ran, firedoor
from tests.fake_api_server import FakeAPIServer, Manifest

WEB = policy("shop", "web", "web", from_app("db"))
DENY = policy("shop", "deny")
OTHER = policy("data", "cache", "cache", from_app("web"))


def shop() -> list[Manifest]:
    """Return two namespaces with pods, and a policy that somebody else made."""
    pods = [pod("shop", "web", app="web"), pod("shop", "db", app="db"), pod("data", "cache", app="cache")]
    return [namespace("shop"), namespace("data"), *pods, kept(policy("shop", "old", "db"))]


def run(verb: str, server: FakeAPIServer, folder: Path, *arguments: str, stdin: bytes = b"") -> Ran:
    config = write_kubeconfig(folder, server.url)
    return firedoor(verb, "--kubeconfig", config, *arguments, stdin=stdin, cwd=folder)


def apply(server: FakeAPIServer, folder: Path, *arguments: str) -> Any:
    """Apply the policies of the folder, and return the exit code and what is told as JSON."""
    ran = run("apply", server, folder, str(folder / "policies"), "--yes", "-o", "json", *arguments)
    return ran.code, json.loads(ran.out)


def actions(document: Any) -> list[tuple[str, str]]:
    return [(each["action"], each["object"]["name"]) for wave in document["waves"] for each in wave["steps"]]
