"""What a check is about in the words of frameworks."""

from __future__ import annotations

from msgspec import Struct

from firedoor.model.frameworks.listing import FrameworkId


class Mappings(Struct, frozen=True, gc=False):
    """
    The items of frameworks that a check is about, by their ids; none where no item is about the same thing.

    A mapping says that what the check finds is in the way of the item, never that the item
    is met where the check finds nothing.
    """

    cis: tuple[str, ...] = ()
    nsa: tuple[str, ...] = ()
    nist_800_207: tuple[str, ...] = ()
    nist_800_53: tuple[str, ...] = ()
    mitre: tuple[str, ...] = ()
    pci_dss_4: tuple[str, ...] = ()

    def of(self, framework: FrameworkId) -> tuple[str, ...]:
        """Return the items of one framework."""
        return self.by_framework[framework]

    @property
    def by_framework(self) -> dict[FrameworkId, tuple[str, ...]]:
        """The items of all frameworks, in the order of the frameworks."""
        found = (self.cis, self.nsa, self.nist_800_207, self.nist_800_53, self.mitre, self.pci_dss_4)
        return dict(zip(FrameworkId, found, strict=True))

    @property
    def document(self) -> dict[str, list[str]]:
        """The same with the words of documents, as JSON has it."""
        return {framework.value: list(ids) for framework, ids in self.by_framework.items()}
