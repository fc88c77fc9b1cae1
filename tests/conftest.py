"""Settings for all tests: how many examples property tests try, and that they try the same ones every time."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it runs in the background so, and the commands that tests interrupt would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    # Each of the hundreds of commands that tests start would compile all that it imports.
    sys.dont_write_bytecode = False

_COMMON = settings(
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("quick", _COMMON, max_examples=50)
settings.register_profile("default", _COMMON, max_examples=120)
settings.register_profile("thorough", _COMMON, max_examples=20_000)
settings.load_profile(os.environ.get("FIREDOOR_HYPOTHESIS", "default"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes long, and together what has the same cluster; what is random stays so within."""
    from tests.distributing import turn  # noqa: PLC0415 - needs xdist

    slow = {each.path for each in items if each.get_closest_marker("slow") is not None}
    items.sort(key=lambda each: turn(each.nodeid, is_slow=each.path in slow))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Let tests that have the same cluster run in one process, where nobody wants anything else."""
    from tests.distributing import ByUnit  # noqa: PLC0415 - needs xdist

    if config.getvalue("dist") != "load":
        return None
    config.option.loadscopereorder = False
    return ByUnit(config, log)
