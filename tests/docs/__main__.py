"""
Run the commands in the documentation: ``python -m tests.docs [--update] [PAGE...]``.

``--update`` writes what they print into the pages, and leaves out what was left out (``...``).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.docs.pages import console_pages
from tests.docs.running import run_page


def main(arguments: list[str]) -> int:
    """Run the pages, tell what does not agree or fails, and return 1 where that is so and was not written anew."""
    update = "--update" in arguments
    named = [Path(argument) for argument in arguments if argument != "--update"]
    wrong = 0
    for page in named or console_pages():
        text = page.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            ran = run_page(text, Path(folder))
        problems = list(ran.failures)
        if not update:
            problems += ran.differences
        elif ran.text != text:
            page.write_text(ran.text, encoding="utf-8")
            sys.stdout.write(f"{page}: written\n")
        wrong += len(problems)
        sys.stdout.write("".join(f"{page}: {problem}\n" for problem in problems))
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
