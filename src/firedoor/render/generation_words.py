"""The proof, the surplus and the parts of generated policies in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.render.words import count_text, range_text, traffic_text

if TYPE_CHECKING:
    from firedoor.model.generation import Generation, LeftOut, OpenPair, Proof


def proof_text(proof: Proof) -> str:
    """Return what was proved, or how it failed, in one sentence."""
    if proof.holds:
        needed = f"all {count_text(proof.needed, 'needed connection')} accepted, nothing else opened"
        parts = f", none of {count_text(proof.parts, 'part')} to spare" if proof.parts else ""
        return f"proved: {needed}{parts}"
    failed = [
        (len(proof.refused), "policy refused", "policies refused"),
        (len(proof.denied), "needed connection not accepted", "needed connections not accepted"),
        (len(proof.opened), "pair opened that nothing needs", "pairs opened that nothing needs"),
        (len(proof.removable), "part to spare", "parts to spare"),
    ]
    return "not proved: " + ", ".join(count_text(number, one, many) for number, one, many in failed if number)


def surplus_text(found: Generation) -> str:
    """Return how much stays open that nothing needs."""
    over = found.overpermission
    return f"pairs with more open than is needed: {over.before:,} before, {over.after:,} after"


def pair_text(pair: OpenPair) -> str:
    """Return a pair and what is open."""
    ends = [range_text(each) for each in (pair.source, pair.destination)]
    return f"{ends[0]} -> {ends[1]} {traffic_text(pair.traffic)}"


def left_text(left: LeftOut) -> str:
    """Return what no policy is made for, and why."""
    times = f" ({count_text(left.count, 'connection')})" if left.count else ""
    return f"{left.what}{times}: {left.why}"
