"""An answer, and the shapes that it can be had in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from firedoor.api.tables import Cell, Table, arrow_table, html_table, pandas_frame
from firedoor.model.places import Gap
from firedoor.render.json_text import json_text
from firedoor.render.words import count_text, visible

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Found = TypeVar("Found")

_MOST_GAPS = 5
_MOST_NOTES = 10


@dataclass(frozen=True, slots=True)
class Shape(Generic[Found]):
    """
    How an answer of one type is told.

    `document` makes the JSON contract of it, `table` its flat rows, `headline` one line in words; `notes` are further
    lines. `page` makes a whole HTML page and `picture` what a notebook shows before the table, where there is such.
    """

    name: str
    document: Callable[[Found], dict[str, object]]
    table: Callable[[Found], Table]
    headline: Callable[[Found], str]
    gaps: Callable[[Found], Sequence[Gap]]
    notes: Callable[[Found], Sequence[str]] = lambda _found: ()
    page: Callable[[Found], str] | None = None
    picture: Callable[[Found], str] | None = None


class Result(Generic[Found]):
    """
    An answer. `found` is the typed answer itself; all else is made of it when it is asked for.

    In a notebook it shows itself as a table, of which only the first rows are shown, with their count said.
    """

    def __init__(self, found: Found, shape: Shape[Found]) -> None:
        self.found = found
        self._shape = shape

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What the answer does not know: what could not be read or understood, where, why, and what to do."""
        return tuple(self._shape.gaps(self.found))

    @property
    def headline(self) -> str:
        """The answer in one line, as the command prints it."""
        return visible(self._shape.headline(self.found))

    def table(self) -> Table:
        """Return the flat table of the answer: its columns with their kinds, and its rows."""
        return self._shape.table(self.found)

    def rows(self) -> list[dict[str, Cell]]:
        """Return the rows of the table, each a dict by the names of the columns."""
        return self.table().dicts()

    def to_dict(self) -> dict[str, Any]:
        """Return the document that ``-o json`` of the command prints, in plain dicts, lists, texts and numbers."""
        document: dict[str, Any] = msgspec.json.decode(self.to_json())
        return document

    def to_json(self) -> str:
        """Return the same as text, byte for byte what ``-o json`` prints."""
        return json_text(self._shape.document(self.found))

    def to_arrow(self) -> pa.Table:
        """Return the table as a ``pyarrow.Table``; raises ``UsageError`` without the extra ``arrow``."""
        return arrow_table(self.table())

    def to_pandas(self) -> pd.DataFrame:
        """Return the table as a ``pandas.DataFrame``; raises ``UsageError`` without the extra ``pandas``."""
        return pandas_frame(self.table())

    def to_html(self) -> str:
        """Return a page that works offline, as ``-o html`` where the command has that, else what a notebook shows."""
        return self._repr_html_() if self._shape.page is None else self._shape.page(self.found)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: names are text in it, never markup."""
        shape = self._shape
        lines = [f"<p><b>{escape(shape.name)}</b>: {escape(self.headline)}</p>\n"]
        if shape.picture is not None:
            lines.append(shape.picture(self.found))
        found = self.table()
        lines.append(html_table(found) if found.rows else "")
        notes = shape.notes(self.found)
        lines += [f"<p>{escape(visible(each))}</p>\n" for each in notes[:_MOST_NOTES]]
        lines.append(html_gaps(self.gaps))
        return f"<div>\n{''.join(lines)}</div>\n"

    def __repr__(self) -> str:
        return f"<{self._shape.name}: {self.headline}>"


def html_gaps(gaps: Sequence[Gap]) -> str:
    """Return how much could not be read or understood, and the first of it, as HTML; nothing where there is none."""
    if not gaps:
        return ""
    items = "".join(f"<li>{escape(visible(f'{each.source}: {each.reason}'))}</li>\n" for each in gaps[:_MOST_GAPS])
    left = len(gaps) - _MOST_GAPS
    more = f"<li>and {left:,} more: see gaps</li>\n" if left > 0 else ""
    return f"<p>{count_text(len(gaps), 'gap')} in what was read:</p>\n<ul>\n{items}{more}</ul>\n"
