"""
How workloads want to be spoken to: the modes of mutual TLS that PeerAuthentication sets.

The narrowest scope that sets a mode decides: a port of the workload, the workload, its
namespace, the mesh. In each scope only the oldest policy counts; manifests do not tell
which one that is, and then any of several modes may hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from firedoor.model.istio import Mode
from firedoor.model.labels import LabelSelector
from firedoor.model.mesh_config import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.scene import Scene
    from firedoor.model.istio import PeerAuthentication

HELD = (Mode.DISABLE, Mode.PERMISSIVE, Mode.STRICT)
"""The modes that a port can be in; UNSET is none, but inherits one."""


@dataclass(slots=True)
class Setting:
    """
    The modes of the TCP ports of some profiles, as masks of the port axis.

    `possible` are the ports on which each mode may hold. `strict` are the policies
    because of which STRICT does, each with the path of the field and the ports.
    """

    profiles: NDArray[np.bool_]
    possible: dict[Mode, int] = field(default_factory=lambda: dict.fromkeys(HELD, 0))
    strict: list[tuple[PeerAuthentication, str, int]] = field(default_factory=list)

    def most(self, ports: int) -> int:
        """Return how many modes there may be on one of the ports."""
        return max(sum(mask >> bit & 1 for mask in self.possible.values()) for bit in _bits(ports))

    def ports(self, mode: Mode, case: int, ports: int) -> int:
        """Return those of `ports` on which a mode holds in one case; cases are numbered from 0 to `most`."""
        found = 0
        for bit in _bits(ports):
            modes = [each for each in HELD if self.possible[each] >> bit & 1]
            found |= (modes[min(case, len(modes) - 1)] is mode) << bit
        return found


class Modes:
    """Finds the settings of all pods in the mesh."""

    def __init__(self, scene: Scene, policies: Sequence[PeerAuthentication], in_mesh: NDArray[np.bool_]) -> None:
        """Take the policies, and which profiles are in the mesh."""
        self._index = scene.index
        self._axis = scene.axis
        self._tcp = scene.axis.mask("TCP")
        self._root = settings_of(scene.snapshot.mesh_configs).root_namespace
        self._policies = policies
        self.settings = tuple(self._settings(in_mesh))

    def _settings(self, in_mesh: NDArray[np.bool_]) -> Iterator[Setting]:
        """Yield one setting for all profiles to which the same policies apply."""
        applying: list[tuple[int, NDArray[np.bool_]]] = [
            (number, mask & in_mesh) for number, mask in enumerate(map(self._selected, self._policies))
        ]
        groups: dict[tuple[int, ...], list[int]] = {}
        for profile in np.flatnonzero(in_mesh).tolist():
            groups.setdefault(tuple(number for number, mask in applying if mask[profile]), []).append(profile)
        for numbers, profiles in groups.items():
            mask = np.zeros(len(in_mesh), dtype=bool)
            mask[profiles] = True
            setting = Setting(mask)
            self._fill(setting, [self._policies[number] for number in numbers])
            yield setting

    def _selected(self, policy: PeerAuthentication) -> NDArray[np.bool_]:
        """Return the profiles that a policy applies to; one for workloads does nothing in the root namespace."""
        index, namespace = self._index, policy.metadata.namespace
        is_root = namespace == self._root
        if is_root and (policy.unsure or not policy.selector):
            return index.is_pod
        if is_root:
            return np.zeros(len(index.profiles), dtype=bool)
        inside = index.in_namespace(namespace)
        return inside if policy.unsure else inside & index.pods(LabelSelector(policy.selector or {}))

    def _fill(self, setting: Setting, policies: Sequence[PeerAuthentication]) -> None:
        """Ask the scopes from the narrowest on, each about the ports that the ones before may leave to it."""
        for policy in (each for each in policies if each.unsure):
            for mode in HELD:
                setting.possible[mode] |= self._tcp
            setting.strict.append((policy, "spec", self._tcp))
        sure = [each for each in policies if not each.unsure]
        wide = [each for each in sure if not each.selector]
        scopes = (
            [each for each in sure if each.selector],
            [each for each in wide if each.metadata.namespace != self._root],
            [each for each in wide if each.metadata.namespace == self._root],
        )
        left = self._tcp
        for scope in scopes:
            candidates = _perhaps_oldest(scope)
            unset = 0 if candidates else left
            for policy in candidates:
                unset |= self._set(setting, policy, left)
            left = unset
        setting.possible[Mode.PERMISSIVE] |= left

    def _set(self, setting: Setting, policy: PeerAuthentication, asked: int) -> int:
        """Add the modes that a policy may set on the ports it is asked about; return those it leaves to others."""
        others, unset = asked, 0
        for port in policy.port_modes:
            bit = 1 << self._axis.atom("TCP", port)
            others &= ~bit
            unset |= self._hold(setting, policy, policy.mode_of(port), f"spec.portLevelMtls[{port}]", bit & asked)
        return unset | self._hold(setting, policy, policy.mode, "spec.mtls", others)

    def _hold(self, setting: Setting, policy: PeerAuthentication, mode: Mode, path: str, ports: int) -> int:
        if mode is Mode.UNSET:
            return ports
        setting.possible[mode] |= ports
        if mode is Mode.STRICT and ports:
            setting.strict.append((policy, path, ports))
        return 0


def _perhaps_oldest(policies: Iterable[PeerAuthentication]) -> list[PeerAuthentication]:
    """Return the policies of a scope that may be the oldest; of two equally old ones it is the first by name."""
    dated = [(each.metadata.creation_timestamp or "", each.metadata.name, each) for each in policies]
    oldest = sorted((each for each in dated if each[0]), key=lambda each: each[:2])[:1]
    return [each for _, _, each in (*oldest, *(each for each in dated if not each[0]))]


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
