"""``firedoor ui``."""

from __future__ import annotations

import gc
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

import click

from firedoor.bootstrap import open_source, today
from firedoor.cli.edges_options import EdgeOptions, edges_options
from firedoor.cli.loading import cni_profile, load_source
from firedoor.cli.options import (
    SourceOptions,
    output_option,
    read_stdin,
    refuse_two_stdins,
    source_options,
)
from firedoor.cli.review_options import config_option
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.interfaces import ManifestEditor
    from firedoor.model.custom_checks import KindPattern
    from firedoor.model.exceptions import Settings
    from firedoor.model.raw_objects import RawObjects
    from firedoor.model.snapshot import Snapshot
    from firedoor.web.subject import Means

_DEMO = "the bundled demo shop"
_POLICIES = (
    ("networking.k8s.io/*", "NetworkPolicy"),
    ("policy.networking.k8s.io/*", "ClusterNetworkPolicy"),
    ("policy.networking.k8s.io/*", "AdminNetworkPolicy"),
    ("policy.networking.k8s.io/*", "BaselineAdminNetworkPolicy"),
    ("*projectcalico.org/*", "NetworkPolicy"),
    ("*projectcalico.org/*", "GlobalNetworkPolicy"),
    ("cilium.io/*", "CiliumNetworkPolicy"),
    ("cilium.io/*", "CiliumClusterwideNetworkPolicy"),
    ("security.istio.io/*", "AuthorizationPolicy"),
)


