from __future__ import annotations

from contextlib import chdir
from datetime import date
from pathlib import Path

import pytest

from firedoor.adapters.settings.finding import CONFIG_NAME, find_config
from firedoor.bootstrap import MOST_CONFIG_BYTES, open_settings
from firedoor.errors import FiredoorError, SourceError, UsageError
from firedoor.model.exceptions import Disabled, Pattern, Settings, Waiver
from firedoor.model.findings import Severity
from firedoor.model.label_text import parse_selector


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def test_a_configuration_holds_exceptions_severities_disabled_checks_and_defaults(file: Path) -> None:
    file.write_text(
        """\
ignore:
  - check: pod-unprotected
    namespace: team-*
    kind: Deployment
    name: web-?
    labels: app=web
    reason: " the proxy decides "
    expires: 2027-01-31
  - {check: [dns-blocked, secrets-read], reason: known}
  - {check: "*", name: sandbox, reason: a sandbox}
severity:
  policy-redundant: high
disable:
  - {check: one-sided-allow, reason: too many}
fail-on: medium
cni: calico
kubernetes-version: "1.30"
verbose: false
show-ignored: true
"""
    )
    assert open_settings(str(file)) == Settings(
        str(file),
        (
            Waiver(
                ("pod-unprotected",),
                Pattern("team-*", "Deployment", "web-?", parse_selector("app=web")),
                "the proxy decides",
                f"{file}:2",
                date(2027, 1, 31),
            ),
            Waiver(("dns-blocked", "secrets-read"), Pattern(), "known", f"{file}:9"),
            Waiver(("*",), Pattern(name="sandbox"), "a sandbox", f"{file}:10"),
        ),
        {"policy-redundant": Severity.HIGH},
        (Disabled("one-sided-allow", "too many", f"{file}:14"),),
        {
            "fail_on": "medium",
            "cni": "calico",
            "kubernetes_version": "1.30",
            "verbose": False,
            "show_ignored": True,
        },
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "{}\n"])
def test_an_empty_configuration_changes_nothing(file: Path, text: str) -> None:
    file.write_text(text)
    assert open_settings(str(file)) == Settings(str(file))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("ignored: []", 1, "did you mean ignore?"),
        ("fail_on: high", 1, "did you mean fail-on?"),
        ("verbose: true\nxyzzy: 1", 2, "use one of ignore, severity"),
        ("- a", 1, "expected a mapping, found a list"),
        ("ignore: pod-unprotected", 1, "ignore: expected a list, found the text 'pod-unprotected'"),
        ("ignore: {check: dns-blocked}", 1, "expected a list, found a mapping"),
        ("ignore:\n  - dns-blocked", 2, "ignore[0]: expected a mapping"),
        ("ignore:\n  - check: dns-blocked", 2, "ignore[0]: reason is missing; add reason"),
        ("ignore:\n  - reason: x", 2, "ignore[0]: check is missing"),
        ("ignore:\n  - check: dns-blocked\n    reason: ' '", 3, "ignore[0].reason: expected text"),
        ("ignore:\n  - check: dns-blocked\n    reason:", 3, "expected text, found nothing"),
        ("ignore:\n  - check: dns-blockd\n    reason: x", 2, "did you mean dns-blocked?"),
        (
            "ignore:\n  - check: [dns-blocked,\n      qqq]\n    reason: x",
            3,
            "there is no check 'qqq'; `firedoor checks`",
        ),
        ("ignore:\n  - check: []\n    reason: x", 2, "no check is listed"),
        ("ignore:\n  - check: '*'\n    reason: x", 2, "every finding there is would be ignored"),
        ("ignore:\n  - check: dns-blocked\n    reason: x\n    nmae: y", 4, "did you mean name?"),
        ("ignore:\n  - check: dns-blocked\n    reason: x\n    expires: 31.1.2027", 4, "is no day as in 2027-01-31"),
        ("ignore:\n  - check: dns-blocked\n    reason: x\n    expires: 2027-02-30", 4, "there is no day 2027-02-30"),
        ("ignore:\n  - check: dns-blocked\n    reason: x\n    expires: 20270131", 4, "found the number 20270131"),
        ("ignore:\n  - check: dns-blocked\n    reason: x\n    labels: 'a=('", 4, "as kubectl does"),
        ("ignore:\n  - check: dns-blocked\n    reason: x\n    labels: {a: b}", 4, "found a mapping"),
        ("ignore:\n  - check: dns-blocked\n    reason: x\n    name: 7", 4, "found the number 7"),
        ("severity: high", 1, "write check-id: severity below it"),
        ("severity:\n  dns-blocked: worst", 2, "there is no severity 'worst'; use one of info, low"),
        ("severity:\n  dns-blocked: hgih", 2, "did you mean high?"),
        ("severity:\n  dns-blockd: high", 2, "did you mean dns-blocked?"),
        ("disable: [dns-blocked]", 1, "disable[0]: expected a mapping"),
        ("disable:\n  - check: dns-blocked", 2, "reason is missing"),
        ("disable:\n  - check: '*'\n    reason: x", 2, "there is no check '*'"),
        ("fail-on: always", 1, "use one of none, gaps, low"),
        ("fail-on: true", 1, "the boolean true"),
        ("cni: calicoo", 1, "did you mean calico?"),
        ("kubernetes-version: 1.30", 1, "the number 1.3; quote it"),
        ("kubernetes-version: new", 1, "'new' is no version"),
        ("kubernetes-version: [1]", 1, "expected text, found a list"),
        ("verbose: often", 1, "expected true or false"),
        ("cni: calico\ncni: cilium", 2, "the key 'cni' stands here twice"),
        ("cni: calico\n---\ncni: calico", 3, "a second document begins here"),
        ("a: ]", 1, "not valid YAML"),
        ("a: *nobody", 1, "has no anchor"),
        ("a: &a [*a]", 1, "stands inside its own anchor"),
        ("[" * 300, 1, "nested deeper"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_to_do(file: Path, text: str, line: int, words: str) -> None:
    file.write_text(text)
    with pytest.raises(FiredoorError) as raised:
        open_settings(str(file))
    assert raised.value.place == f"{file}:{line}"
    assert words in str(raised.value)
    assert raised.value.remedy


def test_an_alias_bomb_is_refused_before_it_is_expanded(file: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{each}: &a{each} [{', '.join([f'*a{each - 1}'] * 10)}]" for each in range(1, 12)]
    file.write_text("\n".join(lines))
    with pytest.raises(SourceError, match="alias bomb"):
        open_settings(str(file))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x00\x01", "binary file"),
        (b"cni: \xff", "line 1 is not UTF-8"),
        (b"#" * (MOST_CONFIG_BYTES + 1), "are no configuration"),
    ],
)
def test_a_file_that_is_no_text_or_too_large_is_refused(file: Path, data: bytes, words: str) -> None:
    file.write_bytes(data)
    with pytest.raises(SourceError, match=words) as raised:
        open_settings(str(file))
    assert raised.value.place == str(file)
    assert raised.value.remedy


