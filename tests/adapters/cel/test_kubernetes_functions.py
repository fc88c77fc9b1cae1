from __future__ import annotations

import pytest

from firedoor.adapters.cel.kubernetes_functions import FUNCTIONS


def call(name: str, *values: str) -> object:
    ((_, takes, _, function),) = FUNCTIONS[name]
    assert len(takes) == len(values)
    return function(*values)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("1", "1"), ("1.50", "1.5"), ("500m", "0.5"), ("1Ki", "1024"), ("1.5Gi", "1610612736"), ("1e3", "1000"),
     ("1E", "1000000000000000000"), ("-2k", "-2000"), ("+.5", "0.5"), ("0", "0"), ("3u", "0.000003"), ("5.", "5")],
)  # fmt: skip
def test_quantities_are_equal_where_their_texts_are(text: str, canonical: str) -> None:
    assert call("quantity", text) == canonical
    assert call("isQuantity", text)


@pytest.mark.parametrize("text", ["", "1 Gi", "Gi", "1GiB", "1e", "1e1000", "--1", "0x1", "1K", "\u0661"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    assert not call("isQuantity", text)
    with pytest.raises(ValueError, match="no quantity"):
        call("quantity", text)


def test_quantities_compare_by_their_amounts() -> None:
    assert call("compareTo", "1Gi", "1G") == 1
    assert call("compareTo", "1", "1000m") == 0
    assert call("isLessThan", "100m", "1")
    assert not call("isGreaterThan", "100m", "1")
    assert (call("sign", "-1m"), call("sign", "0")) == (-1, 0)
    assert call("asInteger", "2k") == 2000
    assert not call("isInteger", "1500m")
    assert not call("isInteger", "10E")


def test_addresses_and_networks_have_one_text() -> None:
    assert call("ip", "2001:DB8:0::1") == "2001:db8::1"
    assert call("cidr", "10.1.2.3/8") == "10.0.0.0/8"
    assert call("prefixLength", "2001:db8::/32") == 32
    assert call("isUnspecified", "::")
    assert call("family", "::1") == 6
    assert not call("containsIP", "10.0.0.0/8", "::1")
    assert not call("containsCIDR", "10.0.0.0/8", "::/0")
    assert call("containsCIDR", "10.0.0.0/8", "10.1.0.0/16")


@pytest.mark.parametrize("text", ["10.0.0.01", "10.0.0", "::ffff:10.0.0.1", "fe80::1%eth0", "", "10.0.0.0/8"])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert not call("isIP", text)


@pytest.mark.parametrize("text", ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/255.0.0.0", "10.0.0.0/", "x/8"])
def test_what_is_no_network_is_refused(text: str) -> None:
    assert not call("isCIDR", text)
