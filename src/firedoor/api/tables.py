"""Answers as flat tables, and what is made of those: Arrow, pandas, and HTML for notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING

from firedoor.errors import UsageError
from firedoor.render.words import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa

Cell = str | int | float | bool | tuple[str, ...] | None
"""What stands in one place of a table; None where nothing is known, or nothing is to be said."""

MOST_ROWS = 50
"""Rows that a notebook shows of a table."""
MOST_LETTERS = 400
"""Letters that a notebook shows of one cell."""


class ColumnKind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    NUMBER = "number"
    SHARE = "share"
    """Per cent."""
    FLAG = "flag"
    TEXTS = "texts"
    """Several texts, as a list."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, and what its cells are."""

    name: str
    kind: ColumnKind = ColumnKind.TEXT


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below columns, in the order of the answer."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(each.name for each in self.columns)

    def dicts(self) -> list[dict[str, Cell]]:
        """Return each row as a dict by the names of the columns."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]


def table(columns: str, rows: Sequence[tuple[Cell, ...]]) -> Table:
    """Return a table; columns are written as ``name`` or ``name:kind``, with spaces between."""
    return Table(tuple(map(_column, columns.split())), tuple(rows))


def _column(text: str) -> Column:
    name, _, kind = text.partition(":")
    return Column(name, ColumnKind(kind or "text"))


def arrow_table(found: Table) -> pa.Table:
    """Return the table for Arrow, each column of one type even where there is no row; raises ``UsageError``."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - optional
    except ImportError as error:
        raise UsageError("Arrow tables need pyarrow", remedy="install firedoor[arrow]") from error
    types = {
        ColumnKind.TEXT: pa.string(),
        ColumnKind.NUMBER: pa.int64(),
        ColumnKind.SHARE: pa.float64(),
        ColumnKind.FLAG: pa.bool_(),
        ColumnKind.TEXTS: pa.list_(pa.string()),
    }
    columns = [
        pa.array([_plain(row[position]) for row in found.rows], type=types[column.kind])
        for position, column in enumerate(found.columns)
    ]
    return pa.table(columns, names=list(found.names))


def pandas_frame(found: Table) -> pd.DataFrame:
    """Return the table for pandas, with types that know of cells that are empty; raises ``UsageError``."""
    try:
        import pandas as pd  # noqa: PLC0415 - optional
    except ImportError as error:
        raise UsageError("data frames need pandas", remedy="install firedoor[pandas]") from error
    types = {
        ColumnKind.TEXT: "string",
        ColumnKind.NUMBER: "Int64",
        ColumnKind.SHARE: "Float64",
        ColumnKind.FLAG: "boolean",
        ColumnKind.TEXTS: "object",
    }
    return pd.DataFrame(
        {
            column.name: pd.Series([_plain(row[position]) for row in found.rows], dtype=types[column.kind])
            for position, column in enumerate(found.columns)
        }
    )


def html_table(found: Table) -> str:
    """Return the first rows as an HTML table, and how many there are besides; names are text in it, never markup."""
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in found.names)
    body = "".join(f"<tr>{''.join(f'<td>{_html(cell)}</td>' for cell in row)}</tr>\n" for row in found.rows[:MOST_ROWS])
    left = len(found.rows) - MOST_ROWS
    more = f"<p>{MOST_ROWS} of {len(found.rows):,} rows are shown; rows() has all.</p>\n" if left > 0 else ""
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n{more}"


def _html(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case int():
            return f"{cell:,}"
        case tuple():
            return escape(_shortened(", ".join(map(visible, cell))))
        case _:
            return escape(_shortened(visible(str(cell))))


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"


def _plain(cell: Cell) -> object:
    """Return a cell with enums as text, text without what is no text, and lists where there are several."""
    if isinstance(cell, tuple):
        return [_text(each) for each in cell]
    return _text(cell) if isinstance(cell, str) else cell


def _text(text: str) -> str:
    # The name of a file can hold bytes that are no text, which neither Arrow nor pandas takes.
    return str(text).encode("utf-8", "backslashreplace").decode()
