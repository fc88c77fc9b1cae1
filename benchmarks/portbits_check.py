"""Whether the bit matrices with ports answer what the engine answers."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from pathlib import Path

from benchmarks import engine_calls
from benchmarks.portbits import PortBits
from benchmarks.sample import Question, questions


def differences(bits: PortBits, path: Path, matrices: int, count: int) -> tuple[int, int, int, str]:
    """Return how many connections were asked, accepted, and answered differently in the first matrices, and one."""
    network = engine_calls.compile_network(engine_calls.load(path))
    members = engine_calls.members(network)
    rows = {(each.metadata.namespace, each.metadata.name): row for row, each in enumerate(bits.pods)}
    of_interval: dict[int, list[Question]] = defaultdict(list)
    for question in questions(members, count):
        source, destination, protocol, port = question
        ends = ((members[each].namespace, members[each].name) for each in (source, destination))
        if source != destination and all(end in rows for end in ends):
            of_interval[bits.axis.interval(protocol, port)].append(question)
    asked, accepted, differing, first = 0, 0, 0, ""
    for intervals, matrix in islice(bits.matrices(), matrices):
        for source, destination, protocol, port in (each for interval in intervals for each in of_interval[interval]):
            one, other = (members[each] for each in (source, destination))
            row, column = rows[one.namespace, one.name], rows[other.namespace, other.name]
            word = "accepted" if matrix[row, column // 8] >> (7 - column % 8) & 1 else "denied"
            verdict = engine_calls.point_query(network, source, destination, protocol, port)
            asked += 1
            accepted += verdict == "accepted"
            if verdict != word:
                differing += 1
                first = first or (
                    f"{one.full_name} to {other.full_name} {protocol}/{port}: "
                    f"the engine says {verdict}, the bit matrix {word}"
                )
    return asked, accepted, differing, first
