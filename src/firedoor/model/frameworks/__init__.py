"""
Frameworks of security, and what checks have to do with them.

Each framework is a module with the list of its items; `Mappings` are what one check is about.
"""

from firedoor.model.frameworks.cis import CIS
from firedoor.model.frameworks.listing import Framework, FrameworkId, Item
from firedoor.model.frameworks.mapping import Mappings
from firedoor.model.frameworks.mitre import MITRE
from firedoor.model.frameworks.nist_800_53 import NIST_800_53
from firedoor.model.frameworks.nist_800_207 import NIST_800_207
from firedoor.model.frameworks.nsa import NSA
from firedoor.model.frameworks.pci_dss import PCI_DSS

FRAMEWORKS: dict[FrameworkId, Framework] = {
    each.id: each for each in (CIS, NSA, NIST_800_207, NIST_800_53, MITRE, PCI_DSS)
}
"""All frameworks, in the order in which they are told."""


def faults(mappings: Mappings) -> tuple[str, ...]:
    """Return what is wrong with mappings: items that a framework has not, and items that are there twice."""
    found = []
    for framework, ids in mappings.by_framework.items():
        known = FRAMEWORKS[framework].titles
        found += [f"{framework} has no item {each}" for each in ids if each not in known]
        found += [f"{framework} {each} is there twice" for each in sorted(set(ids)) if ids.count(each) > 1]
    return tuple(found)


__all__ = ["FRAMEWORKS", "Framework", "FrameworkId", "Item", "Mappings", "faults"]
