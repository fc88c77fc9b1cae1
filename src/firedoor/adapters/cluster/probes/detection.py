"""Which programs a container has that can try a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.adapters.cluster.probes import agnhost, tools

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firedoor.adapters.cluster.probes.channel import Ran
    from firedoor.adapters.cluster.probes.tools import Tool

    Running = Callable[[Sequence[str]], Ran]

_MARK = "firedoor-tool"
_ASK = f"""\
for each in bash python3 python nc ncat curl wget; do
  path=
  IFS=:
  for folder in $PATH; do [ -z "$path" ] && [ -x "$folder/$each" ] && path=$folder/$each; done
  unset IFS
  [ -n "$path" ] || continue
  echo "{_MARK} $each"
  case $each in
    bash) LC_ALL=C "$path" -c 'exec 3<>/dev/tcp/127.0.0.1/1' ;;
    nc | ncat) "$path" -h ;;
    wget) "$path" --version || "$path" --help ;;
    *) "$path" --version ;;
  esac
done 2>&1 </dev/null
exit 0
"""
_ALONE = (
    ("bash", ("bash", "-c", "LC_ALL=C; exec 3<>/dev/tcp/127.0.0.1/1")),
    ("python3", ("python3", "--version")),
    ("python", ("python", "--version")),
    ("nc", ("nc", "-h")),
    ("ncat", ("ncat", "-h")),
    ("curl", ("curl", "--version")),
    ("wget", ("wget", "--version")),
)
"""The same questions where there is no shell to ask them all at once."""


def found(run: Running) -> tuple[list[Tool], str]:
    """Return the programs of a container that are known, the most trusted first, and why nothing could be asked."""
    if run((agnhost.PROGRAM, "--version")).code == 0:
        return [tools.AGNHOST], ""
    asked = run(("sh", "-c", _ASK))
    if asked.code == 0:
        return known(asked.out + asked.err), ""
    answers = []
    for name, command in _ALONE:
        ran = run(command)
        if ran.code is not None and ran.code not in _ABSENT:
            answers.append(f"{_MARK} {name}\n{ran.out}{ran.err}\n")
    return known("".join(answers)), "" if answers else asked.trouble


_ABSENT = frozenset({126, 127})
"""What some container runtimes end with for a program that is not there."""


def known(answer: str) -> list[Tool]:
    """Return the programs that an answer tells of, by what each says of itself."""
    said: dict[str, str] = {}
    for part in answer.split(f"{_MARK} ")[1:]:
        name, _, text = part.partition("\n")
        said[name.strip()] = text
    chosen = [_CHOICES[name](said[name]) for name in _CHOICES if name in said]
    return [each for each in chosen if each is not None]


def _bash(text: str) -> Tool | None:
    return None if "No such file or directory" in text else tools.BASH


def _nc(text: str) -> Tool | None:
    if "BusyBox" in text:
        return tools.BUSYBOX_NC if "-z" in text else tools.SMALL_NC if "-e PROG" in text else None
    if "nmap.org" in text:
        return tools.NMAP_NC
    if "OpenBSD" in text:
        return tools.OPENBSD_NC
    return tools.TRADITIONAL_NC if "[v1.10" in text else None


def _curl(text: str) -> Tool | None:
    protocols = next((line.split() for line in text.splitlines() if line.startswith("Protocols:")), [])
    return tools.CURL if "telnet" in protocols else tools.CURL_HTTP if "http" in protocols else None


def _wget(text: str) -> Tool | None:
    return tools.GNU_WGET if "GNU Wget" in text else tools.SMALL_WGET if "BusyBox" in text else None


_CHOICES: dict[str, Callable[[str], Tool | None]] = {
    "bash": _bash,
    "python3": lambda text: tools.PYTHON3 if "Python 3" in text else None,
    "python": lambda text: tools.PYTHON if "Python " in text else None,
    "nc": _nc,
    "ncat": lambda text: tools.NCAT if "nmap.org" in text else None,
    "curl": _curl,
    "wget": _wget,
}
"""In the order of trust: those that tell the error of the system call come before those that tell it in words."""
