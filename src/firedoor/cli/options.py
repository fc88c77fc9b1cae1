"""The options that commands share, named as kubectl names them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from firedoor.algebra.ports import LAST_PORT
from firedoor.errors import UsageError

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """Where to read the cluster from, and how to judge it."""

    paths: tuple[str, ...]
    kubeconfig: str | None
    context: str | None
    namespace: str
    cni: str
    kubernetes_version: str


def source_options(function: Function) -> Function:
    """Add ``PATH...``, ``-f``, ``--kubeconfig``, ``--context``, ``-n``, ``-A``, ``--cni`` as one `SourceOptions`."""
    decorators = [
        click.argument("path", nargs=-1, type=click.Path(allow_dash=True)),
        click.option(
            "-f",
            "--filename",
            "files",
            multiple=True,
            metavar="PATH",
            type=click.Path(allow_dash=True),
            help="File or folder of manifests, a saved snapshot, or - for stdin. Repeatable.",
        ),
        click.option(
            "--kubeconfig",
            metavar="FILE",
            type=click.Path(),
            help="Kubeconfig of the live cluster, used when no PATH is given.",
        ),
        click.option("--context", metavar="NAME", help="Context of the kubeconfig."),
        click.option(
            "-n",
            "--namespace",
            default="",
            metavar="NS",
            help="Show only this namespace; manifests that name none are taken to be in it.",
        ),
        click.option("-A", "--all-namespaces", is_flag=True, help="Show all namespaces. This is the default."),
        cni_option,
        click.option(
            "--kubernetes-version",
            default="",
            metavar="X.Y",
            help="Release whose API server the manifests are meant for. Default: the newest known.",
        ),
    ]
    from functools import wraps  # noqa: PLC0415

    @wraps(function)
    def collected(**values: Any) -> Any:
        paths = (*values.pop("path"), *values.pop("files"))
        namespace = values.pop("namespace")
        if values.pop("all_namespaces"):
            namespace = ""
        source = SourceOptions(
            tuple(map(str, paths)),
            values.pop("kubeconfig"),
            values.pop("context"),
            namespace,
            values.pop("cni"),
            values.pop("kubernetes_version"),
        )
        return function(source=source, **values)

    result: Any = collected
    for decorate in reversed(decorators):
        result = decorate(result)
    return result  # type: ignore[no-any-return]


def states_options(namespace_help: str) -> Callable[[Function], Function]:
    """Add ``OLD`` and ``NEW``, ``-n`` that does as its help says, and how to read both states."""
    decorators = [
        click.argument("old"),
        click.argument("new"),
        click.option("-n", "--namespace", default="", metavar="NS", help=namespace_help),
        click.option("--kubeconfig", metavar="FILE", type=click.Path(), help="Kubeconfig of live clusters."),
        click.option(
            "--kubernetes-version",
            default="",
            metavar="X.Y",
            help="Release whose API server the manifests are meant for. Default: the newest known.",
        ),
    ]

    def decorated(function: Function) -> Function:
        for decorate in reversed(decorators):
            function = decorate(function)
        return function

    return decorated


def refuse_two_stdins(*names: str | None) -> None:
    """Raise ``UsageError`` where standard input is more than one of the things that are named."""
    if names.count("-") > 1:
        raise UsageError("standard input is given twice", remedy="give one of them as a file")


def host_and_port(text: str) -> tuple[str, int]:
    """Return the parts of ``HOST:PORT``; raises ``UsageError``."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > LAST_PORT:
        raise UsageError(f"{text!r} is no HOST:PORT", remedy="write it as in 127.0.0.1:9464")
    return host.strip("[]"), int(port)


def cni_option(function: Function) -> Function:
    """Add ``--cni``."""
    return click.option(
        "--cni",
        default="spec",
        show_default=True,
        metavar="PROFILE",
        shell_complete=_complete_cni,
        help="Judge what the API leaves open as this network plugin does (spec, calico, cilium, aws, ...).",
    )(function)


def staged_option(function: Function) -> Function:
    """Add ``--staged``."""
    return click.option("--staged", is_flag=True, help="Judge as if the staged policies of Calico were enforced.")(
        function
    )


def network_option(function: Function) -> Function:
    """Add ``--network``."""
    return click.option(
        "--network",
        default="",
        metavar="NS/NAME",
        help="Ask about a secondary network (a NetworkAttachmentDefinition) and its MultiNetworkPolicies.",
    )(function)


def output_option(*formats: str) -> Callable[[Function], Function]:
    """Add ``-o``; the first format is the default."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to print the result.",
    )


def read_stdin() -> bytes:
    """Return what stands on standard input."""
    return sys.stdin.buffer.read()


def _complete_cni(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from firedoor.engine.reach.cni import PROFILES  # noqa: PLC0415

    return [name for name in PROFILES if name.startswith(incomplete)]
