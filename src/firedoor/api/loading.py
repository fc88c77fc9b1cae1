"""Manifests, saved snapshots, revisions and live clusters into a `Cluster`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from firedoor.api.cluster import Cluster
from firedoor.bootstrap import open_settings, open_source, open_state, raw_objects
from firedoor.errors import SourceError
from firedoor.interfaces import Silent
from firedoor.model.exceptions import Settings
from firedoor.usecases.questions import cni_profile

if TYPE_CHECKING:
    from firedoor.interfaces import Progress


def load(
    *paths: str | os.PathLike[str],
    kubeconfig: str | os.PathLike[str] | None = None,
    context: str | None = None,
    namespace: str = "",
    cni: str = "spec",
    kubernetes_version: str = "",
    config: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Cluster:
    """
    Read a cluster.

    `paths` are files or folders of manifests, one saved snapshot, one revision as ``git:REVISION:PATH``, or ``-`` for
    standard input. Without any it is the live cluster of `kubeconfig` and `context`, by default that of ``kubectl``;
    it is only read.

    - `namespace` is where manifests are that name none.
    - `cni` is the profile of the network plugin that judges what the API leaves open.
    - `kubernetes_version` is the release whose API server the manifests are meant for, as in ``1.33``.
    - `config` is a configuration (``.firedoor.yaml``) with exceptions and checks of one's own. Unlike the command,
      this looks for none by itself.
    - `progress` is told how far reading is, by its method ``step(what, done, total)``. Without it nobody is.

    Raises ``SourceError`` when nothing at all can be read, ``UsageError`` when what is asked for cannot be. What could
    be read only in part is in `Cluster.gaps`.
    """
    profile = cni_profile(cni)
    settings = Settings() if config is None else open_settings(os.fspath(config))
    raw = raw_objects(settings)
    texts = tuple(os.fspath(each) for each in paths)
    place = None if kubeconfig is None else os.fspath(kubeconfig)
    if len(texts) == 1 and texts[0].startswith("git:"):
        source = open_state(texts[0], read_stdin=_stdin, namespace=namespace, kubernetes_version=kubernetes_version)
    else:
        source = open_source(
            texts,
            read_stdin=_stdin,
            kubeconfig=place,
            context=context,
            namespace=namespace,
            kubernetes_version=kubernetes_version,
            raw=raw,
        )
    try:
        snapshot = source.load(progress or Silent())
    except RecursionError:
        raise SourceError("the input is nested too deeply to be processed", remedy="check what it is") from None
    return Cluster(snapshot, profile, settings=settings, raw=raw, version=kubernetes_version)


def _stdin() -> bytes:
    return sys.stdin.buffer.read()
