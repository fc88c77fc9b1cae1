"""The options of ``firedoor watch`` where several replicas of it run: one of them tells, the others stand by."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firedoor.cli.flows_options import duration
from firedoor.errors import UsageError
from firedoor.model.leading import Timing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.usecases.leading import Elector

Function = TypeVar("Function", bound=Callable[..., Any])

_SECOND = 10**9
_OFTEN = 2.0


@dataclass(frozen=True, slots=True)
class Leading:
    """Whether there is an election, by which Lease, and how long things take in it."""

    is_wanted: bool
    namespace: str
    name: str
    timing: Timing

    @property
    def heartbeat(self) -> float:
        """After how many seconds there is to be a turn although nothing changed: a new leader begins with one."""
        return _OFTEN if self.is_wanted else float("inf")

    @contextmanager
    def opened(
        self, kubeconfig: str | None, context: str | None, say: Callable[[str], None]
    ) -> Iterator[Elector | None]:
        """Take part in the election meanwhile; yield None where there is none."""
        if not self.is_wanted:
            yield None
            return
        from firedoor.bootstrap import open_elector  # noqa: PLC0415

        with open_elector(kubeconfig, context, self.namespace, self.name, self.timing, say) as elector:
            yield elector


def leading_options(function: Function) -> Function:
    """Add the options about the election; the function gets them as `leading`."""
    decorators = [
        click.option(
            "--leader-elect",
            "is_wanted",
            is_flag=True,
            help="Of several replicas let one tell, and the others stand by until it ends.",
        ),
        click.option(
            "--leader-elect-resource-namespace",
            "lease_namespace",
            default="",
            metavar="NS",
            help="Namespace of the Lease. Default: that of the pod, or of the context.",
        ),
        click.option(
            "--leader-elect-resource-name",
            "lease_name",
            default="firedoor-watch",
            show_default=True,
            metavar="NAME",
            help="Name of the Lease; replicas that share one share the work.",
        ),
        click.option(
            "--leader-elect-lease-duration",
            "lease_duration",
            default="15s",
            show_default=True,
            metavar="DURATION",
            help="How long others wait after a renewal that they saw.",
        ),
        click.option(
            "--leader-elect-renew-deadline",
            "renew_deadline",
            default="10s",
            show_default=True,
            metavar="DURATION",
            help="How long the leader tries to renew before it ends.",
        ),
        click.option(
            "--leader-elect-retry-period",
            "retry_period",
            default="2s",
            show_default=True,
            metavar="DURATION",
            help="How long to wait between two tries.",
        ),
    ]

    @wraps(function)
    def collected(**values: Any) -> Any:
        given = [values.pop(each) for each in ("lease_duration", "renew_deadline", "retry_period")]
        timing = Timing(*(duration(each) / _SECOND for each in given))
        if timing.fault:
            raise UsageError(f"--leader-elect-*: {timing.fault}", remedy="leave them out, or choose others")
        is_wanted, namespace, name = (values.pop(each) for each in ("is_wanted", "lease_namespace", "lease_name"))
        return function(leading=Leading(is_wanted, namespace, name, timing), **values)

    result: Any = collected
    for decorate in reversed(decorators):
        result = decorate(result)
    return result  # type: ignore[no-any-return]
