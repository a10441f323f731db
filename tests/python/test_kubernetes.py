# SPDX-License-Identifier: GPL-2.0-or-later
"""The two scripts of scripts/kubernetes, with a /sys of their own and a program in the place of nfprobe."""

import os
import re
import shlex
import signal
import subprocess
import sys

import pytest
import yaml

from tool import TOP

ASSIGNED = os.path.join(TOP, "scripts/kubernetes/probe/assigned.py")
KEEP = os.path.join(TOP, "scripts/kubernetes/keep.py")
VF = "0000:01:10.6"


@pytest.fixture
def host(tmp_path):
    """A PF with two VFs, and an nfprobe that prints its arguments."""
    devices = tmp_path / "sys/bus/pci/devices"
    for name in ("0000:01:00.0/net/eth0", "0000:01:10.2", VF):
        (devices / name).mkdir(parents=True)
    for number, name in enumerate(("0000:01:10.2", VF)):
        (devices / "0000:01:00.0" / f"virtfn{number}").symlink_to(f"../{name}")
        (devices / name / "physfn").symlink_to("../0000:01:00.0")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/nfprobe"
    program.write_text('#!/bin/sh\necho "$@"\nexit 3\n')
    program.chmod(0o755)
    return tmp_path


def assigned(host, *options, **environ):
    return subprocess.run([sys.executable, ASSIGNED, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          env={"PATH": f"{host}/bin", "NFPROBE_SYS": f"{host}/sys", **environ})


def test_the_assigned_vf_is_probed(host):
    done = assigned(host, "--from", "arp", "--save", PCIDEVICE_EXAMPLE_COM_VFS=VF, PCIDEVICE_EXAMPLE_COM_VFS_INFO='{"..": {}}')
    assert (done.returncode, done.stdout, done.stderr) == (3, "eth0 --vf 1 --skip remedy --from arp --save\n", "")


@pytest.mark.parametrize("environ, why", (
    ({}, "0 devices (no PCIDEVICE_*): request one VF"),
    ({"PCIDEVICE_A": f"{VF},0000:01:10.2"}, "2 devices (0000:01:10.2, 0000:01:10.6): request one VF"),
    ({"PCIDEVICE_A": VF, "PCIDEVICE_B": "0000:01:10.2"}, "request one VF"),
    ({"PCIDEVICE_A": "0000:01:00.0"}, "is not a VF, or /sys is not the host's"),
    ({"PCIDEVICE_A": "0000:09:00.0"}, "is not a VF, or /sys is not the host's"),
))
def test_what_is_not_one_vf_is_not_probed(host, environ, why):
    done = assigned(host, "--from", "arp", **environ)
    assert (done.returncode, done.stdout) == (4, "") and why in done.stderr and "Traceback" not in done.stderr


def test_without_the_hosts_network(host):
    (host / "sys/bus/pci/devices/0000:01:00.0/net/eth0").rmdir()
    done = assigned(host, "--from", "arp", PCIDEVICE_A=VF)
    assert done.returncode == 4 and "the pod needs hostNetwork" in done.stderr


@pytest.mark.parametrize("options", ((), ("--save",), ("--from", "auto"), ("--from=vf:2",), ("--from", "vf:0"),
                                     ("--from", "arp", "--from", "vf:0"), ("--fr", "arp"), ("--from", "arp", "--style", "all"),
                                     ("--from", "arp", "--style=vf-bridge"), ("--from", "arp", "--neighbour", "vf:0"),
                                     ("--from", "arp", "--vf", "0"), ("--from", "arp", "--v=0")))
def test_options_that_may_touch_another_vf_are_refused(host, options):
    """Another pod may get that one at any time."""
    done = assigned(host, *options, PCIDEVICE_A=VF)
    assert (done.returncode, done.stdout) == (4, "") and "may be given to a pod meanwhile" in done.stderr


def test_commands_are_run_again_until_the_pod_ends(host):
    said = host / "said"
    (host / "bin/write").write_text(f'#!/bin/sh\necho "$@" >>{said}\nexit 1\n')
    (host / "bin/write").chmod(0o755)
    os.mkfifo(host / "turn")
    (host / "bin/tell").write_text(f"#!/bin/sh\necho >{host}/turn\n")
    (host / "bin/tell").chmod(0o755)
    run = subprocess.Popen([sys.executable, KEEP, "0.01", "write 'one word' two", "none such", "tell"], stderr=subprocess.PIPE, text=True,
                           env={"PATH": f"{host}/bin:/usr/bin:/bin"})
    for _ in range(3):
        with open(host / "turn", encoding="utf-8") as turn:
            turn.read()
    run.send_signal(signal.SIGTERM)
    # A command that is being run is ended by its own means; here one may wait for its reader.
    with open(os.open(host / "turn", os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8"):
        err = run.communicate(timeout=60)[1]
    assert run.returncode == 0 and "Traceback" not in err and "keep.py: none such: No such file" in err
    assert said.read_text().splitlines()[:3] == ["one word two"] * 3


def test_what_was_written_before_goes_with_a_failure(host):
    """A label, a metric or an audit of an earlier round would pass for what is so now. Statuses 1 and 3 are answers."""
    (host / "bin/fail").write_text("#!/bin/sh\nexit $1\n")
    (host / "bin/fail").chmod(0o755)
    os.mkfifo(host / "turn")
    (host / "bin/tell").write_text(f"#!/bin/sh\necho >{host}/turn\n")
    (host / "bin/tell").chmod(0o755)
    for name in ("labels", "metrics", "audit", "answer"):
        (host / name).write_text("of an earlier round")
    commands = [f"fail 4 -o {host}/labels", f"fail 4 -o {host}/metrics", f"fail 4 --json={host}/audit", f"fail 4 -o {host}/none",
                f"fail 1 -o {host}/answer", f"fail 3 -o {host}/answer"]
    run = subprocess.Popen([sys.executable, KEEP, "600", *commands, "tell"], stderr=subprocess.PIPE, text=True,
                           env={"PATH": f"{host}/bin:/usr/bin:/bin"})
    with open(host / "turn", encoding="utf-8") as turn:
        turn.read()
    run.send_signal(signal.SIGTERM)
    assert (run.communicate(timeout=60)[1], run.returncode) == ("", 0)
    assert sorted(name for name in ("labels", "metrics", "audit", "answer") if (host / name).exists()) == ["answer"]


def test_the_daemonset_writes_labels_and_metrics_of_both(host):
    """Its commands, with the tools of this tree: each is understood, and writes what it says where it says."""
    with open(os.path.join(TOP, "scripts/kubernetes/daemonset.yaml"), encoding="utf-8") as file:
        container = yaml.safe_load(file)["spec"]["template"]["spec"]["containers"][0]
    mounts = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
    audit = os.path.join(TOP, "tests/golden/audit-full.json")
    written = set()
    for command in container["args"]:
        words = shlex.split(command)
        if words[0] == "nfprobe":
            assert words[1] == "--audit" and os.path.dirname(words[-1].partition("=")[2]) in mounts
            continue
        assert os.path.dirname(words[-1]) in mounts
        words = [audit if word == "/audit/audit.json" else word for word in words]
        if "--audit" in words:
            out = host / os.path.basename(words[-1])
            subprocess.run([sys.executable, os.path.join(TOP, "scripts/tools/nfprobe-report"), *words[1:-1], str(out)], check=True)
            written.add(out.read_text().splitlines()[-1].split("=")[0].split(" ")[0])
    assert written == {"feature.node.kubernetes.io/nfprobe.eth1.audit", "nfprobe_audit_exit_status"}


def test_the_tag_is_the_version():
    with open(os.path.join(TOP, "scripts/packaging/debian/changelog"), encoding="utf-8") as file:
        version = re.search(r"\((.*?)\)", file.readline())[1]
    for folder in ("", "probe"):
        with open(os.path.join(TOP, "scripts/kubernetes", folder, "kustomization.yaml"), encoding="utf-8") as file:
            assert [image["newTag"] for image in yaml.safe_load(file)["images"]] == [version]
