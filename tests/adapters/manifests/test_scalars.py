from __future__ import annotations

import pytest

from firedoor.adapters.manifests.scalars import Scalar, key_text, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("y", True), ("Yes", True), ("ON", True), ("true", True), ("n", False), ("no", False), ("Off", False),
        ("yEs", "yEs"), ("", None), ("~", None), ("null", None), ("Null", None), ("nUll", "nUll"),
        ("08", 8), ("0400", 256), ("0o400", 256), ("0x1F", 31), ("0b101", 5), ("-0x10", -16), ("-7", -7), ("+7", 7),
        ("0", 0), ("1_000", 1000), ("22:30", "22:30"), ("22:30:10", "22:30:10"), ("1e3", 1000.0), (".5", 0.5),
        ("1.", 1.0), ("-1.5E-1", -0.15), ("1.2.3", "1.2.3"), ("2024-01-01", "2024-01-01"), ("-", "-"),
        ("10.0.0.0/8", "10.0.0.0/8"), ("web", "web"), (".inf", ".inf"),
    ],
)  # fmt: skip
def test_an_unquoted_scalar_has_the_value_that_kubectl_gives_it(text: str, value: Scalar) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false"), (None, "null"), (80, "80")])
def test_keys_are_strings_as_in_json(value: Scalar, text: str) -> None:
    assert key_text(value) == text
