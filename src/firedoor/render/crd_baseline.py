"""The definition of the kind ZeroTrustBaseline."""

from __future__ import annotations

from firedoor.model.intents import IntentKind
from firedoor.model.resource_limits import MOST_EXCEPTIONS, MOST_FAILING, MOST_INTENTS, MOST_TEXT
from firedoor.model.zero_trust import BASELINE, GROUP, VERSION
from firedoor.model.zero_trust_reading import LEVELS
from firedoor.render.crd_parts import (
    Schema,
    choice,
    column,
    conditions,
    count,
    definition,
    flag,
    instant,
    listed,
    record,
    rule,
    text,
    written,
)

_END = (
    "An end, or a list of ends: namespace/workload, a mapping of namespace, namespace-labels, labels and workload, one "
    "of the words any, pods, nodes and outside, an address or CIDR, or domain with a name. A mapping without namespace "
    "and namespace-labels means pods of the namespace that the baseline is in."
)
_DEMANDS = {
    IntentKind.MUST_ALLOW: "Every connection from any source to any destination is accepted, on each of the ports.",
    IntentKind.MUST_DENY: "Every connection from any source to any destination is denied, on each of the ports.",
    IntentKind.ONLY_THESE: (
        "Every connection to a destination is denied that does not come from one of these sources; `from: []` means "
        "nobody."
    ),
}
_ONE_DEMAND = rule(
    "[has(self.must__dash__allow), has(self.must__dash__deny), has(self.only__dash__these)].filter(x, x).size() == 1",
    "an intent demands one thing: write one of must-allow, must-deny, only-these",
)
_ONE_SUBJECT = rule(
    "has(self.check) != has(self.intent)", "an exception is from a check or from an intent: write one of them"
)
_WHOLE_INTENT = rule(
    "!has(self.intent) || !(has(self.kind) || has(self.name) || has(self.labels))",
    "an intent is excepted as a whole: leave kind, name and labels out",
)


def baseline_definition() -> Schema:
    """Return the definition, as an object of the cluster."""
    names = {
        "kind": BASELINE,
        "listKind": f"{BASELINE}List",
        "plural": "zerotrustbaselines",
        "singular": "zerotrustbaseline",
        "shortNames": ["ztb"],
        "categories": ["firedoor"],
    }
    ready, holds = (f'.status.conditions[?(@.type=="{each}")]' for each in ("Ready", "Holds"))
    columns = (
        column("Holds", f"{holds}.status", "Whether the namespace is as the baseline says."),
        column("Ready", f"{ready}.status", "Whether the baseline could be read and judged."),
        column("Intents", ".status.intents.total", "How many intents there are.", "integer"),
        column("Fail", ".status.intents.fail", "How many of them fail.", "integer"),
        column("Unknown", ".status.intents.unknown", "How many of them cannot be decided.", "integer"),
        column("Excepted", ".status.intents.excepted", "How many of them fail, and may.", "integer", 1),
        column("Message", f"{holds}.message", "What is otherwise.", priority=1),
        column("Evaluated", ".status.lastEvaluated", "When the status was written last.", "date", 1),
        column("Age", ".metadata.creationTimestamp", "How old the baseline is.", "date"),
    )
    schema = record(
        "What is wanted of a namespace: which connections of its pods must and must not be possible, how grave "
        "findings may be that are left in it, and what is excepted from that for how long. "
        "`firedoor watch --resources` keeps the status; `firedoor assert --baselines` judges the same object in files.",
        {"spec": _spec(), "status": _status()},
        ("spec",),
    )
    return definition(GROUP, VERSION, names, schema, columns)


def _spec() -> Schema:
    keys = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
    level = f"No finding of this severity or worse may be left in the namespace: {', '.join(LEVELS)}."
    return record(
        "What is wanted.",
        {
            "intents": listed("What must hold of connections.", _intent(), MOST_INTENTS, **keys),
            "exceptions": listed("What need not hold, and why.", _exception(), MOST_EXCEPTIONS),
            "fail-on": choice(level, LEVELS),
        },
    )


def _intent() -> Schema:
    demands = {str(kind): _demand(description) for kind, description in _DEMANDS.items()}
    properties = {
        "name": text("Its name in results, different for each intent.", 253),
        **demands,
        "allow-empty": flag("Whether ends may match no pod; otherwise the intent fails then."),
    }
    return record(
        "One intent, of which one end is in this namespace.",
        properties,
        ("name",),
        **{"x-kubernetes-validations": [_ONE_DEMAND]},
    )


def _demand(description: str) -> Schema:
    source, destination = ({"description": _END, "x-kubernetes-preserve-unknown-fields": True} for _ in range(2))
    port = {
        "description": "A port of the destination pod: 8080, 53/UDP, 8000-8100/TCP, icmp, icmp/TYPE or icmp/TYPE/CODE.",
        "x-kubernetes-int-or-string": True,
    }
    ports = listed("The ports that are meant; all ports of all protocols where it is left out.", port, 100, minItems=1)
    return record(description, {"from": source, "to": destination, "ports": ports}, ("from", "to"))


def _exception() -> Schema:
    return record(
        "One exception.",
        {
            "check": text("The id of a check (`firedoor checks`), or * for all: its findings are not reported.", 253),
            "intent": text("The name of an intent of this baseline that need not hold.", 253),
            "kind": text("Only objects of this kind.", 63),
            "name": text("Only objects of this name, a pattern with * and ?.", 253),
            "labels": text("Only objects with labels, or pods with labels, as kubectl -l selects them.", MOST_TEXT),
            "reason": text("Why; shown wherever the exception is.", MOST_TEXT),
            "expires": text("The last day that it holds, as in 2027-01-31.", 10, format="date"),
        },
        ("reason",),
        **{"x-kubernetes-validations": [_ONE_SUBJECT, _WHOLE_INTENT]},
    )


def _status() -> Schema:
    counts = {
        "total": count("All intents."),
        "hold": count("Those that hold."),
        "fail": count("Those that fail, and have to hold."),
        "unknown": count("Those that cannot be decided, because something that decides was not read."),
        "excepted": count("Those that do not hold, and need not."),
    }
    failing = record(
        "One intent that does not hold.",
        {
            "name": written("The name of the intent."),
            "result": choice("What was found of it.", ("fail", "unknown")),
            "message": written("The first connection that is otherwise, or what matches no pod."),
            "decidedBy": listed(
                "The policies that decide it, and their rules.", {"type": "string", "description": "In words."}, 20
            ),
            "more": count("How many other pairs of ends are otherwise."),
        },
        ("name", "result"),
    )
    return record(
        "What was found, by firedoor.",
        {
            "observedGeneration": count("The metadata.generation that the status is about."),
            "lastEvaluated": instant(
                "When the status was written last. It is written when it changes, and at least every hour."
            ),
            "conditions": conditions(
                "Ready: whether the baseline could be read and judged. Holds: whether the namespace is as it says."
            ),
            "intents": record("How many intents hold.", counts),
            "failing": listed("The first intents that do not hold.", failing, MOST_FAILING),
            "findings": record(
                "What diagnose finds in the namespace.",
                {
                    "left": count("Findings that are as grave as fail-on or worse."),
                    "excepted": count("Findings that fall under an exception, of whatever severity."),
                },
            ),
            "exceptions": record(
                "What became of the exceptions.",
                {
                    "active": count("Those that hold on this day."),
                    "expired": count("Those whose last day is over."),
                },
            ),
        },
    )
