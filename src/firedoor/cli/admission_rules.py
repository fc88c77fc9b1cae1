"""``--rule``: what becomes of changes that break each rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from firedoor.errors import UsageError
from firedoor.model.admission import Mode, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DEFAULTS = {
    Rule.UNISOLATED: Mode.WARN,
    Rule.FORBIDDEN: Mode.DENY,
    Rule.USED: Mode.WARN,
    Rule.RISKY: Mode.WARN,
}
_RULES = ", ".join(_DEFAULTS)

rule_option = click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="RULE=MODE",
    help=f"{_RULES}; deny, warn or off. Repeatable. Default: forbidden=deny, the others warn.",
)


def modes_of(texts: Sequence[str], defaults: Mapping[Rule, Mode] = _DEFAULTS) -> dict[Rule, Mode]:
    """Return the mode of every rule; raises ``UsageError`` for a text that is no rule with a mode."""
    found = dict(defaults)
    for text in texts:
        rule, _, mode = text.partition("=")
        if rule not in _DEFAULTS or mode not in set(Mode):
            raise UsageError(f"{text!r} is no RULE=MODE", remedy=f"write one of {_RULES}, and deny, warn or off")
        found[Rule(rule)] = Mode(mode)
    return found
