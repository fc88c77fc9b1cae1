"""
The mesh as a layer of its own: what the proxy in front of a pod says, besides the policies of the network.

It is asked about TCP and about connections to pods in the mesh only. Mutual TLS comes
first, then the policies that deny, those that leave it to somebody else (CUSTOM), and
those that allow, of which one must match where there are any.

What is not known holds for all policies alike: which mode of TLS a pod has, from which
of its addresses a source comes, and which policies a waypoint enforces for a pod. Each
combination is an alternative that is judged on its own.
"""

from __future__ import annotations

from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from firedoor.engine.reach.columns import NOBODY
from firedoor.engine.reach.dialects.istio.modes import Modes
from firedoor.engine.reach.dialects.istio.rules import RuleCompiler
from firedoor.engine.reach.dialects.istio.sources import Sources
from firedoor.engine.reach.dialects.istio.vocabulary import deciding, source_addresses
from firedoor.engine.reach.layers import Layer, PolicyRank, PolicyTier
from firedoor.engine.reach.programs import DENY
from firedoor.engine.reach.rules import CompiledPolicy, CompiledRule, PortTest
from firedoor.model.istio import Action, Mode
from firedoor.model.labels import LabelSelector
from firedoor.model.mesh_config import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.scene import Scene
    from firedoor.model.istio import AuthorizationPolicy
    from firedoor.model.typed_policies import TypedPolicies

    Compiled = CompiledPolicy[Any]

TIERS = ("mutual TLS", "DENY", "CUSTOM", "ALLOW", "the rest")
"""What is asked, in this order."""

ELSE = "spec.action"
"""The path that stands for what an ALLOW policy does without a word: to deny what no such policy allows."""


