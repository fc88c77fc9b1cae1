"""
How many lines a second each parser of flow records reads: ``python -m benchmarks.flow_formats [SECONDS]``.

The lines are those of the tests' fixtures that tell one record in a line, over and over. Seconds are
of the processor; the formats take turns and the best round counts, so that what else the machine does
weighs little.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from time import process_time

from tests.adapters.flows.formats.capture_files import ACK, SYN, ethernet, pcap, tcp
from tests.adapters.flows.formats.golden import FILES, lines_of, parser_of

from firedoor.adapters.flows.formats import BinaryFormat, MalformedLine, format_named
from firedoor.model.flows import FlowRecord

_ROUNDS = 5
_LINES = 2_000
_COMMENT = b"# 2026-11-20T10:11:12Z"


def _telling(file: str) -> list[bytes]:
    """Return the lines of a fixture that tell one record on their own, behind what its form asks for."""
    lines = lines_of(file)
    before = lines[:1] if file == "aws-vpc-flow-custom.log" or lines[0] == _COMMENT else []
    found = [line for line in lines if len(_told(file, [*before, line])) == 1]
    return [*before, *(found * _LINES)[:_LINES]]


def _told(file: str, lines: list[bytes]) -> list[FlowRecord]:
    parser = parser_of(FILES[file])
    try:
        told = [each for number, line in enumerate(lines, 1) for each in parser.parse(line, number)]
    except MalformedLine:
        return []
    return [each for each in told if isinstance(each, FlowRecord)]


def _by_lines(file: str) -> Callable[[], int]:
    lines = _telling(file)

    def run() -> int:
        parse = parser_of(FILES[file]).parse
        for number, line in enumerate(lines, 1):
            for _ in parse(line, number):
                pass
        return len(lines)

    return run


def _by_packets() -> Callable[[], int]:
    flags = (SYN, ACK, ACK, ACK)
    packets = [
        ethernet(tcp("10.0.0.1", 1024 + index // 4, "10.0.0.2", 80, flags[index % 4])) for index in range(_LINES)
    ]
    capture = pcap([(1_763_900_000 + index, packet) for index, packet in enumerate(packets)])
    found = format_named("pcap")
    if not isinstance(found, BinaryFormat):
        raise TypeError(found)

    def run() -> int:
        for _ in found.records(io.BytesIO(capture)):
            pass
        return len(packets)

    return run


def main(seconds: float) -> None:
    """Print a table: each file, and lines (of captures: packets) a second."""
    runs = {file: _by_lines(file) for file in FILES} | {"pcap (packets)": _by_packets()}
    best = dict.fromkeys(runs, 0.0)
    end = process_time() + seconds
    rounds = 0
    while rounds < _ROUNDS or process_time() < end:
        rounds += 1
        for name, run in runs.items():
            begin = process_time()
            count = run()
            best[name] = max(best[name], count / (process_time() - begin))
    for name, rate in sorted(best.items(), key=lambda each: -each[1]):
        print(f"{name:28} {rate:>10,.0f}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0)
