"""Intents and policies, read and written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from firedoor.errors import NothingInScopeError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from firedoor.model.difference import PolicyChange
    from firedoor.model.generation import GeneratedPolicy
    from firedoor.model.intents import Intent
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.zero_trust import BaselineSpec


def open_intents(path: str, *, read_stdin: Callable[[], bytes]) -> tuple[Intent, ...]:
    """Return the intents in a file, or on standard input; raises ``UsageError`` at the first fault."""
    from firedoor.adapters.intents import read_intents  # noqa: PLC0415
    from firedoor.adapters.manifests.files import read_bytes  # noqa: PLC0415
    from firedoor.adapters.manifests.texts import NotTextError, decode_text, split_documents  # noqa: PLC0415
    from firedoor.adapters.manifests.yaml_reader import UnreadableError, read  # noqa: PLC0415

    source = "<stdin>" if path == "-" else path
    try:
        text = decode_text(read_stdin() if path == "-" else read_bytes(Path(path)))
        documents = [read(part, line) for line, part in split_documents(text)]
    except NotTextError as error:
        raise SourceError(error.problem, place=source, remedy=error.remedy) from error
    except UnreadableError as error:
        raise SourceError(error.problem, place=f"{source}:{error.line}", remedy=error.remedy) from error
    return read_intents([each for each in documents if each is not None], source)


def open_baselines(snapshot: Snapshot) -> tuple[BaselineSpec, ...]:
    """
    Return what the ZeroTrustBaselines of a snapshot say.

    Raises ``UsageError`` at the first fault, and ``NothingInScopeError`` where there is none.
    """
    from firedoor.adapters.intents import read_baseline  # noqa: PLC0415
    from firedoor.usecases.review import all_checks  # noqa: PLC0415

    if not snapshot.baselines:
        raise NothingInScopeError(
            "there is no ZeroTrustBaseline in what was read", remedy="name the file or folder that has one"
        )
    known = all_checks()
    return tuple(read_baseline(each, known) for each in snapshot.baselines)


def policy_changes(old: Snapshot, new: Snapshot) -> tuple[PolicyChange, ...]:
    """Return the policies that are not the same in two snapshots."""
    from firedoor.adapters.store import diff_info  # noqa: PLC0415
    from firedoor.model.difference import PolicyChange  # noqa: PLC0415
    from firedoor.model.places import ObjectRef  # noqa: PLC0415
    from firedoor.model.snapshot import Snapshot  # noqa: PLC0415

    policies = (
        Snapshot(network_policies=each.network_policies, policy_objects=each.policy_objects) for each in (old, new)
    )
    return tuple(
        PolicyChange(ObjectRef(each.kind, each.namespace, each.name), str(each.change), each.fields)
        for each in diff_info(*policies).changes
    )


def read_policies(policies: Sequence[GeneratedPolicy]) -> Snapshot:
    """Return what the loader of manifests makes of generated policies, written as they would be."""
    from firedoor.adapters.manifests.source import load_text  # noqa: PLC0415
    from firedoor.render.generation_yaml import policy_yaml  # noqa: PLC0415

    return load_text("".join(f"---\n{policy_yaml(each)}" for each in policies))


def write_policies(folder: str, files: Mapping[str, str]) -> tuple[str, ...]:
    """Write generated policies below a folder, and return the earlier ones that are removed."""
    from firedoor.adapters.folders import write_folder  # noqa: PLC0415
    from firedoor.render.generation_yaml import MARK  # noqa: PLC0415

    return write_folder(folder, files, MARK)
