# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults of the measurement itself, in mid-run: they may cost the verdict, but never make a wrong one.

Each is met by a run of its own, on a simulated NIC of its own; they go on side by side. The NIC is safe with a macvtap standby.
"""

import concurrent.futures
import contextlib
import json
import signal

import bench
from probing import standing_still
from scenario import check, equal, long

SAFE = {"come": "up", "go": "down+unplug+reset+clear", "arb": "both"}
SETTLE_MS = 3000
# Into a window, long after the change that began the step, and long before its end.
MIDDLE = 1.0

# Waits so many seconds by the machine's clock, by which the windows go; a process group that stands still goes on for that long.
CLOCK = r"""
import os, select, signal, sys
for line in sys.stdin:
    seconds, *groups = line.split()
    for group in groups:
        os.killpg(int(group), signal.SIGCONT)
    select.select([], [], [], float(seconds))
    for group in groups:
        os.killpg(int(group), signal.SIGSTOP)
    print("over", flush=True)
"""

# Hears a broadcast of the run as it leaves, waits for a line, and sends it so often: more than the capture's ring has room for. The PF
# hears broadcasts in every step. A protocol comes with bind only: before it, a socket hears every netdev, those of other runs, too.
FLOOD = r"""
import select, socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.bind((sys.argv[1], 3))
print("ready", flush=True)
while True:
    frame, where = s.recvfrom(2048)
    if where[2] == 4 and frame[12:14] == b"\x88\xb5" and frame[:6] == b"\xff" * 6:
        break
print("heard", flush=True)
sys.stdin.readline()
left = int(sys.argv[2])
while left:
    try:
        s.send(frame)
        left -= 1
    except OSError:
        select.select([], [s], [], 0.01)
print("sent", flush=True)
"""


class Run:
    """nfprobe on NIC `number`, told step by step."""

    def __init__(self, host, rig, number):
        self.host, self.number = host, number
        self.case = bench.Case(f"fault {number}", SAFE, settle_ms=SETTLE_MS, style="macvtap")
        self.file = f"/tmp/nfprobe-fault-{number}.json"
        self.clock = host.begin("/usr/bin/python3", "-I", "-S", "-c", CLOCK, stdin=True)
        rig.prepare(number, self.case)

    def begin(self, *steps):
        """It stands still where each of these steps begins."""
        argv = [word for word in self.case.argv(self.number) if word != "--json"]
        self.command = self.host.begin_nfprobe(*argv, "--json-stream", f"--json={self.file}",
                                               hold=[f'"step":"{step}"' for step in steps])

    def pass_time(self, seconds, group=""):
        self.clock.write(f"{seconds} {group}\n".encode())
        equal(self.clock.line(timeout=300), "over", "the clock")

    def go_on_for(self, seconds):
        self.pass_time(seconds, self.host.ok("pgrep", "-f", f"nfprobe nf{self.number} --vf").split()[0])

    @contextlib.contextmanager
    def standing_still(self, step):
        """The run stands still where the window of a step is a third over, and goes on afterwards."""
        check(self.command.wait_for(f'"step":"{step}"'), f"no step {step}: {self.command.stderr.decode()}")
        self.go_on_for(MIDDLE)
        with standing_still(self.command, f'"step":"{step}"', among='{"event":"step"'):
            yield

    def end(self):
        done = self.command.wait(300)
        result = json.loads(self.host.ok("cat", self.file))
        self.host.ok("rm", "-f", self.file)
        style = result["vf"]["styles"][0]
        equal(result["restored"], True, f"restored; {done.err}")
        return style["verdict"], style["reason"], result


def stopped(run):
    """The process is stopped for two seconds."""
    steps = ("attach", "up", "unplug")
    run.begin(*steps)
    for step in steps:
        with run.standing_still(step):
            run.pass_time(2)
    verdict, reason, _ = run.end()
    check(verdict in ("safe", "unknown"), f"{verdict}: {reason}")


@contextlib.contextmanager
def flooding(run):
    flood = run.host.begin("/usr/bin/python3", "-I", "-S", "-c", FLOOD, f"nf{run.number}w", 20000, stdin=True)
    equal(flood.line(), "ready", "the flood")
    try:
        yield flood
    finally:
        flood.signal(signal.SIGKILL)
        flood.wait(120)


def dropped(run):
    """The capture's ring overflows."""
    with flooding(run) as flood:
        run.begin("unplug")
        with run.standing_still("unplug"):
            equal(flood.line(), "heard", "the flood")
            flood.write(b"\n")
            equal(flood.line(timeout=300), "sent", "the flood")
    verdict, reason, result = run.end()
    drops = {step["state"]: step["drops"] for step in result["vf"]["styles"][0]["steps"] if step["drops"]}
    equal(verdict, "unknown", f"{reason}; {drops}")
    check("the capture lost" in reason and any(f"step {step}" in reason for step in drops), f"{reason}; {drops}")


def renamed(run):
    """The VF's netdev is renamed while it is used."""
    run.host.write(f"/sys/bus/nfsim/devices/nfsim{run.number}/personality", "rename_ms=1500 rename_anywhere=1")
    run.begin()
    verdict, reason, _ = run.end()
    equal(verdict, "safe", reason)


@contextlib.contextmanager
def clock_kept(host):
    """The machine's clock is right again afterwards."""
    real, begun = float(host.ok("date", "+%s.%N")), host.uptime()
    yield real
    host.ok("date", "-s", f"@{real + host.uptime() - begun:.3f}")


def reset_clock(run):
    """The clock is set back an hour, forward two, and back again: what the kernel's timestamps are taken from."""
    shifts = {"attach": -3600, "up": 3600, "unplug": -30, "vf-first": 1}
    run.begin(*shifts)
    with clock_kept(run.host) as real:
        for step, shift in shifts.items():
            with run.standing_still(step):
                run.host.ok("date", "-s", f"@{real + shift:.3f}")
        verdict, reason, _ = run.end()
    equal(verdict, "safe", reason)


def meet_each(host, faults):
    with bench.bench(host, len(faults)) as rig:

        def meet(number):
            run = Run(host, rig, number)
            try:
                faults[number](run)
            except AssertionError as error:
                return f"{faults[number].__name__}: {error}"
            finally:
                run.clock.write(b"")
            return ""

        with concurrent.futures.ThreadPoolExecutor(len(faults)) as pool:
            wrong = [line for line in pool.map(meet, range(len(faults))) if line]
    check(not wrong, "\n".join(wrong))


def test_faults(host):
    """stopped, drops, in mid-run: never a wrong verdict"""
    meet_each(host, (stopped, dropped))


@long
def test_harmless(host):
    """VF netdev renamed, clock set back, in mid-run: the verdict all the same"""
    meet_each(host, (renamed, reset_clock))
