"""Whatever names and messages hold, a line of syslog is one of RFC 5424, and says what they say."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.sinks.sink import plain
from firedoor.adapters.sinks.syslog import line
from firedoor.model.places import ObjectRef
from tests.adapters.sinks.test_syslog import RFC5424
from tests.receiving import event

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TEXTS = st.text(st.one_of(st.sampled_from('"\\]=[ \n\r\x1b<>'), st.characters(codec="utf-8")), max_size=40)


@given(TEXTS, TEXTS, TEXTS)
def test_every_value_is_read_back(name: str, cause: str, message: str) -> None:
    found = RFC5424.fullmatch(line(event(message, object=ObjectRef("Pod", "", name), causes=(cause,)), "host"))
    assert found is not None
    assert found["text"] == plain(message, 1000)
    values = dict(re.findall(r' ([A-Za-z]+)="((?:[^"\\\]]|\\["\\\]])*)"', found["data"]))
    read = {key: re.sub(r"\\(.)", r"\1", text) for key, text in values.items()}
    assert read.get("name", "") == plain(name, 253)
    assert read.get("causes", "") == plain(cause, 253)
