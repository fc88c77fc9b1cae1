"""``kubectl_complete-firedoor``: lets kubectl complete ``kubectl firedoor ...`` (kubectl's plugin convention)."""

from __future__ import annotations

import sys

from click.shell_completion import ShellComplete

_NO_FILES = 4
"""kubectl's directive bit: do not fall back to file names."""


def main() -> None:
    """Print the completions of the arguments, one a line, then the directive kubectl expects."""
    from firedoor.cli.main import cli  # noqa: PLC0415

    *done, incomplete = sys.argv[1:] or [""]
    completer = ShellComplete(cli, {}, "kubectl firedoor", "_FIREDOOR_COMPLETE")
    found = completer.get_completions(done, incomplete)
    files = [each for each in found if each.type in {"file", "dir"}]
    for each in found:
        if each.type == "plain":
            sys.stdout.write(f"{each.value}\t{each.help}\n" if each.help else f"{each.value}\n")
    sys.stdout.write(f":{0 if files else _NO_FILES}\n")
