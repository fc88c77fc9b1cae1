"""The shape of a framework: what its items are called, and which of them something maps to."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class FrameworkId(StrEnum):
    """A framework, by the word that options and documents have for it."""

    CIS = "cis"
    NSA = "nsa"
    NIST_800_207 = "nist-800-207"
    NIST_800_53 = "nist-800-53"
    MITRE = "mitre"
    PCI_DSS_4 = "pci-dss-4"


class Item(Struct, frozen=True, gc=False):
    """One recommendation, section, tenet, control, technique or requirement, with the part that it belongs to."""

    id: str
    title: str
    part: str


class Framework(Struct, frozen=True, gc=False):
    """
    A framework, and those of its items that a check could be about.

    `unlisted` says which items are not in the list, and why no check can be about them.
    `own_words` tells that the titles are ours, where those of its authors are not free to copy;
    `is_numbered` is unset where it is the ids that are ours, as words for the titles.
    """

    id: FrameworkId
    name: str
    version: str
    organization: str
    page: str
    items: tuple[Item, ...]
    unlisted: str
    own_words: bool = False
    is_numbered: bool = True

    @property
    def titles(self) -> dict[str, str]:
        """The titles of all items by id."""
        return {each.id: each.title for each in self.items}

    def told(self, item: str) -> str:
        """Return an item as it is spoken of: its number, if it has one, and its title."""
        title = self.titles[item]
        return f"{item} {title}" if self.is_numbered else title


def items(part: str, titles: dict[str, str]) -> tuple[Item, ...]:
    """Return the items of one part, whose titles are given by id."""
    return tuple(Item(name, title, part) for name, title in titles.items())
