"""The scripts of the Action, run as the runner runs them: on a git repository, and against a server like GitHub's."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from tests.deploy.git_samples import Sample, commit, git, sample
from tests.schemas.sarif import sarif_faults

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]


@pytest.fixture
def shop(tmp_path: Path) -> Sample:
    return sample(tmp_path / "repository")


class Reviewed:
    """What a run of the review left."""

    def __init__(self, folder: Path, **settings: str) -> None:
        out = folder.parent / "out"
        (folder.parent / "outputs").unlink(missing_ok=True)
        inputs = {f"FIREDOOR_{name}": value for name, value in settings.items()}
        files = {
            "GITHUB_OUTPUT": str(folder.parent / "outputs"),
            "GITHUB_STEP_SUMMARY": str(folder.parent / "summary"),
            "FIREDOOR_OUT": str(out),
            "FIREDOOR_PATH_TO_MANIFESTS": "k8s",
        }
        done = subprocess.run(
            [sys.executable, "-P", ROOT / "action/review.py"],
            cwd=folder,
            env={**os.environ, **files, **inputs},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        lines = (folder.parent / "outputs").read_text().splitlines()
        self.outputs = dict(line.split("=", 1) for line in lines)
        self.comment = (out / "comment.md").read_text()
        self.log = done.stdout
        self.summary = (folder.parent / "summary").read_text()

    @property
    def sarif(self) -> Any:
        return json.loads(Path(self.outputs["sarif"]).read_text())


def test_a_pull_request_is_told_what_it_opens_and_what_is_wrong(shop: Sample) -> None:
    found = Reviewed(shop.folder, BASE=shop.base)
    assert (found.outputs["code"], found.outputs["changed"]) == ("0", "true")
    mark, _, text = found.comment.partition("\n")
    assert re.fullmatch("<!-- firedoor [0-9a-f]{12} -->", mark)
    assert "1 policy changed" in text
    assert "`shop/web` | `shop/db`" in text
    assert "rule-allows-everything" in text
    assert text in found.summary
    assert sarif_faults(found.sarif) == []
    results = found.sarif["runs"][0]["results"]
    assert len(results) == int(found.outputs["findings"]) > 0
    places = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results}
    assert places <= {"k8s/workloads.yaml", "k8s/policy.yaml"}


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"FAIL_ON": "high"}, "13"),
        ({"FAIL_ON": "critical"}, "0"),
        ({"FAIL_ON": "grave"}, "2"),
        ({"FAIL_ON_CHANGE": "true"}, "10"),
        ({"FAIL_ON_CHANGE": "true", "FAIL_ON": "high"}, "13"),
        ({"INTENTS": "intents.yaml"}, "10"),
        ({"INTENTS": "gone.yaml", "FAIL_ON": "high"}, "2"),
        ({"PATH_TO_MANIFESTS": "gone", "BASE": ""}, "2"),
        ({"CNI": "$(touch pwned)"}, "2"),
    ],
)
def test_it_ends_as_the_inputs_say(shop: Sample, settings: dict[str, str], code: str) -> None:
    found = Reviewed(shop.folder, **{"BASE": shop.base, **settings})
    assert found.outputs["code"] == code
    if code == "2":
        assert "    error: " in found.comment or "    Error: " in found.comment
    assert not (shop.folder / "pwned").exists()


def test_what_changes_nothing_is_no_change(shop: Sample) -> None:
    found = Reviewed(shop.folder, BASE=shop.head, FAIL_ON_CHANGE="true", PATH_TO_MANIFESTS="./k8s")
    assert (found.outputs["code"], found.outputs["changed"]) == ("0", "false")


def test_a_shallow_checkout_fetches_what_it_compares_with(shop: Sample) -> None:
    git(shop.folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    shallow = shop.folder.parent / "shallow"
    git(shop.folder.parent, "clone", "--quiet", "--depth=1", f"file://{shop.folder}", str(shallow))
    assert Reviewed(shallow, BASE=shop.base).outputs["changed"] == "true"


def test_a_state_that_is_not_there_is_told_of_and_no_failure(shop: Sample) -> None:
    found = Reviewed(shop.folder, BASE="f" * 40)
    assert found.outputs["code"] == "0"
    assert "changed" not in found.outputs
    assert "could not be compared" in found.comment


def test_the_runner_obeys_nothing_that_a_pull_request_wrote(shop: Sample) -> None:
    (shop.folder / "k8s/\n::warning::obeyed.yaml").write_text("a: {")
    lines = Reviewed(shop.folder, BASE=shop.base).log.splitlines()
    stopped = re.fullmatch("::stop-commands::([0-9a-f]{32})", lines[0])
    assert stopped
    assert [each for each in lines if each == f"::{stopped[1]}::"] == lines[-1:]


def test_modules_of_the_checkout_are_not_imported(shop: Sample) -> None:
    for name in ("json", "firedoor", "click", "gzip"):
        (shop.folder / f"{name}.py").write_text("open('pwned', 'w')\n")
    commit(shop.folder, "hostile")
    assert Reviewed(shop.folder, BASE=shop.base).outputs["code"] == "0"
    assert not (shop.folder / "pwned").exists()


def test_a_long_comment_is_cut_and_sarif_fits_what_code_scanning_takes(shop: Sample) -> None:
    program = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import review\n"
        "parts = ['**a**: 1\\n' + 'x' * 70_000, '**b**: 2\\n' + 'y' * 60_000, 'short']\n"
        "document = json.load(open(sys.argv[2]))\n"
        "print(json.dumps([review.comment('k8s', parts), json.loads(review.fitted(document, 10_000))]))"
    )
    found = Reviewed(shop.folder)
    done = subprocess.run(
        [sys.executable, "-c", program, ROOT / "action", found.outputs["sarif"]],
        capture_output=True,
        text=True,
        check=True,
    )
    text, document = json.loads(done.stdout)
    assert len(text) < 65_536
    assert "**a**: 1\n\nThe rest does not fit here" in text
    assert "y" * 60_000 in text
    assert sarif_faults(document) == []
    run = document["runs"][0]
    left = len(found.sarif["runs"][0]["results"]) - len(run["results"])
    note = run["invocations"][0]["toolExecutionNotifications"][-1]
    assert left > 0
    assert note["message"]["text"].startswith(f"{left} results")


class GitHub(HTTPServer):
    """The comments of one pull request, as the API has them."""

    def __init__(self, refusal: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        person = {"user": {"type": "User"}, "body": "a word\n"}
        self.comments: list[dict[str, Any]] = [{"id": number, **person} for number in range(1, 131)]
        self.refusal = refusal


class Handler(BaseHTTPRequestHandler):
    """Lists, makes and changes comments; the token must be the right one."""

    server: GitHub

    def do_GET(self) -> None:
        match = re.fullmatch(r"/repos/o/r/issues/7/comments\?per_page=100&page=(\d+)", self.path)
        assert match
        page = int(match[1])
        self._answer(self.server.comments[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        assert self.path == "/repos/o/r/issues/7/comments"
        made = {"id": len(self.server.comments) + 1, "user": {"type": "Bot"}, **self._body()}
        self._answer(made)
        if not self.server.refusal:
            self.server.comments.append(made)

    def do_PATCH(self) -> None:
        number = int(self.path.removeprefix("/repos/o/r/issues/comments/"))
        self.server.comments[number - 1].update(self._body())
        self._answer(self.server.comments[number - 1])

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return found

    def _answer(self, found: Any) -> None:
        refused = self.server.refusal if self.command != "GET" else 0
        data = json.dumps(found).encode()
        self.send_response(refused or (401 if self.headers["Authorization"] != "Bearer t0ken" else 200))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def github(request: pytest.FixtureRequest) -> Iterator[GitHub]:
    with GitHub(getattr(request, "param", 0)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def say(server: HTTPServer, folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "comment.md").write_text(text)
    environment = {
        "FIREDOOR_COMMENT": str(folder / "comment.md"),
        "FIREDOOR_NUMBER": "7",
        "FIREDOOR_TOKEN": "t0ken",
        "GITHUB_API_URL": f"http://127.0.0.1:{server.server_address[1]}",
        "GITHUB_REPOSITORY": "o/r",
        "no_proxy": "127.0.0.1",
    }
    return subprocess.run(
        [sys.executable, "-P", ROOT / "action/comment.py"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_there_is_one_comment_which_is_changed(github: GitHub, tmp_path: Path) -> None:
    github.comments[3]["body"] = "<!-- firedoor 1 -->\nof a person"
    for text in ("first", "second"):
        assert say(github, tmp_path, f"<!-- firedoor 1 -->\n{text}").returncode == 0
    say(github, tmp_path, "<!-- firedoor 2 -->\nanother folder")
    bodies = [each["body"] for each in github.comments]
    assert bodies[130:] == ["<!-- firedoor 1 -->\nsecond", "<!-- firedoor 2 -->\nanother folder"]
    assert bodies[3] == "<!-- firedoor 1 -->\nof a person"


@pytest.mark.parametrize(("github", "code"), [(403, 0), (500, 1)], indirect=["github"])
def test_a_token_that_may_not_comment_is_no_failure(github: GitHub, tmp_path: Path, code: int) -> None:
    done = say(github, tmp_path, "<!-- firedoor 1 -->\n")
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert "see the summary of the job" in done.stdout + done.stderr
    assert len(github.comments) == 130


def test_no_script_of_the_action_has_an_expression_in_it() -> None:
    scripts = [each for each in STEPS if "run" in each]
    assert len(scripts) == 4
    for each in scripts:
        assert "${{" not in each["run"]
        assert each["shell"] == "bash"


def test_every_input_reaches_a_step_and_every_output_is_one_that_is_set() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(ACTION["inputs"])
    script = (ROOT / "action/review.py").read_text(encoding="utf-8")
    assert set(re.findall(r'output\("([a-z]+)"', script)) == set(ACTION["outputs"])
    read = {f"FIREDOOR_{name}" for name in re.findall(r'setting\("([A-Z_]+)"\)', script)}
    read |= {f"FIREDOOR_{each.upper()}" for each in ("cni", "namespace", "config", "baseline")}
    (judge,) = (each for each in STEPS if each.get("id") == "review")
    assert set(judge["env"]) - {"SOURCE"} == read
