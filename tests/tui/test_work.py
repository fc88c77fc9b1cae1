from __future__ import annotations

import asyncio
import threading

import pytest

from firedoor.errors import SourceError
from firedoor.tui.work import Steps, aside


def test_the_loop_goes_on_while_work_is_done() -> None:
    go_on = threading.Event()

    def job() -> int:
        assert go_on.wait(25)
        return threading.get_ident()

    async def run() -> int:
        waiting = asyncio.ensure_future(aside(job))
        await asyncio.sleep(0)
        go_on.set()
        return await waiting

    assert asyncio.run(run()) != threading.get_ident()


def test_what_a_job_raises_is_raised() -> None:
    def job() -> None:
        raise SourceError("gone")

    with pytest.raises(SourceError, match="gone"):
        asyncio.run(aside(job))


def test_who_leaves_does_not_wait() -> None:
    go_on, ended = threading.Event(), threading.Event()

    def job() -> None:
        assert go_on.wait(25)
        ended.set()

    async def run() -> None:
        waiting = asyncio.ensure_future(aside(job))
        await asyncio.sleep(0)
        waiting.cancel()

    asyncio.run(run())
    go_on.set()  # the job tells a loop that is closed, and nobody minds
    assert ended.wait(25)


def test_steps_are_told_in_words() -> None:
    steps = Steps()
    steps.step("manifests", 1200, 3400)
    assert steps.text == "reading manifests 1,200 of 3,400"
    steps.step("pods", 7, None)
    assert steps.text == "reading pods 7"
    steps.say("diagnosing")
    assert steps.text == "diagnosing"
