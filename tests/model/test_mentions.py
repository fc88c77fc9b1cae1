from __future__ import annotations

import time

import pytest

from firedoor.model.mentions import MOST_MENTIONS, Mention, mentions_in


def hosts(text: str, key: str = "app.conf") -> list[tuple[str, int, int]]:
    return [(each.host, each.port, each.line) for each in mentions_in({key: text})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://user:hunter2@api.shop/v1", [("api.shop", 80, 0)]),
        ("redis:6379", [("redis", 6379, 0)]),
        ("db.data.svc", [("db.data.svc", 0, 0)]),
        ("\nproxy_pass http://web:8080;\nserver api:9000;\n", [("web", 8080, 1), ("api", 9000, 2)]),
        ("# see http://docs\n; a:80\n// b:80\nurl=http://c", [("c", 80, 4)]),
        ('redis:\n  host: redis\n  port: 6379\ndb:\n  host: "pg"  # main\n\n  port: 5432\n',
         [("redis", 6379, 2), ("pg", 5432, 5)]),
        ("a:\n  host: one\nb:\n  port: 1\n", [("one", 0, 2)]),
        ("- host: one\n  port: 1\n- host: two\n  port: 2\n", [("one", 1, 1), ("two", 2, 3)]),
        ("spring.redis.host=redis\nspring.redis.port=6379\n", [("redis", 6379, 1)]),
        ("redisHost: one\nredisHostPort: 1\ndbUrl: two\nport: 70000\n", [("one", 1, 1), ("two", 0, 3)]),
        ("name: web\nbackend: web\ndb: shop\nservice: web\n", []),
        ("server: localhost\nurl: true\nhosts: 10.0.0.1\n", []),
        ("password: db:80\ntoken_url: redis://:pw@db\n", [("db", 6379, 2)]),
        ("secret_host: a\nx: y\n", []),
    ],
)  # fmt: skip
def test_hosts_are_known_by_scheme_port_domain_or_the_name_of_their_field(
    text: str, expected: list[tuple[str, int, int]]
) -> None:
    assert hosts(text) == expected


def test_a_name_alone_counts_under_a_key_that_says_so() -> None:
    assert hosts("postgres", "DB_HOST") == [("postgres", 0, 0)]
    assert hosts("a,b.c d", "BROKERS") == [("a", 0, 0), ("b.c", 0, 0), ("d", 0, 0)]
    assert hosts("postgres", "MODE") == []
    assert hosts("redis:6379", "API_TOKEN") == []
    assert hosts("Not a host!", "PUBLIC_URL") == [("a", 0, 0), ("host!", 0, 0)][:1]


def test_the_port_may_stand_under_a_key_beside() -> None:
    found = mentions_in({"DB_HOST": "db", "DB_PORT": " 5432\n", "CACHE_HOST": "cache", "CACHE_PORT": "none"})
    assert found == (Mention("db", 5432, "DB_HOST"), Mention("cache", 0, "CACHE_HOST"))


def test_json_on_one_line_is_read_field_by_field() -> None:
    text = '{"server": "api", "serverPort": 80, "cache": {"host": "redis", "port": 6379}}'
    assert hosts(text, "app.json") == [("api", 80, 0), ("redis", 6379, 0)]


def test_what_may_be_no_host_at_all_is_weak() -> None:
    text = "width:100\nhttp://web:80\nweb.shop:80\nsee db.data.svc"
    assert [each.is_weak for each in mentions_in({"a": text})] == [True, False, False, False]


def test_where_tells_key_and_line() -> None:
    assert Mention("a", key="k").where == "key k"
    assert Mention("a", key="k", line=3).where == "key k, line 3"


def test_a_host_is_kept_once_under_each_key_and_never_too_many() -> None:
    assert len(mentions_in({"a": "x:80 x:80", "b": "x:80"})) == 2
    assert len(mentions_in({"a": "\n".join(f"h{each}:80" for each in range(1000))})) == MOST_MENTIONS


def test_long_texts_take_no_time() -> None:
    began = time.monotonic()
    texts = {"a": "host: a\n" * 20_000, "b": "a" * 200_000, "c": "a-" * 100_000 + ":", "d": " " * 200_000 + "host=a"}
    mentions_in(texts)
    assert time.monotonic() - began < 5
