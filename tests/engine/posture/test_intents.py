"""What names of policies tell, and what they do not."""

import pytest

from firedoor.engine.posture.intents import Pair, pairs
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import NetworkPolicy

KNOWN = frozenset({"web", "db", "api", "api-gateway", "web-api", "policy"})


def told(name: str, **annotations: str) -> list[tuple[str, str, bool]]:
    policy = NetworkPolicy(ObjectMeta(name, "shop", annotations=annotations))
    found: list[Pair] = list(pairs(policy, KNOWN))
    return [(each.source, each.destination, each.is_plain) for each in found]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("web-to-db", [("web", "db", True)]),
        ("allow-web-to-db", [("web", "db", True)]),
        ("db-from-web", [("web", "db", True)]),
        ("db-allow-from-api-gateway", [("api-gateway", "db", True)]),
        ("web-db-policy", [("web", "db", False)]),
        ("api-gateway-db-ingress", [("api-gateway", "db", False)]),
        ("web", []),
        ("db-policy", []),
        ("web-api", []),
        ("allow-web-api", []),
        ("deny-web-to-db", []),
        ("web-to-queue", []),
        ("web-to-web", []),
    ],
)
def test_names(name: str, expected: list[tuple[str, str, bool]]) -> None:
    assert told(name) == expected


def test_descriptions_count_and_other_annotations_do_not() -> None:
    assert told("rules", description="Lets web to db") == [("web", "db", True)]
    assert told("rules", owner="web to db") == []
    assert told("rules", description="deny web to db") == []
