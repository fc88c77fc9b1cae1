"""What people are told of who may do what."""

from __future__ import annotations

from msgspec import Struct

from firedoor.model.access import AccessRequest, Grant, User
from firedoor.model.places import Gap, ObjectRef
from firedoor.model.rbac import Subject


class AccessAnswer(Struct, frozen=True, gc=False):
    """
    Whether a user may do something.

    `is_everywhere` says that the request is about all namespaces.
    `verdict` is ``allowed``, ``denied`` or ``unknown``; `because` are the rules that permit it
    and `unsure` the gaps that leave it open. `elsewhere` are the namespaces that permit what
    is not permitted in all of them.
    """

    user: User
    request: AccessRequest
    is_everywhere: bool
    verdict: str
    because: tuple[Grant, ...] = ()
    is_master: bool = False
    unsure: tuple[Gap, ...] = ()
    elsewhere: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class AccessHolder(Struct, frozen=True, gc=False):
    """A subject that may do it, the rules that permit it, and the group through which it does (None: by itself)."""

    subject: Subject
    via: tuple[Grant, ...] = ()
    by_group: Subject | None = None


class AccessDoubt(Struct, frozen=True, gc=False):
    """A subject of which it is not known whether it may do it, and the gaps that leave it open for it alone."""

    subject: Subject
    unsure: tuple[Gap, ...]


class AccessWay(Struct, frozen=True, gc=False):
    """A subject that can make itself able: by which technique, at what, and the rules that permit that."""

    subject: Subject
    technique: str
    target: Subject | ObjectRef
    via: tuple[Grant, ...] = ()


class AccessHolders(Struct, frozen=True, gc=False):
    """
    Who may do something, who possibly may, and who can make itself able (None where that was not asked).

    `is_everywhere` says that the request is about all namespaces; who may do it in any of
    them is listed. `gaps` may hide anybody.
    """

    request: AccessRequest
    is_everywhere: bool
    holders: tuple[AccessHolder, ...]
    doubts: tuple[AccessDoubt, ...] = ()
    ways: tuple[AccessWay, ...] | None = None
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


class AccessRow(Struct, frozen=True, gc=False):
    """
    What may be done with a resource (with its subresource, as rules write it), or with a URL.

    `namespace` is where, empty for the whole cluster. `names` are the only objects, empty
    for all. `verbs` is ``("*",)`` alone where every verb is permitted.
    """

    target: str
    verbs: tuple[str, ...]
    group: str = ""
    namespace: str = ""
    names: tuple[str, ...] = ()
    via: tuple[Grant, ...] = ()


class AccessMatrix(Struct, frozen=True, gc=False):
    """
    All that a user may do: in one namespace and the whole cluster, or (`namespace` empty) everywhere.

    `gaps` may hide more.
    """

    user: User
    namespace: str
    resources: tuple[AccessRow, ...]
    urls: tuple[AccessRow, ...]
    is_master: bool = False
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
