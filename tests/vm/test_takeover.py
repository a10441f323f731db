# SPDX-License-Identifier: GPL-2.0-or-later
"""A VF that another process takes or changes in mid-run, at each step: nfprobe makes no call to it any more.

What counts is what the VF's driver was called for (the simulated NIC's `calls`), not what nfprobe says of itself.
"""

import contextlib
import os
import signal
from concurrent import futures

from probing import TooLate, in_time, valid, worker
from scenario import check, differences, equal
from simulated import Module

VF = 3
TOGETHER = 7  # runs side by side
ADDRESS, VLAN = "02:00:5e:00:04:03", 77

# The last call to the VF before each is watched.
STEPS = {"control": "remove", "standby": "remove", "assign": "set_vf_mac", "attach": "reset", "driver": "renamed", "up": "open",
         "down": "stop", "unplug": "remove", "detach": "reset", "clear": "set_vf_mac", "reassign": "reset", "vf-first": "reset",
         "vf-first-up": "open", "vf-first-unplug": "stop"}
# The VF has a netdev while these are watched.
BOUND = ("up", "down", "vf-first-up")

# Takes the netdev out of the namespace that only nfprobe has, and into a new one.
MOVE = r"""
import ctypes, os, subprocess, sys
home = os.readlink("/proc/self/ns/net")
folder = f"/proc/{sys.argv[1]}/fd"
for fd in os.listdir(folder):
    if os.readlink(f"{folder}/{fd}") not in (home,) and os.readlink(f"{folder}/{fd}").startswith("net:["):
        namespace = os.open(f"{folder}/{fd}", os.O_RDONLY)
        break
subprocess.run(["ip", "netns", "add", sys.argv[2]], check=True)
if ctypes.CDLL(None, use_errno=True).setns(namespace, 0):
    raise OSError(ctypes.get_errno(), "setns")
subprocess.run(["ip", "link", "set", "nfpvf", "netns", sys.argv[2]], check=True)
"""


def override(nic, driver):
    nic.vf_attribute(VF, "driver_override", driver + "\n")


def park(nic, _):
    """As libvirt does."""
    override(nic, "nfsimstub")
    if nic.driver(VF):
        nic.unbind(VF)
    nic.bind(VF, "nfsimstub")


def hand_out(nic, _):
    """As somebody does who knows nothing of driver_override."""
    if nic.driver(VF):
        nic.unbind(VF)
    override(nic, "")
    nic.bind(VF, "nfsimuio")


def free(nic):
    if nic.driver(VF):
        nic.unbind(VF)
    override(nic, "")


def move(nic, _):
    nic.host.ok("/usr/bin/python3", "-I", "-S", "-c", MOVE, pid_of(nic), f"guest{nic.number}")


def bring_back(nic):
    nic.host.sh(f"ip -n guest{nic.number} link set nfpvf down; ip netns del guest{nic.number}")
    nic.until("has_netdev", VF, True)


def plain(nic):
    """No address of an administrator, and nobody remembers it."""
    nic.unbind(VF)
    nic.clear(VF)
    nic.reset(VF)
    nic.bind(VF)



def share(number, ways):
    """Of the steps, which so many ways share in a check; each at all of them takes as long as all the rest (scripts/soak others)."""
    return list(STEPS) if os.environ.get("NFPROBE_TAKEOVER") == "all" else list(STEPS)[number::ways]


# name: (what is done, what undoes it, the steps, the exit status, calls that must not be made then; None: none at all)
KINDS = {
    "bound to a driver that hands it out, by its override": (park, free, STEPS, 5, None),
    "bound to another driver": (hand_out, free, share(0, 2), 5, None),
    "overridden": (lambda nic, _: override(nic, "vfio-pci"), lambda nic: override(nic, ""), share(1, 2), 5, None),
    "moved to another namespace": (move, bring_back, BOUND, 5, None),
    "given an address": (lambda nic, _: nic.assign(VF, ADDRESS), plain, share(0, 2), 3, ("set_vf_mac", "set_mac")),
    "trusted": (lambda nic, _: nic.trust(VF, "on"), lambda nic: nic.trust(VF, "off"), share(2, 4), 3, ("set_vf_trust",)),
    "given a VLAN": (lambda nic, _: nic.vlan(VF, VLAN), lambda nic: nic.vlan(VF, 0), share(1, 2), 3, ("set_vf_vlan",)),
}


