# SPDX-License-Identifier: GPL-2.0-or-later
"""What pods run (scripts/image), with a /sys of its own and a program in the place of nfprobe; the manifests of scripts/kubernetes."""

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest
import yaml

from tool import TOP
from nfprobe_tools import VERSION

ASSIGNED = os.path.join(TOP, "scripts/image/assigned.py")
KEEP = os.path.join(TOP, "scripts/image/keep.py")
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
    assert (done.returncode, done.stdout, done.stderr) == (3, "eth0 --vf 1 --skip fix --from arp --save\n", "")


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
                                     ("--from", "arp", "--style=vf-bridge"),
                                     ("--from", "arp", "--vf", "0"), ("--from", "arp", "--v=0")))
def test_options_that_may_touch_another_vf_are_refused(host, options):
    """Another pod may get that one at any time."""
    done = assigned(host, *options, PCIDEVICE_A=VF)
    assert (done.returncode, done.stdout) == (4, "") and "may be given to a pod meanwhile" in done.stderr


# ---- keep.py ----

PATCHED = "import sys; sys.path.insert(0, {!r}); import keep; keep.LOOK = 0.01; sys.exit(keep.main(*sys.argv[1:]))"


@pytest.fixture
def turns(host):
    """A command, "tell", that ends when the test has read the pipe "turn"."""
    os.mkfifo(host / "turn")
    for name, text in (("tell", f"echo >{host}/turn"), ("fail", "exit $1"), ("hang", f"echo >{host}/turn; tail -f /dev/null"),
                       ("write", 'echo "$2" >"${1#--json=}"')):
        (host / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (host / "bin" / name).chmod(0o755)
    return host


def next_turn(host):
    with open(host / "turn", encoding="utf-8") as turn:
        turn.read()


def keep(host, *words):
    return subprocess.Popen([sys.executable, "-c", PATCHED.format(os.path.dirname(KEEP)), *map(str, words)], stderr=subprocess.PIPE,
                            text=True, env={"PATH": f"{host}/bin:/usr/bin:/bin"})


def stop(run):
    run.send_signal(signal.SIGTERM)
    err = run.communicate(timeout=60)[1]
    assert run.returncode == 0 and "Traceback" not in err
    return err


def test_commands_are_run_again_until_the_pod_ends(turns):
    said = turns / "said"
    (turns / "bin/write").write_text(f'#!/bin/sh\necho "$@" >>{said}\nexit 1\n')
    run = keep(turns, 3, turns / "round", "write 'one word' two", "none such", "tell")
    for _ in range(3):
        next_turn(turns)
    assert "keep.py: none such: No such file" in stop(run)
    assert said.read_text().splitlines()[:3] == ["one word two"] * 3
    assert (turns / "round").exists()


def test_what_was_written_before_goes_with_a_failure(turns):
    """A label, a metric or an audit of an earlier round would pass for what is so now. Statuses 1 and 3 are answers."""
    names = ("labels", "metrics", "audit", "answer")
    for name in names:
        (turns / name).write_text("of an earlier round")
    run = keep(turns, 600, turns / "round", f"fail 4 -o {turns}/labels", f"fail 4 -o {turns}/metrics", f"fail 4 --json={turns}/audit",
               f"fail 4 -o {turns}/none", f"fail 1 -o {turns}/answer", f"fail 3 -o {turns}/answer", "tell")
    next_turn(turns)
    assert [name for name in names if (turns / name).exists()] == ["answer"]
    assert stop(run) == ""
    assert not (turns / "answer").exists()  # who would renew it?


def test_a_command_that_does_not_return_is_killed_and_what_it_wrote_is_taken_back(turns):
    (turns / "labels").write_text("of an earlier round")
    run = keep(turns, 2, turns / "round", f"hang -o {turns}/labels", "tell")
    next_turn(turns)  # it hangs
    next_turn(turns)  # the next command is run all the same
    assert not (turns / "labels").exists()
    assert f"keep.py: hang -o {turns}/labels: not done after 1 s, and killed" in stop(run)


def test_the_end_of_the_pod_does_not_wait_for_a_command(turns):
    (turns / "labels").write_text("of an earlier round")
    run = keep(turns, 600, turns / "round", f"write {turns}/metrics x -o {turns}/metrics", f"hang -o {turns}/labels")
    next_turn(turns)
    assert (turns / "metrics").exists()
    assert stop(run) == ""
    assert not (turns / "labels").exists() and not (turns / "metrics").exists()


def uptime():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def put(path, text):
    (path.parent / "x").write_text(str(text))
    os.replace(path.parent / "x", path)


def test_what_another_sees_is_published_once_it_is_there(turns):
    run = keep(turns, 600, turns / "own", "--after", turns / "seen", f"write {turns}/labels x -o {turns}/labels", "tell")
    for _ in range(2):
        put(turns / "seen", uptime())
        next_turn(turns)
        assert (turns / "labels").exists()
    # The other one has ended no round for half an hour.
    put(turns / "seen", uptime() - 1800)
    while (turns / "labels").exists():
        assert run.poll() is None
    assert stop(run) == ""


@pytest.mark.parametrize("text, alive", ((lambda: uptime(), True), (lambda: uptime() - 600, True), (lambda: uptime() - 900, False),
                                         (lambda: uptime() + 3600, False), (lambda: "", False), (lambda: "soon", False)))
def test_the_age_of_the_last_round_says_whether_it_lives(host, text, alive):
    """By no clock that anybody sets. The file of a node that has booted since is no round of now."""
    put(host / "round", text())
    done = subprocess.run([sys.executable, KEEP, "300", "--alive", host / "round"], check=False)
    assert done.returncode == (0 if alive else 1)
    assert subprocess.run([sys.executable, KEEP, "300", "--alive", host / "none"], check=False).returncode == 1


def kubernetes(name):
    with open(os.path.join(TOP, "scripts/kubernetes", name), encoding="utf-8") as file:
        return list(yaml.safe_load_all(file))


def pods():
    """The specs of the two DaemonSets, each with what the component audit adds."""
    found = {name: kubernetes(f"{name}.yaml")[0]["spec"]["template"]["spec"] for name in ("look", "publish")}
    (component,) = kubernetes("components/audit/kustomization.yaml")
    added = {patch["target"]["name"].partition("-")[2]: yaml.safe_load(patch["patch"]) for patch in component["patches"]}
    return found, {name: [step["value"] for step in steps if step["path"].endswith("/args/-")] for name, steps in added.items()}


def test_the_daemonsets_write_labels_and_metrics_of_both(host):
    """Their commands, with the tools of this tree: each is understood, and writes what it says where it says."""
    audit = os.path.join(TOP, "tests/golden/audit-full.json")
    written = set()
    found, added = pods()
    for name, spec in found.items():
        container = spec["containers"][0]
        mounts = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
        for command in container["args"] + added[name]:
            words = shlex.split(command)
            assert os.path.dirname(words[-1].rpartition("=")[2]) in mounts
            words = [audit if word == "/seen/audit.json" else word for word in words]
            if words[0] == "nfprobe-report" and "--audit" in words:
                out = host / os.path.basename(words[-1])
                subprocess.run([sys.executable, os.path.join(TOP, "scripts/tools/nfprobe-report"), *words[1:-1], str(out)], check=True)
                written.add(out.read_text().splitlines()[-1].split("=")[0].split(" ")[0])
    assert written == {"feature.node.kubernetes.io/nfprobe.eth1.audit", "nfprobe_audit_written_timestamp_seconds"}
    # Labels expire by the period in which they are written.
    (labels,) = [command for command in found["publish"]["containers"][0]["args"] if " nfd " in command]
    assert f"--every {int(found['publish']['containers'][0]['command'][3]) // 60} " in labels


def test_what_parses_has_no_rights_and_what_has_rights_parses_nothing():
    found, added = pods()
    for name, spec in found.items():
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"} and spec["tolerations"] == [{"operator": "Exists"}]
        assert spec.get("hostNetwork", False) == (name == "look") and "hostPID" not in spec
        for container in spec["containers"]:
            rights = container["securityContext"]
            assert rights["capabilities"]["drop"] == ["ALL"] and rights["readOnlyRootFilesystem"]
            assert rights["allowPrivilegeEscalation"] is False and container["livenessProbe"] and container["readinessProbe"]
            assert rights["capabilities"].get("add", []) == (["NET_ADMIN"] if name == "look" else [])
            assert container["command"][:2] == ["python3", "-I"] and os.path.dirname(container["command"][2]) == "/usr/libexec/nfprobe"
            # The wrappers are the image's: no volume hides them, and nothing of the cluster is run.
            assert os.path.exists(os.path.join(TOP, "scripts/image", os.path.basename(container["command"][2])))
            assert not [mount for mount in container["volumeMounts"] if mount["mountPath"].startswith("/usr")]
        assert not [volume for volume in spec["volumes"] if "configMap" in volume]
    look, publish = (found[name]["containers"][0] for name in ("look", "publish"))
    for container, program in ((look, "nfprobe"), (publish, "nfprobe-report")):
        commands = container["args"] + added["look" if container is look else "publish"]
        assert {shlex.split(command)[0] for command in commands} == {program}
        # Alive, and ready, is whoever ends rounds.
        for probe in ("livenessProbe", "readinessProbe"):
            assert container[probe]["exec"]["command"] == [*container["command"][:4], "--alive", container["command"][4]]
        # No pod is ended before a first round could end.
        assert container["livenessProbe"]["initialDelaySeconds"] >= 3 * int(container["command"][3])
    # Who publishes follows who looks, on the node, and writes nothing where that reads.
    assert publish["command"][5:] == ["--after", look["command"][4]] and publish["command"][3] == look["command"][3]
    assert {"name": "seen", "mountPath": "/seen", "readOnly": True} in publish["volumeMounts"]
    places = [[volume["hostPath"] for volume in found[name]["volumes"] if volume["name"] == "seen"] for name in ("look", "publish")]
    assert places[0] == places[1]


def test_the_daemonsets_displace_no_pod():
    (priority,) = kubernetes("priority.yaml")
    assert (priority["preemptionPolicy"], priority["globalDefault"]) == ("Never", False) and 0 < priority["value"] < 1_000_000
    assert {spec["priorityClassName"] for spec in pods()[0].values()} == {priority["metadata"]["name"]}


def test_the_alert_is_that_of_the_manual():
    (rule,) = [doc for doc in kubernetes("components/monitor/monitor.yaml") if doc["kind"] == "PrometheusRule"]
    with open(os.path.join(TOP, "man/nfprobe-report.1"), encoding="utf-8") as file:
        manual = re.search(r"expr: >\n(.*?)\.fi", file.read(), re.S)[1]
    assert rule["spec"]["groups"][0]["rules"][0]["expr"].split() == manual.split()


SERVE = os.path.join(TOP, "scripts/image/serve.py")


@pytest.fixture
def served(tmp_path):
    """The port at which it answers for a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-I", SERVE, str(port), str(tmp_path)], stderr=subprocess.PIPE)
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        assert process.poll() is None
        threading.Event().wait(0.05)
    yield port
    process.terminate()
    assert process.wait(60) == 0 and process.stderr.read() == b""


def get(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


@pytest.mark.slow
def test_metrics_are_served(served, tmp_path):
    assert get(served, "/healthz") == (200, "ok\n") and get(served, "/metrics") == (200, "")
    (tmp_path / "nfprobe.prom").write_text("a 1\n")
    (tmp_path / "nfprobe-audit.prom").write_text("b 2\n")
    (tmp_path / "nfprobe.prom.new").write_text("half")
    assert get(served, "/metrics") == (200, "b 2\na 1\n")
    for path in ("/", "/nfprobe.prom", "/../etc/passwd", "/metrics/../../etc/passwd"):
        assert get(served, path)[0] == 404
    # Whoever only connects holds nobody else up.
    held = [socket.create_connection(("127.0.0.1", served), 60) for _ in range(4)]
    assert get(served, "/healthz") == (200, "ok\n")
    for one in held:
        one.close()


@pytest.mark.slow
def test_no_client_holds_all_places(served):
    """Of clients that have begun a request and fill all places, the oldest goes; a byte from time to time prolongs no deadline."""
    held = [socket.create_connection(("127.0.0.1", served), 60) for _ in range(8)]
    for one in held:
        one.sendall(b"G")
    assert get(served, "/healthz") == (200, "ok\n")
    assert held[0].recv(1) == b""
    held[-1].settimeout(0.5)
    ended = False
    while not ended:
        with contextlib.suppress(TimeoutError):
            ended = held[-1].recv(1) == b""
        with contextlib.suppress(OSError):
            held[-1].sendall(b"E")
    for one in held:
        one.close()


def test_the_tag_is_the_version():
    version = VERSION.replace("~", "-")
    for folder in ("", "probe"):
        with open(os.path.join(TOP, "scripts/kubernetes", folder, "kustomization.yaml"), encoding="utf-8") as file:
            assert [image["newTag"] for image in yaml.safe_load(file)["images"]] == [version]
    with open(os.path.join(TOP, "scripts/kubernetes/README.md"), encoding="utf-8") as file:
        assert re.findall(r"registry\.example/nfprobe:(\S+)", file.read()) == [version]
