"""The definitions of firedoor's own kinds: what a real API server makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from firedoor.adapters.cluster.config import connect, credentials
from firedoor.adapters.intents import read_baseline
from firedoor.adapters.manifests.source import load_text
from firedoor.bootstrap import Surroundings
from firedoor.render.custom_resources import definitions
from firedoor.usecases.review import all_checks
from tests.lab.api import Api, Manifest, until
from tests.lab.custom_resources import baseline, baselines, condition, install, reports, uninstall

PAGE = Path(__file__).parents[2] / "docs/howto/custom-resources.md"
WELL: list[dict[str, Any]] = [
    {"name": "db", "only-these": {"from": [{"workload": "api"}, "nodes"], "to": {"labels": "app=db"}, "ports": [5432]}},
    {"name": "out", "must-deny": {"from": "outside", "to": {"labels": {"app": "db"}}, "ports": ["53/UDP", "icmp"]}},
]


@pytest.fixture(scope="module")
def served(api: Api) -> Iterator[Api]:
    """Return the server with the kinds."""
    install(api)
    yield api
    uninstall(api)


def test_the_schemas_are_structural_and_served(served: Api) -> None:
    for each in definitions():
        name = each["metadata"]["name"]
        assert condition(served, name, "NonStructuralSchema") in {"", "False"}
        assert condition(served, name, "NamesAccepted") == "True"
    found = served.send("GET", "/apis/firedoor.dev/v1alpha1")[1]["resources"]
    assert {each["name"]: each.get("shortNames") for each in found} == {
        "zerotrustbaselines": ["ztb"],
        "zerotrustbaselines/status": None,
        "connectivityreports": ["connrep"],
        "connectivityreports/status": None,
    }
    assert {tuple(each["categories"]) for each in found if "/" not in each["name"]} == {("firedoor",)}


def test_every_field_has_a_text_for_kubectl_explain(served: Api) -> None:

    def schemas() -> dict[str, Any]:
        told = served.send("GET", "/openapi/v3/apis/firedoor.dev/v1alpha1")[1]
        return dict(told.get("components", {}).get("schemas", {}))

    # They are told of later than the kinds are served.
    until(lambda: len([each for each in schemas() if "v1alpha1" in each]) >= 2 * len(definitions()), "the schemas")
    found = schemas()
    for kind in ("ZeroTrustBaseline", "ConnectivityReport"):
        schema = found[f"dev.firedoor.v1alpha1.{kind}"]
        assert schema["description"]
        assert list(undescribed(schema, kind)) == []


def undescribed(schema: dict[str, Any], path: str) -> Iterator[str]:
    for name, each in schema.get("properties", {}).items():
        if not (each.get("description") or "$ref" in json.dumps(each)):
            yield f"{path}.{name}"
        yield from undescribed(each, f"{path}.{name}")
        yield from undescribed(each.get("items", {}), f"{path}.{name}[]")


def as_table(kubeconfig: Path, path: str) -> dict[str, Any]:
    """Return what ``kubectl get`` is given."""
    connection = connect(str(kubeconfig), None)
    client = connection.client
    answer = client.rest_client.pool_manager.request(
        "GET",
        client.configuration.host + path,
        headers={**credentials(connection), "Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"},
    )
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_kubectl_get_shows_columns(served: Api, make: Callable[..., str], kubeconfig: Path) -> None:
    home = make()
    assert served.send("POST", baselines(home), baseline(home, "all", intents=WELL))[0] == 201
    status = {
        "conditions": [
            {
                "type": each,
                "status": "True",
                "reason": "Yes",
                "message": "well",
                "lastTransitionTime": "2026-01-02T03:04:05Z",
            }
            for each in ("Ready", "Holds")
        ],
        "intents": {"total": 2, "fail": 0, "unknown": 1},
    }
    written = {**served.send("GET", baselines(home, "all"))[1], "status": status}
    assert served.send("PUT", f"{baselines(home, 'all')}/status", written)[0] == 200
    table = as_table(kubeconfig, baselines(home))
    columns = [each["name"] for each in table["columnDefinitions"] if each["priority"] == 0]
    assert columns == ["Name", "Holds", "Ready", "Intents", "Fail", "Unknown", "Age"]
    assert table["rows"][0]["cells"][:6] == ["all", "True", "True", 2, 0, 1]
    shown = [each["name"] for each in as_table(kubeconfig, reports(home))["columnDefinitions"]]
    assert shown[:5] == ["Name", "Pods", "Isolated", "Open", "Exposed"]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"intents": [{"name": "a"}]}, "an intent demands one thing"),
        (
            {
                "intents": [
                    {"name": "a", "must-deny": {"from": "pods", "to": "a/b"}, "must-allow": {"from": [], "to": "x"}}
                ]
            },
            "an intent demands one thing",
        ),
        ({"intents": [WELL[0], WELL[0]]}, "Duplicate value"),
        ({"intents": [{"name": "a", "must-deny": {"from": "pods"}}]}, "spec.intents[0].must-deny.to: Required value"),
        ({"intents": [{"name": "a", "must-denied": {"from": "pods", "to": "a/b"}}]}, 'unknown field "spec.intents[0]'),
        ({"fail-on": "info"}, 'supported values: "low", "medium", "high", "critical"'),
        ({"exceptions": [{"check": "*"}]}, "spec.exceptions[0].reason: Required value"),
        ({"exceptions": [{"reason": "why"}]}, "an exception is from a check or from an intent"),
        ({"exceptions": [{"intent": "a", "name": "b", "reason": "why"}]}, "an intent is excepted as a whole"),
        ({"exceptions": [{"check": "*", "reason": "why", "expires": "soon"}]}, "must be of type date"),
    ],
)
def test_what_is_wrong_is_refused_with_the_field(
    served: Api, make: Callable[..., str], spec: dict[str, Any], told: str
) -> None:
    home = make()
    status, content, _ = served.send("POST", f"{baselines(home)}?fieldValidation=Strict", baseline(home, "bad", **spec))
    assert status in {400, 422}
    assert told in content["message"]


def test_a_whole_baseline_is_taken(served: Api, make: Callable[..., str]) -> None:
    home = make()
    wanted: Manifest = baseline(
        home,
        "all",
        intents=WELL,
        fail_on="high",
        exceptions=[
            {"check": "*", "kind": "Deployment", "name": "web-*", "labels": "a in (b)", "reason": "x"},
            {"intent": "out", "reason": "moves", "expires": "2030-01-31"},
        ],
    )
    status, content, warnings = served.send("POST", f"{baselines(home)}?fieldValidation=Strict", wanted)
    assert (status, warnings, content["spec"]) == (201, [], wanted["spec"])


def test_the_example_of_the_page_is_taken_and_read(served: Api, make: Callable[..., str]) -> None:
    text = PAGE.read_text().split("```yaml\n")[1].partition("```")[0]
    example = json.loads(json.dumps(yaml.safe_load(text), default=str))
    home = make()
    example["metadata"]["namespace"] = home
    status, content, warnings = served.send("POST", f"{baselines(home)}?fieldValidation=Strict", example)
    assert (status, warnings) == (201, []), content
    (found,) = load_text(text).baselines
    spec = read_baseline(found, all_checks())
    assert (len(spec.intents), len(spec.waivers), len(spec.excepted)) == (3, 1, 1)


def test_a_status_is_written_where_there_is_an_object_and_nothing_else(
    served: Api, make: Callable[..., str], kubeconfig: Path
) -> None:
    home = make()
    objects = Surroundings(None, str(kubeconfig), None).objects()
    wanted = {key: each for key, each in baseline(home, "b").items() if key != "spec"}
    told = {**wanted, "status": {"observedGeneration": 1}}
    assert not objects.apply(told, "zerotrustbaselines", "status")
    assert served.send("POST", baselines(home), baseline(home, "b"))[0] == 201
    assert objects.apply(told, "zerotrustbaselines", "status")
    (found,) = [
        each for each in objects.items(wanted["apiVersion"], "zerotrustbaselines", "")
        if each["metadata"]["namespace"] == home
    ]  # fmt: skip
    assert (found["status"], found["spec"]) == ({"observedGeneration": 1}, {})