def argv(nic, vf=VF):
    return [f"nf{nic.number}", "--vf", vf, "--from", f"nf{nic.number}w", "--settle", "0.3", "--rate", 100, "--no-transmit"]


def pid_of(nic):
    return worker(nic.host, f"nf{nic.number}")


def is_watching(nic, step):
    """Has the run, which stands still, made the step's changes, and does it wait for frames, in ppoll? Then no write is under way."""
    calls = [call for call in nic.calls() if (call[1], call[3]) == (VF, "nfprobe")]
    addresses = {call[4] for call in calls if call[2] == "set_vf_mac"} - {"00:00:00:00:00:00"}
    # The step before vf-first ends with the same call, but for the first address.
    if step == "vf-first" and len(addresses) < 2:
        return False
    # With as many descriptors as wake it then; an exchange with the kernel waits for one.
    syscall = nic.host.ok("cat", f"/proc/{pid_of(nic)}/syscall").split()
    return [call[2] for call in calls[-1:]] == [STEPS[step]] and (syscall[0], syscall[2:3]) == ("271", ["0x4"])


def take_at(nic, step, take):
    """A run into which `take` comes when `step` begins: (run, when it was done)."""
    run = None

    def attempt():
        nonlocal run
        run = nic.host.begin_nfprobe(*argv(nic), "--json-stream", "--json=/tmp/takeover-%d.json" % nic.number)
        check(run.wait_for(f'"step":"{step}"', 180), f"it never came to {step}: {run.stderr.decode()}")
        run.pause()
        try:
            while True:
                steps = [line for line in run.stdout.decode().splitlines() if line.startswith('{"event":"step"')]
                if f'"step":"{step}"' not in steps[-1] or '"style":"promisc"' in steps[-1]:
                    raise TooLate(f"it is at {steps[-1]}")
                if is_watching(nic, step):
                    break
                run.go_on()
                run.pause()
            take(nic, run)
            return nic.calls()[-1][0]
        finally:
            run.go_on()

    def give_up():
        run.signal(signal.SIGINT)
        equal(run.wait(180).status, 130, "status of the run that was interrupted")

    taken_ns = in_time(attempt, give_up, tries=40)
    return run, taken_ns


def meet(nic, kind, step):
    take, mend, _, status, forbidden = KINDS[kind]
    nic.calls(clear=True)
    run, taken_ns = take_at(nic, step, take)
    done = run.wait(300)
    calls = [call for call in nic.calls() if call[0] > taken_ns and call[1] == VF and call[3] == "nfprobe"]
    wrong = [call for call in calls if forbidden is None or call[2] in forbidden]
    out = valid(nic.host.json("cat", "/tmp/takeover-%d.json" % nic.number))
    style = out["vfs"][0]["styles"][1]
    what = f"{kind}, at {step}"
    check(not wrong, f"{what}: nfprobe has called {wrong}")
    equal((done.status, out["verdict"]), (status, "inconclusive"), f"{what}: status, verdict; {done.err}")
    check(style["verdict"] == "inconclusive" and not style["steps"], f"{what}: the second style was begun: {style['reason']}")
    first = out["vfs"][0]["styles"][0]
    check("something else changed the host" in first["reason"], f"{what}: the first style says nothing of it: {first['reason']}")
    nic.host.run("rm", "/tmp/takeover-%d.json" % nic.number)
    if status == 5:
        left(nic, what, out, done)
    mend(nic)
    equal(nic.host.nfprobe("--restore", f"nf{nic.number}").status, 0, f"{what}: --restore of what is free")


