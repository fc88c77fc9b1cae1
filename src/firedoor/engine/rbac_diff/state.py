"""One of the two states: what bindings give to each subject, by itself and through its groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.rbac_diff.atoms import plain
from firedoor.engine.rbac_diff.objects import role_ref
from firedoor.engine.rbac_risks.subjects import identity, implied_groups
from firedoor.model.access import AUTHENTICATED, MASTERS, SERVICE_ACCOUNTS, UNAUTHENTICATED
from firedoor.model.rbac import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.engine.rbac_diff.rule_sets import Numbers, RuleSets
    from firedoor.model.places import Gap, ObjectRef
    from firedoor.model.rbac import RoleBinding

MASTERS_GROUP = Subject("Group", MASTERS)
"""Its members may do everything, whatever roles say: no binding changes that."""
_NONE: Numbers = frozenset()


class Given(NamedTuple):
    """A binding of a subject, the subject as it is written there, the role, and the number of its set of rules."""

    binding: RoleBinding
    written: Subject
    role: ObjectRef
    number: int


class State:
    """The bindings of one state by their subjects, with the rules of roles as numbers of sets."""

    def __init__(self, authorizer: Authorizer, sets: RuleSets) -> None:
        """Go through all bindings once."""
        self.authorizer = authorizer
        self._sets = sets
        self._known: dict[tuple[ObjectRef, bool], int] = {}
        self._own: dict[Subject, dict[str, list[Given]]] = {}
        self._numbers: dict[tuple[Subject, str], Numbers] = {}
        for scope in (authorizer.cluster, *authorizer.local.values()):
            for place, binding in enumerate(scope.all):
                role = role_ref(binding)
                number = self._number(binding, role, inside=bool(scope.namespace))
                for full, written in scope.subjects(place).items():
                    given = self._own.setdefault(identity(full), {}).setdefault(scope.namespace, [])
                    # A service account may be named as what it is, and once more as the user that it is.
                    if not given or given[-1].binding is not binding:
                        given.append(Given(binding, written, role, number))

    @property
    def subjects(self) -> set[Subject]:
        """Everybody whom a binding names."""
        return set(self._own)

    def scopes(self, subject: Subject) -> Sequence[str]:
        """Return where bindings name a subject: namespaces, and the empty text for the whole cluster."""
        return sorted(self._own.get(subject, ()))

    def given(self, subject: Subject, namespace: str) -> Sequence[Given]:
        """Return the bindings that name a subject in one namespace, or (empty) in the whole cluster."""
        return self._own.get(subject, {}).get(namespace, ())

    def own(self, subject: Subject, namespace: str) -> Numbers:
        """Return what these bindings give."""
        key = (subject, namespace)
        found = self._numbers.get(key)
        if found is None:
            given = self.given(subject, namespace)
            found = self._numbers[key] = frozenset(each.number for each in given) if given else _NONE
        return found

    def local(self, subject: Subject, namespace: str) -> Numbers:
        """Return what a subject has from bindings in that namespace alone, for itself and through its groups."""
        return self.own(subject, namespace).union(*(self.own(each, namespace) for each in groups_of(subject)))

    def held(self, subject: Subject, namespace: str) -> Numbers:
        """Return all that a subject has in a namespace, or everywhere: for itself and through its groups."""
        everywhere = self.local(subject, "")
        return everywhere | self.local(subject, namespace) if namespace else everywhere

    def spaces(self, subject: Subject) -> list[str]:
        """Return the namespaces with a binding of a subject or of its groups."""
        return sorted({each for who in (subject, *groups_of(subject)) for each in self.scopes(who)} - {""})

    def unsure(self, subject: Subject, namespace: str) -> tuple[Gap, ...]:
        """Return the gaps that may hide rights of a subject in a namespace, or everywhere."""
        scopes = dict.fromkeys(("", namespace))
        who = (subject, *groups_of(subject))
        applying = (each.binding for one in who for scope in scopes for each in self.given(one, scope))
        return self.authorizer.unread.leaves_open(namespace, applying)

    def _number(self, binding: RoleBinding, role: ObjectRef, *, inside: bool) -> int:
        number = self._known.get((role, inside))
        if number is None:
            rules = (each for rule, _, _ in self.authorizer.rules_of(binding) for each in plain(rule))
            if inside:
                rules = (each for each in rules if each.resources)  # URLs are in no namespace
            number = self._known[role, inside] = self._sets.number(rules)
        return number


def groups_of(subject: Subject) -> tuple[Subject, ...]:
    """
    Return the groups that a subject is in without anybody saying so.

    Those of a group are the ones that all its members are in: whoever is in any group but
    those of nobody known is authenticated.
    """
    if subject.kind != "Group":
        names = implied_groups(subject)
    elif subject.name in {AUTHENTICATED, UNAUTHENTICATED}:
        names = ()
    elif subject.name.startswith(f"{SERVICE_ACCOUNTS}:"):
        names = (SERVICE_ACCOUNTS, AUTHENTICATED)
    else:
        names = (AUTHENTICATED,)
    return tuple(Subject("Group", each) for each in names)
