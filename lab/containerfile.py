"""What a Containerfile says, as far as firedoor's own goes: one instruction a line, commands as lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stage:
    """One image that the file makes: what it is based on, and the instructions that follow."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        """Return what follows each instruction of that name."""
        return [rest for name, rest in self.steps if name == instruction]

    def environment(self) -> dict[str, str]:
        """Return the variables that it sets."""
        return dict(each.split("=", 1) for each in self.all("ENV"))


def stages(path: Path) -> list[Stage]:
    """Return the stages of a file, in their order."""
    found: list[Stage] = []
    for line in path.read_text().splitlines():
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(base, name))
        elif line and not line.startswith("#"):
            found[-1].steps.append((instruction, rest))
    return found