def left(nic, what, out, done):
    """It is named, and keeps nobody from another VF."""
    check(f"VF {VF} of nf{nic.number} is left as it is" in done.err, f"{what}: stderr is {done.err}")
    equal((out["restored"], out["error"]["code"]), (False, "vf-taken"), f"{what}: restored, error code")
    address = next((info["address"] for info in nic.ip_json("link", "show", f"nf{nic.number}")[0]["vfinfo_list"] if info["vf"] == VF))
    tested = {out["vfs"][0]["styles"][0]["address"]}
    if address in tested:
        check(address in done.err, f"{what}: its address {address} is the run's, and {done.err} does not say so")
    equal(nic.host.nfprobe("--restore", f"nf{nic.number}").status, 5, f"{what}: --restore of what is taken")


def attempt(nic, kind, step):
    """What is wrong, if anything; the others go on."""
    try:
        meet(nic, kind, step)
    except Exception as error:  # noqa: BLE001
        return f"{kind}, at {step}: {error!r}"
    return None


def each(host, kind, first=lambda nic: None):
    steps = KINDS[kind][2]
    with Module(host, nics=len(steps)) as module, contextlib.ExitStack() as stack:
        nics = [stack.enter_context(module.nic(number=i, bound=True)) for i in range(len(steps))]
        for nic in nics:
            nic.settled()
        first(nics[0])
        before = host.state()
        with futures.ThreadPoolExecutor(TOGETHER) as pool:
            done = list(pool.map(lambda pair: attempt(pair[0], kind, pair[1]), zip(nics, steps)))
        wrong = [line for line in done if line] + list(differences(before, host.state()))
        check(not wrong, "\n".join(wrong))


def test_bound_by_override(host):
    """bound to a driver that hands it out, at each step: nothing reaches the VF any more, exit 5, restored once it is free"""
    each(host, "bound to a driver that hands it out, by its override")


def test_bound(host):
    """bound to another driver without an override, at some steps: the same"""
    each(host, "bound to another driver", lambda nic: nic.any_id(True))


def test_overridden(host):
    """its driver_override set, at some steps: the same"""
    each(host, "overridden")


def test_moved(host):
    """its netdev moved to another namespace: the same"""
    each(host, "moved to another namespace")


def test_address(host):
    """given an address, at some steps: both styles end, the address is left alone, the rest is put back"""
    each(host, "given an address")


def test_vlan(host):
    """given a VLAN, at some steps: both styles end, the VLAN is left alone, the rest is put back"""
    each(host, "given a VLAN")


def test_trusted(host):
    """trusted, at some steps: both styles end, the trust is left alone, the rest is put back"""
    each(host, "trusted")


def test_other_vf(host):
    """a VF that is taken keeps nobody from another one of its PF, and is itself refused until it is restored"""
    with Module(host) as module, module.nic("come=up go=down+unplug+reset+clear", bound=True) as nic:
        nic.settled()
        before = host.state()
        run, _ = take_at(nic, "attach", park)
        equal(run.wait(300).status, 5, "status")
        host.ok("rm", "/tmp/takeover-0.json")
        other = host.nfprobe(*argv(nic, 1))
        equal(other.status, 0, f"status of a run on another VF: {other.err}")
        check(f"VF {VF} of nf0 is left as it is" in other.err, f"it does not say so: {other.err}")
        same = host.nfprobe(*argv(nic))
        equal(same.status, 4, f"status of a run on the same VF: {same.err}")
        free(nic)
        again = host.nfprobe(*argv(nic))
        equal(again.status, 0, f"status once it is free, which restores it first: {again.err}")
        equal(list(differences(before, host.state())), [], "what is different")


def test_new_driver(host):
    """a driver that takes whatever has none, and comes while the VF has none: it does not get this one, and the run goes on"""
    with Module(host) as module, module.nic("come=up go=down+unplug+reset+clear", bound=True) as nic:
        nic.settled()
        before = host.state()
        run, _ = take_at(nic, "attach", lambda nic, _: nic.any_id(True))
        equal(nic.driver(VF), None, "driver of the VF, once there is one that takes any")
        equal(run.wait(300).status, 0, "status")
        nic.any_id(False)
        host.ok("rm", "/tmp/takeover-0.json")
        equal(list(differences(before, host.state())), [], "what is different")
