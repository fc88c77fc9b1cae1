from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.text import Text

from firedoor.tui.hanging import Hanging


def test_a_long_line_goes_on_below_its_beginning() -> None:
    out = StringIO()
    Console(file=out, width=20).print(Hanging(Text("short\n\n    because it is long and goes on")))
    assert [line.rstrip() for line in out.getvalue().splitlines()] == [
        "short",
        "",
        "    because it is",
        "    long and goes on",
    ]
