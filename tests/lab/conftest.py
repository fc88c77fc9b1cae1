"""A real control plane for the tests of this folder, each with namespaces of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab.control_plane import ControlPlane
from lab.places import binaries, missing

from tests.lab.api import Api
from tests.lab.probing import make_namespace

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="package")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """Start a control plane; skip where its programs are not there."""
    if sys.platform != "linux":
        pytest.skip("the lab needs Linux")
    if missing():
        pytest.skip(f"no {', '.join(missing())} in {binaries()}: `python -m lab build` makes them (Go 1.26, minutes)")
    plane = ControlPlane(tmp_path_factory.mktemp("lab") / "run")
    plane.up(lambda _text: None)
    yield plane
    plane.down()


@pytest.fixture(scope="package")
def api(plane: ControlPlane) -> Api:
    """Return the API server as its administrator sees it."""
    return Api(plane.kubeconfig)


@pytest.fixture
def kubeconfig(plane: ControlPlane) -> Path:
    """Return the kubeconfig of the administrator."""
    return plane.kubeconfig


@pytest.fixture
def make(api: Api) -> Iterator[Callable[..., str]]:
    """Make namespaces, with labels, that go after the test."""
    made: list[str] = []

    def namespace(**labels: str) -> str:
        made.append(make_namespace(api, labels))
        return made[-1]

    yield namespace
    for each in made:
        api.delete(f"/api/v1/namespaces/{each}")
