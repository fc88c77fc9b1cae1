"""Long work beside the screen, which never waits for it."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Done = TypeVar("Done")


class Steps:
    """A `Progress` that remembers the last step, for somebody who looks now and then."""

    def __init__(self) -> None:
        self.text = "reading"

    def step(self, what: str, done: int, total: int | None) -> None:
        """Take note of a step; called by the thread that works."""
        self.text = f"reading {what} {done:,}" + (f" of {total:,}" if total is not None else "")

    def say(self, text: str) -> None:
        """Take note of work that has no steps."""
        self.text = text


async def aside(job: Callable[[], Done]) -> Done:
    """
    Return what a job returns, or raise what it raises, while the screen lives on.

    The thread does not outlive the process: who leaves need not wait until it is done.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Done] = loop.create_future()

    def tell(settle: Callable[[], None]) -> None:
        def settled() -> None:
            if not future.done():
                settle()

        try:
            loop.call_soon_threadsafe(settled)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    def work() -> None:
        try:
            done = job()
        except BaseException as error:  # noqa: BLE001 - raised where it is awaited
            problem = error
            tell(lambda: future.set_exception(problem))
        else:
            tell(lambda: future.set_result(done))

    threading.Thread(target=work, name="firedoor-work", daemon=True).start()
    return await future
