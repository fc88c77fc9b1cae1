"""kubectl's selector syntax (``-l``) into a label selector."""

from __future__ import annotations

import re

from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator

_KEY = r"[A-Za-z0-9][A-Za-z0-9._/-]*"
_VALUE = r"[A-Za-z0-9._-]*"
_PART = re.compile(
    rf"\s*(?:(?P<set>{_KEY})\s+(?P<op>in|notin)\s*\((?P<values>[^()]*)\)"
    rf"|(?P<key>{_KEY})\s*(?P<sign>==|=|!=)\s*(?P<value>{_VALUE})"
    rf"|!\s*(?P<absent>{_KEY})|(?P<present>{_KEY}))\s*(?:,|$)"
)


def parse_selector(text: str) -> LabelSelector:
    """Return the selector; raises ``ValueError`` that says where the text stops making sense."""
    requirements: list[LabelSelectorRequirement] = []
    position = 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            message = f"cannot read {text[position:]!r} in the label selector {text!r}"
            raise ValueError(message)
        requirements.append(_requirement(part))
        position = part.end()
    return LabelSelector(match_expressions=tuple(requirements))


def _requirement(part: re.Match[str]) -> LabelSelectorRequirement:
    if part["set"]:
        operator = Operator.IN if part["op"] == "in" else Operator.NOT_IN
        return LabelSelectorRequirement(
            part["set"], operator, tuple(each.strip() for each in part["values"].split(","))
        )
    if part["key"]:
        operator = Operator.NOT_IN if part["sign"] == "!=" else Operator.IN
        return LabelSelectorRequirement(part["key"], operator, (part["value"],))
    if part["absent"]:
        return LabelSelectorRequirement(part["absent"], Operator.DOES_NOT_EXIST)
    return LabelSelectorRequirement(part["present"], Operator.EXISTS)
