"""What waits is delivered in order, once at least, whatever happens to the sink, the process or the disk."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from firedoor.adapters.sinks import DiskOutbox, NamedSink
from firedoor.adapters.sinks.queue import DiskQueue
from firedoor.adapters.sinks.sink import NotTakenError, Sink
from firedoor.adapters.sinks.webhook import Webhook
from firedoor.model.alerting import Notice, SinkKind
from firedoor.render.events_json import event_object
from tests.receiving import Receiver, Reply, free_port, notice, plan, receiving, until

VICTIM = """
import sys
from pathlib import Path
from time import monotonic
from firedoor.adapters.sinks import DiskOutbox, NamedSink
from firedoor.adapters.sinks.webhook import Webhook
from firedoor.model.alerting import SinkKind
from firedoor.render.events_json import event_object
from tests.receiving import notice, plan
sink = Webhook(plan(SinkKind.WEBHOOK, sys.argv[2]), event_object)
outbox = DiskOutbox(Path(sys.argv[1]), [NamedSink("one", sink, 10**6)], lambda _: None, first_pause=0.01)
for number in range(10**6):
    assert outbox.put({"one": [notice(number)]})
    print(number, flush=True)
"""


class Said(list[str]):
    def __call__(self, text: str) -> None:
        self.append(text)


def outbox(folder: Path, *sinks: Sink, say: Said | None = None, most: int = 1000) -> closing[DiskOutbox]:
    names = [NamedSink(name, sink, most) for name, sink in zip(("one", "two"), sinks, strict=False)]
    return closing(DiskOutbox(folder, names, say if say is not None else Said(), first_pause=0.01, patience=20.0))


def webhook(url: str) -> Webhook:
    return Webhook(plan(SinkKind.WEBHOOK, url), event_object)


def told(server: Receiver) -> list[str]:
    return [each.document["message"] for each in server.requests]


def messages(*numbers: int) -> list[str]:
    return [f"event {each}" for each in numbers]


def test_a_sink_that_is_down_gets_everything_in_order_when_it_is_back(tmp_path: Path) -> None:
    port, said = free_port(), Said()
    with outbox(tmp_path, webhook(f"http://127.0.0.1:{port}"), say=said) as box:
        assert box.put({"one": [notice(1), notice(2)]})
        until(lambda: box.states()[0].failures > 1)
        assert box.put({"one": [notice(3)]})
        (state,) = box.states()
        assert (state.queued, state.delivered, "cannot be connected" in state.trouble) == (3, 0, True)
        assert state.waiting > 0
        with receiving(port=port) as server:
            until(lambda: not box.states()[0].queued)
            assert told(server) == messages(1, 2, 3)
    (state,) = box.states()
    assert (state.delivered, state.trouble, state.overflowed, state.refused) == (3, "", 0, 0)
    assert [each.split(": ")[0] for each in said] == ["sink one"] * 2
    assert "it is tried again" in said[0]
    assert said[1] == "sink one: works again"


def test_one_sink_that_fails_does_not_hold_up_another(tmp_path: Path) -> None:
    with receiving() as bad, receiving() as good, outbox(tmp_path, webhook(bad.url), webhook(good.url)) as box:
        bad.reply = Reply(500)
        box.put({"one": [notice(1)], "two": [notice(1), notice(2)]})
        until(lambda: len(good.requests) == 2)
        assert [each.queued for each in box.states()] == [1, 0]


def test_what_waits_at_the_end_is_delivered_at_the_next_start(tmp_path: Path) -> None:
    with receiving() as server:
        server.reply = Reply(503)
        with outbox(tmp_path, webhook(server.url)) as box:
            box.put({"one": [notice(1)]})
            until(lambda: box.states()[0].failures)
        server.reply = Reply(202)
        server.requests.clear()
        with outbox(tmp_path, webhook(server.url)) as box:
            until(lambda: box.states()[0].delivered)
        assert told(server) == messages(1)


def test_the_end_waits_until_what_was_just_put_is_delivered(tmp_path: Path) -> None:
    with receiving() as server:
        with outbox(tmp_path, webhook(server.url)) as box:
            box.put({"one": [notice(each) for each in range(20)]})
        assert told(server) == messages(*range(20))


def test_an_event_that_is_refused_is_dropped_and_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    said = Said()
    with receiving() as server, outbox(tmp_path, webhook(server.url), say=said) as box:
        server.replies = [Reply(200), Reply(422, b"no such field"), Reply(200)]
        box.put({"one": [notice(each) for each in range(3)]})
        until(lambda: not box.states()[0].queued)
        until(lambda: box.states()[0].delivered == 2)
        assert told(server) == messages(0, 1, 2)
        assert box.states()[0].refused == 1
    assert any("refused, and dropped: 127.0.0.1" in each and "no such field" in each for each in said)


class Batches:
    """Takes three at once, refuses what holds the poison, and has a fault where it is told so."""

    most = 3

    def __init__(self) -> None:
        self.taken: list[list[str]] = []
        self.is_broken = False

    def send(self, notices: Sequence[Notice]) -> int:
        ids = [each.id for each in notices]
        if self.is_broken:
            self.is_broken = False
            raise RuntimeError("secret-word")
        if "id1" in ids:
            raise NotTakenError("poison", is_refused=True)
        self.taken.append(ids)
        return sum(each == "id7" for each in ids)

    def idle(self) -> None:
        """Nothing."""


def test_of_a_refused_batch_only_what_is_refused_alone_is_dropped(tmp_path: Path) -> None:
    sink = Batches()
    with outbox(tmp_path, sink) as box:
        box.put({"one": [notice(each) for each in range(9)]})
        until(lambda: not box.states()[0].queued)
        until(lambda: sum(map(len, sink.taken)) == 8)
    assert [each for batch in sink.taken for each in batch] == [f"id{each}" for each in range(9) if each != 1]
    assert len(sink.taken[-1]) > 1
    state = box.states()[0]
    assert (state.refused, state.delivered) == (2, 7)


def test_a_fault_of_a_sink_is_trouble_and_no_end(tmp_path: Path) -> None:
    sink, said = Batches(), Said()
    sink.is_broken = True
    with outbox(tmp_path, sink, say=said) as box:
        box.put({"one": [notice(2)]})
        until(lambda: sink.taken)
    assert "internal error: RuntimeError" in said[0]
    assert "secret-word" not in "".join(said)


class Idle:
    """Has something to do while there is nothing to send, which fails at first."""

    most = 1

    def __init__(self) -> None:
        self.times = 0
        self.is_full = True

    def send(self, notices: Sequence[Notice]) -> int:
        if self.is_full:
            self.is_full = False
            raise OSError(28, "No space left on device")
        return len(notices) - 1

    def idle(self) -> None:
        self.times += 1
        if self.times == 1:
            raise NotTakenError("not now")


def test_a_sink_does_what_it_has_to_do_while_nothing_is_to_be_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firedoor.adapters.sinks.courier._IDLE", 0.01)
    monkeypatch.setattr("firedoor.adapters.sinks.courier._LOOK", 0.01)
    sink, said = Idle(), Said()
    with outbox(tmp_path, sink, say=said) as box:
        box.put({})
        until(lambda: sink.times > 3)
        assert box.states()[0].trouble == ""
        assert [each.split(";")[0] for each in said] == ["sink one: not now", "sink one: works again"]
        box.put({"one": [notice(1)]})
        until(lambda: box.states()[0].delivered)
    assert "sink one: No space left on device" in said[2]


def test_who_stands_by_delivers_what_waits_and_says_nothing_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firedoor.adapters.sinks.courier._IDLE", 0.0)
    monkeypatch.setattr("firedoor.adapters.sinks.courier._LOOK", 0.01)
    with outbox(tmp_path, webhook(f"http://127.0.0.1:{free_port()}")) as led:
        led.put({"one": [notice(1), notice(2)]})
        until(lambda: led.states()[0].failures)
    sink = Idle()
    sink.is_full = False
    # Nothing is put by who does not lead.
    with outbox(tmp_path, sink) as standby:
        until(lambda: standby.states()[0].queued == 0)
        looked = monotonic() + 0.2
        until(lambda: monotonic() > looked)
        assert sink.times == 0
        standby.put({})
        until(lambda: sink.times > 0)


def test_of_too_many_that_wait_the_oldest_are_dropped_counted_and_told(tmp_path: Path) -> None:
    said, port = Said(), free_port()
    with outbox(tmp_path, webhook(f"http://127.0.0.1:{port}"), say=said, most=3) as box:
        for number in range(6):
            box.put({"one": [notice(number)]})
        assert (box.states()[0].queued, box.states()[0].overflowed) == (3, 3)
        with receiving(port=port) as server:
            until(lambda: not box.states()[0].queued)
            assert told(server)[-3:] == messages(3, 4, 5)
            box.put({"one": [notice(6)]})
            until(lambda: told(server)[-1:] == messages(6))
    assert sum("the oldest are dropped" in each for each in said) == 1
    assert any("3 events were dropped in all" in each for each in said)


def test_a_disk_that_is_full_keeps_things_in_memory_and_says_that_they_may_be_lost(tmp_path: Path) -> None:
    said, port = Said(), free_port()
    with outbox(tmp_path, webhook(f"http://127.0.0.1:{port}"), say=said, most=4) as box:
        box.put({"one": [notice(0)]})
        base = box._boxes["one"].queue._base
        base.execute("PRAGMA max_page_count=8")
        large = notice(1, message="x" * 100_000)
        assert not box.put({"one": [large]})
        assert not box.put({"one": [notice(2)]})
        assert box.states()[0].queued == 3
        assert not box.put({"one": [notice(each) for each in (3, 4, 5)]})
        # The large one had to go, which makes room.
        assert box.states()[0].overflowed == 1
        base.execute("PRAGMA max_page_count=1000000")
        assert box.put({})
        with receiving(port=port) as server:
            until(lambda: not box.states()[0].queued)
            assert told(server) == messages(2, 3, 4, 5)
    assert sum("kept in memory" in each for each in said) == 1


def test_what_cannot_be_read_is_dropped_and_told(tmp_path: Path) -> None:
    queue = DiskQueue(tmp_path / "one.queue", 10)
    queue.put([b"nonsense"])
    queue.close()
    said = Said()
    with receiving() as server, outbox(tmp_path, webhook(server.url), say=said) as box:
        box.put({"one": [notice(1)]})
        until(lambda: told(server) == messages(1))
        assert box.states()[0].refused == 1
    assert "cannot be read" in said[0]


def test_of_two_processes_one_delivers_what_both_put(tmp_path: Path) -> None:
    with receiving() as server, outbox(tmp_path, webhook(server.url)) as first:
        first.put({"one": [notice(1)]})
        until(lambda: len(server.requests) == 1)
        with outbox(tmp_path, webhook(server.url)) as second:
            second.put({"one": [notice(2)]})
        first.put({"one": [notice(3)]})
        until(lambda: len(server.requests) == 3)
        assert told(server) == messages(1, 2, 3)


@pytest.mark.slow
def test_a_kill_in_the_middle_loses_nothing_and_keeps_the_order(tmp_path: Path) -> None:
    with receiving() as server:
        server.replies = [Reply(503) for _ in range(3)]
        command = [sys.executable, "-c", VICTIM, str(tmp_path), server.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if int(line) >= 60:
                    break
            process.kill()
            put = [60, *(int(each) for each in process.stdout.read().split())]
        with outbox(tmp_path, webhook(server.url)) as box:
            until(lambda: not box.states()[0].queued)
        got = [int(json.loads(each.body)["message"].split()[1]) for each in server.requests]
        firsts = list(dict.fromkeys(got))
        assert firsts == list(range(len(firsts)))
        assert firsts[-1] >= max(put)
        ids = {each.headers["webhook-id"] for each in server.requests}
        assert len(ids) == len(firsts)
