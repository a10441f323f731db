#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs nfprobe on simulated NICs, to its end or to a point where a signal stops it, and compares the host with what it was.

usage: stopper.py NFPROBE NICS <JOBS

Runs in the machine that has the NICs, one worker a NIC. JOBS is a JSON array; each job is an object:
  keys     the personality; SETUP below is what it is without while the VF is furnished
  args     what nfprobe is called with after PF and --vf; {number} in them is the NIC's
  signal   what the process group gets at the point; 0: the run goes on to its end
  point    [pattern, n, call]: the n-th line of -v with this pattern has come, and the driver was called n times with this pattern
  plain    the VF has no driver and no address; else it has both, and settings other than the default
  vlan     it is in a VLAN
Prints each job as a line of JSON, with what the run and each --restore said, and in `wrong` the differences.

Nothing here asks nfprobe: the state is read by netlink, sysfs and debugfs.
"""

import json
import os
import queue
import re
import select
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from killer import DEADLINE, RUNDIR, SIBLING, VF, Nic, bind_until, differences, listing, read, write  # noqa: E402

DRIVER = "nfsimvf"
ADDRESS, VLAN, QOS = "02:00:5e:00:05:01", "77", "3"
# Keys that slow down or spoil what is done to a VF, and what they are while it is furnished.
SETUP = {"vfr": "never", "busy": "ok", "bind_ms": 0, "unbind_ms": 0, "netdev_ms": 0, "no_netdev": 0}
POLL_S = 0.01  # debugfs has no events
LATE_S = 5  # within which a task of the PF's driver has written its tables


def command(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")


class Stop:
    """One job on one NIC."""

    def __init__(self, nfprobe, number, job):
        self.nfprobe, self.job = nfprobe, job
        self.number, self.pf, self.name = number, f"nf{number}", f"nfsim{number}"
        self.debug = f"/sys/kernel/debug/nfsim/{self.name}"
        self.device = f"/sys/bus/nfsim/devices/{self.name}"
        self.nic = Nic(self.pf, f"{self.pf}w", 0, 0)

    def personality(self, keys, *words):
        write(f"{self.device}/personality", " ".join([*words, *(f"{key}={value}" for key, value in keys.items())]))

    def furnish(self):
        keys, args = self.job["keys"], ("ip", "link", "set", self.pf, "vf", str(VF))
        quirks = {key: value for key, value in keys.items() if key in SETUP}
        self.personality({**keys, **{key: SETUP[key] for key in quirks}}, "default")
        write(f"{self.device}/sriov_drivers_autoprobe", "0")
        for count in ("0", "4"):  # what the NIC remembers of the VFs is gone
            write(f"{self.device}/sriov_numvfs", count)
        write(f"{self.device}/sriov_drivers_autoprobe", "1")
        self.nic.bind(SIBLING, DRIVER)  # which shows what driver a VF without one is for
        if not self.job["plain"]:
            command(*args, "mac", ADDRESS)
            if self.job["vlan"]:
                command(*args, "vlan", VLAN, "qos", QOS)
            for setting, other in (("spoofchk", "off"), ("trust", "on")):
                if keys.get(setting) != "absent":
                    command(*args, setting, other if keys.get(setting) != other else {"off": "on", "on": "off"}[other])
            if keys.get("rate"):
                command(*args, "max_tx_rate", "4000")
            self.arrives(bind_until(self.nic, DRIVER))
        self.personality(quirks)
        write(f"{self.debug}/calls", "0")

    def arrives(self, netdev):
        """Waits for the address of a VF's netdev that has none when it comes (mac_late_ms): what is compared has it."""
        end = time.monotonic() + LATE_S
        while "mac_late_ms" in self.job["keys"] and read(f"/sys/class/net/{netdev}/address").strip() != ADDRESS:
            if time.monotonic() > end:
                raise TimeoutError(f"{netdev} has no address after {LATE_S} s")
            select.select([], [], [], POLL_S)

    def spawn(self, *argv):
        return subprocess.Popen([self.nfprobe, *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                start_new_session=True)

    def called(self, pattern):
        return sum(f" vf{VF} " in line and bool(re.search(pattern, line)) for line in read(f"{self.debug}/calls").splitlines())

    def reaches(self, run):
        """Whether it comes to the point."""
        pattern, times, call = self.job["point"]
        seen, there = b"", False
        while not (there and self.called(call) >= times):
            if select.select([run.stderr], [], [], POLL_S if there else DEADLINE)[0]:
                data = os.read(run.stderr.fileno(), 1 << 16)
                if not data:
                    break
                seen += data
            there = sum(line.startswith("+ ") and bool(re.search(pattern, line)) for line in seen.decode().splitlines()) >= times
        self.job["err"] = seen.decode()
        return there and self.called(call) >= times

    def run(self):
        job = self.job
        args = [word.format(number=self.number) for word in job["args"]]
        run = self.spawn(self.pf, "--vf", str(VF), *args)
        if not job["signal"]:
            out, err = run.communicate(timeout=DEADLINE)
            job.update(status=run.returncode, out=out.decode(), err=err.decode())
            return
        if not self.reaches(run):
            job["wrong"].append(f"it never came to {job['point']}: {job['err']}")
        os.killpg(run.pid, job["signal"])
        # Until both processes are gone; a child of theirs that is blocked in the kernel has none of the streams.
        job["err"] += run.communicate(timeout=DEADLINE)[1].decode()
        job["status"] = run.returncode

    def restore(self):
        done = self.spawn("--restore", self.pf)
        out, err = done.communicate(timeout=DEADLINE)
        return [done.returncode, out.decode(), err.decode()]

    def compared(self, before):
        """A reset of the VF is over when its keys are written; the PF's driver may write its tables later."""
        if "vfr" in self.job["keys"]:
            self.personality({"vfr": "never"})
        late = ("/filters", "/vfs/1/link/address") if "mac_late_ms" in self.job["keys"] else "/filters"
        end = time.monotonic() + LATE_S
        while changed := list(differences(before, self.nic.state())):
            if time.monotonic() > end or not all(line.startswith(late) for line in changed):
                break
            select.select([], [], [], POLL_S)
        return changed

    def do(self):
        job = self.job
        job["wrong"] = []
        self.furnish()
        before = self.nic.state()
        self.run()
        if job["signal"] == signal.SIGKILL:
            job["restored"] = [self.restore(), self.restore()]
        job["wrong"] += self.compared(before)
        for name in listing(RUNDIR):  # the next job on this NIC is not to find it
            if name.startswith(f"{self.name}.") and not name.endswith(".lock"):
                os.unlink(f"{RUNDIR}/{name}")


def main():
    nfprobe, nics = sys.argv[1], int(sys.argv[2])
    nfprobe = shutil.copy(nfprobe, "/run/stopped-nfprobe")  # from the host's folder each start is slow
    os.makedirs(RUNDIR, mode=0o700, exist_ok=True)
    waiting, lock = queue.SimpleQueue(), threading.Lock()
    for job in json.load(sys.stdin):
        waiting.put(job)

    def work(number):
        while True:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            start = time.monotonic()
            try:
                Stop(nfprobe, number, job).do()
            except Exception as error:  # noqa: BLE001 the other jobs go on
                job["wrong"] = [*job.get("wrong", ()), f"{type(error).__name__}: {error}"]
            job["seconds"] = round(time.monotonic() - start, 1)
            with lock:
                print(json.dumps(job), flush=True)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(nics)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.unlink(nfprobe)


if __name__ == "__main__":
    main()
