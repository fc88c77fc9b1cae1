"""The questions: what each may be asked with, and the document that answers it, which is that of ``-o json``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from firedoor.algebra.ports import PROTOCOLS
from firedoor.assistants.cluster import Cluster
from firedoor.assistants.pages import DEFAULT_LIMIT, MOST_LIMIT, Document
from firedoor.bootstrap import policy_changes
from firedoor.errors import UsageError
from firedoor.model.findings import Severity
from firedoor.model.label_text import parse_selector
from firedoor.model.labels import LabelSelector
from firedoor.model.port_text import parse_port

Schema = dict[str, object]


class Arguments:
    """What was given, as the schema of the question allows it; what was not is empty."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self._given = given

    def text(self, name: str) -> str:
        """Return a text without spaces around it."""
        return str(self._given.get(name, "")).strip()

    def flag(self, name: str) -> bool:
        """Return a truth value."""
        return self._given.get(name) is True

    def number(self, name: str, default: int) -> int:
        """Return a number."""
        found = self._given.get(name, default)
        return int(found) if isinstance(found, (int, float)) else default

    def port(self) -> tuple[str, int] | None:
        """Return the port that is asked about, or None; raises ``UsageError``."""
        return parse_port(self.text("port")) if self.text("port") else None

    def selector(self) -> LabelSelector | None:
        """Return the labels that are asked about, or None; raises ``UsageError``."""
        if not self.text("selector"):
            return None
        try:
            return parse_selector(self.text("selector"))
        except ValueError as error:
            raise UsageError(str(error), remedy="write it as kubectl does: app=web,env!=dev") from error


@dataclass(frozen=True, slots=True)
class Question:
    """One tool: `parameters` are JSON schemas by name, `answer` makes the document."""

    name: str
    about: str
    parameters: Schema
    required: tuple[str, ...]
    answer: Callable[[Cluster, Arguments], Document]

    @property
    def schema(self) -> Schema:
        """The JSON schema of the arguments; others than these are refused."""
        return {
            "type": "object",
            "properties": {**self.parameters, **_PAGE},
            "required": list(self.required),
            "additionalProperties": False,
        }


def _text(about: str) -> Schema:
    return {"type": "string", "maxLength": 500, "description": about}


def _flag(about: str) -> Schema:
    return {"type": "boolean", "description": about}


_PAGE: Schema = {
    "offset": {"type": "integer", "minimum": 0, "description": "Items of each list to leave out. Default: 0."},
    "limit": {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_LIMIT,
        "description": f"The most items of each list. Default: {DEFAULT_LIMIT}.",
    },
}
_END = "namespace/pod, namespace/workload, an address, or outside"
_NAMESPACE = {"namespace": _text("Only this namespace.")}
_PORT = {"port": _text("8080, 53/UDP; TCP unless said.")}


def _reach(cluster: Cluster, asked: Arguments) -> Document:
    from firedoor.render.reach_json import reach_document  # noqa: PLC0415
    from firedoor.usecases.reach import ReachFilter, reach  # noqa: PLC0415

    wanted = ReachFilter(
        asked.text("from"),
        asked.text("to"),
        asked.text("namespace"),
        asked.selector(),
        asked.port(),
        asked.flag("pods"),
    )
    return reach_document(reach(cluster.now().snapshot, cluster.profile, wanted))


def _explain(cluster: Cluster, asked: Arguments) -> Document:
    from firedoor.render.explain_json import explain_document  # noqa: PLC0415
    from firedoor.usecases.explain import explain  # noqa: PLC0415

    said, number = parse_port(asked.text("port"))
    namespace = asked.text("namespace") or "default"
    ends = asked.text("from"), asked.text("to")
    return explain_document(explain(cluster.now().snapshot, cluster.profile, *ends, said, number, namespace))


def _who_can(cluster: Cluster, asked: Arguments) -> Document:
    from firedoor.render.rbac_json import who_can_document  # noqa: PLC0415
    from firedoor.usecases.rbac import AskedPermission, who_can  # noqa: PLC0415

    wanted = AskedPermission(*(asked.text(each) for each in ("verb", "resource", "name", "namespace")))
    return who_can_document(who_can(cluster.now().snapshot, wanted, indirect=asked.flag("indirect")))


def _diagnose(cluster: Cluster, asked: Arguments) -> Document:
    from firedoor.render.exceptions_json import reviewed  # noqa: PLC0415
    from firedoor.render.findings_json import findings_document  # noqa: PLC0415
    from firedoor.usecases.diagnose import diagnose  # noqa: PLC0415

    state = cluster.now()
    found = diagnose(state.snapshot, cluster.profile, asked.text("namespace"), rules=cluster.rules(), own=state.own)
    least, check = Severity(asked.text("severity") or Severity.INFO), asked.text("check")
    told = [each for each in found.findings if each.severity.rank >= least.rank and check in {"", each.check}]
    return reviewed(findings_document(told, found.gaps, found.summary()), found.known, found.review)


def _exposure(cluster: Cluster, asked: Arguments) -> Document:
    from firedoor.render.exposure_json import exposure_document  # noqa: PLC0415
    from firedoor.usecases.exposure import ExposureFilter, exposure  # noqa: PLC0415

    wanted = ExposureFilter(asked.text("namespace"), asked.port())
    return exposure_document(exposure(cluster.now().snapshot, cluster.profile, wanted))


