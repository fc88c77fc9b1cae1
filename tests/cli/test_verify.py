from __future__ import annotations

import json
import os
import pty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from firedoor import bootstrap
from firedoor.bootstrap import ProbeWishes
from firedoor.errors import SourceError
from firedoor.usecases import verify
from tests.adapters.cluster.worlds import namespace, write_kubeconfig
from tests.cli.command import SETS, Ran, assert_golden, firedoor
from tests.fake_api_server import FakeAPIServer
from tests.reference.networkpolicy import Options
from tests.verifying import Manifest, SimulatedNetwork, allow, app, shop, without

QUICK = ("--settle", "0s")


class Opened:
    """What stands at the place of what opens a live prober, and what it was asked for."""

    def __init__(self, network: SimulatedNetwork) -> None:
        self.network = network
        self.wishes: ProbeWishes | None = None

    @contextmanager
    def __call__(
        self, _kubeconfig: str | None, _context: str | None, wishes: ProbeWishes
    ) -> Iterator[SimulatedNetwork]:
        self.wishes = wishes
        yield self.network


Place = Callable[[SimulatedNetwork], Opened]


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return what puts a simulated network at the place of the live one."""

    def put(network: SimulatedNetwork) -> Opened:
        opened = Opened(network)
        monkeypatch.setattr(bootstrap, "open_prober", opened)
        return opened

    monkeypatch.setattr(verify, "PAUSE", 0.01)
    return put


@pytest.fixture
def server() -> Iterator[FakeAPIServer]:
    with FakeAPIServer([namespace("shop"), *shop()]) as found:
        yield found


def run(server: FakeAPIServer, folder: Path, *arguments: str) -> Ran:
    return firedoor("verify", "--kubeconfig", write_kubeconfig(folder, server.url), *arguments, cwd=folder)


def test_a_network_that_does_what_its_policies_say_ends_with_zero(
    server: FakeAPIServer, tmp_path: Path, place: Place
) -> None:
    opened = place(SimulatedNetwork(shop()))
    ran = run(server, tmp_path, "--yes", "--mode", "exec", "--image", "own:1", "--rate", "5", "--timeout", "7s")
    assert (ran.code, "otherwise" in ran.out) == (0, False)
    assert "as the policies say" in ran.out.splitlines()[-1]
    assert opened.wishes == ProbeWishes("exec", "own:1", 16, 5.0, 7.0, 1800)
    assert "connections" in ran.err
    assert {method for method, _ in server.requests} == {"GET"}


def test_a_network_that_enforces_nothing_ends_with_ten(server: FakeAPIServer, tmp_path: Path, place: Place) -> None:
    place(SimulatedNetwork(shop(), options=Options(enforced=False)))
    ran = run(server, tmp_path, "--yes", *QUICK)
    assert ran.code == 10
    assert "1. nothing enforces the policies" in ran.out
    assert "flannel, none" in ran.out


def test_what_cannot_be_checked_ends_with_four(server: FakeAPIServer, tmp_path: Path, place: Place) -> None:
    place(SimulatedNetwork(shop(), unusable={"shop/db": "quota"}))
    ran = run(server, tmp_path, "--yes", *QUICK)
    assert ran.code == 4
    assert "shop/db cannot be used: quota" in ran.out


def test_every_format_tells_the_same(server: FakeAPIServer, tmp_path: Path, place: Place) -> None:
    for output in ("json", "junit", "html"):
        place(SimulatedNetwork(without(shop(), "job")))
        ran = run(server, tmp_path, "--yes", *QUICK, "-o", output)
        assert ran.code == 10
        assert "egress rules are not enforced" in ran.out
        if output == "json":
            assert json.loads(ran.out)["schema"] == "firedoor/verify/v1"
        if output == "junit":
            assert ET.fromstring(ran.out).get("failures") == "1"  # noqa: S314 - our own output


def test_late_policies_are_waited_for(server: FakeAPIServer, tmp_path: Path, place: Place) -> None:
    # The clock of the network goes on by itself, a little with each connection.
    place(SimulatedNetwork(shop(), late=0.2))
    ran = run(server, tmp_path, "--yes", "--settle", "5s")
    assert ran.code == 0
    assert "policy was programmed late" in ran.out


def test_policies_that_were_meant_are_expected(server: FakeAPIServer, tmp_path: Path, place: Place) -> None:
    meant = allow("web", "web", "ingress", app("api"), {"port": 8080})
    (tmp_path / "meant.yaml").write_text(yaml.safe_dump(meant))
    place(SimulatedNetwork(shop()))
    ran = run(server, tmp_path, "--yes", *QUICK, "-f", "meant.yaml")
    assert ran.code == 10
    assert "1. the network does what the policies say that the cluster has" in ran.out
    place(SimulatedNetwork([*shop(), meant]))
    assert run(server, tmp_path, "--yes", "-f", "meant.yaml").code == 0


def test_intents_are_tried_and_may_be_broken(server: FakeAPIServer, tmp_path: Path, place: Place) -> None:
    text = "apiVersion: firedoor.dev/v1alpha1\nkind: Intents\nintents:\n  - name: quiet\n    must-deny:\n"
    text += "      from: {namespace: shop, labels: app=job}\n      to: {namespace: shop, labels: app=api}\n"
    text += "      ports: [53/UDP]\n"
    (tmp_path / "intents.yaml").write_text(text)
    place(SimulatedNetwork(shop()))
    ran = run(server, tmp_path, "--yes", "--assert", "intents.yaml")
    assert ran.code == 10
    assert "quiet (must-deny): 1 tried, 1 not as it demands" in ran.out


def test_what_is_left_behind_is_an_error_after_the_results(server: FakeAPIServer, tmp_path: Path, place: Place) -> None:
    place(SimulatedNetwork(shop(), stuck="pod shop/firedoor-probe-1 is still there"))
    ran = run(server, tmp_path, "--yes")
    assert ran.code == 2
    assert "as the policies say" in ran.out
    assert ran.err.splitlines()[-1] == (
        "error: pod shop/firedoor-probe-1 is still there; remove it with `firedoor verify --cleanup`"
    )


def test_a_cluster_in_which_nothing_may_be_made_is_an_error(
    server: FakeAPIServer, tmp_path: Path, place: Place
) -> None:
    opened = place(SimulatedNetwork(shop(), broken=True))
    ran = run(server, tmp_path, "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[-1] == "error: no pod may be made; ask for the right"
    assert opened.network.closed == 1


def test_ctrl_c_removes_what_was_made(server: FakeAPIServer, tmp_path: Path, place: Place) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    opened = place(SimulatedNetwork(shop(), faults=[interrupt]))
    assert run(server, tmp_path, "--yes").code == 130
    assert opened.network.closed == 1


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 10)])
@pytest.mark.parametrize(
    ("mode", "asked"),
    [("pods", "Make stand-ins for 4 pods in shop, and"), ("exec", "Run commands in 4 pods"), ("debug", "Add cont")],
)
def test_on_a_terminal_it_is_asked(
    server: FakeAPIServer, tmp_path: Path, place: Place, answer: bytes, code: int, mode: str, asked: str
) -> None:
    opened = place(SimulatedNetwork(shop()))
    ran = answered(server, tmp_path, answer, "--mode", mode)
    assert ran.code == code
    assert "CONNECTION" in ran.out
    assert asked in ran.err
    assert bool(opened.network.tried) is (code == 0)


def answered(server: FakeAPIServer, folder: Path, answer: bytes, *arguments: str) -> Ran:
    """Run the command as somebody at a terminal does, who gives an answer."""
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    with open(theirs, closefd=False) as terminal, pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.cli.command.TextIOWrapper", lambda _: terminal)
        ran = run(server, folder, *arguments)
    os.close(ours)
    os.close(theirs)
    return ran


def test_a_plan_needs_no_cluster_and_is_as_stored(tmp_path: Path) -> None:
    assert firedoor("demo", "--write", str(tmp_path / "lantern")).code == 0
    ran = firedoor("verify", ".", "--plan", cwd=tmp_path / "lantern")
    assert (ran.code, ran.err) == (0, "")
    assert_golden("verify-plan-demo.txt", ran.out)
    found = firedoor("verify", ".", "--plan", "--budget", "5", "-o", "json", cwd=tmp_path / "lantern").document
    assert found["schema"] == "firedoor/verify-plan/v1"
    assert len(found["probes"]) == 5
    assert found["left_out"]


def test_a_plan_is_narrowed(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump_all(shop()))

    def probes(*arguments: str) -> list[tuple[str, str]]:
        found = firedoor("verify", "shop.yaml", "--plan", "-o", "json", *arguments, cwd=tmp_path).document
        return [(each["src"], each["dst"]) for each in found["probes"]]

    assert {source for source, _ in probes("--from", "shop/web")} == {"shop/web"}
    assert {target for _, target in probes("--to", "db", "-n", "shop")} == {"shop/db"}
    assert all("shop/job" in pair for pair in probes("-l", "app=job"))
    assert probes("-A", "-n", "gone") == probes()
    assert len(probes("--all")) > len(probes())


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("shop",), "add --plan to see what would be tried, or give policies that are expected with -f"),
        (("shop", "--plan", "-o", "html"), "-o html shows what was seen, and --plan tries nothing; use -o text or"),
        ((), "pods would be made in the cluster; give --yes to try connections, or --plan to see which"),
        (("--cleanup",), "there is no terminal to ask on; give --yes to remove what earlier runs left"),
        (("shop", "--plan", "--budget", "0"), "a budget of 0 probes is none; give --budget 1 or more"),
        (("shop", "--plan", "--from", "gone/x"), "there is no namespace gone; list what there is with"),
        (("shop", "--plan", "--to", "8.8.8.8"), "nothing is probed; name a pod, a workload or namespace/*"),
        (("shop", "--plan", "-l", "a=("), "-l: "),
        (("shop", "--plan", "--timeout", "0s"), "--timeout 0 leaves no time for an attempt; write a duration"),
        (("shop", "--plan", "--settle", "soon"), "'soon' is no duration"),
        (("shop", "--plan", "--cni", "none?"), "there is no CNI profile 'none?'"),
        (("shop", "--plan", "-f", "shop/nothing"), "no such file or folder"),
        (("-", "--plan", "-f", "-"), "standard input is given twice; give one of them as a file"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line_with_a_remedy(arguments: tuple[str, ...], error: str) -> None:
    ran = firedoor("verify", *arguments, cwd=SETS)
    assert ran.code == 2
    assert error in ran.error


def test_policies_to_expect_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump_all(shop()))
    (tmp_path / "pod.yaml").write_text(yaml.safe_dump(shop()[0]))
    ran = firedoor("verify", "shop.yaml", "--plan", "-f", "pod.yaml", cwd=tmp_path)
    assert ran.error == "there is no policy in pod.yaml; check the path of -f"


def test_what_was_left_is_removed(server: FakeAPIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["pod shop/firedoor-probe-1"]
    monkeypatch.setattr(bootstrap, "remove_probes", lambda *_: names)
    ran = run(server, tmp_path, "--cleanup", "--yes")
    assert (ran.code, ran.out, ran.err) == (0, "pod shop/firedoor-probe-1\n", "1 objects removed\n")
    assert answered(server, tmp_path, b"n\n", "--cleanup").code == 10

    def fails(kubeconfig: str | None, context: str | None) -> list[str]:
        raise SourceError("pod shop/firedoor-probe-1 cannot be deleted: forbidden", remedy="ask for the right")

    monkeypatch.setattr(bootstrap, "remove_probes", fails)
    assert run(server, tmp_path, "--cleanup", "--yes").error.startswith("pod shop/firedoor-probe-1 cannot be deleted")


def test_names_from_the_cluster_drive_no_terminal(tmp_path: Path) -> None:
    hostile: list[Manifest] = shop()
    hostile[-1]["metadata"]["name"] = "x\x1b[31m"
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": hostile})
    (tmp_path / "shop.json").write_text(text)
    ran = firedoor("verify", "shop.json", "--plan", cwd=tmp_path)
    assert "\x1b" not in ran.out


def test_a_long_plan_is_asked_about_in_short(
    server: FakeAPIServer, tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firedoor.cli.verify._MOST_SHOWN", 1)
    monkeypatch.setattr("firedoor.cli.verify._MOST_NAMED", 0)
    place(SimulatedNetwork(shop()))
    ran = answered(server, tmp_path, b"n\n")
    assert "CONNECTION" not in ran.out
    assert "connections between 4 pods" in ran.out
    assert "and 1 more namespace" in ran.err
