# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe says of every simulated NIC what a model in another language says (tests/nfsim/model.py).

NFPROBE_RANDOM="SEED COUNT" draws others than the usual hundred; a failing one is shrunk and printed as words that
`echo "default ..." > /sys/bus/nfsim/devices/nfsim0/personality` takes.
"""

import contextlib
import os
import sys
import time

from scenario import TOP, check
from simulated import Module

sys.path.insert(0, TOP + "/tests/nfsim")
import lots  # noqa: E402
import model  # noqa: E402
import personalities  # noqa: E402

NICS = 4  # side by side
VF, SIBLING = 3, 1
SETTLE_MS = 300
SLOW_MS = 700  # for personalities of real drivers, whose delays are some 200 ms
SOURCES = ("wire", "vf", "pf")


class Case:
    def __init__(self, name, keys, source="wire", vlan=0, settle_ms=SETTLE_MS):
        self.name, self.keys, self.source, self.vlan, self.settle_ms = name, keys, source, vlan, settle_ms

    def argv(self, number):
        origin = {"wire": f"nf{number}w", "vf": f"vf:{SIBLING}", "pf": "pf"}[self.source]
        vlan = ["--vlan", str(self.vlan)] if self.vlan else []
        return [f"nf{number}", "--vf", str(VF), "--from", origin, "--settle", str(self.settle_ms / 1000), "--rate", "300",
                *vlan, "--json"]

    def __str__(self):
        return f"{self.name} from {self.source}{f' vlan {self.vlan}' if self.vlan else ''}: {lots.text(self.keys)}"


def said(style):
    """What nfprobe said of a style, in the model's words."""
    return model.Answer(
        landings=tuple((s["step"], s["unicast"]["landing"]) for s in style["steps"] if s["status"] == "done"),
        claim=style["claim"], release=style["release"], verdict=style["verdict"],
    )


def same(got, answer):
    if got.verdict != answer.verdict:
        return False
    if got.verdict in ("inconclusive", "untestable"):
        return True  # how far the ladder went, and what it made of it, is then nobody's concern
    return (got.landings, got.claim, got.release) == (answer.landings, answer.claim, answer.release)


def differences(case, result):
    """One line for each style that is wrong."""
    if case.keys.get("eswitch") == "switchdev":
        if result.status != 4 or "switchdev" not in result.err:
            yield f"{case}: switchdev mode was not refused: {result.status}"
        return
    if result.status not in (0, 1, 3):
        yield f"{case}: status {result.status}: {result.err.strip()}"
        return
    for number, style in enumerate(result.json()["vfs"][0]["styles"]):
        got = said(style)
        # The second style finds a VF that the first one has reset.
        allowed = model.expect(case.keys, style["style"], case.source, known=number > 0)
        if not any(same(got, answer) for answer in allowed):
            yield (f"{case}\n  {style['style']} got {got.verdict} {got.claim} {got.release} {style['reason']}\n"
                   f"  {' '.join('='.join(pair) for pair in got.landings)}\n"
                   f"  expected {allowed[0].verdict} {allowed[0].claim} {allowed[0].release}\n"
                   f"  {' '.join('='.join(pair) for pair in allowed[0].landings)}")


class Bench:
    """Some simulated NICs that work side by side."""

    def __init__(self, host, module, count=NICS):
        self.host = host
        self.nics = [module.nic("", number=number, bound=True) for number in range(count)]

    def close(self):
        for nic in self.nics:
            nic.__exit__(None, None, None)

    def prepare(self, number, case):
        nic = self.nics[number]
        nic.personality("default " + lots.text(case.keys))
        nic.down("pf")  # a NIC with a history has forgotten what it knew
        nic.up("pf")
        nic.until("carrier", "pf", True)

    def run(self, cases):
        """[(case, result)]; each NIC takes the next case when it is free."""
        waiting, running, done = list(cases), {}, []
        while waiting or running:
            for number in range(len(self.nics)):
                if number not in running and waiting:
                    case = waiting.pop(0)
                    self.prepare(number, case)
                    running[number] = (case, self.host.begin_nfprobe(*case.argv(number)))
            number = next(iter(running))
            case, process = running.pop(number)
            done.append((case, process.wait(240)))
        return done


@contextlib.contextmanager
def bench(host, count=NICS):
    with Module(host, nics=count) as module:
        rig = Bench(host, module, count)
        yield rig
        rig.close()


def judge(host, cases):
    with bench(host) as rig:
        begun = time.monotonic()
        wrong, unsure = [], 0
        for case, result in rig.run(cases):
            wrong += differences(case, result)
            unsure += result.status == 3
        print(f"# {len(cases)} runs, {len(wrong)} wrong, {unsure} inconclusive, "
              f"{time.monotonic() - begun:.0f} s", flush=True)
        return wrong


def slow_enough(keys):
    return SLOW_MS if any(key in keys for key in ("come_ms", "go_ms", "blip_ms")) else SETTLE_MS


def test_named_from_the_wire(host):
    """every driver by name, from the wire, both styles"""
    wrong = judge(host, [Case(name, one.keys, settle_ms=slow_enough(one.keys)) for name, one in personalities.PERSONALITIES.items()])
    check(not wrong, "\n".join(wrong))


def one_of_each_archetype():
    for number in personalities.ARCHETYPES:
        yield next(iter(personalities.of_archetype(number).items()))


def test_archetypes_otherwise(host):
    """one driver of each archetype: in a VLAN, from a sibling VF, from the PF"""
    cases = []
    for name, one in dict(one_of_each_archetype()).items():
        for source, vlan in (("wire", 100), ("vf", 0), ("pf", 0)):
            cases.append(Case(name, one.keys, source, vlan, slow_enough(one.keys)))
    wrong = judge(host, cases)
    check(not wrong, "\n".join(wrong))


def test_random(host):
    """personalities drawn by lot, with noise on the wire"""
    seed, count = os.environ.get("NFPROBE_RANDOM", f"{int(time.time())} 40").split()
    print(f"# NFPROBE_RANDOM='{seed} {count}'", flush=True)
    cases = [Case(f"{seed}/{n}", lots.numbered(seed, n, SETTLE_MS)) for n in range(int(count))]
    wrong = judge(host, cases)
    check(not wrong, "\n".join(wrong))
