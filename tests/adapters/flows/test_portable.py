from __future__ import annotations

import json
import random
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import duckdb
import pytest

from firedoor.adapters.flows.store import Store
from firedoor.model.flow_reading import FlowQuestion, FlowRow
from firedoor.model.flows import FlowPeer, FlowVerdict, PeerKind
from tests.adapters.flows.test_store import NIGHT, kept, row

ibis = pytest.importorskip("ibis", reason="the extra ibis is not installed")
portable = pytest.importorskip("firedoor.adapters.flows.portable")

PEERS = [FlowPeer(PeerKind.WORKLOAD, "shop", "Deployment", name) for name in ("web", "api", "o'x")]
COLUMNS = ", ".join(f'"{name}"' for name in portable.SCHEMA.names)


def rows() -> list[FlowRow]:
    """Return rows of every kind, so many that all terms decide somewhere."""
    rolls = random.Random(3)
    return [
        row(
            rolls.choice(("ingress", "egress", "")),
            rolls.choice((0, 1, 2, 5)),
            rolls.choice(list(FlowVerdict)),
            source=rolls.choice(PEERS),
            destination=rolls.choice(PEERS),
            port=rolls.choice((80, 443)),
            hour=NIGHT + rolls.randrange(3),
            at=rolls.randrange(1000),
        )
        for _ in range(400)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("store")
    kept(made, *rows())
    return made


@pytest.fixture(scope="module")
def expected(folder: Path) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for each in Store(folder).edges(FlowQuestion()):
        ends = [
            (str(end.kind), end.namespace, end.owner, end.name, end.address) for end in (each.source, each.destination)
        ]
        found.append(
            (*ends[0], *ends[1], each.protocol, each.port, str(each.verdict), each.count, each.first, each.last)
        )
    assert len(found) > 60
    return found


def files(folder: Path) -> str:
    return f"{folder}/edges/*/*/*.parquet"


def query(dialect: str, table: str) -> str:
    return str(portable.edges_sql(dialect, table))


def test_duckdb_answers_as_the_store_does(folder: Path, expected: list[tuple[object, ...]]) -> None:
    database = duckdb.connect()
    database.execute(f"CREATE VIEW flows AS FROM read_parquet('{files(folder)}', hive_types_autocast = false)")
    assert database.execute(query("duckdb", "flows")).fetchall() == expected


@pytest.mark.parametrize("dialect", ["clickhouse", "pyspark", "trino", "duckdb"])
def test_the_expression_compiles_for_engines_of_many_machines(dialect: str) -> None:
    text = query(dialect, "flows")
    assert "GROUP BY" in text
    assert "UNION ALL" in text


def test_clickhouse_answers_as_the_store_does(folder: Path, expected: list[tuple[object, ...]]) -> None:
    setting = "SETTINGS use_hive_partitioning = 1, schema_inference_make_columns_nullable = 1"
    text = query("clickhouse", "flows")
    rows = f"SELECT {COLUMNS} FROM file('{files(folder)}', Parquet) {setting}"  # noqa: S608 - own names
    made = f"CREATE TEMPORARY TABLE flows AS {rows};"
    assert _clickhouse(made, text) == expected


def _clickhouse(made: str, text: str) -> list[tuple[object, ...]]:
    if find_spec("chdb") is not None:
        from chdb import session  # noqa: PLC0415

        own: Any = cast("Any", session).Session()
        own.query(made.replace("TEMPORARY TABLE flows", "TABLE default.flows ENGINE = Memory"))
        answer = str(own.query(text, "JSONCompactEachRow"))
    elif shutil.which("clickhouse"):
        command = ["clickhouse", "local", "--format", "JSONCompactEachRow", "--query", made + text]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    else:
        pytest.skip("neither chdb nor clickhouse is installed")
    found = [json.loads(line) for line in answer.splitlines()]
    return [(*each[:11], int(each[11]), each[12], *map(int, each[13:])) for each in found]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Spark leaves its socket open
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_spark_answers_as_the_store_does(folder: Path, expected: list[tuple[object, ...]], tmp_path: Path) -> None:
    if find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("pyspark or Java is not installed")
    from pyspark.sql import SparkSession  # noqa: PLC0415

    builder: Any = SparkSession.builder
    session = (
        builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.warehouse.dir", str(tmp_path))
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
        .getOrCreate()
    )
    try:
        session.read.parquet(f"{folder}/edges").createOrReplaceTempView("flows")
        found = [tuple(each) for each in session.sql(query("pyspark", "flows")).collect()]
    finally:
        session.stop()
    assert sorted(found, key=repr) == sorted(expected, key=repr)
