"""Of what containers are started with only names and flags are kept, never a secret."""

from __future__ import annotations

import json
from importlib.resources import files

import msgspec
import pytest

from firedoor.model.bulk_decoding import PodWay
from firedoor.model.calls import Call
from firedoor.model.decoding import decode_json
from firedoor.model.launching import KEPT_FLAGS, reduce_launch, reveals
from firedoor.model.places import NOWHERE
from firedoor.model.volumes import Variable
from firedoor.model.workloads import Container, Pod, Workload
from tests.loading import snapshot_of

SECRET = "correct-Horse-7battery"


def container(**fields: object) -> Container:
    spec = {"containers": [{"name": "main", "image": "a", **fields}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "b", "uid": "u"}, "spec": spec}
    found = decode_json(json.dumps(pod).encode(), "", "Pod", NOWHERE, "default")
    assert isinstance(found, Pod)
    return found.spec.containers[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", SECRET),
        ("password", "12345"),
        ("PASSPHRASE", "x y z"),
        ("X-API-KEY", "abc"),
        ("AWS_SECRET_ACCESS_KEY", "abc/def+ghi"),
        ("APP_TOKEN", "Ab3Cd4"),
        ("APP_SECRET", "Ab3Cd4"),
        ("ANYTHING", "AKIAABCDEFGHIJKLMNOP"),
        ("ANYTHING", "-----BEGIN RSA PRIVATE KEY-----\nabc"),
        ("ANYTHING", "-----BEGIN PRIVATE KEY-----"),
        ("ANYTHING", "ghp_" + "a" * 36),
        ("ANYTHING", "glpat-" + "a" * 20),
        ("ANYTHING", "xoxb-1234567890-abc"),
        ("ANYTHING", "eyJhbGciOiJI.eyJzdWIiOiIx.abcdefgh1"),
        ("DATABASE_URL", "postgres://app:hunter22@db:5432/shop"),
    ],
)
def test_secrets_are_told_by_name_or_shape(name: str, value: str) -> None:
    assert reveals(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", " "),
        ("DB_PASSWORD", "$(OTHER)"),
        ("DB_PASSWORD", "${OTHER}"),
        ("DB_PASSWORD", "<your password>"),
        ("DB_PASSWORD", "/run/secrets/db"),
        ("DB_PASSWORD", "./secret"),
        ("DB_PASSWORD", "file:/run/x"),
        ("DB_PASSWORD", "{{ .Values.x }}"),
        ("REQUIRE_PASSWORD", "true"),
        ("APP_TOKEN", "https://issuer.example/token"),
        ("TLS_SECRET", "web-tls"),
        ("TLS_SECRET", "shop/web-tls"),
        ("APP_TOKEN", "3600"),
        ("TOKEN_TTL", "Ab3Cd4"),
        ("PASSWORD_FILE", SECRET),
        ("SECRETARY", SECRET),
        ("PLAIN", SECRET),
        ("URL", "postgres://app@db/shop"),
        ("URL", "http://[::1]:8080/"),
        ("URL", "postgres://app:$(PASSWORD)@db/shop"),
    ],
)
def test_references_paths_names_and_words_are_no_secrets(name: str, value: str) -> None:
    assert not reveals(name, value)


def test_of_variables_only_the_names_of_those_with_a_secret_are_kept() -> None:
    found = container(env=[{"name": "DB_PASSWORD", "value": SECRET}, {"name": "A", "value": "b"}, {"name": "C"}])
    assert found.revealing == ("DB_PASSWORD",)
    assert {(each.name, each.value) for each in found.env} == {("", "")}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([f"--db-password={SECRET}"], ("--db-password",)),
        (["--db-password", SECRET, "--db-password", SECRET], ("--db-password",)),
        (["--db-password", "--verbose"], ()),
        (["--db-password"], ()),
        (["--password=$(PASSWORD)"], ()),
        (["git", "clone", "https://bot:hunter22@git.example/x"], ("argument 3",)),
        (["--url", "https://bot:hunter22@git.example/x"], ("--url",)),
        (["--verbose=true", "https://bot:hunter22@git.example/x"], ("argument 2",)),
        (["-p", SECRET], ()),
    ],
)
def test_of_commands_only_the_places_of_secrets_are_kept(words: list[str], told: tuple[str, ...]) -> None:
    for field in ("command", "args"):
        found = container(**{field: words})
        assert found.revealing == told
        assert (found.command, found.args) == ((), ())


def test_flags_and_variables_are_told_of_together() -> None:
    found = container(args=[f"--token={SECRET}"], env=[{"name": "API_KEY", "value": SECRET}])
    assert found.revealing == ("--token", "API_KEY")


@pytest.mark.parametrize(
    "words",
    [
        [
            "kube-apiserver",
            "--profiling=false",
            "--anonymous-auth",
            "--secret-thing=x",
            "--etcd-servers",
            "https://10.0.0.1:2379",
        ],
        [
            "/usr/local/bin/kube-apiserver",
            "--profiling=false",
            "--anonymous-auth",
            "--etcd-servers",
            "https://10.0.0.1:2379",
        ],
        [
            "/hyperkube",
            "kube-apiserver",
            "--profiling=false",
            "--anonymous-auth",
            "--etcd-servers=https://10.0.0.1:2379",
        ],
    ],
)
def test_of_the_control_plane_known_flags_are_kept(words: list[str]) -> None:
    kept = ("kube-apiserver", "--profiling=false", "--anonymous-auth=true", "--etcd-servers=https://10.0.0.1:2379")
    assert container(command=words[:1], args=words[1:]).args == kept


