"""What is wrong with a part of an object: a field, what was found there, and what was expected."""

from __future__ import annotations

from msgspec import Struct


class Fault(Struct, frozen=True, gc=False):
    """A field or value of a policy object that the API refuses, or that firedoor does not evaluate."""

    path: str
    """The field inside the object, as in ``spec.ingress[0].source.nets[1]``."""
    reason: str
    """What was found and what was expected."""
    remedy: str = ""
    """What to do about it."""
    rejects: bool = True
    """
    Whether the API refuses the whole object.

    False where the object stands and only its effect is unknown: the rule or
    policy around the field may or may not match.
    """

    def __str__(self) -> str:
        """Return ``path: reason (remedy)``."""
        return f"{self.path}: {self.reason}" + (f" ({self.remedy})" if self.remedy else "")
