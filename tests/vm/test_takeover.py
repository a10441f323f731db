# SPDX-License-Identifier: GPL-2.0-or-later
"""A VF that another process takes or changes in mid-run, at each step: nfprobe makes no call to it any more.

The calls of the VF's driver count (the simulated NIC's `calls`), not what nfprobe says of itself. NFPROBE_TAKEOVER="SEED COUNT" draws
so many steps of each kind.
"""

import contextlib
import os
from concurrent import futures

from probing import valid
from scenario import TOP, check, differences, drawn, equal, long
from simulated import Module

WATCHER = os.path.join(TOP, "tests/vm/watcher.py")
VF = 3
NICS = 7  # side by side
ADDRESS, VLAN = "02:00:5e:00:04:03", 77

# The last call to the VF before each is watched.
STEPS = {"control": "remove", "standby": "remove", "assign": "set_vf_mac", "attach": "reset", "up": "open",
         "unplug": "stop", "detach": "reset", "clear": "set_vf_mac", "vf-first": "reset",
         "vf-first-up": "open", "vf-first-rewritten": "open", "vf-first-unplug": "stop", "vf-first-back": "open", "vf-first-clear": "set_vf_mac"}
# The VF has a netdev while these are watched.
BOUND = ("up", "vf-first-up", "vf-first-rewritten", "vf-first-back")

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
    """Takes the VF as libvirt does."""
    override(nic, "nfsimstub")
    if nic.driver(VF):
        nic.unbind(VF)
    nic.bind(VF, "nfsimstub")


def hand_out(nic, _):
    """Takes the VF as somebody does who knows nothing of driver_override."""
    if nic.driver(VF):
        nic.unbind(VF)
    override(nic, "")
    nic.bind(VF, "nfsimuio")


def free(nic):
    if nic.driver(VF):
        nic.unbind(VF)
    override(nic, "")


def move(nic, pid):
    nic.host.ok("/usr/bin/python3", "-I", "-S", "-c", MOVE, pid, f"guest{nic.number}")


def bring_back(nic):
    nic.host.sh(f"ip -n guest{nic.number} link set nfpvf down; ip netns del guest{nic.number}")
    nic.until("has_netdev", VF, True)


def plain(nic):
    """No address of an administrator, and nobody remembers it."""
    nic.unbind(VF)
    nic.clear(VF)
    nic.reset(VF)
    nic.bind(VF)


def share(number):
    """Half of the steps: two kinds share them; scripts/check vm-others has each kind at all of them."""
    return list(STEPS) if os.environ.get("NFPROBE_TAKEOVER") == "all" else list(STEPS)[number::2]


# name: (what is done, what undoes it, the steps, the exit status, calls that must not be made then; None: none at all)
KINDS = {
    "bound to a driver that hands it out, by its override": (park, free, share(0), 5, None),
    "bound to another driver": (hand_out, free, share(0), 5, None),
    "overridden": (lambda nic, _: override(nic, "vfio-pci"), lambda nic: override(nic, ""), share(1), 5, None),
    "moved to another namespace": (move, bring_back, BOUND, 5, None),
    "given an address": (lambda nic, _: nic.assign(VF, ADDRESS), plain, share(0), 3, ("set_vf_mac", "set_mac")),
    "given a VLAN": (lambda nic, _: nic.vlan(VF, VLAN), lambda nic: nic.vlan(VF, 0), share(1), 3, ("set_vf_vlan",)),
    "trusted": (lambda nic, _: nic.trust(VF, "on"), lambda nic: nic.trust(VF, "off"), share(0)[1::2], 3, ("set_vf_trust",)),
}


def result(nic):
    return f"/tmp/takeover-{nic.number}.json"


def argv(nic):
    return [f"nf{nic.number}", "--vf", VF, "--from", f"nf{nic.number}w", "--settle", "0.3", "--rate", 50]


def begin(nic, step):
    """A run that stands still while it watches `step`: the pid of the process that probes."""
    # The step before vf-first ends with the same call, but for the first address.
    addresses = 2 if step == "vf-first" else 0
    words = [nic.host.nfprobe_path, *argv(nic), "--json-stream", f"--json={result(nic)}"]
    return nic.watch([str(word) for word in words], step, VF, STEPS[step], addresses, timeout=900)


