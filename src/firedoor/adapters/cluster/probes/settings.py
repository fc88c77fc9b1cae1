"""How connections are tried, and what everything that is made for it is called."""

from __future__ import annotations

import re
import secrets

from msgspec import Struct

DEFAULT_IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.53"
"""A small image of the Kubernetes project, made to test networks with; others need ``/agnhost`` too."""

RUN_LABEL = "firedoor.dev/probe"
"""On everything that is made; its value is the id of the run."""
SITE_LABEL = "firedoor.dev/probe-site"
"""On probe pods: which of them a service leads to."""
PREFIX = "firedoor-probe"
"""How the name of everything that is made begins."""

_RUN = re.compile(r"[0-9a-f]{8}")


class ProbeSettings(Struct, frozen=True, gc=False):
    """
    Settings of a prober.

    `mode` says where connections are made from and to: ``pods`` of our own that stand in for
    the workload, what is in the real pods (``exec``), or ephemeral containers in them
    (``debug``). `rate` is how many are begun in a second, 0 for no limit; `timeout` is how many
    seconds each may take, `ready_timeout` how many all the pods together may take to start.
    Nothing that is made works longer than `ttl` seconds, even if this process is killed.
    """

    mode: str = "pods"
    image: str = DEFAULT_IMAGE
    concurrency: int = 16
    rate: float = 0.0
    timeout: float = 3.0
    ready_timeout: float = 120.0
    ttl: int = 1800


class Run(Struct, frozen=True, gc=False):
    """One run, whose objects are told from those of others by its `id`."""

    id: str

    @property
    def name(self) -> str:
        """The name of what it makes once in each namespace."""
        return f"{PREFIX}-{self.id}"

    @property
    def selector(self) -> str:
        """The label selector of all that it makes."""
        return f"{RUN_LABEL}={self.id}"

    def site_name(self, position: int) -> str:
        """Return the name of what it makes for one site."""
        return f"{self.name}-{position}"


def new_run() -> Run:
    """Return a run of its own."""
    return Run(secrets.token_hex(4))


def is_ours(name: str, labels: dict[str, str]) -> bool:
    """Return whether an object was made by a run: its label and its name both say so."""
    run = labels.get(RUN_LABEL, "")
    made = Run(run).name
    return _RUN.fullmatch(run) is not None and (name == made or name.startswith(f"{made}-"))
