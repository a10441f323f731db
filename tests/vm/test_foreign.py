# SPDX-License-Identifier: GPL-2.0-or-later
"""Others who meddle in mid-run: no verdict, the cause by its name, and nothing left of the run's own.

Each of them has a simulated NIC of its own, side by side; what only real buses have is in test_errors.py.
"""

import contextlib
import dataclasses
import json
from concurrent import futures

from probing import PACE, come_to, meddled, outcome, valid
from scenario import ZERO, check, differences, equal, long
from simulated import Module

VF = 3
ADDRESS = "02:00:5e:00:04:02"
UP = "+ ip -n nfprobe link set nfpvf up"
HOLD = "+ ip maddr add"  # the last change before `standby` is watched


def arguments(nic, *more, style="macvtap"):
    return [f"nf{nic.number}", "--vf", VF, "--from", f"nf{nic.number}w", *PACE,
            "--style", style, "-v", "--json", *more]


def start(nic, at, *more, style="macvtap"):
    """A run that has come to the change `at`, and stands still there."""
    run = nic.host.begin_nfprobe(*arguments(nic, *more, style=style), hold=at)
    come_to(run, at, f"nf{nic.number}")
    return run


def every_word(out):
    """All that a result says of causes."""
    styles = out["vf"]["styles"]
    return json.dumps([out["error"] if "error" in out else None, out["changes_seen"], out["warnings"],
                       [(style["reason"], [step["note"] for step in style["steps"]]) for style in styles]])


@dataclasses.dataclass
class Case:
    """`meddle` and afterwards `mend` get the NIC; `says` are words of which the result has one at least."""

    name: str
    meddle: object
    says: tuple
    mend: object = lambda nic: None
    at: str = UP
    status: tuple = (3,)
    restored: bool = True

    def run(self, nic):
        run = meddled(start(nic, self.at), self.at, lambda: self.meddle(nic))
        result = run.wait(900)
        out = valid(result.json())
        status = result.status
        left = nic.host.vf_info(VF, f"nf{nic.number}")["address"] if status == 3 else ZERO
        self.mend(nic)
        if status == 3 and out["changes_seen"]:
            equal(out["vf"]["address_after"], None if left == ZERO else left, "the address that the VF has after the run")
            check((f"its address is {left}" in " ".join(out["text"]["lines"])) == (left != ZERO), out["text"]["lines"])
        check(status in self.status, f"status {status}\n{result.err}\n{every_word(out)}")
        equal(out["exit"], status, "exit in JSON")
        equal((out["verdict"], out["restored"]), ("unknown" if status == 3 else out["verdict"], self.restored),
              f"verdict, restored; {every_word(out)}")
        check(out["verdict"] in (None, "unknown"), f"verdict {out['verdict']}")
        check(any(word in every_word(out) for word in self.says), f"none of {self.says} in {every_word(out)}")


def bridge(nic):
    nic.run("ip", "link", "add", f"br{nic.number}", "type", "bridge")
    nic.run("ip", "link", "set", "nf%d" % nic.number, "master", f"br{nic.number}")


def unbridge(nic):
    nic.run("ip", "link", "del", f"br{nic.number}")


def pf_up(nic):
    nic.up("pf")
    nic.until("carrier", "pf", True)


def unload(nic):
    nic.host.write("/sys/bus/nfsim/drivers/nfsim/unbind", f"nfsim{nic.number}")


def load(nic):
    nic.host.write("/sys/bus/nfsim/drivers/nfsim/bind", f"nfsim{nic.number}")
    pf_up(nic)
    nic.vfs(4)


def take_away(nic):
    """Into another network namespace."""
    nic.run("ip", "netns", "add", f"away{nic.number}")
    nic.run("ip", "link", "set", f"nf{nic.number}", "netns", f"away{nic.number}")


def bring_back(nic):
    nic.run("ip", "-n", f"away{nic.number}", "link", "set", f"nf{nic.number}", "netns", "1")
    nic.run("ip", "netns", "del", f"away{nic.number}")
    pf_up(nic)
    equal(nic.host.nfprobe("--restore", f"nf{nic.number}").status, 0, "--restore")


