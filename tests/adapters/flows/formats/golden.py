"""
What the fixtures hold, line by line, and what parsers tell of them, in the form of the golden files.

``python -m tests.adapters.flows.formats.golden`` writes the golden files anew: read the difference.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from firedoor.adapters.flows.formats import Format, Ignored, LineParser, MalformedLine, format_named
from firedoor.adapters.flows.formats.contract import Told
from firedoor.model.flows import FlowEnd, FlowRecord, LostFlows

FIXTURES = Path(__file__).parent / "fixtures"
FILES = {
    "antrea-flows.csv": "antrea-flows",
    "antrea-np-log.log": "antrea-np-log",
    "aws-network-policy.log": "aws-network-policy",
    "aws-vpc-flow-custom.log": "aws-vpc-flow",
    "aws-vpc-flow-default.log": "aws-vpc-flow",
    "calico-felix.log": "calico-felix",
    "calico-flowlogs.jsonl": "calico-flowlogs",
    "calico-goldmane.json": "calico-goldmane",
    "conntrack-events.txt": "conntrack",
    "conntrack-table.txt": "conntrack",
    "gke-policy-action.json": "gke-policy-action",
    "hubble.jsonl": "hubble",
    "istio-access-log.log": "istio-access-log",
    "kubernetes-audit.jsonl": "kubernetes-audit",
    "netobserv.jsonl": "netobserv",
    "ovn-acl.log": "ovn-acl",
    "ztunnel.log": "ztunnel",
}


def parser_of(name: str) -> LineParser:
    """Return a parser of a format of lines."""
    found = format_named(name)
    assert isinstance(found, Format)
    return found.parser()


def lines_of(file: str) -> list[bytes]:
    """Return the lines of a fixture."""
    return (FIXTURES / file).read_bytes().split(b"\n")[:-1]


def told_by(parser: LineParser, lines: list[bytes]) -> list[tuple[int, Told | str]]:
    """Return what a parser tells, each with its line; a text is the reason of a malformed line. 0 is the end."""
    found: list[tuple[int, Told | str]] = []
    for number, line in enumerate(lines, 1):
        try:
            found.extend((number, each) for each in parser.parse(line, number))
        except MalformedLine as error:
            found.append((number, error.reason))
    try:
        found.extend((0, each) for each in parser.finish())
    except MalformedLine as error:
        found.append((0, error.reason))
    return found


def written(told: list[tuple[int, Told | str]]) -> str:
    """Return the text of a golden file."""
    return "".join(msgspec.json.encode([number, _plain(each)]).decode() + "\n" for number, each in told)


def _plain(told: Told | str) -> dict[str, Any]:
    match told:
        case str():
            return {"malformed": told}
        case Ignored():
            return {"ignored": told.reason}
        case LostFlows():
            return {"lost": _set(told)}
        case FlowRecord():
            ends = {
                name: _set(end)
                for name in ("source", "destination", "translated")
                if (end := getattr(told, name)) is not None
            }
            return {**_set(told), **ends}


def _set(found: FlowRecord | FlowEnd | LostFlows) -> dict[str, Any]:
    """Return the fields that have another value than their default."""
    defaults = dict(zip(found.__struct_fields__[::-1], found.__struct_defaults__[::-1], strict=False))
    values = {name: getattr(found, name) for name in found.__struct_fields__}
    return {name: value for name, value in values.items() if name not in defaults or defaults[name] != value}


if __name__ == "__main__":
    for _file, _format in FILES.items():
        _text = written(told_by(parser_of(_format), lines_of(_file)))
        (FIXTURES / f"{_file}.golden").write_text(_text, encoding="utf-8")
