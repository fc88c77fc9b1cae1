"""Of several replicas one holds the lease, whatever their clocks, the server and the network do."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from firedoor.errors import SourceError
from firedoor.model.leading import FoundLease, LeaseRecord, Timing
from firedoor.usecases.leading import Elector

TIMING = Timing()


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Lease:
    """A lease as a server keeps it: nobody writes over what he has not seen."""

    name: str = "Lease ops/firedoor-watch"
    version: int = 0
    record: LeaseRecord | None = None
    trouble: str = ""
    writes: int = 0

    def read(self) -> FoundLease | None:
        self._check()
        return None if self.record is None else FoundLease(self.record, {"version": self.version})

    def create(self, record: LeaseRecord) -> FoundLease:
        self._check()
        if self.record is not None:
            raise SourceError("the server answered 409: it exists")
        return self._write(record)

    def update(self, found: FoundLease, record: LeaseRecord) -> FoundLease:
        self._check()
        if found.document["version"] != self.version:
            raise SourceError("the server answered 409: it was changed")
        return self._write(record)

    def _write(self, record: LeaseRecord) -> FoundLease:
        self.version, self.record, self.writes = self.version + 1, record, self.writes + 1
        return FoundLease(record, {"version": self.version})

    def _check(self) -> None:
        if self.trouble:
            raise SourceError(self.trouble)


@dataclass
class Replica:
    lease: Lease
    name: str
    clock: Clock = field(default_factory=Clock)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.elector = Elector(self.lease, self.name, TIMING, self.clock, lambda: 0.5, self.said.append)

    def leads(self) -> bool:
        return self.elector.is_leading


@pytest.fixture
def lease() -> Lease:
    return Lease()


def test_the_first_one_makes_the_lease_and_leads(lease: Lease) -> None:
    one = Replica(lease, "one")
    assert not one.leads()
    assert one.elector.try_once()
    assert one.leads()
    assert lease.record is not None
    assert (lease.record.holder, lease.record.seconds, lease.record.transitions) == ("one", 15, 0)


def test_another_one_waits_as_long_as_it_sees_renewals_and_takes_over_when_it_sees_none(lease: Lease) -> None:
    one, other = Replica(lease, "one"), Replica(lease, "other", Clock(5e6))
    assert one.elector.try_once()
    for _ in range(20):
        one.clock.now += 2
        other.clock.now += 2
        assert one.elector.try_once()
        assert not other.elector.try_once()
    for _ in range(7):
        other.clock.now += 2
        assert not other.elector.try_once()
    last = other.clock.now
    other.clock.now += 2
    assert other.elector.try_once()
    assert lease.record is not None
    assert (lease.record.holder, lease.record.transitions) == ("other", 1)
    assert other.elector.others_until == last - 14
    assert other.said == ["other waits: one leads, by Lease ops/firedoor-watch"]


def test_two_never_lead_at_once_whatever_the_rates_of_their_clocks_are(lease: Lease) -> None:
    one, other = Replica(lease, "one"), Replica(lease, "other")
    assert one.elector.try_once()
    assert not other.elector.try_once()
    # The leader hears nothing of the server any more, and its clock is a third slower than the other one's.
    for _ in range(100):
        one.clock.now += 0.75
        other.clock.now += 1.0
        other.elector.try_once()
        assert not (one.leads() and other.leads())
    assert other.leads()


def test_a_leader_renews_without_reading_and_keeps_when_it_began(lease: Lease) -> None:
    one = Replica(lease, "one")
    one.elector.try_once()
    assert lease.record is not None
    acquired = lease.record.acquired
    one.clock.now += 2
    assert one.elector.try_once()
    assert lease.record.acquired == acquired
    assert lease.record.transitions == 0


def test_a_leader_whose_lease_somebody_else_wrote_leads_no_longer(lease: Lease) -> None:
    one = Replica(lease, "one")
    one.elector.try_once()
    lease._write(LeaseRecord("thief", 15, "x", "x", 1))
    assert not one.elector.try_once()
    assert not one.leads()
    assert "which thief has now" in one.elector.lost.problem


def test_a_leader_may_fail_to_renew_for_a_while_and_not_for_longer(lease: Lease) -> None:
    one = Replica(lease, "one")
    one.elector.try_once()
    lease.trouble = "the connection broke"
    one.clock.now += 9
    assert not one.elector.try_once()
    assert one.leads()
    one.clock.now += 1
    assert not one.leads()
    assert one.said == ["Lease ops/firedoor-watch: the connection broke"]
    lease.trouble = ""
    assert one.elector.try_once()


def test_a_lease_that_is_given_back_is_taken_at_once(lease: Lease) -> None:
    one, other = Replica(lease, "one"), Replica(lease, "other")
    one.elector.try_once()
    assert not other.elector.try_once()
    one.elector.release()
    assert not one.leads()
    assert lease.record is not None
    assert (lease.record.holder, lease.record.seconds) == ("", 1)
    other.clock.now += 1
    assert other.elector.try_once()
    assert lease.record.transitions == 1
    assert other.elector.others_until == other.clock.now


def test_who_does_not_lead_gives_nothing_back_and_a_failure_to_is_told(lease: Lease) -> None:
    one, other = Replica(lease, "one"), Replica(lease, "other")
    one.elector.try_once()
    other.elector.try_once()
    other.elector.release()
    assert lease.record is not None
    assert lease.record.holder == "one"
    lease.trouble = "away"
    one.elector.release()
    assert one.said == ["Lease ops/firedoor-watch could not be given back: away"]


def test_one_that_is_made_by_somebody_else_in_the_same_instant_is_not_held(lease: Lease) -> None:
    one = Replica(lease, "one")
    lease.read = lambda: None  # type: ignore[method-assign]
    lease._write(LeaseRecord("other", 15, "x", "x"))
    assert not one.elector.try_once()
    assert not one.leads()


def test_it_waits_with_jitter_until_it_leads_and_ends_when_it_is_lost(lease: Lease) -> None:
    one, waited = Replica(lease, "one"), list[float]()
    lease._write(LeaseRecord("other", 15, "x", "x"))

    def wait(seconds: float) -> None:
        waited.append(seconds)
        one.clock.now += seconds
        if len(waited) == 12:
            lease.trouble = "away"

    one.elector.run(lambda: False, wait)
    assert waited[0] == pytest.approx(2 * (1 + 1.2 * 0.5))
    assert waited[-1] == 2
    assert one.elector.has_led
    assert not one.leads()
    assert "one leads: it holds Lease ops/firedoor-watch" in one.said


def test_it_ends_when_it_is_over(lease: Lease) -> None:
    one = Replica(lease, "one")
    over: list[bool] = []
    one.elector.run(lambda: len(over) > 3, lambda _: over.append(True))
    assert one.leads()
    waiting = Replica(lease, "waiting")
    waiting.elector.run(lambda: True, lambda _: None)
    assert not waiting.elector.has_led


@pytest.mark.parametrize(
    ("timing", "fault"),
    [
        (Timing(10, 10, 2), "longer than the renew deadline"),
        (Timing(15, 2, 2), "longer than 1.2 times the retry period"),
        (Timing(0.9, 0.5, 0.1), "a second at least"),
        (Timing(), ""),
    ],
)
def test_times_that_cannot_work_are_refused(timing: Timing, fault: str) -> None:
    assert fault in timing.fault
    assert bool(fault) == bool(timing.fault)
