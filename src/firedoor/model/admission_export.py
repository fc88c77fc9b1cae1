"""Intents and rules as policies that an API server enforces by itself, and how much of each they are."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.labels import LabelSelector


class Extent(StrEnum):
    """
    How much of an intent or a rule is in a policy.

    The measure is what the object that is judged says itself: whether its own rules open, to some pods that the ends
    of an intent may mean, what the intent forbids.
    """

    EXACT = "exact"
    """It refuses what says so, and nothing else."""
    STRICTER = "stricter"
    """It refuses what says so, and some more."""
    LOOSER = "looser"
    """It lets pass some that says so."""
    NONE = "none"
    """Nothing of it can be told from one object."""


class Resource(Struct, frozen=True, gc=False):
    """Objects that a policy is about: an API group, its version, and the plural names."""

    group: str
    version: str
    names: tuple[str, ...]


class Check(Struct, frozen=True, gc=False):
    """
    One policy: what it is about, where, and what must be true of each object.

    `namespaces` are those that it is about, None for all; of every pair of `validations` the first is CEL over
    ``object`` and ``namespaceObject``, the second what is said where it is not true.
    """

    name: str
    resource: Resource
    validations: tuple[tuple[str, str], ...]
    namespaces: LabelSelector | None = None
    conditions: tuple[tuple[str, str], ...] = ()
    """Names and CEL of what must be true for the policy to count."""
    is_warning: bool = False


class Expressed(Struct, frozen=True, gc=False):
    """An intent or a rule, how much of it is expressed, in which policies, and what makes the difference."""

    name: str
    kind: str
    extent: Extent
    policies: tuple[str, ...] = ()
    stricter: tuple[str, ...] = ()
    looser: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    """What the state of a cluster decides, which no policy of this kind sees."""


class AdmissionExport(Struct, frozen=True, gc=False):
    """All policies, and what they are of all intents and rules."""

    checks: tuple[Check, ...]
    expressed: tuple[Expressed, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing that an object says itself is let pass."""
        return all(each.extent in {Extent.EXACT, Extent.STRICTER} for each in self.expressed)
