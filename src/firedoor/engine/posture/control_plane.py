"""The programs of the control plane, where the sources hold the pods that run them, and their flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firedoor.model.findings import Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from firedoor.engine.posture.check import Check, Context
    from firedoor.engine.posture.crews import Crew
    from firedoor.model.findings import Finding
    from firedoor.model.places import ObjectRef

Wrong = tuple[str, tuple[str, ...], str, Severity | None]
"""What is wrong with a program, the flags that show it, what to change, and how bad it is where not as usual."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Program(NamedTuple):
    """A program of the control plane with the flags that are known; what a flag is set to last holds."""

    name: str
    crew: Crew
    flags: dict[str, str]

    @property
    def workload(self) -> ObjectRef:
        """The pod that runs it."""
        return self.crew.workload

    def told(self, flag: str) -> str:
        """Return a flag as it is set, in words."""
        value = self.flags.get(flag)
        return f"--{flag} is not set" if value is None else f"--{flag}={value}"

    def items(self, flag: str) -> list[str]:
        """Return the elements of a flag that is a list."""
        return [each.strip() for each in self.flags.get(flag, "").split(",") if each.strip()]

    def is_on(self, flag: str, *, default: bool) -> bool:
        """Return whether a flag that is yes or no is on."""
        return self.flags.get(flag, str(default)).lower() in {"true", "1", "t"}


def programs(crews: Iterable[Crew], *names: str) -> Iterator[Program]:
    """Yield the programs of these names; those whose flags are not in the sources are left out."""
    for crew in crews:
        for container in crew.spec.containers:
            if container.args and container.args[0] in names and len(container.args) > 1:
                pairs = (each.removeprefix("--").partition("=") for each in container.args[1:])
                yield Program(container.args[0], crew, {name: value for name, _, value in pairs})


def faults(
    check: Check, context: Context, names: tuple[str, ...], wrong: Callable[[Program], Iterator[Wrong]]
) -> Iterator[Finding]:
    """Yield a finding of a check for everything that is wrong with the programs of some names."""
    for program in programs(context.crews, *names):
        for what, flags, fix, severity in wrong(program):
            yield check.finding(
                program.workload,
                program.crew.source,
                f"{program.name} of {program.workload} {what}",
                tuple(program.told(flag) for flag in flags),
                Fix(fix),
                severity=severity,
            )


def is_loopback(url: str) -> bool:
    """Return whether an address to listen on, as an URL, is one of the machine itself."""
    host = url.partition("://")[2].rpartition(":")[0].strip("[]")
    return url.startswith("unix") or host in LOOPBACK
