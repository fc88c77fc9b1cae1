from __future__ import annotations

import pytest

from firedoor.engine.attack.host_paths import Grip, below, grip


@pytest.mark.parametrize(
    ("path", "writing", "reading"),
    [
        ("/", Grip.SOCKET, Grip.SOCKET),
        ("", Grip.SOCKET, Grip.SOCKET),
        ("/var/run/docker.sock", Grip.SOCKET, Grip.SOCKET),
        ("/run/docker.sock", Grip.SOCKET, Grip.SOCKET),
        ("//run//containerd/", Grip.SOCKET, Grip.SOCKET),
        ("/var/run", Grip.SOCKET, Grip.SOCKET),
        ("/run/crio/crio.sock", Grip.SOCKET, Grip.SOCKET),
        ("/run/docker.sock.old", Grip.MAYBE, Grip.NONE),
        ("/var/running", Grip.MAYBE, Grip.NONE),
        ("/etc", Grip.ROOT, Grip.NONE),
        ("/etc/kubernetes/manifests", Grip.ROOT, Grip.NONE),
        ("/etc/cron.d", Grip.ROOT, Grip.NONE),
        ("/etc/cron.deny", Grip.MAYBE, Grip.NONE),
        ("/root/.ssh", Grip.ROOT, Grip.NONE),
        ("/proc", Grip.ROOT, Grip.NONE),
        ("/opt", Grip.ROOT, Grip.NONE),
        ("/opt/data", Grip.MAYBE, Grip.NONE),
        ("/var", Grip.ROOT, Grip.TOKENS),
        ("/var/lib/kubelet", Grip.ROOT, Grip.TOKENS),
        ("/var/lib/kubelet/pods/x/volumes", Grip.ROOT, Grip.TOKENS),
        ("/var/lib/kubelet/podsx", Grip.ROOT, Grip.NONE),
        ("/var/lib/kubelet/device-plugins", Grip.ROOT, Grip.NONE),
        ("/var/log", Grip.MAYBE, Grip.NONE),
        ("/dev/null", Grip.NONE, Grip.NONE),
        ("/dev/net/tun", Grip.NONE, Grip.NONE),
        ("/dev/nullx", Grip.MAYBE, Grip.NONE),
        ("/dev/sda", Grip.MAYBE, Grip.NONE),
        ("/dev", Grip.MAYBE, Grip.NONE),
    ],
)
def test_a_path_gives_what_it_holds_and_what_it_lies_in(path: str, writing: Grip, reading: Grip) -> None:
    assert grip(path, read_only=False) is writing
    assert grip(path, read_only=True) is reading


@pytest.mark.parametrize(
    ("path", "part", "shown"), [("/", "etc", "/etc"), ("/data", "", "/data"), ("/var/lib", "kubelet/pods", None)]
)
def test_a_mount_may_show_a_part_only(path: str, part: str, shown: str | None) -> None:
    assert below(path, part) == (shown or "/var/lib/kubelet/pods")
