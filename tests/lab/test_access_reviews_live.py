"""The authorizer answers as the API server of this moment does, on roles that no recording holds."""

from __future__ import annotations

from lab.control_plane import ControlPlane
from tools.access_reviews.__main__ import recorded
from tools.access_reviews.server import Server

from firedoor.adapters.cluster.source import ClusterSource
from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.interfaces import Silent
from tests.engine.rbac.recorded import recording_of
from tests.lab.api import Api
from tests.lab.long_runs import IS_LONG_RUN

SEED = 20_261
QUESTIONS = 2_500 if IS_LONG_RUN else 600


def test_many_questions_are_answered_alike(plane: ControlPlane, api: Api) -> None:
    api.until_nothing_goes()
    server = recording_of(recorded(Server(str(plane.kubeconfig)), SEED, QUESTIONS, 50))
    authorizer = Authorizer(ClusterSource(str(plane.kubeconfig)).load(Silent()))
    assert len(server.asked) >= 4 * QUESTIONS // 5
    assert 0.3 < sum(each.allowed for each in server.asked) / len(server.asked) < 0.7
    differing = [
        each
        for each in server.asked
        if authorizer.decide(each.user, each.request).verdict != ("allowed" if each.allowed else "denied")
    ]
    assert differing == []
