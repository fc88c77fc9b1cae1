"""
What is dangerous in the roles and bindings of a cluster.

Risks are a catalogue: permissions that are dangerous for whoever holds them, by family in
`permissions`, and what can be wrong with the objects themselves, one file each in `objects`.
"""

from firedoor.engine.rbac_risks.catalogue import CATALOGUE
from firedoor.engine.rbac_risks.running import find_risks

__all__ = ["CATALOGUE", "find_risks"]
