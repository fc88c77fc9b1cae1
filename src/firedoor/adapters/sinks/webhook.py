"""Events as they are, by HTTP POST, signed as Standard Webhooks 1.0.0 says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import TYPE_CHECKING

import msgspec

from firedoor.adapters.sinks.posting import Poster
from firedoor.adapters.sinks.secrets import reveal, signing_keys
from firedoor.adapters.sinks.sink import NotTakenError
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firedoor.adapters.sinks.sink import Layout
    from firedoor.model.alerting import Notice, SinkPlan


class Webhook:
    """Sends one event in each request; implements `Sink`."""

    most = 1

    def __init__(self, plan: SinkPlan, layout: Layout, clock: Callable[[], float] = time.time) -> None:
        """Raise ``UsageError`` where the plan does not work out."""
        self._plan = plan
        self._poster = Poster(plan)
        self._layout = layout
        self._clock = clock
        self._keys()

    def send(self, notices: Sequence[Notice]) -> int:
        """Send them, one after another."""
        for each in notices:
            body = msgspec.json.encode(self._layout(each.event))
            stamp = str(int(self._clock()))
            headers = {"webhook-id": each.id, "webhook-timestamp": stamp}
            try:
                keys = self._keys()
            except UsageError as error:
                raise NotTakenError(error.problem) from error
            signed = f"{each.id}.{stamp}.".encode() + body
            if keys:
                headers["webhook-signature"] = " ".join(_signature(key, signed) for key in keys)
            self._poster.post(body, headers)
        return 0

    def idle(self) -> None:
        """Do nothing."""

    def _keys(self) -> list[bytes]:
        plan = self._plan
        return signing_keys(reveal(plan.secret, plan.place), plan.place) if plan.secret is not None else []


def _signature(key: bytes, signed: bytes) -> str:
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