def test_a_file_that_is_not_there_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.yaml: cannot be read"):
        open_settings(str(tmp_path / "none.yaml"))
    with pytest.raises(SourceError, match="is a folder"):
        open_settings(str(tmp_path))


def test_the_nearest_configuration_up_to_the_root_of_the_repository_counts(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    inner = root / "a" / "b"
    inner.mkdir(parents=True)
    for folder in (tmp_path, root, inner):
        (folder / CONFIG_NAME).write_text("")
    # Outside a repository what lies above may be anybody's.
    assert find_config(root / "a") is None
    (root / ".git").mkdir()
    assert find_config(inner) == (inner / CONFIG_NAME).resolve()
    assert find_config(root / "a") == (root / CONFIG_NAME).resolve()
    (root / CONFIG_NAME).unlink()
    assert find_config(root / "a") is None


def test_without_a_name_the_configuration_of_the_current_folder_is_read(tmp_path: Path) -> None:
    with chdir(tmp_path):
        assert open_settings(None) == Settings()
        (tmp_path / CONFIG_NAME).write_text("cni: cilium")
        assert open_settings(None) == Settings(CONFIG_NAME, options={"cni": "cilium"})
        (tmp_path / CONFIG_NAME).write_text("cni: 7")
        with pytest.raises(UsageError, match=rf"^{CONFIG_NAME}:1: cni: expected text"):
            open_settings(None)
