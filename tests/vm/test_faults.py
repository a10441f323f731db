# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of a probing run fail, one in each run, on simulated NICs side by side; and many runs leave no trace.

NFPROBE_FAULTS="SEED COUNT SKIP" draws other places (0: every one), after the first SKIP; NFPROBE_RUNS=N makes as many
runs.
"""

import json
import os
import time

from scenario import TOP, check
from simulated import Module, one

SEED, COUNT, RUNS = "1", 16, 5
NICS = 4
FAULTER = os.path.join(TOP, "tests/vm/faulter.py")

# Runs nfprobe so often, and prints what the machine has after each, a JSON object a line.
MANY = r"""
import json, os, subprocess, sys
count, argv = int(sys.argv[1]), sys.argv[2:]

def read(path):
    with open(path) as file:
        return file.read()

def look():
    memory = {line.split(":")[0]: int(line.split()[1]) for line in read("/proc/meminfo").splitlines()}
    slabs = {line.split()[0]: int(line.split()[1]) for line in read("/proc/slabinfo").splitlines()[2:]}
    return {
        "files": int(read("/proc/sys/fs/file-nr").split()[0]),
        "namespaces": slabs.get("net_namespace", 0),
        "netdevs": sorted(os.listdir("/sys/class/net")),
        "journal": sorted(os.listdir("/run/nfprobe")),
        "filters": [line for line in read("/sys/kernel/debug/nfsim/nfsim0/filters").splitlines() if line.startswith("pf")],
        "unreclaimable_kb": memory["SUnreclaim"], "used_kb": memory["MemTotal"] - memory["MemAvailable"],
    }

for _ in range(count):
    run = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    err = run.stderr.read().decode()
    print(json.dumps({"status": run.wait(), "err": err, **look()}), flush=True)
"""


def library(host):
    return os.path.join(os.path.dirname(host.nfprobe_path), "tests/fault/fault.so")


def test_faults(host):
    """a call fails: a sentence, the status, valid JSON, no wrong verdict, and the host as before"""
    seed, count, skip = os.environ.get("NFPROBE_FAULTS", f"{SEED} {COUNT} 0").split()
    begun = time.monotonic()
    with Module(host, nics=NICS) as module:
        rigs = [module.nic(number=number, bound=True) for number in range(NICS)]
        nics = [json.dumps({"pf": f"nf{n}", "wire": f"nf{n}w", "begin": 0, "end": 0}) for n in range(NICS)]
        argv = [FAULTER, host.nfprobe_path, library(host), seed, count, skip, *nics]
        out = host.ok("/usr/bin/python3", "-I", "-S", *argv, timeout=6000)
        for rig in rigs:
            rig.__exit__(None, None, None)
    first, *told = [json.loads(line) for line in out.splitlines()]
    hit, wrong = [one for one in told if one["hit"]], [one for one in told if one["wrong"]]
    statuses = {status: sum(one["status"] == status for one in hit) for status in sorted({one["status"] for one in hit})}
    print(f"# faults: {len(hit)} of {first['places']} places ({first['callers']} callers), NFPROBE_FAULTS='{seed} {count} {skip}'; "
          f"statuses {statuses}; {len(wrong)} wrong; {time.monotonic() - begun:.0f} s", flush=True)
    check(first["usual"] == 0 and first["places"] > 100, f"the usual run: {first}")
    check(len(hit) > len(told) / 2, f"only {len(hit)} of {len(told)} calls failed")
    check(not wrong, "\n".join(json.dumps(one) for one in wrong[:12]))


def test_many_runs(host):
    """runs one after the other: no more files, namespaces, netdevs, journals or filters than after the first two, nor memory"""
    runs = int(os.environ.get("NFPROBE_RUNS", RUNS))
    with one(host, bound=True):
        argv = [host.nfprobe_path, "nf0", "--vf", 3, "--from", "nf0w", "--settle", "0.1", "--rate", 50, "-q"]
        out = host.ok("/usr/bin/python3", "-I", "-S", "-c", MANY, runs, *argv, timeout=300 * runs)
    told = [json.loads(line) for line in out.splitlines()]
    second, last = told[1], told[-1]
    print(f"# {runs} runs; second {second}; last {last}", flush=True)
    check(all((one["status"], one["err"]) == (told[0]["status"], "") and one["status"] in (0, 1) for one in told),
          f"statuses: {[(one['status'], one['err']) for one in told]}")
    for what in ("netdevs", "journal", "filters"):
        check(all(one[what] == second[what] for one in told), f"{what}: {[one[what] for one in told]}")
    # Resources that the kernel tidies up in its own time may be there still: a run's or two, not each one's.
    for what, slack in (("files", 96), ("namespaces", 8), ("unreclaimable_kb", 4096), ("used_kb", 16384)):
        check(last[what] <= max(one[what] for one in told[:2]) + slack, f"{what} after each run: {[one[what] for one in told]}")
