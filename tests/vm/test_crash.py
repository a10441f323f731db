# SPDX-License-Identifier: GPL-2.0-or-later
"""One of the two processes of a run dies: the other puts the host back, and says what the dead one cannot say."""

import json
import signal

from probing import meddled, outcome, unchanged, words, worker
from scenario import check, equal, long
from simulated import Module

VF = 3
PF, WIRE = "nf0", "nf0w"
SAFE = "come=up go=down+unplug+reset+clear"
ARGV = (PF, "--vf", VF, "--from", WIRE, "--style", "macvtap", "--settle", "0.3", "--rate", 100, "-v")

# The lines of -v right before each change: the VF without a driver, with the address, moved away, up; the PF with the address.
MOMENTS = ("unbind", "ip maddr add", f"vf {VF} mac", "netns nfprobe name", "+ ip -n nfprobe link set nfpvf")
FILE = "/tmp/crash.json"

# Waits until a process, by its number, has ended.
AWAIT = "import os, select, sys\ntry: select.select([os.pidfd_open(int(sys.argv[1]))], [], [])\nexcept ProcessLookupError: pass"
# Kills each new child of a process with SIGKILL, so many times.
HUNT = r"""
import os, select, signal, sys
parent, times, killed = int(sys.argv[1]), int(sys.argv[2]), set()
print("ready", flush=True)
while len(killed) < times:
    with open(f"/proc/{parent}/task/{parent}/children") as file:
        children = [int(word) for word in file.read().split()]
    for pid in set(children) - killed:
        handle = os.pidfd_open(pid)
        os.kill(pid, signal.SIGKILL)
        select.select([handle], [], [])
        killed.add(pid)
"""


def at(host, moment, do, *more):
    """A run on which `do` was done, with the pid of its worker, while it stood still at this change."""

    run = host.begin_nfprobe(*ARGV, *more, hold=moment)
    check(run.wait_for(moment), f"it never came to {moment}: {run.stderr.decode()}")
    return meddled(run, moment, lambda: do(worker(host, PF)))


def kill(host, number):
    return lambda pid: host.ok("kill", f"-{number}", pid)


def worker_killed(host, moments):
    with Module(host) as module, module.nic(SAFE, bound=True), unchanged(host):
        for moment in moments:
            done = at(host, moment, kill(host, "KILL"), "--json").wait(120)
            out = outcome(done, 4)
            equal((out["error"]["code"], out["restored"], out["verdict"], out["pf"]["ifname"]), ("died", True, None, PF),
                  f"{moment}: error, restored, verdict, PF")
            words(out["error"]["message"], ("was killed by SIGKILL", "put back"), "error")
            equal(host.nfprobe("--restore").out, "nothing to undo\n", f"{moment}: --restore")


def test_worker(host):
    """the process that probes is killed, at three moments: the other restores, 4, and JSON says so"""
    worker_killed(host, MOMENTS[::2])


@long
def test_worker_again(host):
    """the same at the moments between"""
    worker_killed(host, MOMENTS[1::2])


def test_abort(host):
    """it aborts, or a signal ends it that nobody expects: the same, and the signal is named"""
    with Module(host) as module, module.nic(SAFE, bound=True), unchanged(host):
        for name in ("ABRT", "SEGV", "USR1"):
            done = at(host, MOMENTS[-1], kill(host, name)).wait(120)
            equal(done.status, 4, f"status after SIG{name}")
            words(done.err, f"was killed by SIG{name}", "stderr")


def test_stream(host):
    """of --json-stream each line is JSON still, and the last is the end; the file is written, too"""
    with Module(host) as module, module.nic(SAFE, bound=True), unchanged(host):
        done = at(host, MOMENTS[-1], kill(host, "KILL"), "--json-stream", f"--json={FILE}").wait(120)
        equal(done.status, 4, "status")
        events = [json.loads(line) for line in done.out.splitlines()]
        equal((events[-1]["event"], events[-1]["exit"], events[-1]["error"]["code"], events[-1]["restored"]), ("end", 4, "died", True),
              "the last event")
        equal(host.json("cat", FILE)["error"]["code"], "died", "error in the file")
        host.ok("rm", FILE)


@long
def test_parent(host):
    """the process that was started is killed, at five moments: the other undoes and ends"""
    with Module(host) as module, module.nic(SAFE, bound=True), unchanged(host):
        for moment in MOMENTS:
            pids = []

            def do(pid):
                pids.append(pid)
                parent = host.ok("ps", "-o", "ppid=", "-p", pid).strip()
                host.ok("kill", "-KILL", parent)
                host.ok("kill", "-CONT", "--", f"-{parent}")  # once the first is dead, the machine takes the run for ended

            equal(at(host, moment, do).wait(120).status, 128 + signal.SIGKILL, "status")
            host.ok("/usr/bin/python3", "-I", "-S", "-c", AWAIT, pids[0])
            equal(host.nfprobe("--restore").out, "nothing to undo\n", f"{moment}: --restore")


def test_restorer(host):
    """the process that restores is killed, too: another one does it; if that is killed as well, it is said, 5, and --restore does it"""
    with Module(host) as module, module.nic(SAFE, bound=True), unchanged(host):
        for times, status in ((2, 4), (3, 5)):
            hunts = []

            def do(pid):
                parent = host.ok("ps", "-o", "ppid=", "-p", pid).strip()
                hunts.append(host.begin("/usr/bin/python3", "-I", "-S", "-c", HUNT, parent, times))
                check(hunts[0].wait_for("ready"), "the hunt did not begin")
                host.ok("/usr/bin/python3", "-I", "-S", "-c", AWAIT, pid)

            done = at(host, MOMENTS[-1], do, f"--json={FILE}").wait(120)
            equal((done.status, hunts[0].wait(60).status), (status, 0), f"status of the run, of the hunt; {done.err}")
            out = host.json("cat", FILE)
            equal((out["exit"], out["restored"]), (status, status == 4), "exit, restored")
            restored = host.nfprobe("--restore")
            equal(restored.status, 0, f"--restore: {restored.err}")
            equal(restored.out == "nothing to undo\n", status == 4, f"--restore had nothing to do: {restored.out}")
            host.ok("rm", FILE)


def test_locked(host):
    """while the other process restores, nobody else gets the PF"""
    with Module(host) as module, module.nic(SAFE, bound=True), unchanged(host):
        refusals = []

        def do(pid):
            host.ok("kill", "-KILL", pid)
            host.ok("/usr/bin/python3", "-I", "-S", "-c", AWAIT, pid)
            refusals.append(host.nfprobe(PF, "--vf", 0, "--from", WIRE))

        equal(at(host, MOMENTS[-1], do).wait(120).status, 4, "status")
        equal(refusals[0].status, 4, "status of a run meanwhile")
        words(refusals[0].err, "another run of nfprobe is using", "its stderr")
