"""The sinks of a watch: built from a plan, with their queues on the disk."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from firedoor.errors import UsageError
from firedoor.model.alerting import SinkKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from firedoor.adapters.cluster.objects import OwnObjects
    from firedoor.adapters.sinks.outbox import NamedSink
    from firedoor.adapters.sinks.report_board import ReportBoard
    from firedoor.adapters.sinks.sink import Sink
    from firedoor.interfaces import Outbox
    from firedoor.model.alerting import Notice, SinkPlan, SinkState, WatchPlan
    from firedoor.usecases.diagnose import Diagnosis


def open_watch_plan(path: str) -> WatchPlan:
    """Return the sinks, rules and silences in a file of their own; raises ``UsageError`` and ``SourceError``."""
    from firedoor.adapters.settings.watch_reading import read_watch_plan  # noqa: PLC0415
    from firedoor.bootstrap.settings import config_documents  # noqa: PLC0415
    from firedoor.model.alerting import WatchPlan  # noqa: PLC0415
    from firedoor.model.placed import Part  # noqa: PLC0415

    documents = config_documents(path)
    if len(documents) > 1:
        raise UsageError(
            "a second document begins here",
            place=f"{path}:{documents[1].line}",
            remedy="a file of rules is a single one",
        )
    if not documents or documents[0].value is None:
        return WatchPlan()
    for key, line in documents[0].duplicates:
        raise UsageError(f"the key {key!r} stands here twice", place=f"{path}:{line}", remedy="remove one")
    return read_watch_plan(Part(documents[0], path, "", documents[0].value))


class Surroundings:
    """What sinks need besides their plans."""

    def __init__(self, state: str | None, kubeconfig: str | None, context: str | None) -> None:
        """`state` is the folder of the watch; the cluster is the one that is watched."""
        from firedoor.adapters.store.memory import default_folder  # noqa: PLC0415

        self.folder = (Path(state) if state else default_folder()) / "sinks"
        self._kubeconfig = kubeconfig
        self._context = context

    def objects(self) -> OwnObjects:
        """Return what writes objects of our own into the cluster that is watched."""
        import random  # noqa: PLC0415
        import time  # noqa: PLC0415

        from firedoor.adapters.cluster.config import connect  # noqa: PLC0415
        from firedoor.adapters.cluster.objects import OwnObjects  # noqa: PLC0415
        from firedoor.adapters.cluster.requests import Requests  # noqa: PLC0415
        from firedoor.adapters.cluster.transport import Transport  # noqa: PLC0415

        connection = connect(self._kubeconfig, self._context)
        transport = Transport(connection, _TIMEOUT, time.sleep, random.random)
        return OwnObjects(transport, Requests(connection, _TIMEOUT, time.sleep))


_TIMEOUT = 30.0


class Outlets:
    """All that takes something of a watch: an outbox for events, and boards for what is wrong now."""

    def __init__(self, outbox: Outbox | None, boards: Sequence[ReportBoard]) -> None:
        """`outbox` is None where no sink takes events."""
        self.outbox = outbox
        self._boards = boards
        self._last: Diagnosis | None = None

    def show(self, diagnosis: Diagnosis | None) -> None:
        """Let the boards say what a diagnosis says, where it is a new one."""
        if not self._boards or diagnosis is None or diagnosis is self._last:
            return
        from msgspec.structs import replace  # noqa: PLC0415

        from firedoor.usecases.reports import diagnosis_report  # noqa: PLC0415

        self._last = diagnosis
        report = replace(diagnosis_report(diagnosis), name="watch")
        for each in self._boards:
            each.put(report)

    def states(self) -> list[SinkState]:
        """Return how each sink is doing."""
        events = self.outbox.states() if self.outbox is not None else ()
        return [*events, *(each.state() for each in self._boards)]


@contextmanager
def open_outlets(plan: WatchPlan, surroundings: Surroundings, say: Callable[[str], None]) -> Iterator[Outlets]:
    """Yield what delivers to sinks meanwhile."""
    if not plan.sinks:
        yield Outlets(None, ())
        return
    from firedoor.adapters.sinks import DiskOutbox  # noqa: PLC0415

    with ExitStack() as stack:
        sinks = _sinks(plan, surroundings)
        outbox = DiskOutbox(surroundings.folder, sinks, say) if sinks else None
        if outbox is not None:
            stack.callback(outbox.close)
        boards = []
        for each in _boards(plan, surroundings, say):
            stack.callback(each.close)
            boards.append(each)
        try:
            yield Outlets(outbox, boards)
        except BaseException:
            # Whoever takes over says what is wrong now.
            for each in boards:
                each.drop()
            raise


def try_plan(plan: WatchPlan, surroundings: Surroundings, notice: Notice) -> Iterator[tuple[str, str]]:
    """Yield the name of each sink with what is wrong when it is sent something, empty where nothing is."""
    from firedoor.adapters.sinks import try_sinks  # noqa: PLC0415

    yield from try_sinks(_sinks(plan, surroundings), notice)
    for each in _boards(plan, surroundings, lambda _: None):
        yield each.name, each.try_it()
        each.close()


def _sinks(plan: WatchPlan, surroundings: Surroundings) -> list[NamedSink]:
    from firedoor.adapters.sinks import NamedSink  # noqa: PLC0415

    return [NamedSink(each.name, _sink(each, surroundings), each.most) for each in plan.event_sinks]


def _boards(plan: WatchPlan, surroundings: Surroundings, say: Callable[[str], None]) -> Iterator[ReportBoard]:
    from firedoor.adapters.sinks.report_board import Kinds, ReportBoard  # noqa: PLC0415
    from firedoor.render.findings_openreports import DIALECT as OPEN_REPORTS  # noqa: PLC0415
    from firedoor.render.findings_policyreport import DIALECT as POLICY_REPORTS  # noqa: PLC0415
    from firedoor.render.policy_reports import report_objects  # noqa: PLC0415

    dialects = {SinkKind.POLICY_REPORT: POLICY_REPORTS, SinkKind.OPENREPORTS: OPEN_REPORTS}
    for each in plan.sinks:
        if (dialect := dialects.get(each.kind)) is not None:
            layout = partial(report_objects, dialect=dialect)
            kinds = Kinds(dialect.api_version, (dialect.kind, dialect.cluster_kind))
            yield ReportBoard(each.name, surroundings.objects(), kinds, layout, say)


def _sink(plan: SinkPlan, surroundings: Surroundings) -> Sink:
    from firedoor.adapters.sinks.alertmanager import Alertmanager  # noqa: PLC0415
    from firedoor.adapters.sinks.kubernetes_events import KubernetesEvents  # noqa: PLC0415
    from firedoor.adapters.sinks.ocsf import Ocsf  # noqa: PLC0415
    from firedoor.adapters.sinks.otlp import Otlp  # noqa: PLC0415
    from firedoor.adapters.sinks.slack import Slack  # noqa: PLC0415
    from firedoor.adapters.sinks.syslog import Syslog  # noqa: PLC0415
    from firedoor.adapters.sinks.teams import Teams  # noqa: PLC0415
    from firedoor.adapters.sinks.webhook import Webhook  # noqa: PLC0415
    from firedoor.render.events_json import event_object  # noqa: PLC0415

    match plan.kind:
        case SinkKind.WEBHOOK:
            return Webhook(plan, event_object)
        case SinkKind.SLACK:
            return Slack(plan)
        case SinkKind.TEAMS:
            return Teams(plan)
        case SinkKind.ALERTMANAGER:
            return Alertmanager(plan, surroundings.folder / f"{plan.name}.alerts")
        case SinkKind.SYSLOG:
            return Syslog(plan)
        case SinkKind.OCSF:
            return Ocsf(plan, event_object)
        case SinkKind.OTLP:
            return Otlp(plan)
        case SinkKind.KUBERNETES_EVENTS:
            import socket  # noqa: PLC0415

            return KubernetesEvents(surroundings.objects(), socket.gethostname())
        case _:
            raise UsageError(f"sink {plan.name} takes no events", place=plan.place)
