"""``firedoor admission``: a validating webhook, and what registers it."""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firedoor.cli.admission_export import export
from firedoor.cli.admission_rules import modes_of, rule_option
from firedoor.cli.flows_options import cluster_option, duration, moment, open_store, store_option
from firedoor.cli.loading import BarProgress, cni_profile
from firedoor.cli.options import cni_option, host_and_port, read_stdin
from firedoor.cli.stopping import stopping
from firedoor.errors import SourceError, UsageError
from firedoor.model.admission import Mode, Rule
from firedoor.model.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from firedoor.model.flows import FlowEdge

_USED_WITHIN = "14d"
_STORE_SECONDS = 300.0
"""So often the store of flows is read again."""
SWITCH_SECONDS = 0.0005
"""A question is read and answered in several steps, before each of which another thread may have to be waited for."""


@click.group()
def command() -> None:
    """Judge changes before the API server keeps them."""


@command.command()
@click.option("--listen", default="127.0.0.1:8443", show_default=True, metavar="HOST:PORT", help="Where to answer.")
@click.option(
    "--tls-cert", "certificate", required=True, metavar="FILE", type=click.Path(), help="Certificate, with its chain."
)
@click.option("--tls-key", "key", required=True, metavar="FILE", type=click.Path(), help="Key of the certificate.")
@rule_option
@click.option(
    "--assert", "intents", metavar="FILE", type=click.Path(allow_dash=True), help="Intents that changes must keep."
)
@click.option(
    "--severity",
    type=click.Choice([str(each) for each in Severity]),
    default="high",
    show_default=True,
    help="How severe a permission must be to be risky.",
)
@click.option("--flows", "is_by_flows", is_flag=True, help="Judge by connections in the store of flows, too.")
@store_option
@cluster_option
@click.option(
    "--used-within",
    default="",
    metavar="TIME",
    help="Connections of the store that were seen since so long count as used; 14d unless said.",
)
@click.option("--kubeconfig", metavar="FILE", type=click.Path(), help="Kubeconfig of the live cluster.")
@click.option("--context", metavar="NAME", help="Context of the kubeconfig.")
@cni_option
def serve(
    *,
    listen: str,
    certificate: str,
    key: str,
    rules: Sequence[str],
    intents: str | None,
    severity: str,
    is_by_flows: bool,
    store: str | None,
    cluster: str,
    used_within: str,
    kubeconfig: str | None,
    context: str | None,
    cni: str,
) -> None:
    """
    Answer an API server's questions as a validating webhook, until Ctrl-C.

    Follows the cluster, and judges each change against it as it is. Certificates are read again when the files change.
    """
    from firedoor.bootstrap import open_feed, open_intents, open_webhook  # noqa: PLC0415
    from firedoor.usecases.admission import Admission  # noqa: PLC0415

    modes = modes_of(rules)
    meant = open_intents(intents, read_stdin=read_stdin) if intents is not None else ()
    if not meant and any(each.startswith(Rule.FORBIDDEN) for each in rules) and modes[Rule.FORBIDDEN] is not Mode.OFF:
        raise UsageError("the rule forbidden is about intents", remedy="give a file of them with --assert")
    used = _used_edges(store, cluster, used_within, rules, modes, is_by_flows=is_by_flows)
    admission = Admission(cni_profile(cni), modes, meant, Severity(severity))
    place = host_and_port(listen)
    # Cycles would pile up here that other commands leave to the end of the process.
    gc.enable()
    # Who asks must not wait long for the thread that takes in what changed.
    sys.setswitchinterval(SWITCH_SECONDS)
    with (
        stopping() as stop,
        open_webhook(place, certificate, key, admission, lambda text: click.echo(text, err=True)),
    ):
        bar = BarProgress()
        try:
            for turn in open_feed(stop, kubeconfig, context).turns(bar):
                bar.finish()
                edges = used()
                if edges is not None:
                    admission.learn(edges)
                if turn.changes is None or turn.changes or edges is not None:
                    admission.update(turn.snapshot)
        finally:
            bar.finish()


