"""The options of ``firedoor apply`` for what must hold before and between the waves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firedoor.cli.loading import cni_profile
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.cli.edges_options import EdgeOptions
    from firedoor.model.journal import Gates, ProbeGate

_NANOSECONDS = 1_000_000_000

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class GateOptions:
    """What a person wants to hold, as it was written."""

    observe: str
    soak: str
    verify: bool
    verify_mode: str | None
    verify_image: str | None
    verify_budget: int | None
    verify_settle: str | None
    check: str
    check_timeout: str
    most_denied: int | None

    def gates(self, seen: EdgeOptions, cni: str) -> Gates:
        """Return the gates; raises ``UsageError`` where an option lacks another one."""
        from firedoor.bootstrap import check_command, whole_paths  # noqa: PLC0415
        from firedoor.cli.flows_options import duration  # noqa: PLC0415
        from firedoor.model.journal import Gates  # noqa: PLC0415

        if self.check:
            check_command(self.check)
        if self.most_denied is not None and not seen.is_store:
            raise UsageError(
                "--most-denied is about the store of flows", remedy="add --flows, and import into it meanwhile"
            )
        observe, soak, limit = (duration(each) / _NANOSECONDS for each in (self.observe, self.soak, self.check_timeout))
        if observe and not seen.is_store:
            raise UsageError(
                "--observe looks at what the store of flows sees meanwhile",
                remedy="add --flows, and import into it meanwhile",
            )
        # The folder is kept in the journal, and whoever goes on may be elsewhere.
        (store,) = whole_paths([seen.store]) if seen.store else ("",)
        profile = cni_profile(cni).name
        return Gates(soak, self.check, limit, self.most_denied, store, seen.cluster, observe, profile, self._probes())

    def _probes(self) -> ProbeGate | None:
        from firedoor.cli.flows_options import duration  # noqa: PLC0415
        from firedoor.model.journal import ProbeGate  # noqa: PLC0415

        about = {
            "--verify-mode": self.verify_mode, "--verify-image": self.verify_image,
            "--verify-budget": self.verify_budget, "--verify-settle": self.verify_settle,
        }  # fmt: skip
        given = [name for name, value in about.items() if value is not None]
        if not self.verify:
            if given:
                raise UsageError(f"{given[0]} says how connections are tried", remedy="add --verify")
            return None
        default = ProbeGate()
        return ProbeGate(
            self.verify_mode or default.mode,
            self.verify_image or default.image,
            default.budget if self.verify_budget is None else self.verify_budget,
            default.settle if self.verify_settle is None else duration(self.verify_settle) / _NANOSECONDS,
        )


def gate_options(function: Function) -> Function:
    """Add the options, as one `GateOptions`."""
    decorators = [
        click.option(
            "--observe",
            default="0s",
            show_default=True,
            metavar="DURATION",
            help="With --flows: first stage the policies in a form that enforces nothing, and stop where flows seen in "
            "this time would be cut.",
        ),
        click.option(
            "--soak", default="0s", show_default=True, metavar="DURATION", help="Wait after each wave, as in 30s."
        ),
        click.option(
            "--verify",
            is_flag=True,
            help="Try connections after each wave that it changes or must keep; where the network does not do what "
            "the policies say, take all back.",
        ),
        click.option(
            "--verify-mode",
            type=click.Choice(("pods", "exec", "debug")),
            help="Try between pods of our own that stand in (the default), from inside the real ones, or from "
            "ephemeral containers in them.",
        ),
        click.option("--verify-image", metavar="IMAGE", help="Image of what is made for --verify."),
        click.option(
            "--verify-budget",
            type=click.IntRange(min=1),
            metavar="N",
            help="Try so many connections after a wave at most, those first that show most. Default: 100.",
        ),
        click.option(
            "--verify-settle",
            metavar="DURATION",
            help="Try what differs again for so long. Default: 10s.",
        ),
        click.option(
            "--check",
            default="",
            metavar="COMMAND",
            help="Run this after each wave; it must end with 0. No shell.",
        ),
        click.option(
            "--check-timeout",
            default="60s",
            show_default=True,
            metavar="DURATION",
            help="How long the command may take.",
        ),
        click.option(
            "--most-denied",
            type=click.IntRange(min=0),
            metavar="N",
            help="With --flows: take all back where after a wave more than N connections are denied that were not "
            "before, or with --observe would be.",
        ),
    ]

    @wraps(function)
    def collected(**values: Any) -> Any:
        names = tuple(GateOptions.__dataclass_fields__)
        return function(gates=GateOptions(**{name: values.pop(name) for name in names}), **values)

    result: Any = collected
    for decorate in reversed(decorators):
        result = decorate(result)
    return result  # type: ignore[no-any-return]