class MeshLayer:
    """Compiles the policies of Istio, for connections to pods."""

    def __init__(self, scene: Scene, typed: TypedPolicies) -> None:
        """Find out whom each policy is for."""
        self._scene = scene
        self._tcp = scene.axis.mask("TCP")
        self._root = settings_of(scene.snapshot.mesh_configs).root_namespace
        self._policies = tuple(deciding(typed.authorizations))
        first = Sources(scene)
        self._mesh = first.in_mesh
        self._modes = Modes(scene, typed.peer_authentications, self._mesh)
        rules = [rule for policy in self._policies for rule in policy.rules or ()]
        by_address = any(any(source_addresses(rule)) for rule in rules)
        widest = max((len(each.externals or ()) for each in scene.index.profiles), default=0) if by_address else 0
        self._sources = [first, *(Sources(scene, reading) for reading in range(1, widest))]
        self._scopes = [(policy, self._scope(policy)) for policy in self._policies]
        self._isolated = np.zeros(len(self._mesh), dtype=bool)
        for policy, scope in self._scopes:
            if policy.action is Action.ALLOW and not _is_doubted(policy):
                self._isolated |= scope

    @cached_property
    def layer(self) -> Layer:
        """The layer; its policies are in one tier of alternatives wherever something is not known."""
        modes = max((each.most(self._tcp) for each in self._modes.settings), default=1)
        extras = 1 + max((number for _, _, number in self._extras), default=0)
        cases = [
            self._case(compiler, mode, extra)
            for mode, sources in product(range(modes), self._sources)
            for compiler in (self._compiler(sources, mode),)
            for extra in range(extras)
        ]
        if len(cases) == 1:
            tiers = (
                PolicyTier(name, (PolicyRank(policies, is_union=True),), denies_rest=False)
                for name, policies in zip(TIERS, cases[0], strict=True)
            )
            return Layer("mesh", tuple(tiers))
        numbered = [(each, number) for number, case in enumerate(cases) for block in case for each in block]
        rank = PolicyRank(
            tuple(each for each, _ in numbered), is_union=False, cases=tuple(n for _, n in numbered), rest=self._tcp
        )
        return Layer("mesh", (PolicyTier("mesh", (rank,), denies_rest=False),))

    @cached_property
    def _extras(self) -> list[tuple[AuthorizationPolicy, NDArray[np.bool_], int]]:
        """
        The ALLOW policies that may be all there are for some profiles, with the number of the case of each.

        Policies for the same profiles have different numbers. Case 0 is that none of them applies.
        """
        found: list[tuple[AuthorizationPolicy, NDArray[np.bool_], int]] = []
        taken: list[NDArray[np.bool_]] = []
        for policy, scope in self._scopes:
            alone = scope & ~self._isolated
            if policy.action is Action.ALLOW and _is_doubted(policy) and alone.any():
                number = next((n for n, mask in enumerate(taken) if not (mask & alone).any()), len(taken))
                taken[number : number + 1] = [alone | taken[number] if number < len(taken) else alone]
                found.append((policy, alone, number + 1))
        return found

    def _scope(self, policy: AuthorizationPolicy) -> NDArray[np.bool_]:
        """Return the profiles that a policy is for, or may be for."""
        index, namespace = self._scene.index, policy.metadata.namespace
        if policy.target_refs:
            return self._mesh & index.in_namespace(namespace)
        inside = self._mesh if namespace == self._root else self._mesh & index.in_namespace(namespace)
        return inside if policy.unsure else inside & index.pods(LabelSelector(policy.selector or {}))

    def _compiler(self, sources: Sources, mode: int) -> RuleCompiler:
        disabled: dict[int, NDArray[np.bool_]] = {}
        for each in self._modes.settings:
            ports = each.ports(Mode.DISABLE, mode, self._tcp)
            disabled[ports] = disabled[ports] | each.profiles if ports in disabled else each.profiles
        return RuleCompiler(self._scene, sources, disabled)

    def _case(self, compiler: RuleCompiler, mode: int, extra: int) -> tuple[tuple[Compiled, ...], ...]:
        """Return the policies of each tier."""
        return (
            tuple(self._strict(mode)),
            tuple(self._with_action(Action.DENY, compiler)),
            tuple(self._with_action(Action.CUSTOM, compiler)),
            tuple(self._allowing(compiler, extra)),
            tuple(self._denying_rest(extra)),
        )

    def _strict(self, mode: int) -> Iterator[Compiled]:
        """Yield the policies that keep out who presents no certificate."""
        index = self._scene.index
        outsiders = (~index.match(self._mesh)).peers(index.sets)
        for setting in self._modes.settings:
            ports = setting.ports(Mode.STRICT, mode, self._tcp)
            for policy, path, own in setting.strict:
                if own & ports:
                    rule = CompiledRule(path, outsiders, PortTest(own & ports), DENY)
                    yield self._compiled(policy, setting.profiles, (rule,))

    def _with_action(self, action: Action, compiler: RuleCompiler) -> Iterator[Compiled]:
        for policy, scope in self._scopes:
            if policy.action is action:
                yield self._compiled(policy, scope, compiler.compile(policy), doubted=_is_doubted(policy))

    def _allowing(self, compiler: RuleCompiler, extra: int) -> Iterator[Compiled]:
        if not extra:
            for policy, scope in self._scopes:
                if policy.action is Action.ALLOW:
                    doubted = _is_doubted(policy)
                    chosen = scope & self._isolated if doubted else scope
                    yield self._compiled(policy, chosen, compiler.compile(policy), doubted=doubted)
            return
        for policy, alone, number in self._extras:
            if number == extra:
                yield self._compiled(policy, alone, compiler.compile(policy))

    def _denying_rest(self, extra: int) -> Iterator[Compiled]:
        rule = CompiledRule(ELSE, self._scene.index.anyone, PortTest(self._tcp), DENY)
        if not extra:
            for policy, scope in self._scopes:
                if policy.action is Action.ALLOW and not _is_doubted(policy):
                    yield self._compiled(policy, scope, (rule,))
            return
        for policy, alone, number in self._extras:
            if number == extra:
                yield self._compiled(policy, alone, (rule,))

    def _compiled(
        self, policy: object, profiles: NDArray[np.bool_], rules: tuple[CompiledRule, ...], *, doubted: bool = False
    ) -> Compiled:
        columns = self._scene.index.columns(profiles)
        selected, perhaps = (NOBODY, columns) if doubted else (columns, NOBODY)
        return CompiledPolicy(policy, selected, rules, perhaps, isolates=False)


def _is_doubted(policy: AuthorizationPolicy) -> bool:
    """Return whether it is not known for which pods a policy is enforced, be it by a waypoint that it targets."""
    return policy.unsure or bool(policy.target_refs)
