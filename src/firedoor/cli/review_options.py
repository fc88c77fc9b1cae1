"""The options for settings, exceptions and baselines, which commands that report findings share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firedoor.bootstrap import open_baseline, open_settings, save_baseline, today
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.model.exceptions import Rules
    from firedoor.model.findings import Finding

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """How findings are sifted, and whether those that are left out are shown."""

    rules: Rules
    written: str | None
    show_ignored: bool

    def remember(self, findings: Iterable[Finding]) -> None:
        """Write the findings as the baseline that is asked for, if one is."""
        if self.written is None:
            return
        from firedoor.usecases.review import baseline_of  # noqa: PLC0415

        save_baseline(baseline_of(findings, self.written))


def review_options(function: Function) -> Function:
    """Add ``--config``, ``--baseline``, ``--new-only``, ``--write-baseline``, ``--show-ignored`` as `ReviewOptions`."""
    decorators = [
        config_option,
        click.option("--show-ignored", is_flag=True, help="List the findings that exceptions leave out."),
        click.option(
            "--baseline",
            metavar="FILE",
            type=click.Path(),
            help="Findings that were known before: they do not count for --fail-on.",
        ),
        click.option("--new-only", is_flag=True, help="Show only findings that the baseline does not know."),
        click.option(
            "--write-baseline",
            metavar="FILE",
            type=click.Path(),
            help="Write the findings that are reported as a baseline.",
        ),
        click.option("--today", type=click.DateTime(["%Y-%m-%d"]), hidden=True),
    ]

    @wraps(function)
    def collected(**values: Any) -> Any:
        from firedoor.model.exceptions import Rules  # noqa: PLC0415

        baseline, new_only, day = (values.pop(each) for each in ("baseline", "new_only", "today"))
        if new_only and baseline is None:
            raise UsageError("--new-only needs a baseline", remedy="give one with --baseline FILE")
        written = values.pop("write_baseline")
        if new_only and written is not None:
            raise UsageError(
                "a baseline of the new findings alone would forget the known ones", remedy="leave --new-only out"
            )
        rules = Rules(
            day.date() if day else today(),
            values.pop("settings"),
            open_baseline(baseline) if baseline is not None else None,
            new_only,
        )
        review = ReviewOptions(rules, written, values.pop("show_ignored"))
        return function(review=review, **values)

    result: Any = collected
    for decorate in reversed(decorators):
        result = decorate(result)
    return result  # type: ignore[no-any-return]


def config_option(function: Function) -> Function:
    """Add ``--config`` as the parameter `settings`."""
    return click.option(
        "--config",
        "settings",
        metavar="FILE",
        type=click.Path(),
        is_eager=True,
        callback=_configured,
        help="Configuration with exceptions and defaults. Default: the nearest .firedoor.yaml up to the git root.",
    )(function)


def _configured(context: click.Context, _parameter: click.Parameter, path: str | None) -> Any:
    """Return the settings, and make what they say of options the default of these, which are read later."""
    if context.resilient_parsing:
        return None
    settings = open_settings(path)
    context.default_map = {**(context.default_map or {}), **settings.options}
    return settings
