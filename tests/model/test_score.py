from __future__ import annotations

from fractions import Fraction

from firedoor.model.places import ObjectRef
from firedoor.model.score import Measure, MeasureId, NamespaceScore, Score, Share, TenetScore, Unit

WEB, DB = ObjectRef("Pod", "a", "web"), ObjectRef("Pod", "b", "db")


def measure(*units: Unit, reason: str = "") -> Measure:
    return Measure(MeasureId.PSS_BASELINE, units, reason)


def test_a_share_is_cut_and_never_rounded_up_to_the_whole() -> None:
    assert Share(Fraction(9999, 10000), Fraction(1)).percents == (99.9, 100.0)


def test_what_is_unknown_makes_a_range() -> None:
    found = measure(Unit("a", WEB, 3, 1, 1), Unit("b", DB, 1, 1)).share
    assert found == Share(Fraction(2, 4), Fraction(3, 4))


def test_nothing_to_count_is_not_measured() -> None:
    assert measure().share is None
    assert measure(Unit("a", WEB, 1, 1), reason="not known").share is None
    assert TenetScore("1").share is None


def test_a_tenet_is_the_mean_of_what_is_measured() -> None:
    tenet = TenetScore("2", (measure(Unit("a", WEB, 2, 1)), measure(Unit("a", WEB, 1, 0, 1)), measure()))
    assert tenet.share == Share(Fraction(1, 4), Fraction(3, 4))


def test_what_lacks_most_comes_first_and_what_is_whole_is_no_shortfall() -> None:
    one, two, three = Unit("a", WEB, 3, 1), Unit("b", DB, 3, 0), Unit("b", DB, 2, 1, 1)
    found = measure(Unit("a", WEB, 1, 1), three, one, two)
    assert found.shortfalls == (two, one, three)
    assert (one.lacking, three.lacking) == (2, 0)
    assert found.by_namespace(["a"])["a"].units == (Unit("a", WEB, 1, 1), one)


def test_of_the_namespaces_one_may_be_asked_for() -> None:
    score = Score((), (NamespaceScore("a", ()), NamespaceScore("b", ())))
    assert score.of("") is score
    assert [each.namespace for each in score.of("b").namespaces] == ["b"]
