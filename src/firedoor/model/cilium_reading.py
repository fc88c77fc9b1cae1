"""What all parsers of Cilium policies share while they read one object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from firedoor.model.untyped import Reader, described, either

if TYPE_CHECKING:
    from collections.abc import Sequence


class Subject(Struct, frozen=True, gc=False):
    """Whom the rules that are being read are for, as far as it changes their meaning."""

    namespace: str = ""
    """The policy's namespace; empty for a cluster-wide policy."""
    is_host: bool = False
    """Whether the rule selects nodes."""
    is_init: bool = False
    """Whether the rule selects endpoints that have no labels yet (``reserved:init``)."""


class CiliumReader(Reader):
    """Reads one object; also collects the options of the agent that the object needs."""

    def __init__(self) -> None:
        super().__init__()
        self.options: dict[str, None] = {}

    def needs(self, option: str, path: str, what: str) -> None:
        """Record that the agent refuses the whole policy where `option` is off."""
        reason = f"{what}, for which Cilium's option {option} must be on: where it is off, the policy is not enforced"
        self.note(path, reason, f"see whether the agents run with --{option}")
        self.options[option] = None

    def flag(self, parent: dict[str, Any], key: str, path: str) -> bool | None:
        """Return the boolean in a field; None where there is none."""
        value = parent.get(key)
        if value is not None and not isinstance(value, bool):
            self.refuse(f"{path}.{key}", f"found {described(value)}, expected true or false")
            return None
        return value

    def one_of(self, parent: dict[str, Any], key: str, path: str, words: Sequence[str]) -> str | None:
        """Return the text in a field, which must be one of `words`; None where there is none."""
        value = self.text(parent, key, path)
        if value is not None and value not in words:
            self.refuse(f"{path}.{key}", f"found {described(value)}, expected {either(words)}")
            return None
        return value
