"""What the linter rejects is what the API server rejects, on objects that are nearly right."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lab.places import KUBERNETES
from urllib3.exceptions import ProtocolError

import firedoor.demo
from firedoor.adapters.manifests.validation import validate
from tests.adapters.manifests.validation.rich_samples import NAMESPACE, RICH
from tests.lab.api import Api, Manifest, documents
from tests.lab.nearly import nearly

ALL = documents(Path(firedoor.demo.__file__).parent / "shop")
SHOP = [each for each in ALL if each["kind"] != "Namespace"]
NAMESPACES = sorted({NAMESPACE, *(each["metadata"].get("namespace", NAMESPACE) for each in SHOP)})
TAKEN = {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.CONFLICT}
REJECTED = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
EXAMPLES = 300


@pytest.fixture(scope="module")
def server(api: Api) -> Api:
    """Return the API server with the namespaces of all objects."""
    # With their labels: what is there stays, and other tests need the shop as it is.
    for each in ALL:
        if each["kind"] == "Namespace":
            api.create(each)
    for name in NAMESPACES:
        api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return api


def judged(server: Api, manifest: Manifest) -> tuple[str, list[str]] | None:
    """Return what the server says against an object and what the linter does; None for one that no rule sees."""
    metadata = manifest["metadata"]
    if not isinstance(metadata, dict) or metadata.get("namespace", NAMESPACE) not in NAMESPACES:
        return None
    try:
        status, content, _ = server.judged(manifest)
    except ProtocolError:
        # The server panics at a successPolicy without completions, and hangs up.
        return None
    if status not in TAKEN | REJECTED:
        return None
    said = content["message"] if status in REJECTED else ""
    # Which addresses and ports there are is a setting of the cluster, which no manifest shows.
    if "not in the valid range" in said:
        return None
    return said, [problem.message for problem in validate(manifest, KUBERNETES)]


@pytest.mark.parametrize("sample", RICH, ids=lambda each: f"{each['kind']}/{each['metadata']['name']}")
def test_a_rich_sample_is_taken_by_both(server: Api, sample: Manifest) -> None:
    status, content, _ = server.judged(sample)
    # A conflict is told of a valid object only: another test's shop has one of that name.
    assert status in TAKEN, content
    assert validate(sample, KUBERNETES) == []


@pytest.mark.parametrize("samples", [SHOP, list(RICH)], ids=["shop", "rich"])
def test_the_linter_rejects_what_the_server_rejects(server: Api, samples: list[Manifest]) -> None:
    seen = Counter[bool]()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(samples).flatmap(nearly))
    def agrees(manifest: Manifest) -> None:
        found = judged(server, manifest)
        if found is not None:
            said, problems = found
            seen[bool(said)] += 1
            assert bool(said) == bool(problems), (said, problems, manifest)

    agrees()
    assert min(seen[True], seen[False]) > EXAMPLES // 10, seen
