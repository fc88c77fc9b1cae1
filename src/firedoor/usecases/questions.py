"""Ports, labels and profiles as people write them, into what questions are asked with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.ports import LAST_PORT, PROTOCOLS
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.labels import LabelSelector


def parse_port(text: str) -> tuple[str, int]:
    """Return protocol and number of ``8080``, ``53/UDP`` or ``udp/53``; raises ``UsageError``."""
    number, _, protocol = text.partition("/")
    if number.upper() in PROTOCOLS:
        number, protocol = protocol, number
    protocol = (protocol or "TCP").upper()
    if protocol not in PROTOCOLS or not number.isascii() or not number.isdigit() or not 1 <= int(number) <= LAST_PORT:
        raise UsageError(f"{text!r} is no port", remedy="write a number from 1 to 65535, as in 8080 or 53/UDP")
    return protocol, int(number)


def parse_labels(text: str) -> LabelSelector | None:
    """Return the selector that a text such as ``app=web,env!=dev`` stands for, None for none; raises ``UsageError``."""
    from firedoor.model.label_text import parse_selector  # noqa: PLC0415 - most questions name no labels

    if not text:
        return None
    try:
        return parse_selector(text)
    except ValueError as error:
        raise UsageError(
            str(error), remedy="write it as kubectl does: app=web,env!=dev,tier in (front,back)"
        ) from error


def cni_profile(name: str) -> CniProfile:
    """Return the profile of that name; raises ``UsageError`` that lists what there is."""
    from firedoor.engine.reach.cni import PROFILES  # noqa: PLC0415 - what only prints help needs none

    profile = PROFILES.get(name)
    if profile is None:
        raise UsageError(f"there is no CNI profile {name!r}", remedy=f"use one of {', '.join(PROFILES)}")
    return profile
