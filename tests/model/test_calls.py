from __future__ import annotations

import pytest

from firedoor.model.calls import Call, calls_of
from firedoor.model.volumes import Variable


def hosts(*variables: tuple[str, str], args: tuple[str, ...] = ()) -> list[tuple[str, int]]:
    found = calls_of([Variable(name=name, value=value) for name, value in variables], (), args)
    return [(each.host, each.port) for each in found]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("redis:6379", [("redis", 6379)]),
        ("http://user:secret@api.shop/v1?key=x", [("api.shop", 80)]),
        ("https://Api.Example.com:8443/", [("api.example.com", 8443)]),
        ("jdbc:mysql://mysql.data/db", [("mysql.data", 3306)]),
        ("postgresql+asyncpg://db/x", [("db", 5432)]),
        ("gopher://old", [("old", 0)]),
        ("http://web:99999/", [("web", 80)]),
        ("kafka-0.kafka:9092,kafka-1.kafka:9092", [("kafka-0.kafka", 9092), ("kafka-1.kafka", 9092)]),
        ("db.data.svc", [("db.data.svc", 0)]),
        ("go to db.data.svc.cluster.local now", [("db.data.svc.cluster.local", 0)]),
        ("$(REDIS_MASTER_SERVICE_HOST):$(REDIS_MASTER_SERVICE_PORT)", [("redis-master", 0)]),
        ("${API_SERVICE_HOST}", [("api", 0)]),
        ("-Xmx64m -Ddb=carts-db:27017", [("carts-db", 27017)]),
    ],
)
def test_hosts_are_found_in_the_text_and_nothing_of_users_passwords_and_paths(
    value: str, expected: list[tuple[str, int]]
) -> None:
    assert hosts(("ANYTHING", value)) == expected


@pytest.mark.parametrize(
    "value",
    [
        "hunter2",
        "web",
        "2026-01-01T10:20:30",
        "registry.example/image:80",
        "127.0.0.1:80",
        "localhost:8080",
        "10.0.0.1:443",
        "redis:0",
        "redis:70000",
        "a b c",
        "",
    ],
)
def test_what_names_no_host_is_not_kept(value: str) -> None:
    assert hosts(("ANYTHING", value)) == []


@pytest.mark.parametrize("name", ["DB_PASSWORD", "API_TOKEN", "apiKey"])
def test_what_is_called_a_secret_is_not_looked_at_but_for_urls(name: str) -> None:
    assert hosts((name, "redis:6379")) == []
    assert hosts((name, "redis://:pw@redis:6379/0")) == [("redis", 6379)]


def test_a_name_alone_counts_where_the_variable_says_that_it_is_a_host() -> None:
    assert hosts(("DB_HOST", "postgres"), ("DB_PORT", "5432")) == [("postgres", 5432)]
    assert hosts(("DB_HOST", "postgres"), ("DB_PORT", "99999")) == [("postgres", 0)]
    assert hosts(("BACKENDS_BROKERS", "one two,THREE"), ("DB_URL", "true")) == [("one", 0), ("two", 0)]


def test_flags_are_read_with_their_values() -> None:
    args = ("serve", "--redis-host", "redis", "--db=postgres:5432", "--server=api", "--verbose", "--host", "--last")
    assert hosts(args=args) == [("redis", 0), ("postgres", 5432), ("api", 0)]


def test_the_first_place_of_a_host_is_kept() -> None:
    variables = [Variable(name="A", value="redis:1"), Variable(name="B", value="redis:1")]
    assert calls_of(variables, ("sh",), ("redis:1", "redis:2")) == (
        Call("redis", 1, "env[0]"),
        Call("redis", 2, "args[1]"),
    )