def meet(nic, kind, step):
    take, mend, _, expected, forbidden = KINDS[kind]
    take(nic, begin(nic, step))
    taken_ns = nic.calls()[-1][0]
    status, err = nic.finish(timeout=300)
    calls = [call for call in nic.calls() if call[0] > taken_ns and call[1] == VF and call[3] == "nfprobe"]
    wrong = [call for call in calls if forbidden is None or call[2] in forbidden]
    out = valid(nic.host.json("cat", result(nic)))
    style = out["vf"]["styles"][1]
    what = f"{kind}, at {step}"
    check(not wrong, f"{what}: nfprobe has called {wrong}")
    equal((status, out["verdict"]), (expected, "unknown"), f"{what}: status, verdict; {err}")
    check(style["verdict"] == "unknown" and not style["steps"], f"{what}: the second style was begun: {style['reason']}")
    first = out["vf"]["styles"][0]
    check("another process has " in first["reason"], f"{what}: the first style says nothing of it: {first['reason']}")
    if status == 5:
        left(nic, what, out, err)
    mend(nic)
    equal(nic.host.nfprobe("--restore", f"nf{nic.number}").status, 0, f"{what}: --restore of what is free")


def left(nic, what, out, err):
    """It is named, and keeps nobody from another VF."""
    check(f"VF {VF} of nf{nic.number} is left as it is" in err, f"{what}: stderr is {err}")
    equal((out["restored"], out["error"]["code"]), (False, "vf-taken"), f"{what}: restored, error code")
    address = next((info["address"] for info in nic.ip_json("link", "show", f"nf{nic.number}")[0]["vfinfo_list"] if info["vf"] == VF))
    tested = {out["vf"]["styles"][0]["address"]}
    if address in tested:
        check(address in err, f"{what}: its address {address} is the run's, and {err} does not say so")
    equal(nic.host.nfprobe("--restore", f"nf{nic.number}").status, 5, f"{what}: --restore of what is taken")


def attempt(nic, kind, step):
    """The error, if any; the others go on."""
    try:
        meet(nic, kind, step)
    except Exception as error:  # noqa: BLE001
        return f"{kind}, at {step}: {error!r}"
    return None


def each(host, *kinds, first=lambda nic: None):
    """Each kind at each of its steps, on several NICs side by side."""
    jobs = iter([(kind, step) for kind in kinds for step in drawn("NFPROBE_TAKEOVER", list(KINDS[kind][2]))])

    def work(nic):
        """The first error; the NIC is not used any more then."""
        return next((wrong for kind, step in jobs if (wrong := attempt(nic, kind, step))), None)

    with Module(host, nics=NICS) as module, contextlib.ExitStack() as stack:
        nics = [stack.enter_context(module.nic(number=i, bound=True, rig=WATCHER)) for i in range(NICS)]
        for nic in nics:
            nic.settled()
        first(nics[0])
        before = host.state()
        with futures.ThreadPoolExecutor(NICS) as pool:
            done = list(pool.map(work, nics))
        wrong = [line for line in done if line] + list(differences(before, host.state()))
        check(not wrong, "\n".join(wrong))
        host.ok("rm", "-f", *map(result, nics))  # one that had no job has none


def test_taken(host):
    """bound to a driver that hands it out, or moved to another namespace: nothing reaches the VF any more, exit 5"""
    each(host, "bound to a driver that hands it out, by its override", "moved to another namespace")


@long
def test_overridden(host):
    """its override set by somebody else: the same"""
    each(host, "overridden")


@long
def test_bound(host):
    """bound to another driver without an override, at some steps: the same"""
    each(host, "bound to another driver", first=lambda nic: nic.any_id(True))


@long
def test_changed(host):
    """given an address, or a VLAN, or trusted, at some steps: both styles end, it is left alone, the rest is put back"""
    each(host, "given an address", "given a VLAN", "trusted")


def test_new_driver(host):
    """a driver that takes whatever has none, and comes while the VF has none: it does not get this one, and the run goes on"""
    with Module(host) as module, module.nic("come=up go=down+unplug+reset+clear loop_vf_pf=0 promisc_vf=0", bound=True, rig=WATCHER) as nic:
        nic.settled()
        before = host.state()
        begin(nic, "attach")
        nic.any_id(True)
        equal(nic.driver(VF), None, "driver of the VF, once there is one that takes any")
        equal(nic.finish(timeout=300)[0], 0, "status")
        nic.any_id(False)
        host.ok("rm", result(nic))
        equal(list(differences(before, host.state())), [], "what is different")