def own_address(nic):
    nic.run("ip", "link", "set", f"nf{nic.number}", "address", f"00:6e:66:{nic.number:02x}:00:00")


def cable_again(nic):
    nic.cable(True)
    nic.until("carrier", "pf", True)


def draw_address(nic):
    """A VF that has none draws one when it is bound."""
    nic.clear(VF)
    nic.unbind(VF)
    nic.bind(VF)


CASES = [
    Case("VF unbound", lambda nic: nic.unbind(VF), ("has unbound VF 3", "the netdev of VF 3")),
    Case("address of the VF", lambda nic: nic.run("ip", "link", "set", f"nf{nic.number}", "vf", VF, "mac", ADDRESS),
         ("changed the address of VF 3",), draw_address),
    Case("PF down", lambda nic: nic.down("pf"), ("was set down",), pf_up),
    Case("wire pulled", lambda nic: nic.cable(False), ("carrier",), cable_again),
    Case("PF in a bridge", bridge, ("master", "promiscuity"), unbridge, at=HOLD),
]
MORE_CASES = [
    Case("address of the PF", lambda nic: nic.run("ip", "link", "set", f"nf{nic.number}", "address", ADDRESS),
         ("was given the address",), own_address),
    Case("PF's driver unloaded", unload, ("no longer there", "No such device"), load, status=(4,)),
    Case("PF taken away", take_away, ("is not in this network namespace",), bring_back, status=(5,), restored=False),
]


def each(host, cases):
    with Module(host, nics=len(cases)) as module, contextlib.ExitStack() as stack:
        nics = [stack.enter_context(module.nic(number=i, bound=True)) for i in range(len(cases))]
        for nic in nics:
            nic.settled()
        before = host.state()
        with futures.ThreadPoolExecutor(5) as pool:  # or the machine is too slow for the runs
            wrong = [line for line in pool.map(lambda pair: attempt(*pair), zip(cases, nics)) if line]
        check(not wrong, "\n".join(wrong))
        for nic in nics:
            nic.settled()
        left = list(differences(before, host.state()))
        check(not left, "\n".join(left))


def test_changes(host):
    """changes by others, each seen and named: unknown or 4, never a verdict, and all of ours undone"""
    each(host, CASES)


@long
def test_more_changes(host):
    """as many others: the same, and 5 of a PF that has gone where the run cannot undo"""
    each(host, MORE_CASES)


def attempt(case, nic):
    """The error, if any; the others go on."""
    try:
        case.run(nic)
    except Exception as error:  # noqa: BLE001
        return f"{case.name}: {error!r}"
    return None


def test_lasting(host):
    """a PF that somebody made promiscuous in the first ladder spoils that of the next style, too, which begins with it"""
    with Module(host) as module, module.nic(bound=True) as nic:
        nic.settled()
        run = meddled(start(nic, UP, style="macvtap,static-bridge"), UP, lambda: nic.run("ip", "link", "set", "nf0", "promisc", "on"))
        out = outcome(run.wait(180), 3)
        nic.run("ip", "link", "set", "nf0", "promisc", "off")
        styles = out["vf"]["styles"]
        equal([style["verdict"] for style in styles], ["unknown"] * 2, f"verdicts; {[style['reason'] for style in styles]}")
        check("promiscu" in every_word(out), every_word(out))


def test_during_undo(host):
    """a VF that somebody trusts while a run undoes its changes stays trusted"""
    undoing = "+ echo > /sys/bus/nfsim/devices/nfsim0-vf3/driver_override"  # a run makes this change for nothing else
    with Module(host) as module, module.nic(bound=True) as nic:
        nic.settled()
        run = meddled(start(nic, undoing), undoing, lambda: nic.trust(VF, "on"))
        out = outcome(run.wait(180), 0)
        check("has changed its trust from off to on: left alone" in every_word(out), every_word(out))
        vf = json.loads(nic.run("ip", "-j", "link", "show", "nf0"))[0]["vfinfo_list"][VF]
        equal(vf["trust"], True, "trust")
        nic.trust(VF, "off")
