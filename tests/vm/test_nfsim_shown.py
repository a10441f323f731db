# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of whole runs that the emulated igb cannot make, on simulated NICs; test_igb.py and test_refuse.py have the others."""

import contextlib
import dataclasses
from concurrent import futures

import shown
from probing import unchanged
from scenario import check, equal
from simulated import X, Y, Module

VF = 3


def give_address(nic):
    """Its netdev takes it as well."""
    nic.assign(VF, X)
    nic.unbind(VF)
    nic.bind(VF)


def change_address(nic):
    """As soon as the VF has lost its filter, in the step `unplug`: what `up` has shown is known by then."""
    nic.assign(VF, Y, once=(f"vf{VF}", "filter off"))


def cut_off(nic):
    """As soon as the standby has its filter: the source was heard until then."""
    nic.personality("loss=100", once=("pf", "unicast on"))


@dataclasses.dataclass
class Case:
    name: str
    personality: str
    status: int
    args: tuple = ()
    meddle: object = None
    prepare: object = lambda nic: None  # also afterwards

    def run(self, nic):
        args = (f"nf{nic.number}", "--vf", VF, "--rate", "100", *self.args)
        run = nic.host.begin_nfprobe(*args, fixes=True)
        if self.meddle:
            self.meddle(nic)
        result = run.wait(600)
        self.prepare(nic)
        equal(result.status, self.status, f"status; {result.err}{result.out}")
        shown.compare(self.name, args, result)


CASES = (
    Case("safe", "come=up go=down+unplug+clear arb=both loop_vf_pf=0 promisc_vf=0", 0),
    Case("sticky", "come=up go=reset+clear arb=both loop_vf_pf=0 promisc_vf=0", 1, ("--style", "macvtap,bridge")),
    Case("refused", "come=assign+reset+driver+up go=clear arb=both loop_vf_pf=0 promisc_vf=0 vf_second=EEXIST promisc_owned=1", 1),
    Case("disturbed", "come=up go=down+unplug+clear arb=both loop_vf_pf=0 promisc_vf=0", 3, ("--settle", "3"), change_address, give_address),
    Case("silent", "come=up go=down+unplug+clear arb=both loop_vf_pf=0 promisc_vf=0", 3, (), cut_off, lambda nic: nic.personality("loss=0")),
)


def attempt(case, nic):
    """The error, if any; the others go on."""
    try:
        case.run(nic)
    except Exception as error:  # noqa: BLE001
        return f"{case.name}: {error}"
    return None


def test_shown(host):
    """safe, sticky, refused, disturbed, and a wire that goes silent: each run says what tests/golden/real has"""
    with Module(host, nics=len(CASES)) as module, contextlib.ExitStack() as stack:
        nics = [stack.enter_context(module.nic(case.personality, number=i, bound=True)) for i, case in enumerate(CASES)]
        for case, nic in zip(CASES, nics):
            case.prepare(nic)
            nic.settled()
        with unchanged(host), futures.ThreadPoolExecutor(len(CASES)) as pool:
            wrong = [line for line in pool.map(attempt, CASES, nics) if line]
            check(not wrong, "\n".join(wrong))
