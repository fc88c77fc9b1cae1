"""The configuration, what it brings of checks, and baselines."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from firedoor.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from firedoor.adapters.manifests.yaml_reader import Document
    from firedoor.adapters.plugins.loading import Plugin
    from firedoor.adapters.settings.reading import Known
    from firedoor.model.exceptions import Baseline, PluginName, Settings
    from firedoor.model.raw_objects import RawObjects
    from firedoor.usecases.custom_checks import OwnChecks


MOST_CONFIG_BYTES = 1024 * 1024
"""How large a configuration may be."""


def today() -> date:
    """Return the day on which exceptions hold or not, where nobody says another: that of the machine."""
    from datetime import datetime  # noqa: PLC0415 - few commands ask

    return datetime.now().astimezone().date()


def open_settings(path: str | None) -> Settings:
    """Return the configuration in a file, or the one for the current folder where none is named."""
    from firedoor.model.exceptions import Settings  # noqa: PLC0415

    if path is None:
        from firedoor.adapters.settings.finding import find_config  # noqa: PLC0415

        found = find_config(Path.cwd())
        if found is None:
            return Settings()
        path = os.path.relpath(found)
    from firedoor.adapters.settings.reading import Bring, read_settings  # noqa: PLC0415

    folder = Path(path).parent

    def beside(name: str) -> Iterator[tuple[Document, str]]:
        named = str(folder / name)
        return ((each, named) for each in config_documents(named))

    whole = config_documents(path)
    if len(whole) > 1:
        raise UsageError(
            "a second document begins here", place=f"{path}:{whole[1].line}", remedy="a configuration is a single one"
        )
    bring = Bring(beside, lambda names: [check.id for each in open_plugins(names) for check in each.checks])
    return read_settings(whole[0] if whole else None, path, known_names(), bring)


def file_schema(what: str) -> dict[str, object]:
    """Return the JSON schema of a file that people write: ``config`` or ``intents``."""
    if what == "intents":
        from firedoor.adapters.intents.schema import intents_schema  # noqa: PLC0415

        return intents_schema()
    from firedoor.adapters.settings.schema import config_schema  # noqa: PLC0415

    return config_schema(known_names())


def config_documents(path: str) -> list[Document]:
    """Return the documents of a configuration."""
    from firedoor.adapters.manifests.files import opened  # noqa: PLC0415
    from firedoor.adapters.manifests.texts import NotTextError, decode_text, split_documents  # noqa: PLC0415
    from firedoor.adapters.manifests.yaml_reader import UnreadableError, read  # noqa: PLC0415

    with opened(Path(path)) as stream:
        data = stream.read(MOST_CONFIG_BYTES + 1)
    if len(data) > MOST_CONFIG_BYTES:
        problem = f"more than {MOST_CONFIG_BYTES:,} bytes are no configuration"
        raise SourceError(problem, place=path, remedy="check the path")
    try:
        documents = [read(part, line) for line, part in split_documents(decode_text(data))]
    except NotTextError as error:
        raise SourceError(error.problem, place=path, remedy="give a configuration, which is YAML") from error
    except UnreadableError as error:
        raise SourceError(error.problem, place=f"{path}:{error.line}", remedy=error.remedy) from error
    return [each for each in documents if each is not None]


def open_plugins(names: Sequence[PluginName]) -> Sequence[Plugin]:
    """Return the plugins of these names, loaded."""
    if not names:
        return ()
    from firedoor.adapters.plugins.loading import load_plugins  # noqa: PLC0415

    return load_plugins(names)


def raw_objects(settings: Settings) -> RawObjects | None:
    """Return what keeps the objects that custom checks ask for; None where there is no custom check."""
    if not settings.custom:
        return None
    from firedoor.model.custom_checks import KindPattern  # noqa: PLC0415
    from firedoor.model.raw_objects import RawObjects  # noqa: PLC0415

    kinds = [kind for check in settings.custom for kind in check.kinds]
    return RawObjects([KindPattern("v1", "Namespace"), *kinds])


def own_checks(settings: Settings, raw: RawObjects | None) -> OwnChecks:
    """Return the checks of plugins, and the custom checks made on the objects that were kept."""
    from firedoor.usecases.custom_checks import OwnChecks, judged  # noqa: PLC0415

    checks = tuple(check for each in open_plugins(settings.plugins) for check in each.checks)
    if raw is None:
        return OwnChecks(checks)
    disabled = {each.check for each in settings.disabled}
    custom = [each for each in settings.custom if each.id not in disabled]
    if not custom:
        return OwnChecks(checks)
    from firedoor.adapters.cel.evaluating import CelExpressions  # noqa: PLC0415

    with CelExpressions(custom) as expressions:
        found = judged(custom, raw.found, expressions, raw.gaps)
    return OwnChecks((*checks, *found.checks), found.gaps)


def compile_custom_checks(settings: Settings) -> None:
    """Compile the expressions of custom checks; raises ``UsageError`` where one is none."""
    if settings.custom:
        from firedoor.adapters.cel.evaluating import CelExpressions  # noqa: PLC0415

        with CelExpressions(settings.custom):
            pass


def known_names() -> Known:
    """Return the names that a configuration may use."""
    from firedoor.adapters.settings.reading import Known  # noqa: PLC0415
    from firedoor.engine.reach.cni import PROFILES  # noqa: PLC0415
    from firedoor.usecases.review import all_checks  # noqa: PLC0415

    return Known(all_checks(), tuple(PROFILES))


def open_baseline(path: str) -> Baseline:
    """Return the baseline in a file."""
    from firedoor.adapters.settings.baselines import read_baseline  # noqa: PLC0415

    return read_baseline(path)


def save_baseline(baseline: Baseline) -> None:
    """Write a baseline to its file."""
    from firedoor.adapters.settings.baselines import write_baseline  # noqa: PLC0415

    write_baseline(baseline)
