# SPDX-License-Identifier: GPL-2.0-or-later
"""The lengths of transitions that nfprobe reports, against a simulated NIC that notes when it switched.

Each length must contain the true one within its own uncertainty, always. How many are within one frame interval and
200 us of it is told, and not asserted: where the machine stands still no frame is sent, and nothing can be known. (tests/soak/
accuracy.c, which takes precedence over all else on its host, asserts it.) What is missing between two frames that arrived says how long a receiver was deaf;
the NIC's log says when its filters came and went, on the same clock.

NFPROBE_ACCURACY="SEED COUNT" measures COUNT transitions at least, of NICs drawn by lot, with delays up to 5 s.
"""

import bisect
import concurrent.futures
import dataclasses
import json
import os
import random

from scenario import check
from simulated import Module

VF = 3
NICS = 2  # side by side; more would wait for each other's processor
SLACK_US = 200
LISTED = 10
SEED, COUNT = "1", "0"  # of a check: the list below only
STANDBY = ("standby", "assign", "attach", "unplug", "detach", "clear", "reassign", "vf-first", "vf-first-unplug")


@dataclasses.dataclass
class Case:
    keys: str  # of the NIC; arb=vf in any case, so that the log alone says who hears
    rate: int = 1000
    settle_ms: int = 300
    style: str = "filter"

    def argv(self, number):
        return [f"nf{number}", "--vf", str(VF), "--from", f"nf{number}w", "--settle", str(self.settle_ms / 1000),
                "--rate", str(self.rate), "--style", self.style, "--no-transmit", "--json"]


CHECKED = (
    Case("come=up come_ms=120 go=unplug go_ms=90"),
    Case("come=assign go=clear go_ms=45 loss=0.5", style="promisc"),
    Case("come=up come_ms=30 go=down set_reset_ms=80", rate=200),
    Case("come=up+reset go=unplug go_ms=250 vf_carrier_ms=70 reorder=1 reorder_us=1500", style="promisc"),
)


class Timeline:
    """Who heard an address when, by the log of the NIC."""

    def __init__(self, log):
        self.times, self.states = [], []
        self.assigned = []  # (ns, address)
        state = {"pf": set(), "promisc": False, "carrier": False, "vf": None, "vf_carrier": False}
        for ns, port, what, mac in log:
            self.note(ns, state, port, what, mac)
            self.times.append(ns)
            self.states.append({**state, "pf": set(state["pf"])})

    def note(self, ns, state, port, what, mac):
        if port == "pf":
            if what == "unicast on":
                state["pf"].add(mac)
            elif what == "unicast off":
                state["pf"].discard(mac)
            elif what in ("promisc on", "promisc off"):
                state["promisc"] = what == "promisc on"
            elif what in ("carrier on", "carrier off"):
                state["carrier"] = what == "carrier on"
        elif port == f"vf{VF}":
            if what in ("filter on", "filter off"):
                state["vf"] = mac if what == "filter on" else None
            elif what in ("carrier on", "carrier off"):
                state["vf_carrier"] = what == "carrier on"
            elif what == "assign":
                self.assigned.append((ns, mac))

    def address(self, ns):
        """The one under test then; None before the first was assigned."""
        return ([mac for at, mac in self.assigned if at <= ns] or [None])[-1]

    @staticmethod
    def hears(state, listens, mac):
        if listens == "vf":
            return state["vf_carrier"] and state["vf"] == mac
        return state["carrier"] and (state["promisc"] or mac in state["pf"]) and state["vf"] != mac

    def deaf(self, listens, mac, begin, end):
        """[(from, to)] in which the receiver is deaf, within [begin, end]."""
        at = bisect.bisect_right(self.times, begin) - 1
        marks = [begin, *self.times[at + 1:bisect.bisect_left(self.times, end)], end]
        spans = []
        for number, (a, b) in enumerate(zip(marks, marks[1:])):
            if self.hears(self.states[at + number], listens, mac):
                continue
            if spans and spans[-1][1] == a:
                spans[-1] = (spans[-1][0], b)
            else:
                spans.append((a, b))
        return spans


