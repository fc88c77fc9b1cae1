"""Plugins as an installer leaves them: a module and a dist-info on the path."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firedoor.adapters.plugins.loading import load_plugins
from firedoor.errors import UsageError
from firedoor.model.exceptions import PluginName
from tests.engine.posture.loading import load

HEAD = '''"""{docs}"""
from firedoor.engine.posture import Check
from firedoor.model.findings import Confidence, Finding, Fix, Severity
from firedoor.model.places import ObjectRef

def run(context):
    yield CHECK.finding(ObjectRef("Pod", "a", "b"), "f:1", "m", ("e",), Fix("f"))

CHECK = Check("{own}/one", "One", Severity.LOW, Confidence.HIGH, "1", "why", __doc__, run)
'''
SECTIONS = "\n\n".join(
    f"{each}\n{'-' * len(each)}\ntext"
    for each in ("What it finds", "Why it matters", "Example", "Remedy", "References")
)
Install = Callable[..., tuple[PluginName, ...]]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def add(own: str, rest: str = "", value: str = "CHECK", project: str = "") -> tuple[PluginName, ...]:
        project = project or f"{own}-checks"
        module = project.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(HEAD.format(docs=SECTIONS, own=own) + rest)
        info = tmp_path / f"{module}-2.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project}\nVersion: 2.0\n")
        (info / "entry_points.txt").write_text(f"[firedoor.checks]\n{own} = {module}:{value}\n")
        return (PluginName(own, ".firedoor.yaml:1"),)

    yield add
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_nothing_is_loaded_that_is_not_named(install: Install) -> None:
    install("loud", "raise RuntimeError('loaded')")
    assert load_plugins(()) == ()


def test_a_plugin_gives_one_check_or_several(install: Install) -> None:
    (one,) = load_plugins(install("solo"))
    assert (one.name, one.distribution, [each.id for each in one.checks]) == ("solo", "solo-checks 2.0", ["solo/one"])
    more = "from dataclasses import replace\nCHECKS = [CHECK, replace(CHECK, id='duo/two')]\n"
    (two,) = load_plugins(install("duo", more, "CHECKS"))
    assert [each.id for each in two.checks] == ["duo/one", "duo/two"]
    (found,) = one.checks[0].run(load("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"))
    assert (found.check, found.message) == ("solo/one", "m")


@pytest.mark.parametrize(
    ("rest", "value", "problem"),
    [
        ("raise RuntimeError('no\\nluck')", "CHECK", "cannot be loaded: RuntimeError: no luck ("),
        ("", "NOTHING", "cannot be loaded: AttributeError"),
        ("LIST = 3\n", "LIST", "cannot be loaded: TypeError"),
        ("LIST = ['x']\n", "LIST", "holds 'str', expected firedoor.engine.posture.Check"),
        ("LIST = [CHECK, CHECK]\n", "LIST", "has two checks with the id p/one"),
        ("BAD = Check('pod-unprotected', 't', Severity.LOW, Confidence.HIGH, '1', 'w', __doc__, run)\n", "BAD",
         "has a check with the id 'pod-unprotected', expected p/ and words"),
        ("BAD = Check('p/a', 't', 'low', Confidence.HIGH, '1', 'w', __doc__, run)\n", "BAD", "p/a: severity and"),
        ("BAD = Check('p/a', 't', Severity.LOW, Confidence.HIGH, '1', 'w', __doc__, 3)\n", "BAD", "p/a: run must be"),
        ("BAD = Check('p/a', 't', Severity.LOW, Confidence.HIGH, '1', 'w', '', run)\n", "BAD", "p/a: its docs need"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_plugin_is_told_by_its_name(install: Install, rest: str, value: str, problem: str) -> None:
    with pytest.raises(UsageError) as raised:
        load_plugins(install("p", rest, value))
    assert raised.value.problem.startswith(f"the plugin p (p-checks 2.0) {problem}")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("raise KeyError('x')", "failed in its check q/one: KeyError: 'x' ("),
        ("return None", "failed in its check q/one: TypeError"),
        ("return [3]", "gave something else than findings of its check q/one"),
        (("return [Finding('pod-unprotected', Severity.LOW, Confidence.HIGH, ObjectRef('a', 'b', 'c'), '', '', '', (), "
         "Fix(''))]"), "gave something else than findings of its check q/one"),
    ],
)  # fmt: skip
def test_a_plugin_that_fails_is_told_by_its_name(install: Install, body: str, problem: str) -> None:
    rest = f"def bad(context):\n    {body}\nfrom dataclasses import replace\nBAD = replace(CHECK, run=bad)\n"
    (plugin,) = load_plugins(install("q", rest, "BAD"))
    with pytest.raises(UsageError) as raised:
        plugin.checks[0].run(load("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"))
    assert raised.value.problem.startswith(f"the plugin q (q-checks 2.0) {problem}")


def test_two_packages_with_one_plugin_are_refused(install: Install) -> None:
    install("r")
    with pytest.raises(UsageError, match=r"several packages have a plugin r: other-r 2\.0, r-checks 2\.0"):
        load_plugins(install("r", project="other-r"))


def test_a_plugin_that_is_not_there_is_told_with_those_that_are(install: Install) -> None:
    install("here")
    with pytest.raises(UsageError, match=r"\.firedoor\.yaml:3: the plugin gone is not installed: installed are here;"):
        load_plugins((PluginName("gone", ".firedoor.yaml:3"),))
