"""Many attempts at the same time, but not too many, and not too fast."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Task = TypeVar("Task")
Result = TypeVar("Result")


class Pace:
    """Lets at most some threads a second pass; 0 lets all pass."""

    def __init__(self, rate: float) -> None:
        """Take how many may pass in a second."""
        self._interval = 1 / rate if rate else 0.0
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Return when it is one's turn."""
        if not self._interval:
            return
        with self._lock:
            turn = max(self._next, time.monotonic())
            self._next = turn + self._interval
        time.sleep(max(0.0, turn - time.monotonic()))


def at_once(work: Callable[[Task], Result], tasks: Iterable[Task], most: int) -> Iterator[Result]:
    """
    Yield the result of each task as soon as it is there; at most `most` are worked on at the same time.

    Takes no more tasks than it works on. What has begun is waited for, whatever happens to the caller.
    """
    return at_once_by(lambda _task: None, work, tasks, most, most)


def at_once_by(
    key: Callable[[Task], object], work: Callable[[Task], Result], tasks: Iterable[Task], most: int, most_each: int
) -> Iterator[Result]:
    """
    Do the same as `at_once`, and work on at most `most_each` tasks of the same key at the same time.

    Tasks that wait for others of their key are passed by the next ones, but no more of them than `most`.
    """
    with ThreadPoolExecutor(most, thread_name_prefix="firedoor-probe") as pool:
        begun: dict[Future[Result], object] = {}
        waiting: list[Task] = []
        source = iter(tasks)
        is_over = False
        while begun or waiting or not is_over:
            while len(begun) < most:
                busy = Counter(begun.values())
                task = next((each for each in waiting if busy[key(each)] < most_each), None)
                if task is not None:
                    waiting.remove(task)
                    begun[pool.submit(work, task)] = key(task)
                    continue
                if is_over or len(waiting) >= most:
                    break
                for each in source:
                    waiting.append(each)
                    break
                else:
                    is_over = True
            done, _ = wait(begun, return_when=FIRST_COMPLETED)
            for future in done:
                del begun[future]
            for future in done:
                yield future.result()
