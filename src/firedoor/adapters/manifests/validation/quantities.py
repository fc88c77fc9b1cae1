"""Amounts of resources such as ``500m`` or ``1Gi``, as the API server reads, compares and prints them."""

import json
import math
import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

from firedoor.adapters.manifests.validation.choices import NOT_NEGATIVE
from firedoor.adapters.manifests.validation.names import REMEMBERED
from firedoor.adapters.manifests.validation.problems import Problem, invalid

QUANTITY = r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
PARTS = re.compile(r"([+-]?[0-9]*(?:\.[0-9]*)?)([eEinumkKMGTP]*[-+]?[0-9]*)", re.ASCII)
DECIMAL = {suffix: 3 * (index - 3) for index, suffix in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"))}
BINARY = {suffix: 10 * (index + 1) for index, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))}
LARGEST = 2**63 - 1
MOST_DIGITS = 40
REMEDY = "write a number with an optional unit: 500m, 2, 128Mi, 1Gi"


def written(value: Any) -> str | None:
    """Return the text of an amount, which may be written as a number; None where there is none."""
    if isinstance(value, str):
        return value.strip()
    return json.dumps(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@lru_cache(maxsize=REMEMBERED)
def _read(text: str) -> tuple[Fraction, str] | str:
    """Return an amount, rounded up to thousandths as the server does, and its suffix; or what is wrong with it."""
    found = PARTS.fullmatch(text)
    if found is None or not text:
        return f"quantities must match the regular expression '{QUANTITY}'"
    digits, suffix = found.groups()
    amount = Fraction(digits if re.search("[0-9]", digits) else "0")
    if suffix in DECIMAL:
        amount *= Fraction(10) ** DECIMAL[suffix]
    elif suffix in BINARY:
        amount *= 2 ** BINARY[suffix]
    elif re.fullmatch("[eE][-+]?[0-9]+", suffix):
        amount *= Fraction(10) ** max(-MOST_DIGITS, min(MOST_DIGITS, int(suffix[1:])))
    else:
        return "unable to parse quantity's suffix"
    return min(Fraction(math.ceil(amount * 1000), 1000), Fraction(LARGEST)), suffix


def read_quantity(value: Any) -> Fraction | None:
    """Return an amount; None where there is no valid one."""
    text = written(value)
    found = "" if text is None else _read(text)
    return None if isinstance(found, str) else found[0]


def validate_quantity(value: Any, path: str, *, may_be_negative: bool = False) -> list[Problem]:
    """Return the problems of an amount: it must be readable, and zero or more."""
    text = written(value)
    if text is None:
        return []
    found = _read(text)
    if isinstance(found, str):
        return [invalid(path, value, found, remedy=REMEDY)]
    if found[0] < 0 and not may_be_negative:
        return [invalid(path, printed(value), NOT_NEGATIVE, remedy="use zero or more")]
    return []


def printed(value: Any) -> str:
    """Return a valid amount as the server prints it: ``0.5`` is ``500m``, and ``1024Mi`` is ``1Gi``."""
    text = written(value) or "0"
    found = _read(text)
    if isinstance(found, str) or found[0] == 0:
        return "0"
    amount = found[0]
    if found[1] in BINARY and amount.denominator == 1 and abs(amount) >= 2**10:
        fitting = [(name, bits) for name, bits in BINARY.items() if (amount / 2**bits).denominator == 1]
        name, bits = fitting[-1] if fitting else ("", 0)
        return f"{amount / 2**bits}{name}"
    fitting = [(name, power) for name, power in DECIMAL.items() if (amount / Fraction(10) ** power).denominator == 1]
    name, power = fitting[-1]
    unit = f"e{power}" if found[1][1:] and found[1][0] in "eE" and power else name
    return f"{amount / Fraction(10) ** power}{unit}"
