"""Rows, also of programs with more terms than fit one word."""

from __future__ import annotations

import numpy as np
import pytest
from tests.loading import snapshot_of

from firedoor.engine.reach.columns import ColumnSets
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.programs import DENY, Program, Term
from firedoor.model.networkpolicy import Direction

POD = "{apiVersion: v1, kind: Pod, metadata: {name: p%d, namespace: shop, labels: {n: '%d'}}}"


@pytest.mark.parametrize("rules", [5, 40, 130])
def test_every_rule_counts_however_many_there_are(rules: int) -> None:
    peer = "{from: [{podSelector: {matchLabels: {n: '%d'}}}], ports: [{port: %d}]}"
    listed = ", ".join(peer % (each, 1000 + each) for each in range(rules))
    policy = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, "
    policy += f"spec: {{ingress: [{listed}]}}}}"
    network = Network(snapshot_of("\n---\n".join([*(POD % (each, each) for each in range(rules)), policy])))
    names = [member.name for member in network.members]
    for each in range(rules):
        value = network.value(names.index(f"p{each}"), names.index(f"p{(each + 1) % rules}"))
        assert network.axis.traffic(value[0]) == (("TCP", 1000 + each, 1000 + each),)


@pytest.mark.parametrize("terms", [6, 12, 13, 30, 70])
@pytest.mark.parametrize("share", [0.01, 0.5])
def test_a_row_says_what_its_cells_say_in_however_many_ways_terms_match_together(terms: int, share: float) -> None:
    columns, rng = 600, np.random.default_rng(terms)
    matrix = Network(snapshot_of(POD % (1, 1))).matrix[Direction.INGRESS]
    matrix.sets, matrix.everything = ColumnSets(columns), (1 << terms) - 1
    held = [matrix.sets.number(np.flatnonzero(rng.random(columns) < share).astype(np.int32)) for _ in range(terms - 1)]
    said = tuple(Term(number, 1 << bit, DENY, sure=True) for bit, number in enumerate([ColumnSets.ALL, *held]))
    program: Program = ((((said,),),),)
    row = matrix.judged(program).tolist()
    assert [matrix.table.values[number] for number in row] == [matrix.cell(program, each) for each in range(columns)]
