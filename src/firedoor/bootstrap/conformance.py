"""The scratch namespaces of a live cluster, and what is left of them."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.adapters.cluster.scratch import ScratchNamespaces

_TIMEOUT = 60.0


@contextmanager
def open_scratch(kubeconfig: str | None, context: str | None) -> Iterator[ScratchNamespaces]:
    """Yield what makes namespaces in the cluster that kubectl would talk to; nothing is sent yet."""
    import random  # noqa: PLC0415

    from firedoor.adapters.cluster.config import connected  # noqa: PLC0415
    from firedoor.adapters.cluster.requests import Requests  # noqa: PLC0415
    from firedoor.adapters.cluster.scratch import ScratchNamespaces  # noqa: PLC0415
    from firedoor.adapters.cluster.transport import Transport  # noqa: PLC0415

    with connected(kubeconfig, context) as connection:
        reading = Transport(connection, _TIMEOUT, time.sleep, random.random)
        yield ScratchNamespaces(reading, Requests(connection, _TIMEOUT, time.sleep), time.sleep)


def new_scratch_prefix() -> str:
    """Return how the names of the namespaces of one run begin."""
    import secrets  # noqa: PLC0415

    return f"firedoor-conformance-{secrets.token_hex(4)}"


def clean_up_scratch(kubeconfig: str | None, context: str | None) -> list[str]:
    """Delete the namespaces that runs have left behind, and return their names; a run that goes on loses them."""
    with open_scratch(kubeconfig, context) as scratch:
        names = scratch.left_over()
        scratch.remove_namespaces(names)
        return names
