#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A verdict by nfprobe and the same ladder by hand, in turn, on the emulated igb; make bench-vm.

usage: speed.py [--icount] BUILD PAIRS

BUILD has nfprobe and tests/bench/measure. Prints what each cost, the parts of nfprobe's time and the
ratios, each as the median of the pairs with the least and the most. Nothing is asserted.

--icount: the machine's clock counts instructions, 4 ns each (QEMU's -icount). It stands still while the host does
something else, so a busy host hardly changes the numbers.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
VM = os.path.join(HERE, "../../scripts/vm")
PF, VF, WIRE = "eth0", "3", "eth1"
# Their windows may end before the settling time is over; control sends unicast at this rate.
BRIEF = ("control", "standby", "detach", "reassign", "vf-first-up", "vf-first-unplug")
CONTROL_RATE = 20
ICOUNT = ("--accel", "tcg,thread=single", "--qemu-arg=-icount", "--qemu-arg=shift=2,sleep=on")


class Machine:
    def __init__(self, build, icount):
        self.build = build
        self.options = ICOUNT if icount else ()
        self.folder = tempfile.mkdtemp(prefix="nfprobe-bench.")
        self.path = os.path.join(self.folder, "machine")

    def __enter__(self):
        words = (*self.options, "--timeout", "1200", "--writable", self.build, self.path)
        subprocess.run([VM, "start", *words], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run([VM, "stop", self.path], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *words):
        """stdout, whatever the status: nfprobe's is the verdict."""
        command = [VM, "exec", self.path, "--", *words]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout

    def measure(self, *words):
        cost = os.path.join(self.build, "bench-cost.json")
        out = self.run(os.path.join(self.build, "tests/bench/measure"), cost, *words)
        with open(cost, encoding="utf-8") as file:
            result = json.load(file)
        os.unlink(cost)
        result["cpu_s"] = result["user_s"] + result["sys_s"]
        try:
            result["out"] = json.loads(out)
        except ValueError:
            sys.exit(f"speed.py: {words[0]} ended with status {result['status']}:\n{out}")
        return result


def windows_of_brief_steps(out):
    """Seconds, by the frames that were sent in them: of the steps whose landing did not have to hold."""
    settings, total = out["settings"], 0.0
    for style in out["vf"]["styles"]:
        for step in style["steps"]:
            rate = CONTROL_RATE if step["step"] == "control" else settings["rate"]
            window = step["unicast"]["sent"] / rate
            if step["step"] in BRIEF and window < 0.9 * settings["settle_ms"] / 1000:
                total += window
    return total


def by_nfprobe(machine):
    cost = machine.measure(os.path.join(machine.build, "nfprobe"), PF, "--vf", VF, "--json")
    run = cost["out"]["run"]
    if "error" in cost["out"]:
        sys.exit(f"speed.py: nfprobe: {cost['out']['error']['message']}")
    cost["brief_s"] = windows_of_brief_steps(cost["out"])
    cost["settle_s"] = run["settle_ms"] / 1000 - cost["brief_s"]
    cost["rest_s"] = (run["duration_ms"] - run["settle_ms"]) / 1000
    cost["landings"] = {
        style["style"]: {step["step"]: step["unicast"]["landing"] for step in style["steps"]}
        for style in cost["out"]["vf"]["styles"]
    }
    return cost


def by_hand(machine):
    cost = machine.measure(os.path.join(HERE, "by_hand.py"), PF, VF, WIRE)
    cost["limit_s"] = 5.0 * cost["out"]["timeouts"]
    cost["landings"] = cost["out"]["styles"]
    return cost


def spread(values, form):
    text = form % statistics.median(values)
    if len(values) > 1:
        text += f" ({form % min(values)} to {form % max(values)})"
    return text


def row(what, runs, key, form="%.1f s", scale=1.0):
    print(f"  {what:46} {spread([run[key] / scale for run in runs], form)}")


def ratio(what, probes, hands, key):
    print(f"  {what:46} {spread([p[key] / h[key] for p, h in zip(probes, hands)], '%.2f')}")


def first_line(*words):
    try:
        out = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    except OSError:
        out = ""
    return (out.splitlines() or ["?"])[0]


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else "?"


def load():
    return "%.1f" % os.getloadavg()[0]


def describe(machine, icount):
    qemu = first_line(os.environ.get("NFPROBE_QEMU", "qemu-system-x86_64"), "--version")
    version = first_line(os.path.join(machine.build, "nfprobe"), "--version")
    print(f"machine: {processor()}, {os.cpu_count()} processors, Linux {os.uname().release}, load {load()}")
    clock = ", its clock counts instructions" if icount else ""
    print(f"in it:   {qemu}, without KVM{clock}; Linux {machine.run('uname', '-r').strip()}; {version}")
    print(f"task:    {PF} --vf {VF}, 14 steps in 2 styles, frames from {WIRE}", flush=True)


def tell(probes, hands):
    print(f"\nnfprobe, {len(probes)} times")
    row("to the verdict", probes, "wall_s")
    row("  watching landings that must hold", probes, "settle_s")
    row("  watching brief steps", probes, "brief_s")
    row("  the kernel and the rest", probes, "rest_s")
    row("processor time", probes, "cpu_s")
    row("peak memory", probes, "rss_kb", "%.1f MB", 1024.0)
    print("by hand: a sender, then a sniffer with a limit of 5 s")
    row("to the last answer", hands, "wall_s")
    row("  sniffers that heard nothing", hands, "limit_s")
    row("processor time", hands, "cpu_s")
    print("nfprobe / by hand, run by run")
    ratio("time", probes, hands, "wall_s")
    ratio("processor time", probes, hands, "cpu_s")
    same = sum(p["landings"] == h["landings"] for p, h in zip(probes, hands))
    print(f"  same landings: {same} of {len(probes)}; load at the end {load()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--icount", action="store_true", help="the machine's clock counts instructions")
    parser.add_argument("build", type=os.path.realpath)
    parser.add_argument("pairs", type=int)
    args = parser.parse_args()
    probes, hands = [], []
    with Machine(args.build, args.icount) as machine:
        describe(machine, args.icount)
        for pair in range(args.pairs):
            # The one that comes second may find the machine warmer.
            for probe in (True, False) if pair % 2 == 0 else (False, True):
                (probes if probe else hands).append(by_nfprobe(machine) if probe else by_hand(machine))
    tell(probes, hands)


if __name__ == "__main__":
    main()
