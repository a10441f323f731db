#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The cost of a frame beside tcpdump, netsniff-ng and trafgen, and a ladder in memory; make bench. Needs root.

usage: bench.py BUILD ROUNDS

BUILD has nfprobe, tests/bench/peer and tests/bench/bench_ladder. Of tcpdump, netsniff-ng and trafgen, what is not installed is left out.

Captures take turns on one veth pair with the same frames. nfprobe's parses each frame, checks its keyed checksum and accounts for it;
the others write it to a file in memory. Printed is what each captured, what it was told that the kernel dropped (what is missing
besides was in a ring's last block when the capture was ended), the processor time of a frame, the kernel's on its behalf included,
and the ratios round by round, as median with least and most. Nothing is asserted.

What nfprobe --watch costs at a netdev is the difference that its listener makes to a sender of frames which are not its guest's: they
arrive in the sender's own time. Beside it stand tcpdump with a filter that fits no frame, and nobody.

Senders, the injector and trafgen (which by default sends past the queueing discipline and from a ring), take turns on one processor, as
fast as they can. On a host that is busy the time of the clock says little: frames are also counted by the second of processor time
that the sender used, the kernel's part included.
"""

import json
import os
import re
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SECONDS = 3
RATES = (1000, 10000, 50000)
SNAPLEN = "128"
TEXT = "ether proto 0x88b5"
ENTERED = "NFPROBE_BENCH_NETNS"


def commands(build, file):
    """Each with as much of a ring as nfprobe has, 2 MB, and the same share of a frame."""
    return {
        "nfprobe": [os.path.join(build, "tests/bench/peer"), "hear", "s1"],
        "tcpdump": ["tcpdump", "-i", "s1", "-p", "-n", "-B", "2048", "-s", SNAPLEN, "-w", file, TEXT],
        "tcpdump, immediate": ["tcpdump", "-i", "s1", "-p", "-n", "-B", "2048", "-s", SNAPLEN, "--immediate-mode", "-w", file, TEXT],
        "netsniff-ng": ["netsniff-ng", "-i", "s1", "-o", file, "-s", "-M", "-N", "-Q", "-S", "2MiB", "-f", TEXT],
    }


def sockets(ifindex):
    """Packet sockets that hear there: /proc/net/packet is of this process's namespace."""
    with open("/proc/self/net/packet", encoding="ascii") as file:
        lines = [line.split() for line in file.readlines()[1:]]
    return sum(int(words[4]) == ifindex and words[5] == "1" for words in lines)


class Capture:
    """A process that captures; ready once the kernel has its socket."""

    def __init__(self, words, ifindex):
        before = sockets(ifindex)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(words, **pipes)
        while sockets(ifindex) == before:
            if self.process.poll() is not None:
                sys.exit(f"bench.py: {words[0]}: {self.process.stdout.read().decode()}")
            select.select([], [], [], 0.01)

    def end(self, by_signal):
        """(what it said, seconds of processor time)"""
        if by_signal:
            self.process.send_signal(signal.SIGINT)
        self.process.stdin.close()
        said = self.process.stdout.read().decode()
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        return said, usage.ru_utime + usage.ru_stime


def spread(values, form):
    return f"{form % statistics.median(values)} ({form % min(values)} to {form % max(values)})"


def number(said, pattern):
    found = re.search(pattern, said)
    if not found:
        sys.exit(f"bench.py: nothing like {pattern!r} in:\n{said}")
    return int(found.group(1))


COUNTS = {  # captured, dropped
    "nfprobe": (r"captured (\d+)", r"dropped (\d+)"),
    "tcpdump": (r"(\d+) packets? captured", r"(\d+) packets? dropped by kernel"),
    "netsniff-ng": (r"(\d+)\s+packets incoming", r"(\d+)\s+packets failed filter \(out of space\)"),
}


def race(build, name, rate, folder):
    """(captured, dropped, microseconds of processor time a frame)"""
    file = os.path.join(folder, "frames.pcap")
    # /sys shows the namespace in which it was mounted.
    capture = Capture(commands(build, file)[name], socket.if_nametoindex("s1"))
    words = [os.path.join(build, "tests/bench/peer"), "send", "s0", str(rate), str(rate * SECONDS)]
    subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
    said, cpu = capture.end(name != "nfprobe")
    captured, dropped = (number(said, pattern) for pattern in COUNTS[name.split(",")[0]])
    if os.path.exists(file):
        os.unlink(file)
    return captured, dropped, 1e6 * cpu / max(captured, 1)


def bench(build, names, rate, rounds, folder):
    runs = {name: [] for name in names}
    for turn in range(rounds):
        # The one that comes second may find the machine warmer.
        for name in names if turn % 2 == 0 else reversed(names):
            runs[name].append(race(build, name, rate, folder))
    print(f"\n{rate} frames a second for {SECONDS} s")
    for name in names:
        captured, dropped, costs = zip(*runs[name])
        cost = spread(costs, "%.2f us")
        print(f"  {name:20} {sum(captured)} of {rounds * rate * SECONDS}, dropped {sum(dropped)}; processor time a frame {cost}")
    for name in names[1:]:
        ratios = [ours[2] / theirs[2] for ours, theirs in zip(runs["nfprobe"], runs[name])]
        print(f"  nfprobe / {name:20} {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


# 62 bytes, as ours.
FRAME = "{ 0x02,0,0,0,0,0x11, 0x02,0,0,0,0,1, 0x88,0xb5, fill(0x5a, 48) }\n"
MOST = 10**9  # frames a second: as many as go


def senders(build, file):
    """Each ends after some seconds; trafgen would run on until it is told to stop."""
    return {
        "nfprobe": [os.path.join(build, "tests/bench/peer"), "send", "s0", str(MOST), str(SECONDS * MOST)],
        "trafgen": ["trafgen", "-o", "s0", "-i", file, "-P", "1"],
    }


def frames_sent():
    """/sys shows the namespace in which it was mounted; ip(8) asks this one."""
    link = subprocess.run(["ip", "-s", "-j", "link", "show", "s0"], capture_output=True, check=True)
    return json.loads(link.stdout)[0]["stats64"]["tx"]["packets"]


def send(words):
    """(frames a second, frames by the second of processor time)"""
    before, begin = frames_sent(), time.monotonic()
    process = subprocess.Popen(["taskset", "-c", "0", "timeout", "-s", "INT", str(SECONDS), *words], stdout=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    sent, seconds = frames_sent() - before, time.monotonic() - begin
    return sent / seconds, sent / (usage.ru_utime + usage.ru_stime)


def bench_senders(build, rounds, folder):
    file = os.path.join(folder, "frame")
    with open(file, "w", encoding="ascii") as out:
        out.write(FRAME)
    names = list(senders(build, file))
    speeds = {name: [] for name in names}
    print("frames a second, and by the second of processor time")
    for turn in range(rounds):
        for name in names if turn % 2 == 0 else reversed(names):
            speeds[name].append(send(senders(build, file)[name]))
        print("  " + " ".join("%s %7.0f (%7.0f)" % (name, *speeds[name][-1]) for name in names), flush=True)
    for at, what in enumerate(("by the clock", "by processor time")):
        ratios = [ours[at] / theirs[at] for ours, theirs in zip(speeds["nfprobe"], speeds["trafgen"])]
        print(f"  nfprobe / trafgen, {what:18} {spread(ratios, '%.2f')}")


WATCHERS = {
    "nobody": lambda build: None,
    "nfprobe --watch": lambda build: [os.path.join(build, "tests/bench/peer"), "watch", "s1"],
    "tcpdump, no frame": lambda build: ["tcpdump", "-i", "s1", "-p", "-n", "-w", "/dev/null", "ether dst 52:54:00:00:00:12"],
}


def bench_watch(build, names, rounds):
    print("\nprocessor seconds of a million frames of others, sent and received")
    sender = [os.path.join(build, "tests/bench/peer"), "send", "s0", str(MOST), str(SECONDS * MOST)]
    costs = {name: [] for name in names}
    for turn in range(rounds):
        for name in names if turn % 2 == 0 else reversed(names):
            words = WATCHERS[name](build)
            watcher = words and Capture(words, socket.if_nametoindex("s1"))
            costs[name].append(1e6 / send(sender)[1])
            if watcher:
                watcher.end(name.startswith("tcpdump"))
    for name in names:
        more = [mine - bare for mine, bare in zip(costs[name], costs["nobody"])]
        print(f"  {name:20} {spread(costs[name], '%.2f')}; more than nobody {spread(more, '%.2f')}", flush=True)


def set_up():
    for words in ("link add s0 type veth peer name s1", "link set s1 up", "link set s0 up"):
        subprocess.run(["ip", *words.split()], check=True)


def version(words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()[0]


def main():
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        sys.exit(__doc__.split("\n\n")[1])
    if ENTERED not in os.environ:
        os.environ[ENTERED] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    build, rounds = os.path.realpath(sys.argv[1]), int(sys.argv[2])
    with open("/proc/cpuinfo", encoding="ascii") as file:
        processor = re.search(r"model name\s*: (.*)", file.read())
    print(f"{os.cpu_count()} processors ({processor[1] if processor else '?'}), Linux {os.uname().release}, load {os.getloadavg()[0]:.1f}")
    peers = [name for name in ("tcpdump", "netsniff-ng", "trafgen") if shutil.which(name)]
    print("; ".join(version([name, "--version"]) for name in (os.path.join(build, "nfprobe"), *peers)), flush=True)
    for rate in ("1000", "100"):
        subprocess.run([os.path.join(build, "tests/bench/bench_ladder"), "10000", rate], check=True)
    with open("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w", encoding="ascii") as file:
        file.write("1")
    set_up()
    names = [name for name in commands(build, "") if name == "nfprobe" or name.split(",")[0] in peers]
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        for rate in RATES:
            bench(build, names, rate, rounds, folder)
        bench_watch(build, [name for name in WATCHERS if "tcpdump" not in name or "tcpdump" in peers], rounds)
        if "trafgen" in peers:
            bench_senders(build, rounds, folder)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
