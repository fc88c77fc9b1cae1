"""Labels and profiles as people write them, into what questions are asked with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.labels import LabelSelector


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
