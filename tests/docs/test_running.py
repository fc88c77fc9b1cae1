from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import fences
from tests.docs.printed import agrees, renewed
from tests.docs.running import run_page

PAGE = """\
# A page

```yaml title="k8s/pod.yaml"
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web, image: web:1}]}
```

1. A list

    ```console
    $ firedoor reach k8s --to shop/web \\
    >   --port 80
    SAID
    ...
    1 connections
    $ firedoor reach k8s --to shop/db
    $ echo $?
    0
    $ ls k8s | wc -l
    ```

<!-- not run: needs a cluster -->
```console
$ firedoor verify
```
"""


@pytest.mark.parametrize(
    ("said", "printed", "expected"),
    [
        ("a b", "a b", True),
        ("a b", "a c", False),
        ("a b", "a b c", False),
        ("", "", True),
        ("...", "", True),
        ("a ... c", "a c", True),
        ("a ... c", "a b b c", True),
        ("a ... c", "a b", False),
        ("a ... a", "a", False),
        ("... b ...", "a b c", True),
        ("... b ... b ...", "a b c", False),
        ("... b c ... d", "a b b c e d", True),
        ("a ...", "b", False),
    ],
)
def test_elided_lines_are_any_lines(said: str, printed: str, expected: object) -> None:
    assert agrees(said.split(), printed.split()) is expected


@pytest.mark.parametrize(
    ("said", "printed", "expected"),
    [
        ("a ... c", "a b c", "a ... c"),
        ("a ... c", "a b d", "a ... d"),
        ("a ... c", "x y z", "x ... z"),
        ("a b ... c", "a x y z c", "a x ... c"),
        ("a ... c ... e", "a b c d f g", "a ... c ... g"),
        ("a b", "a c d", "a c d"),
        ("a ... b", "x", "x"),
        ("", "a b", "a b"),
    ],
)
def test_what_was_left_out_stays_out(said: str, printed: str, expected: str) -> None:
    new = renewed(said.split(), printed.split())
    assert " ".join(new) == expected
    assert agrees(new, printed.split())


def test_a_page_is_run_and_written_anew(tmp_path: Path) -> None:
    ran = run_page(PAGE, tmp_path / "first")
    assert [each.partition(": ")[0] for each in ran.differences] == ["line 14", "line 18", "line 19", "line 21"]
    assert ran.failures == []
    assert "    $ echo $?\n    2\n    $ ls k8s | wc -l\n    1\n    ```" in ran.text
    again = run_page(ran.text, tmp_path / "second")
    assert (again.text, again.differences) == (ran.text, [])


def test_a_command_that_fails_unannounced_is_told(tmp_path: Path) -> None:
    ran = run_page("```console\n$ false\n$ firedoor reach\n```", tmp_path)
    assert [each.splitlines()[1] for each in ran.failures] == [
        "ended with 1, and no '$ echo $?' follows",
        "ended with 2, and no '$ echo $?' follows",
    ]


def test_a_fence_says_why_it_is_not_run() -> None:
    assert [(fence.language, fence.title, fence.not_run) for fence in fences(PAGE)] == [
        ("yaml", "k8s/pod.yaml", None),
        ("console", None, None),
        ("console", None, "needs a cluster"),
    ]


def test_what_stands_before_the_first_command_is_told() -> None:
    (fence,) = fences("```console\nfiredoor reach\n```")
    with pytest.raises(ValueError, match=r"line 2: expected a line that begins with '\$ '"):
        list(fence.steps())
