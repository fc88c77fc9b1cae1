from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import yaml

from firedoor.cli.exit_codes import ExitCode
from tests.adapters.flows.relay.serving import Relay, certificates, flow, lost, moment, relay, stamp, tls
from tests.cli.command import Ran, firedoor


def asked(store: Path, server: Relay | str, *arguments: str) -> Ran:
    address = server if isinstance(server, str) else server.address
    return firedoor("flows", "import", "--hubble-relay", address, "--store", str(store), *arguments)


def started(store: Path, server: Relay, *arguments: str) -> subprocess.Popen[str]:
    """Start the command as a process of its own, which signals can be sent to."""
    command = ("flows", "import", "--hubble-relay", server.address, "--store", str(store), *arguments)
    return subprocess.Popen(
        [sys.executable, "-m", "firedoor", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_relay_is_imported_and_asked(tmp_path: Path) -> None:
    with relay(*(flow(number, number) for number in range(20)), lost(5, 21), unreachable=("n2",)) as server:
        ran = asked(tmp_path, server)
        again = asked(tmp_path, server)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.replace(server.address, "RELAY") == (
        "RELAY (hubble-relay): 21 messages, 20 flows\n"
        "  20 connections, at each end that reported it\n"
        "  warning: the flows of nodes that could not be asked are missing: n2\n"
        "  coverage: 80.00 % of the flows were told (20 told, 5 lost) by 1 source\n"
    )
    assert re.fullmatch(
        r"localhost:\d+ \(hubble-relay\): 0 messages, 0 flows; [\d,]+ bytes were imported before\n"
        r"  warning: the flows of nodes that could not be asked are missing: n2\n",
        again.out,
    )
    (edge,) = firedoor("flows", "query", "--store", str(tmp_path), "-o", "json").document["edges"]
    assert (edge["source"]["name"], edge["destination"]["name"], edge["count"]) == ("web", "api", 20)
    assert "hubble-relay" in firedoor("flows", "status", "--store", str(tmp_path)).out


def test_what_an_import_came_to_is_told_as_json_and_yaml(tmp_path: Path) -> None:
    with relay(flow(1, 1)) as server:
        document = asked(tmp_path, server, "-o", "json").document
        (again,) = yaml.safe_load(asked(tmp_path, server, "-o", "yaml").out)["sources"]
    (source,) = document["sources"]
    assert document["schema"] == "firedoor/flows-import/v1"
    assert (source["new"]["flows"], source["note"], source["cut"], source["skipped"]) == (1, "", False, 0)
    assert (source["source"]["name"], source["source"]["format"]) == (server.address, "hubble-relay")
    assert again["skipped"] == source["source"]["position"]


def test_times_and_numbers_choose_flows(tmp_path: Path) -> None:
    with relay(*(flow(number, number) for number in range(20))) as server:
        chosen = asked(tmp_path, server, "--since", stamp(5), "--until", stamp(9))
        last = asked(tmp_path, server, "--last", "3")
        requests = server.requests
    assert "5 messages, 5 flows" in chosen.out
    assert "3 messages, 3 flows" in last.out
    assert (requests[0].since.ToNanoseconds(), requests[0].until.ToNanoseconds()) == (moment(5), moment(9))
    assert (requests[1].number, requests[1].HasField("since"), requests[1].follow) == (3, False, False)


def test_tls_is_as_it_is_said(tmp_path: Path) -> None:
    folder = certificates()
    client = ("--tls-client-cert-file", f"{folder}/client.pem", "--tls-client-key-file", f"{folder}/client.key")
    trusting = ("--tls-ca-cert-files", f"{folder}/ca.pem,{folder}/server.pem")
    name = ("--tls-server-name", "instance.hubble-relay.cilium.io")
    with relay(flow(1, 1), credentials=tls(asks=True)) as server:
        assert "1 flow" in asked(tmp_path, server, *trusting, *name, *client).out
        assert asked(tmp_path, server, "--tls-allow-insecure", *client).code == 0
        assert asked(tmp_path, f"tls://{server.address}", *trusting, *name, *client).code == 0
        assert "its certificate is not trusted" in asked(tmp_path, server, "--tls").error
        assert "its certificate is for another name" in asked(tmp_path, server, *trusting, *client).error


def test_a_wrong_address_is_one_line_and_makes_no_store(tmp_path: Path) -> None:
    ran = asked(tmp_path / "s", "localhost:1")
    assert ran.error.startswith("localhost:1: nothing listens there; check the address; ")
    assert ran.code == ExitCode.USAGE
    assert not (tmp_path / "s").exists()


def test_messages_that_mean_nothing_are_told_with_4(tmp_path: Path) -> None:
    odd = flow(1, 1)
    odd.flow.IP.source = "\x1b[31mnowhere"
    with relay(odd, flow(2, 2)) as server:
        ran = asked(tmp_path, server)
    assert ran.code == ExitCode.GAPS
    assert "\x1b" not in ran.out
    assert "malformed: line 1, byte 0: IP.source or IP.destination is no IP address" in ran.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_followed_ends_well_when_it_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    with relay(flow(1, 1)) as server:
        process = started(tmp_path, server, "--follow")
        server.tell(flow(2, 2))
        server.wait_for(flow(1, 1), flow(2, 2))
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    assert "2 messages, 2 flows" in out


def test_what_a_killed_import_had_not_kept_is_imported_by_the_next(tmp_path: Path) -> None:
    flows = [flow(number, number) for number in range(20)]
    with relay(*flows) as server:
        assert "20 flows" in asked(tmp_path, server).out
        process = started(tmp_path, server, "--follow")
        more = [flow(number, number) for number in range(20, 30)]
        server.tell(*more)
        server.wait_for(*more)
        process.kill()
        process.communicate(timeout=120)
        assert "10 flows" in asked(tmp_path, server).out
    (edge,) = firedoor("flows", "query", "--store", str(tmp_path), "-o", "json").document["edges"]
    assert edge["count"] == 30


def test_following_ends_by_itself_after_the_time_that_is_said(tmp_path: Path) -> None:
    with relay(flow(1, 1)) as server:
        ran = asked(tmp_path, server, "--for", "3s", "--last", "1")
        assert server.requests[0].follow
    assert (ran.code, ran.err) == (0, "")


def test_an_import_that_is_interrupted_keeps_what_came_and_says_so(tmp_path: Path) -> None:
    told = [flow(number, number).SerializeToString() for number in range(10)]

    def slowly(_: Any) -> Iterator[bytes]:
        yield from told
        ended.wait(120)
        yield told[0]

    ended = Event()
    with relay(answer=slowly) as server:
        process = started(tmp_path, server)
        server.wait_for(flow(8, 8))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
        ended.set()
        assert (process.returncode, err) == (ExitCode.INTERRUPTED, "")
        assert "10 messages, 10 flows" in out
        server.answer = lambda _: iter(told)
        assert "0 messages, 0 flows" in asked(tmp_path, server).out


def test_a_connection_that_is_lost_is_told_while_it_goes_on(tmp_path: Path) -> None:
    with relay(*(flow(number, number) for number in range(20)), cut=[5]) as server:
        ran = asked(tmp_path, server)
    assert "20 flows" in ran.out
    assert ran.err.splitlines() == [
        f"{server.address}: the connection was lost (it closed the connection); trying again",
        f"{server.address}: connected again",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "there is nothing to import; give FILE..., - for stdin, --hubble-relay or --goldmane"),
        (
            ("x.jsonl", "--follow"),
            "are for Hubble Relay and Goldmane; say --hubble-relay or --goldmane, or leave them out",
        ),
        (("x.jsonl", "--since", "5m"), "are for Hubble Relay"),
        (("x.jsonl", "--tls"), "are for Hubble Relay"),
        (("x.jsonl", "--hubble-relay"), "FILE, --format, --mapping and --jobs are not for Hubble Relay"),
        (
            ("--hubble-relay", "--jobs", "2"),
            "FILE, --format, --mapping and --jobs are not for Hubble Relay and Goldmane",
        ),
        (("--hubble-relay", "--last", "5", "--since", "5m"), "--last excludes --since and --until"),
        (("--hubble-relay", "--until", "5m", "--follow"), "what is followed has no --until; say with --for"),
        (("--hubble-relay", "--since", "soon"), "'soon' is no time"),
        (("--hubble-relay", "--for", "soon"), "'soon' is no duration"),
        (("--hubble-relay", "--goldmane"), "--hubble-relay and --goldmane were both given"),
        (("--goldmane", "--last", "3"), "--last is for Hubble Relay; say with --since from when on"),
        (("x.jsonl", "--goldmane"), "FILE, --format, --mapping and --jobs are not for Hubble Relay and Goldmane"),
        (("--hubble-relay", "--last", "0"), "0 is not in the range"),
        (("--hubble-relay", "--cluster", ""), "the name of the cluster is empty"),
        (("--hubble-relay", "a/b"), "'a/b' is no address of a Hubble Relay; write it as HOST:PORT"),
        (("--hubble-relay", "--tls-client-key-file", "k"), "a client certificate needs its key"),
        (("--hubble-relay", "--tls-ca-cert-files", "none.pem"), "none.pem: no such file"),
    ],
)
def test_mistakes_are_told_in_one_line(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    ran = firedoor("flows", "import", *arguments, "--store", str(tmp_path / "none"))
    assert message in ran.error
    assert ran.code == ExitCode.USAGE
    assert not (tmp_path / "none").exists()


def python(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)


def test_without_grpc_it_says_what_to_install() -> None:
    ran = python(
        "import sys; sys.modules['grpc'] = None; sys.argv[1:] = ['flows', 'import', '--hubble-relay']\n"
        "from firedoor.cli.main import main; main()"
    )
    assert ran.returncode == ExitCode.USAGE
    assert ran.stderr.startswith("error: Hubble Relay is asked over gRPC, which needs the extra hubble: ")
    assert ran.stderr.endswith("; install firedoor[hubble]\n")


@pytest.mark.parametrize("arguments", [["--help"], ["flows", "import", "--help"], ["flows", "import", "none.jsonl"]])
def test_grpc_is_loaded_for_nothing_else(arguments: list[str]) -> None:
    ran = python(
        f"import sys; sys.argv[1:] = {arguments}\n"
        "from firedoor.cli.main import main\n"
        "try: main()\n"
        "finally: print('LOADED', *sorted({'grpc', 'google.protobuf', 'ssl'} & set(sys.modules)))"
    )
    assert ran.stdout.splitlines()[-1] == "LOADED"