def _blast(cluster: Cluster, asked: Arguments) -> Document:
    from firedoor.render.blast_json import blast_document, blast_paths_document  # noqa: PLC0415
    from firedoor.usecases.blast import BlastQuestion, blast, blast_paths  # noqa: PLC0415

    source, target = asked.text("from"), asked.text("to")
    if source and target:
        raise UsageError("from and to were both given", remedy="leave one out; explain is about two ends")
    wanted = BlastQuestion(asked.text("namespace"), asked.port(), asked.flag("possible"))
    snapshot = cluster.now().snapshot
    if not (source or target):
        return blast_document(blast(snapshot, cluster.profile, wanted))
    found = blast_paths(snapshot, cluster.profile, wanted, source or target, is_from=bool(source))
    return blast_paths_document(found)


def _paths(cluster: Cluster, asked: Arguments) -> Document:
    from firedoor.render.attack_json import attack_paths_document  # noqa: PLC0415
    from firedoor.usecases.attack_paths import AttackQuestion, attack_paths  # noqa: PLC0415

    wanted = AttackQuestion(
        asked.text("namespace"), asked.flag("possible"), asked.flag("any_port"), asked.number("max_steps", 8)
    )
    found = attack_paths(cluster.now().snapshot, cluster.profile, wanted, asked.text("from"), asked.text("to"))
    return attack_paths_document(found)


def _diff(cluster: Cluster, asked: Arguments) -> Document:
    from firedoor.render.diff_json import diff_document  # noqa: PLC0415
    from firedoor.usecases.diff import diff  # noqa: PLC0415

    if cluster.before is None:
        raise UsageError("there is nothing to compare with", remedy="start `firedoor mcp` with --against OLD")
    before, after = cluster.before.load(), cluster.now().snapshot
    names = cluster.before.old, cluster.before.new
    changes = policy_changes(before, after)
    namespace = asked.text("namespace")
    return diff_document(diff((before, after), names, cluster.profile, changes, namespace, pods=asked.flag("pods")))


_ATTACK = "namespace/workload, serviceaccount:NS/NAME, user:NAME, group:NAME or node:NAME"

QUESTIONS = (
    Question(
        "reach",
        "Who can reach whom, and with which traffic, by all network policies. Name an end or a namespace: a whole "
        "cluster has many connections.",
        {
            "from": _text(f"Only from this end: {_END}."),
            "to": _text("Only to this end, named the same way."),
            **_NAMESPACE,
            "selector": _text("Only connections with a pod of these labels at either end, as app=web."),
            **_PORT,
            "pods": _flag("Pod by pod instead of workload by workload."),
        },
        (),
        _reach,
    ),
    Question(
        "explain",
        "Why one connection is accepted or denied: the rule that decides, with file and line, and what changes it.",
        {
            "from": _text(f"Source: {_END}."),
            "to": _text("Destination, named the same way."),
            "port": _text(f"Port of the destination pod, as 8080 or 53/UDP ({', '.join(PROTOCOLS)})."),
            "namespace": _text("Where ends without a namespace are. Default: default."),
        },
        ("from", "to", "port"),
        _explain,
    ),
    Question(
        "who_can",
        "Who may do something by RBAC, through which binding, role and rule.",
        {
            "verb": _text("As for kubectl: get, list, create, delete, ..."),
            "resource": _text("RESOURCE[/SUBRESOURCE][.GROUP] or a URL: pods, pods/exec, deployments.apps, /healthz."),
            "name": _text("The name of one object."),
            "namespace": _text("In this namespace; in any one without it."),
            "indirect": _flag("Also who can make itself able, in one step."),
        },
        ("verb", "resource"),
        _who_can,
    ),
    Question(
        "diagnose",
        "What is wrong with policies, roles, pods and the cluster, worst first, each with evidence and a fix.",
        {
            **_NAMESPACE,
            "severity": {
                "enum": [each.value for each in Severity],
                "description": "The least severity. Default: info.",
            },
            "check": _text("Only findings of this check, by its id."),
        },
        (),
        _diagnose,
    ),
    Question(
        "exposure",
        "What the outside can reach, through which Service, Ingress or Gateway.",
        {**_NAMESPACE, **_PORT},
        (),
        _exposure,
    ),
    Question(
        "blast",
        "How far a compromise spreads by accepted connections: of every workload in numbers, or of one with paths.",
        {
            "from": _text("What this pod or workload reaches: namespace/name."),
            "to": _text("Who reaches this pod or workload. Not together with from."),
            **_NAMESPACE,
            **_PORT,
            "possible": _flag("Also take hops whose verdict is unknown."),
        },
        (),
        _blast,
    ),
    Question(
        "paths",
        "How an attacker gets from place to place over network, RBAC, tokens and nodes, and what closes all paths.",
        {
            "from": _text(f"Where the attacker is: internet, {_ATTACK}."),
            "to": _text(f"Where to: cluster-admin, secrets, secrets:NS, namespace:NS, nodes, or {_ATTACK}."),
            "namespace": _text("Where ends without a namespace are."),
            "max_steps": {"type": "integer", "minimum": 1, "maximum": 50, "description": "Default: 8."},
            "any_port": _flag("Count connections to ports that no container and no Service tells of."),
            "possible": _flag("Count steps that are not known to work."),
        },
        ("from", "to"),
        _paths,
    ),
    Question(
        "diff",
        "What changed in who can reach whom since the state that the server was started to compare with.",
        {**_NAMESPACE, "pods": _flag("Pod by pod instead of workload by workload.")},
        (),
        _diff,
    ),
)
