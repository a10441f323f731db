# SPDX-License-Identifier: GPL-2.0-or-later
"""The image under podman: probes, kills, restores, the audit; without each right in turn. IMAGE is its archive: scripts/check image."""

import contextlib
import json
import os

from container import VFIO, containers, without
from probing import HOLD, PACE, PF, check, equal, forget, refused, running, unchanged, unlocked, words
from test_container import LACKING, RUN, probe_inside, refuse_inside
from test_refuse import parked

SLOW = ("--vf", 3, *PACE, "--style", "macvtap", "-v")
LASTING = ("--vf", 3, "--rate", "200", "--style", "macvtap", "--save")  # watched long enough for nfprobe-check
STORED = "/var/lib/nfprobe"
CAPABILITIES = tuple((cap, "permission", f"nfprobe lacks CAP_{cap}", "--cap-add") for cap in ("NET_ADMIN", "NET_RAW", "SYS_ADMIN"))
OTHERS = (
    ("network", "no-such-interface", f"there is no interface {PF}", "--network host"),
    (STORED, "output", f"{STORED} belongs to this container", f"-v {STORED}:{STORED}"),
)
# A VF on vfio needs these, and the options of VFIO besides.
INSPECTED = "not all processes can be inspected (CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH)"
PARKED = (
    ("SYS_PTRACE", INSPECTED),
    ("DAC_READ_SEARCH", INSPECTED),
    ("pid", "a container sees the host's processes only with --pid host"),
    ("/dev/vfio", "-v /dev/vfio:/dev/vfio"),
    ("device-cgroup-rule", "--device-cgroup-rule"),
)
NOBODYS = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "/usr/bin/python3", "-I", "-S", "-c", HOLD, "pass")


@contextlib.contextmanager
def image(host):
    with containers(host, os.environ["IMAGE"]) as container:
        yield container
    host.sh(f"rm -rf {STORED}")


def is_a_report(text):
    """What a user sends of a card has its verdicts."""
    check(0 < len(text) <= 100_000, f"the report has {len(text)} bytes")
    styles = json.loads(text)["vf"]["styles"]
    equal([(style["style"], style["verdict"]) for style in styles], [("macvtap", "safe")], "the report")


def test_probe(host):
    """a run with the rights of the README and the runtime's seccomp profile; its result is on the host, and nfprobe-check finds it there"""
    with image(host) as container:
        told = container.inside("python3", "-c", "print(open('/proc/self/status').read())").out
        words(told, ("Seccomp:\t2", f"CapEff:\t{sum(1 << bit for bit in (2, 12, 13, 19, 21)):016x}"), "/proc/self/status")
        probe_inside(container, *LASTING)
        checked = container.inside("nfprobe-check", PF, "--style", "macvtap")
        equal(checked.status, 0, f"status of nfprobe-check: {checked.err}{checked.out}")
        is_a_report(container.inside("nfprobe-report", "share", "--stored", PF).stdout)
        with unchanged(host):
            audit = container.inside("nfprobe", "--audit")
        equal((audit.status, audit.err), (0, ""), f"status of the audit, stderr: {audit.out}")
        words(audit.out, f"{PF}: nothing was found", "the audit")


def begun(container):
    """A run that has taken the VF's driver away."""
    run = container.begin_nfprobe(PF, *SLOW, name="probed")
    check(run.wait_for(f"+ ip link set {PF} vf 3 mac"), run.stderr.decode())
    return run


def test_stopped(host):
    """podman stop, as a pod is deleted: the run restores the host and ends with 143"""
    with image(host) as container:
        with unchanged(host):
            run = begun(container)
            container.podman("stop", "-t", 120, "probed")
            equal(run.wait(120).status, 143, "status")


def test_killed(host):
    """kill -9 of the container's first process, and of all of them at once: --restore in another container puts the VF back"""
    with image(host) as container:
        with unchanged(host):
            run = begun(container)
            container.podman("kill", "-s", "KILL", "probed")
            equal(run.wait(120).status, 137, "status")
            unlocked(host)
            equal(container.nfprobe("--restore").status, 0, "status of --restore")
        with unchanged(host):
            run = begun(container)
            container.podman("pause", "probed")
            host.sh("for process in $(cat $(find /sys/fs/cgroup -path '*libpod-*' -name cgroup.procs)); do kill -9 $process; done")
            container.podman("unpause", "probed")
            equal(run.wait(120).status, 137, "status")
            check(host.state()["journal"], "there is no journal: nothing was to be restored")
            own = container.with_options(without(container.options, "/run/nfprobe")).nfprobe("--restore")
            equal(own.status, 4, "status of --restore without the host's journals")
            words(own.err, ("/run/nfprobe belongs to this container", "-v /run/nfprobe:/run/nfprobe"), "--restore")
            restored = container.nfprobe("--restore")
            equal(restored.status, 0, f"status of --restore: {restored.err}")


def test_lacking(host):
    """without each of the rights in turn: which one is said, and what to add; nothing is touched"""
    with image(host) as container:
        refuse_inside(container, CAPABILITIES + LACKING + OTHERS)


def test_idle_without(host):
    """a VF with its netdev: who has it is seen without SYS_PTRACE, DAC_READ_SEARCH, the host's PIDs or /lib/modules"""
    with image(host) as container:
        options = container.options
        for lacks in ("SYS_PTRACE", "DAC_READ_SEARCH", "pid", "/lib/modules"):
            options = without(options, lacks)
        probe_inside(container.with_options(options))


def test_parked(host):
    """a VF on vfio-pci: probed with /dev/vfio as well; refused where who holds it cannot be seen, with what to add"""
    with image(host) as container, parked(host, 3), running(host, *NOBODYS, ready="held"):
        options = [*container.options, *VFIO]
        for lacks, says in PARKED:
            refused(container.with_options(without(options, lacks)), *RUN, code="vf-in-use", says=says, hint="")
        with unchanged(host):
            result = container.with_options(options).nfprobe(PF, *RUN)
        equal(result.status, 0, f"status with all of them: {result.err}")
    forget(host, 3)
