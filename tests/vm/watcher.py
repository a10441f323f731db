#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A rig (tests/nfsim/rig.py) that also runs nfprobe on its simulated NIC, and stops it while it watches a step."""

import json
import os
import select
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "nfsim"))
import rig  # noqa: E402

TRIES = 8
DEADLINE_S = 300
POLL_S = 0.01  # neither debugfs nor /proc has events
PPOLL = "271"


class Watcher(rig.Rig):
    def is_watching(self, vf, call, addresses):
        """Has it made the step's changes, and does it wait for frames? Then no write is under way."""
        calls = [made for made in self.calls() if (made[1], made[3]) == (vf, "nfprobe")]
        assigned = {made[4] for made in calls if made[2] == "set_vf_mac"} - {"00:00:00:00:00:00"}
        syscall, _, descriptors, *_ = rig.read(f"/proc/{self.pid}/syscall").split() + ["0"] * 3
        # Several wake it while it waits for frames; an exchange with the kernel waits for one.
        return [made[2] for made in calls[-1:]] == [call] and len(assigned) >= addresses and syscall == PPOLL and int(descriptors, 16) > 1

    def hear(self, timeout):
        """Adds to the steps that it has begun, and None where one has ended; false if it writes nothing for so long, or has ended."""
        if not select.select([self.process.stdout], [], [], timeout)[0]:
            return False
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        *lines, self.rest = (self.rest + data).split(b"\n")
        for event in map(json.loads, lines):
            if event["event"] in ("step", "landing"):
                self.begun.append(event["step"] if event["event"] == "step" else None)
        return bool(data)

    def begin(self, step, argv):
        """A run, up to the step."""
        self.calls(clear=True)
        self.rest, self.begun = b"", []
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        while step not in self.begun:
            if not self.hear(DEADLINE_S):
                raise rig.Refused(f"it never came to {step}: {self.finish()}")
        self.pid = int(rig.read(f"/proc/{self.process.pid}/task/{self.process.pid}/children"))

    def stop(self):
        os.killpg(self.process.pid, signal.SIGSTOP)
        while rig.read(f"/proc/{self.pid}/stat").rpartition(")")[2].split()[0] != "T":
            select.select([], [], [], POLL_S)

    def stands_still(self, step, *condition):
        """False if it has gone past the step."""
        while self.begun[-1] == step:
            if self.is_watching(*condition):
                self.stop()
                while self.hear(0):
                    pass
                if self.begun[-1] == step and self.is_watching(*condition):
                    return True
                os.killpg(self.process.pid, signal.SIGCONT)
            self.hear(POLL_S)
        return False

    def watch(self, argv, step, *condition):
        """A run with --json-stream that stands still: the pid of the process that probes. `condition`: of is_watching()."""
        for _ in range(TRIES):
            self.begin(step, argv)
            if self.stands_still(step, *condition):
                return self.pid
            os.killpg(self.process.pid, signal.SIGINT)
            status, err = self.finish()
            if status != 130:
                raise rig.Refused(f"interrupted, it ended with {status}: {err}")
        raise rig.Refused(f"{TRIES} runs were past {step} when they stood still")

    def finish(self):
        """Lets it go on to its end: [status, stderr]."""
        os.killpg(self.process.pid, signal.SIGCONT)
        _, err = self.process.communicate(timeout=DEADLINE_S)
        return [self.process.returncode, err.decode()]


if __name__ == "__main__":
    rig.main(Watcher)