@command.command()
@click.option("--url", metavar="URL", help="Where the webhook is, if it is outside of the cluster.")
@click.option("--service", metavar="NS/NAME[:PORT]", help="The Service that leads to it, if it is inside.")
@click.option("--ca-file", required=True, metavar="FILE", type=click.Path(), help="The CA of its certificate, as PEM.")
@click.option(
    "--failure-policy",
    type=click.Choice(["Ignore", "Fail"]),
    default="Ignore",
    show_default=True,
    help="What becomes of changes while the webhook does not answer: Ignore lets them pass, Fail refuses them.",
)
@click.option("--exempt", "exempt", multiple=True, metavar="NS", help="Do not ask about this namespace. Repeatable.")
def manifests(
    *, url: str | None, service: str | None, ca_file: str, failure_policy: str, exempt: Sequence[str]
) -> None:
    """
    Print the ValidatingWebhookConfiguration that makes an API server ask.

    Never asks about kube-system nor, with --service, about the webhook's own namespace: nobody is locked out of them.
    """
    from firedoor.render.admission_yaml import Registration, admission_yaml  # noqa: PLC0415

    if (url is None) == (service is None):
        raise UsageError("it is not said where the webhook is", remedy="give one of --url and --service")
    if url is not None and not url.startswith("https://"):
        raise UsageError(f"{url!r} is no URL with TLS", remedy="write it as in https://10.0.0.5:8443/validate")
    try:
        authority = Path(ca_file).read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", place=ca_file, remedy="check the name") from error
    if b"-----BEGIN CERTIFICATE-----" not in authority:
        raise SourceError("there is no certificate in it", place=ca_file, remedy="give the CA as PEM")
    home, name, port = _service(service) if service is not None else ("", "", 0)
    spared = tuple(dict.fromkeys(each for each in ("kube-system", home, *exempt) if each))
    registration = Registration(url or "", home, name, port, authority, failure_policy, spared)
    click.echo(admission_yaml(registration), nl=False)


def _used_edges(
    store: str | None, cluster: str, within: str, rules: Sequence[str], modes: Mapping[Rule, Mode], *, is_by_flows: bool
) -> Callable[[], list[FlowEdge] | None]:
    """Return what reads the connections that were used lately, when it is time to, and None meanwhile."""
    if not is_by_flows:
        if store or cluster or within:
            raise UsageError("--store, --cluster and --used-within are about the store of flows", remedy="add --flows")
        if any(each.startswith(Rule.USED) for each in rules) and modes[Rule.USED] is not Mode.OFF:
            raise UsageError("the rule used is about connections that were seen", remedy="add --flows")
        return lambda: None
    from firedoor.model.flow_reading import FlowQuestion  # noqa: PLC0415

    within = within or _USED_WITHIN
    duration(within)
    opened, read = open_store(store), 0.0

    def edges() -> list[FlowEdge] | None:
        nonlocal read
        if read and time.monotonic() - read < _STORE_SECONDS:
            return None
        is_first, read = not read, time.monotonic()
        try:
            # A long connection is kept in the hour in which it began: only its end says that it was used lately.
            since = moment(within)
            found = [each for each in opened.edges(FlowQuestion(cluster)) if each.last >= since]
        except SourceError as error:
            if is_first:
                raise
            # What was read before counts on: a webhook that ends is worse than one that is late.
            click.echo(f"the store of flows is not read again: {error}", err=True)
            return None
        if is_first and not found:
            click.echo(f"the store at {opened.place} has no flows of the last {within}: none can be cut yet", err=True)
        return found

    return edges


def _service(text: str) -> tuple[str, str, int]:
    path, colon, port = text.partition(":")
    home, slash, name = path.partition("/")
    if not (slash and home and name) or (colon and not port.isdecimal()):
        raise UsageError(f"{text!r} is no NS/NAME[:PORT]", remedy="write it as in firedoor/admission:443")
    return home, name, int(port) if colon else 443


command.add_command(export)
