"""Generated policies as manifests that ``kubectl apply`` takes, with comments that say why each rule is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.render.commented_yaml import comment_lines, commented_yaml
from firedoor.render.generation_words import proof_text, surplus_text

if TYPE_CHECKING:
    from firedoor.model.generation import GeneratedPolicy, Generation

MARK = "# Written by `firedoor generate`."
"""How every file begins that the command writes, and that it may therefore replace."""


def generation_yaml(found: Generation) -> str:
    """Return all policies as one stream, in the order that they are to be applied, behind what was proved."""
    head = comment_lines((proof_text(found.proof), surplus_text(found), *(f"note: {each}" for each in found.notes)))
    return f"{MARK}\n{head}" + "".join(f"---\n{policy_yaml(each)}" for each in found.policies)


def policy_yaml(policy: GeneratedPolicy) -> str:
    """Return one policy as a document with its comments."""
    return comment_lines(policy.head) + commented_yaml(policy.document, policy.comments)