@click.command()
@source_options
@edges_options
@config_option
@click.option("--demo", is_flag=True, help="Show the bundled demo shop, with the flows that were seen in it.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    metavar="PORT",
    help="Port to listen on; 0 for any free one.",
)
@click.option(
    "--address",
    default="127.0.0.1",
    show_default=True,
    metavar="IP",
    help="Address to listen on. Others than the default show the cluster to the network, without TLS.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@output_option("text", "json")
def command(
    source: SourceOptions,
    *,
    seen: EdgeOptions,
    settings: Settings,
    demo: bool,
    port: int,
    address: str,
    opens: bool,
    output: str,
) -> None:
    """
    Show a page about a cluster in the browser: a map of who can reach whom, findings, RBAC, and what a policy would do.

    Reads PATH... (files, folders, a saved snapshot, - for stdin), or the live cluster when none is given. The page
    changes nothing, loads nothing from elsewhere, and is served on this machine until Ctrl-C. The link that is printed
    opens it once. Needs firedoor[ui].
    """
    try:
        from firedoor.web.server import listening, prepare, serve  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(f"the page needs the extra ui: {error}", remedy="install firedoor[ui]") from error
    from firedoor.web.subject import Subject  # noqa: PLC0415

    refuse_two_stdins(*source.paths, seen.path)
    with ExitStack() as stack:
        means = _demo_means(stack, source, seen) if demo else _means(source, seen, settings)
        bound = stack.enter_context(listening(address, port))
        subject = Subject(means)
        prepare(subject)
        gc.enable()
        serve(subject, bound, lambda link: _announce(link, means.name, output, opens=opens))


def _announce(link: str, name: str, output: str, *, opens: bool) -> None:
    if output == "json":
        from msgspec.json import encode  # noqa: PLC0415

        click.echo(encode({"schema": "firedoor/ui/v1", "url": link, "source": name}).decode())
    else:
        click.echo(f"{name} is shown at\n\n  {link}\n\nThe link works once. Ctrl-C ends the page.")
    if opens:
        import webbrowser  # noqa: PLC0415

        webbrowser.open(link)


def _means(source: SourceOptions, seen: EdgeOptions, settings: Settings) -> Means:
    from firedoor.bootstrap import own_checks  # noqa: PLC0415
    from firedoor.model.exceptions import Rules  # noqa: PLC0415
    from firedoor.web.subject import Means  # noqa: PLC0415

    return Means(
        ", ".join("standard input" if path == "-" else path for path in source.paths) or _cluster_name(source),
        lambda: _read(source, settings),
        cni_profile(source.cni),
        source.namespace,
        source.kubernetes_version,
        (lambda: tuple(seen.edges())) if seen.is_given else None,
        _editor(source),
        lambda: Rules(today(), settings),
        lambda raw: own_checks(settings, raw if settings.custom else None),
    )


def _cluster_name(source: SourceOptions) -> str:
    return f"the live cluster {source.context}" if source.context else "the live cluster"


def _demo_means(stack: ExitStack, source: SourceOptions, seen: EdgeOptions) -> Means:
    """Return how to read the demo and its flows, which are imported into a store that is thrown away."""
    from firedoor.bootstrap import flow_history, open_flow_store, open_flows  # noqa: PLC0415
    from firedoor.demo import shop  # noqa: PLC0415
    from firedoor.interfaces import Silent  # noqa: PLC0415
    from firedoor.model.flow_reading import FlowQuestion  # noqa: PLC0415
    from firedoor.usecases.flows_import import import_flows  # noqa: PLC0415
    from firedoor.web.subject import Means  # noqa: PLC0415

    if source.paths or source.kubeconfig or source.context or seen.is_given:
        raise UsageError("--demo has a source and flows of its own", remedy="leave PATH, flows and --demo apart")
    path = stack.enter_context(shop())
    store = open_flow_store(str(Path(stack.enter_context(TemporaryDirectory(prefix="firedoor-ui-"))) / "flows"))
    flows = open_flows(str(path / "flows" / "hubble.jsonl"), "", "", 1, open_stdin=_no_stdin)
    import_flows(flows, store, flow_history((), 0), "demo", Silent())
    edges = tuple(store.edges(FlowQuestion("demo")))
    of_demo = SourceOptions((str(path),), None, None, source.namespace, source.cni, source.kubernetes_version)
    return Means(
        _DEMO,
        lambda: _read(of_demo, None),
        cni_profile(source.cni),
        source.namespace,
        source.kubernetes_version,
        lambda: edges,
        _editor(of_demo),
    )


def _no_stdin() -> IO[bytes]:
    raise UsageError("standard input is not read for the demo")


@cache
def _stdin() -> bytes:
    """Return what stood on standard input, however often it is asked for."""
    return read_stdin()


def _read(source: SourceOptions, settings: Settings | None) -> tuple[Snapshot, RawObjects]:
    from firedoor.model.raw_objects import RawObjects  # noqa: PLC0415

    raw = RawObjects(_kinds(settings))
    opened = open_source(
        source.paths,
        read_stdin=_stdin,
        kubeconfig=source.kubeconfig,
        context=source.context,
        namespace=source.namespace,
        kubernetes_version=source.kubernetes_version,
        raw=raw,
    )
    return load_source(opened), raw


def _kinds(settings: Settings | None) -> list[KindPattern]:
    """Return the kinds whose texts are kept: policies, and what custom checks ask for."""
    from firedoor.model.custom_checks import KindPattern  # noqa: PLC0415

    if settings is None or not settings.custom:
        return [KindPattern(*each) for each in _POLICIES]
    # A server that lacks one of the other kinds would make a gap of a custom check that has nothing to do with it.
    asked = [kind for check in settings.custom for kind in check.kinds]
    return [KindPattern("v1", "Namespace"), KindPattern(*_POLICIES[0]), *asked]


def _editor(source: SourceOptions) -> Callable[[], ManifestEditor] | None:
    """Return what opens the manifests; None where they are no files that could be changed."""
    from firedoor.bootstrap import open_editor  # noqa: PLC0415

    def opened() -> ManifestEditor:
        return open_editor(source.paths, namespace=source.namespace, kubernetes_version=source.kubernetes_version)

    try:
        opened()
    except UsageError:
        return None
    return opened