def test_a_program_alone_and_one_in_a_shell() -> None:
    assert container(command=["hyperkube"]).args == ()
    assert container(command=["/bin/sh", "-c", "exec kube-apiserver --profiling=false"]).args == ()
    assert container(command=["kube-scheduler"]).args == ("kube-scheduler",)


def test_agents_of_networks_are_known_by_their_images_where_no_command_is_written() -> None:
    args = ["--run-firewall=true", "--peer-router-passwords=x"]
    kept = ("kube-router", "--run-firewall=true")
    assert container(image="docker.io/cloudnativelabs/kube-router:v2@sha256:0", args=args).args == kept
    assert container(image="registry.example/other:1", args=args).args == ()
    assert container(image="registry.example/etcd:1", args=["--auto-tls=true"]).args == ()
    assert container(command=["/usr/local/bin/kube-router"], args=args).args == kept


def test_etcd_reads_variables_and_flags_outweigh_them() -> None:
    env = [{"name": "ETCD_CLIENT_CERT_AUTH", "value": "true"}, {"name": "ETCD_OTHER", "value": "x"}, {"name": "X"}]
    found = container(command=["etcd", "--client-cert-auth=false"], env=env)
    assert found.args == ("etcd", "--client-cert-auth=true", "--client-cert-auth=false")
    assert container(command=["kube-scheduler"], env=env).args == ("kube-scheduler",)


def test_no_kept_flag_is_that_of_a_secret() -> None:
    named_like_one = [flag for flags in KEPT_FLAGS.values() for flag in flags if reveals(flag, SECRET)]
    assert named_like_one == ["use-service-account-credentials"]  # which is yes or no


def test_no_secret_is_kept_of_served_pods() -> None:
    own = {
        "name": "main",
        "image": "a",
        "args": [f"--password={SECRET}"],
        "env": [{"name": "API_KEY", "value": SECRET}],
    }
    served = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "namespace": "b", "uid": "u"},
        "spec": {"containers": [own], "initContainers": [own]},
    }
    way = PodWay("list.json", "default")
    for _ in range(2):
        found = way.decode(json.dumps(served).encode(), 1, ("", ""))
        assert found is not None
        assert SECRET.encode() not in msgspec.json.encode(found)
        assert [each.revealing for each in found.spec.all_containers] == [("--password", "API_KEY")] * 2


def test_every_flag_that_is_kept_is_asked_for_by_a_check() -> None:
    folder = files("firedoor.engine.posture.checks")
    asked = "".join(each.read_text(encoding="utf-8") for each in folder.iterdir() if each.name.endswith(".py"))
    assert [flag for flags in KEPT_FLAGS.values() for flag in flags if f'"{flag}"' not in asked] == []


@pytest.mark.parametrize("kind", ["Pod", "Deployment", "CronJob", "Fancy"])
@pytest.mark.parametrize("part", ["containers", "initContainers"])
def test_no_secret_is_in_the_model_however_it_is_read(kind: str, part: str) -> None:
    own = f'{part}: [{{name: a, image: a, args: ["--password={SECRET}"], env: [{{name: API_KEY, value: {SECRET}}}]}}]'
    others = ", containers: [{name: b, image: b}]" if part != "containers" else ""
    pod = f"{{restartPolicy: OnFailure, {own}{others}}}" if kind == "CronJob" else f"{{{own}{others}}}"
    template = f"template: {{metadata: {{labels: {{a: b}}}}, spec: {pod}}}"
    version, spec = {
        "Pod": ("v1", pod),
        "Deployment": ("apps/v1", f"{{selector: {{matchLabels: {{a: b}}}}, {template}}}"),
        "CronJob": ("batch/v1", f'{{schedule: "0 0 * * *", jobTemplate: {{spec: {{{template}}}}}}}'),
        "Fancy": ("example.com/v1", f"{{{template}}}"),
    }[kind]
    snapshot = snapshot_of(f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: x}}, spec: {spec}}}")
    found: list[Pod | Workload] = [*snapshot.pods, *snapshot.workloads]
    assert len(found) == 1
    saved = msgspec.json.encode(snapshot)
    assert SECRET.encode() not in saved
    assert b'"revealing":["--password","API_KEY"]' in saved


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["a", "eyJ-", "a://", "-----BEGIN ", "eyJaaaaaaaa.b", "A ", "a.", "x_token="])
def test_long_texts_are_searched_in_time_that_grows_with_their_length(piece: str) -> None:
    assert not reveals("PLAIN", piece * 50_000)


def test_hosts_are_those_that_the_texts_name_and_no_others() -> None:
    told = Container("main", env=(Variable(name="DB", value="db:5432"),))
    claimed = Container("main", calls=(Call("elsewhere", 1, "env[0]"),))
    reduce_launch([told, claimed])
    assert (told.calls, claimed.calls) == ((Call("db", 5432, "env[0]"),), ())
