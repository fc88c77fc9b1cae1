"""A git repository with two commits: the second opens a database that the first protects."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

WORKLOADS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "postgres:17", ports: [{containerPort: 5432}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.29"}]}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress: []
"""
INTENTS = """\
apiVersion: firedoor.dev/v1alpha1
kind: Intents
intents:
  - name: web does not reach the database
    must-deny: {from: shop/web, to: shop/db}
"""
_QUIET = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


@dataclass(frozen=True)
class Sample:
    """Where it is, and its two commits."""

    folder: Path
    base: str
    head: str


def git(folder: Path, *arguments: str) -> str:
    """Run git, whatever the person who runs the tests has configured."""
    done = subprocess.run(
        ["git", *arguments],  # noqa: S607
        cwd=folder,
        env={**os.environ, **_QUIET},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def sample(folder: Path) -> Sample:
    """Make the repository."""
    (folder / "k8s").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "intents.yaml").write_text(INTENTS)
    (folder / "k8s/workloads.yaml").write_text(WORKLOADS)
    (folder / "k8s/policy.yaml").write_text(POLICY)
    base = commit(folder, "protected")
    (folder / "k8s/policy.yaml").write_text(POLICY.replace("ingress: []", "ingress: [{}]"))
    return Sample(folder, base, commit(folder, "open"))


def commit(folder: Path, message: str) -> str:
    """Commit everything, and return the commit."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")
