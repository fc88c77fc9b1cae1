"""
Records what a real API server answers about roles and bindings, for the tests to hold firedoor against.

    uv run python -m tools.access_reviews --kubeconfig FILE

makes namespaces, roles and bindings in a cluster that is there for nothing else, waits until the
ClusterRoles are aggregated, asks, tries to write, and writes down the objects with all answers.
The cluster needs an API server with ``--authorization-mode=RBAC``, a user of ``system:masters``
in the kubeconfig, and a controller manager that runs at least
``--controllers=clusterrole-aggregation-controller``. What is made, asked and tried depends on the
seed and on the roles that this version of the server brings along.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.access_reviews.chance import Chance
from tools.access_reviews.objects import objects
from tools.access_reviews.questions import questions
from tools.access_reviews.server import Server
from tools.access_reviews.writers import writers, writes

from firedoor.errors import FiredoorError

if TYPE_CHECKING:
    from firedoor.model.access import User

TARGET = Path(__file__).parents[2] / "tests/recorded/access_reviews.json"
NAMES = (
    "alice",
    "system:serviceaccount:alpha:robot",
    "system:serviceaccount:nowhere:nobody",
    "system:serviceaccount:alpha:robot:more",
    "system:serviceaccount:alpha",
    "system:serviceaccount::robot",
    "system:serviceaccount:alpha:",
    "system:serviceaccount:Alpha:robot",
    "system:serviceaccount:alpha:ro_bot",
    "system:serviceaccount:alpha:robot.v1",
    "system:serviceaccount:alpha.v1:robot",
    "system:node:worker-1",
    "system:kube-scheduler",
)
"""Whom to impersonate without groups, to see which ones a name implies."""


def main() -> None:
    """Make the objects, ask, and write the file."""
    parser = argparse.ArgumentParser(prog="python -m tools.access_reviews", description=__doc__)
    parser.add_argument("--kubeconfig", help="of a cluster that may be filled; default as for kubectl")
    parser.add_argument("--seed", type=int, default=1, help="what the objects and questions are drawn from")
    parser.add_argument("--questions", type=int, default=6000, help="how many SubjectAccessReviews")
    parser.add_argument("--writes", type=int, default=1000, help="how many writes of roles and bindings")
    parser.add_argument("-o", "--output", type=Path, default=TARGET, help=f"the file to write (default {TARGET.name})")
    chosen = parser.parse_args()
    try:
        found = recorded(Server(chosen.kubeconfig), chosen.seed, chosen.questions, chosen.writes)
    except FiredoorError as error:
        sys.exit(str(error))
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(text(found), encoding="utf-8")
    allowed = sum(row[-1] for row in found["questions"])
    taken = sum(each["status"] < HTTPStatus.MULTIPLE_CHOICES for each in found["writes"])
    print(f"{chosen.output}: {found['server']}, seed {chosen.seed}")
    print(f"{len(found['objects'])} objects, {len(found['questions'])} questions, {allowed} of them allowed")
    print(f"{len(found['writes'])} writes, {taken} of them taken")


def recorded(server: Server, seed: int, asked: int, tried: int) -> dict[str, Any]:
    """Return all that a server was given and answered."""
    for manifest in [*objects(Chance(seed)), *writers()]:
        server.create(manifest)
    cluster = server.settled()
    wanted = questions(Chance(seed), cluster, asked)
    attempts = writes(Chance(seed), cluster, tried)
    users = list(dict.fromkeys([*(each.user for each in wanted), *(each.user for each in attempts)]))
    numbers = {user: number for number, user in enumerate(users)}
    answers = [[numbers[each.user], *each[1:], server.answer(each)] for each in wanted]
    outcomes = [
        {"user": numbers[each.user], "verb": each.verb, "status": server.attempt(each), "object": each.object}
        for each in attempts
    ]
    implied = [[name, sorted(server.groups(name))] for name in NAMES]
    if server.cluster() != cluster:
        sys.exit("the roles and bindings changed while questions were asked: who else uses this cluster?")
    return {
        "server": server.version(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "seed": seed,
        "implied": implied,
        "users": [_row(user) for user in users],
        "objects": cluster,
        "questions": answers,
        "writes": outcomes,
    }


def text(found: dict[str, Any]) -> str:
    """Return it as JSON with one object, question or write on each line."""
    return "{\n" + ",\n".join(_member(name, value) for name, value in found.items()) + "\n}\n"


def _member(name: str, value: Any) -> str:
    if not isinstance(value, list):
        return f"{json.dumps(name)}: {_compact(value)}"
    return f"{json.dumps(name)}: [\n" + ",\n".join(map(_compact, value)) + "\n]"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _row(user: User) -> list[Any]:
    return [user.name, list(user.groups)]


if __name__ == "__main__":
    main()