def truths(result, log):
    """(transition, true length of its gap in us); those without a gap that ends are left out."""
    timeline, start = Timeline(log), result["run"]["monotonic_us"] * 1000
    style = result["vfs"][0]["styles"][0]
    ends = {step["step"]: start + (step["start_ms"] + step["duration_ms"]) * 1_000_000 for step in style["steps"]}
    for t in style["transitions"]:
        if t["gap_us"] is None:
            continue
        asked, end = start + t["asked_us"] * 1000, ends[t["to"]]
        listens = "pf" if t["to"] in STANDBY else "vf"
        mac = timeline.address(end) or style["address"]
        begin = asked if t["gap_from"] == "request" else ends[t["from"]]
        spans = timeline.deaf(listens, mac, begin, end)
        yield t, max((b - a for a, b in spans if b < end), default=0) / 1000


class Score:
    def __init__(self):
        self.measured = self.with_gap = self.close = self.close_gaps = 0
        self.outside, self.far = [], []

    def add(self, case, t, truth):
        off = abs(t["gap_us"] - truth)
        close = off <= 1e6 / case.rate + SLACK_US
        words = f"{case}: {t['from']} to {t['to']}: {t['gap_us']} +-{t['gap_error_us']} us, in truth {truth:.0f}"
        self.measured += 1
        self.with_gap += truth > 0
        self.close += close
        self.close_gaps += close and truth > 0
        # The log has whole nanoseconds, the result whole microseconds.
        if off > t["gap_error_us"] + 1:
            self.outside.append(words)
        elif not close:
            self.far.append(words)

    def __str__(self):
        inside = self.measured - len(self.outside)
        return (f"{self.measured} transitions runs: {inside} contain the truth; within one interval and {SLACK_US} us: {self.close} "
                f"({self.close_gaps} of {self.with_gap} that have a gap)")


def measure(host, nic, number, case):
    nic.personality("default arb=vf " + case.keys)
    nic.down("pf")
    nic.up("pf")
    nic.until("carrier", "pf", True)
    before = nic.log()
    result = host.nfprobe(*case.argv(number))
    check(result.status in (0, 1, 3), f"{case}: status {result.status}: {result.stderr.decode()}")
    out = json.loads(result.stdout)
    check(out["vfs"][0]["styles"][0]["transitions"], f"{case}: nothing was measured: {out['vfs'][0]['styles'][0]['reason']}")
    return truths(out, before[-50:] + [line for line in nic.log() if not before or line[0] > before[-1][0]])


def delay(lots):
    """Milliseconds: often short, now and then none, or seconds."""
    return 0 if lots.random() < 0.1 else lots.randrange(1000, 5001) if lots.random() < 0.06 else lots.randrange(1, 301)


def drawn(lots):
    come, go, reset = delay(lots), delay(lots), delay(lots) % 900
    keys = lots.choice((
        f"come=up come_ms={come} go=unplug go_ms={go}",
        f"come=assign go=clear go_ms={go}",
        f"come=up come_ms={come} go=down set_reset_ms={reset}",
        f"come=up+reset go=unplug go_ms={go} vf_carrier_ms={come % 1000}",
    ))
    keys += lots.choice(("", "", f" loss={lots.randrange(1, 11) / 10}", f" reorder=1 reorder_us={lots.randrange(100, 3000)}"))
    longest = max(come, go, reset)
    return Case(keys, lots.choice((100, 1000, 1000, 1000)), 300 if longest <= 300 else longest + 200, lots.choice(("filter", "promisc")))


def cases(seed, count, score):
    """The list; then others as long as too little was measured."""
    yield from CHECKED
    lots = random.Random(seed)
    while score.measured < count:
        yield drawn(lots)


def test_gaps(host):
    """gaps as long as the NIC's own log says, within what is stated"""
    seed, count = os.environ.get("NFPROBE_ACCURACY", f"{SEED} {COUNT}").split()
    score = Score()
    with Module(host, nics=NICS) as module:
        nics = [module.nic("", number=number, bound=True) for number in range(NICS)]
        source = cases(seed, int(count), score)
        with concurrent.futures.ThreadPoolExecutor(NICS) as pool:
            while batch := [case for _, case in zip(range(NICS), source)]:
                runs = [(case, pool.submit(measure, host, nics[number], number, case)) for number, case in enumerate(batch)]
                for case, run in runs:
                    for t, truth in run.result():
                        score.add(case, t, truth)
        for nic in nics:
            nic.__exit__(None, None, None)
    print(f"# {score}", flush=True)
    for line in (score.outside + score.far)[:LISTED]:
        print(f"# {line}", flush=True)
    check(score.with_gap >= 15, "too few gaps")
    check(not score.outside, f"{len(score.outside)} of {score.measured} do not contain the truth")
