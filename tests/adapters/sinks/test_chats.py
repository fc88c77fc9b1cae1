"""What people see in Slack and Teams, and that names cannot become links, mentions or other markup there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from firedoor.adapters.sinks.sink import NotTakenError
from firedoor.adapters.sinks.slack import Slack
from firedoor.adapters.sinks.teams import Teams
from firedoor.errors import UsageError
from firedoor.model.alerting import Secret, SinkKind, SinkPlan
from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef
from tests.certificates import Authority
from tests.receiving import Receiver, Reply, notice, plan, receiving

HOSTILE = "<!channel> <http://x|y> [a](http://b) *z*\x1b[2J\u202e"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path)


@pytest.fixture
def server(authority: Authority, tmp_path: Path) -> Iterator[Receiver]:
    files = tmp_path / "server.pem", tmp_path / "server.key"
    authority.write(*files)
    with receiving(files) as one:
        yield one


def secret_plan(kind: SinkKind, server: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> SinkPlan:
    monkeypatch.setenv("CHAT_URL", f"{server.url}/services/T0/B0/secret-part?sig=secret-sign")
    return msgspec.structs.replace(plan(kind, "", ca=str(authority.path)), url=Secret(env="CHAT_URL"))


def test_slack_gets_plain_text_and_an_escaped_fallback(
    server: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = ObjectRef("Pod", "a", HOSTILE)
    sink = Slack(secret_plan(SinkKind.SLACK, server, authority, monkeypatch))
    assert sink.send([notice(1), notice(2, message=HOSTILE, object=about)]) == 0
    (request,) = server.requests
    assert request.path == "/services/T0/B0/secret-part?sig=secret-sign"
    message = request.document
    first, second = message["text"].split("\n")
    assert first == "HIGH connection-opened - StatefulSet data/db"
    assert not set("<>\x1b\u202e") & set(second)
    assert "&lt;!channel&gt;" in second
    assert [each["type"] for each in message["blocks"]] == ["section", "context"] * 2
    assert message["blocks"][0]["text"] == {
        "type": "plain_text",
        "text": "HIGH connection-opened - StatefulSet data/db\nevent 1 (after: NetworkPolicy data/deny deleted)",
        "emoji": False,
    }
    texts = [message["blocks"][number]["text"] for number in (0, 2)]
    texts += [each for number in (1, 3) for each in message["blocks"][number]["elements"]]
    assert {each["type"] for each in texts} == {"plain_text"}


def test_a_message_of_slack_stays_within_its_limits(
    server: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = Slack(secret_plan(SinkKind.SLACK, server, authority, monkeypatch))
    long = "x" * 5000
    sink.send([notice(each, message=long, causes=(long,) * 9) for each in range(sink.most)])
    message = server.requests[0].document
    assert len(message["blocks"]) <= 50
    assert len(message["text"]) <= 40_000
    assert all(len(each["text"]["text"]) <= 3000 for each in message["blocks"] if each["type"] == "section")


def test_teams_gets_an_adaptive_card_of_runs_of_text(
    server: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply = Reply(202, b"")
    sink = Teams(secret_plan(SinkKind.TEAMS, server, authority, monkeypatch))
    assert sink.send([notice(1), notice(2, message=HOSTILE, severity=Severity.LOW)]) == 0
    message = server.requests[0].document
    assert message["type"] == "message"
    (attachment,) = message["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert {each["type"] for each in card["body"]} == {"RichTextBlock"}
    runs = [run for each in card["body"] for run in each["inlines"]]
    assert {each["type"] for each in runs} == {"TextRun"}
    assert [each["color"] for each in runs if "color" in each] == ["Attention", "Default"]
    assert runs[1]["text"] == "event 1 (after: NetworkPolicy data/deny deleted)"
    assert not {"\x1b", "\u202e"} & set("".join(each["text"] for each in runs))


def test_a_card_stays_below_28_kilobytes(
    server: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = Teams(secret_plan(SinkKind.TEAMS, server, authority, monkeypatch))
    long = "x" * 5000
    sink.send([notice(each, message=long, causes=(long,) * 9) for each in range(sink.most)])
    assert len(server.requests[0].body) < 28_000


@pytest.mark.parametrize("kind", [Slack, Teams])
def test_the_url_is_secret_and_never_sent_without_tls_nor_told(
    kind: type[Slack | Teams], server: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply = Reply(500, b"nothing at /services/T0/B0/secret-part for sig=secret-sign")
    with pytest.raises(NotTakenError) as caught:
        kind(secret_plan(SinkKind.SLACK, server, authority, monkeypatch)).send([notice()])
    assert caught.value.problem.endswith("answered 500: nothing at ... for ...")
    with pytest.raises(UsageError, match="without TLS") as refused:
        kind(plan(SinkKind.SLACK, "http://chat.example/secret-part"))
    assert "secret-part" not in str(refused.value)
