# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated NIC does what drivers of real cards do to a VF's address and driver, and notes what is asked of it."""

from scenario import CLOCK, check, equal, long
from simulated import MS, UNREGISTERED, X, Y, between, one

MACHINE = CLOCK
ZERO = "00:00:00:00:00:00"
SLOW = 60000  # ms that no machine needs; that nothing comes too soon is what is looked at


def test_calls(host):
    """calls: what reaches a VF's driver is noted, in order, with the time, the process and the argument"""
    with one(host) as nic:
        nic.calls(clear=True)
        nic.assign(3, X)
        nic.vlan(3, 7)
        nic.spoofchk(3, "off")
        nic.trust(3, "on")
        nic.link_state(3, "disable")
        nic.reset(3)
        nic.vf_attribute(3, "driver_override", "nfsimvf\n")
        nic.bind(3)
        nic.up(3)
        nic.ip("link", "set", "nf0v3", "address", Y)
        nic.ip("link", "set", "nf0v3", "mtu", "1400")
        nic.ip("link", "set", "nf0v3", "down")
        nic.ip("link", "set", "nf0v3", "name", "renamed")
        nic.ip("netns", "add", "nfsim")
        nic.ip("link", "set", "renamed", "netns", "nfsim")
        nic.ip("netns", "del", "nfsim")
        nic.until("has_netdev", 3, True)
        nic.unbind(3)
        nic.vf_attribute(3, "driver_override", "\n")
        got = nic.calls()
        expected = [
            ("set_vf_mac", "ip", X), ("set_vf_vlan", "ip", "7"), ("set_vf_spoofchk", "ip", "0"), ("set_vf_trust", "ip", "1"),
            ("set_vf_link_state", "ip", "2"), ("reset", "python3", ""), ("driver_override", "python3", "nfsimvf"),
            ("probe", "python3", "nfsimvf"), ("open", "python3", "nf0v3"), ("set_mac", "ip", Y), ("mtu", "ip", "1400"),
            ("stop", "ip", "nf0v3"), ("renamed", "ip", "renamed"), ("moved", "ip", "renamed"), ("moved", "kworker", "renamed"),
            ("remove", "python3", "nfsimvf"), ("driver_override", "python3", ""),
        ]
        equal([(call, who.partition("/")[0], argument) for _, _, call, who, argument in got], expected, "calls")
        equal({vf for _, vf, *_ in got}, {3}, "VFs")
        times = [ns for ns, *_ in got]
        equal(times, sorted(times), "times")
        check(nic.refusal("assign", 3, "01:00:5e:00:00:01"), "a multicast address was assigned")
        equal(nic.calls(clear=True)[-1][2:], ["set_vf_mac", "ip", "01:00:5e:00:00:01"], "what was refused")
        equal(nic.calls(), [], "calls when it was emptied")
        host.sh("for i in $(seq 1400); do echo 1 >/sys/bus/nfsim/devices/nfsim0-vf1/reset; done")
        equal(len(nic.calls()), 1400, "calls")
        host.sh("for i in $(seq 2800); do echo 1 >/sys/bus/nfsim/devices/nfsim0-vf1/reset; done")
        check("104 calls are forgotten" in str(nic.refusal("calls")), "more calls than are kept, and nothing said")


def test_zero_gone(host):
    """zero_gone: an address whose filter a reset has deleted cannot be taken away, until any was assigned again (ixgbe)"""
    with one(host, "come=assign+driver+up go=reset+clear arb=vf zero_gone=ENOMEM") as nic:
        nic.hold(X)
        nic.clear(3)  # it has none: nothing to do
        nic.assign(3, X)
        equal(nic.landing(X), "nowhere", "landing when assigned")
        nic.clear(3)
        equal((nic.landing(X), nic.info(3)["address"]), ("pf", ZERO), "landing and address when cleared")
        nic.assign(3, X)
        nic.reset(3)
        equal(nic.landing(X), "pf", "landing after the reset")
        for _ in range(2):
            check("allocate memory" in str(nic.refusal("clear", 3)), "cleared after a reset")
        equal(nic.info(3)["address"], X, "address when clearing was refused")
        nic.bind(3)
        equal(nic.address(3), X, "the netdev's address: the PF has set it, still")
        nic.clear(3)  # binding brought the filter back
        nic.unbind(3)
        nic.assign(3, X)
        nic.reset(3)
        nic.assign(3, Y)
        equal(nic.info(3)["address"], Y, "another address")
        nic.clear(3)
        equal((nic.info(3)["address"], nic.landing(X)), (ZERO, "pf"), "address and landing when cleared at last")


@long
def test_in_reset(host):
    """vfr, vfr_ms, vfr_error: a VF in reset is left out by rtnetlink, and nothing of it can be set (i40e, ice)"""
    settings = (("mac", Y), ("mac", ZERO), ("vlan", "5"), ("trust", "on"), ("spoofchk", "off"), ("state", "enable"))
    words = {"EINVAL": "Invalid argument", "EBUSY": "busy", "EAGAIN": "temporarily unavailable"}

    def in_reset(nic, what, word, begin):
        begin()
        equal([info["vf"] for info in nic.infos()], [0, 1, 2], f"VFs that rtnetlink shows after {what}")
        for setting in settings:
            check(word in str(nic.refusal("vf", 3, *setting)), f"{setting} was taken after {what}")

    with one(host) as nic:
        for error, word in words.items():
            nic.personality(f"default vfr=assign+reset vfr_ms=120000 vfr_error={error}")
            for what, begin in (("reset", lambda: nic.reset(3)), ("assign", lambda: nic.assign(3, X)),
                                ("vlan", lambda: nic.vlan(3, 9)), ("clear", lambda: nic.clear(3))):
                in_reset(nic, what, word, begin)
                nic.personality(f"vfr_error={error}")  # which ends it
                check(nic.info(3), "the VF is shown no more")
        equal((nic.info(3)["address"], nic.info(3)["vlan_list"]), (ZERO, [{"vlan": 9}]), "what was set")
        nic.personality("default vfr=reset+driver vfr_ms=2000 vfr_error=EAGAIN")
        nic.assign(3, X)
        nic.reset(3)
        refusals, said, took = nic.insist("assign", 3, Y)
        check(refusals and all(words["EAGAIN"] in text for text in said), f"{refusals} refusals: {said}")
        check(took < SLOW * MS, f"{took} ns")
        equal(nic.info(3)["address"], Y, "address when it was over")
        nic.personality("vfr_ms=120000")
        nic.bind(3)
        equal((nic.info(3), nic.address(3)), (None, Y), "the PF's words and the netdev's address after bind")


def test_reported(host):
    """own_report: for how long an address that its driver reported is shown for a VF (igb, ixgbe, bnxt)"""
    def shown(report, *acts):
        nic.personality(f"default own_report={report}")
        row = []
        for act, *args in acts:
            nic.call(act, 3, *args)
            address = nic.info(3)["address"]
            row.append({X: "X", ZERO: "none"}.get(address, "own"))
        nic.vfs(0)
        nic.autoprobe(0)
        nic.vfs(4)
        nic.autoprobe(1)
        return row

    own = (("bind",), ("unbind",), ("reset",), ("assign", X), ("clear",))
    told = (("assign", X), ("bind",), ("unbind",), ("reset",), ("clear",), ("reset",), ("bind",), ("clear",))
    with one(host) as nic:
        rows = {
            "0": (["none", "none", "none", "X", "none"], ["X", "X", "X", "X", "none", "none", "none", "none"]),
            "1": (["own", "own", "none", "X", "none"], ["X", "X", "X", "X", "none", "none", "own", "none"]),
            "clear": (["own", "own", "own", "X", "none"], ["X", "X", "X", "X", "none", "none", "own", "none"]),
            "never": (["own", "own", "own", "X", "own"], ["X", "X", "X", "X", "X", "X", "own", "own"]),
        }
        for report, (first, second) in rows.items():
            equal(shown(report, *own), first, f"what rtnetlink shows of a VF without an address, own_report={report}")
            equal(shown(report, *told), second, f"what it shows of one that was told X, own_report={report}")


def test_second_is_invalid(host):
    """vf_second=EINVAL: an address that the PF has is refused like one that is none (ice_unicast_mac_exists)"""
    with one(host, "vf_second=EINVAL") as nic:
        nic.hold(X)
        check("Invalid argument" in str(nic.refusal("assign", 3, X)), "assigned although the PF has it")
        nic.assign(3, Y)
        nic.release(X)
        nic.assign(3, X)
        nic.hold(X)
        equal(nic.info(3)["address"], X, "address when the VF was first")


def test_no_netdev(host):
    """no_netdev: at so many binds, the VF's driver is bound, and no netdev comes; then all is well (i40e)"""
    with one(host, "no_netdev=2") as nic:
        nic.assign(3, X)
        for _ in range(2):
            nic.bind(3)
            nic.frames(to=UNREGISTERED, count=1, quiet=0.5)
            equal((nic.driver(3), nic.netdev(3)), ("nfsimvf", None), "driver and netdev")
            nic.unbind(3)
        nic.bind(1)
        equal(nic.netdev(1), None, "netdev of another VF")
        nic.unbind(1)
        nic.bind(3)
        equal((nic.netdev(3), nic.address(3)), ("nf0v3", X), "netdev and its address at the third")
        nic.unbind(3)
        nic.personality("no_netdev=always netdev_ms=20")
        for _ in range(3):
            nic.bind(3)
            equal(nic.netdev(3), None, "netdev, no_netdev=always")
            nic.unbind(3)


def test_any_id(host):
    """nfsimuio takes a VF like uio_pci_generic: any that has no driver, as soon as it is told an id; no driver_override needed"""
    with one(host) as nic:
        check("No such device" in str(nic.refusal("bind", 3, "nfsimuio")), "bound without an id")
        for vf in (0, 1):
            nic.bind(vf)
        nic.vf_attribute(2, "driver_override", "none\n")
        nic.any_id(True)
        equal([nic.driver(vf) for vf in range(4)], ["nfsimvf", "nfsimvf", None, "nfsimuio"], "drivers when it was told an id")
        equal(nic.netdev(3), None, "netdev")
        nic.unbind(3)
        host.write("/sys/bus/nfsim/drivers_probe", "nfsim0-vf3")
        equal(nic.driver(3), "nfsimvf", "driver of one that is probed: the first that matches")
        nic.unbind(3)
        nic.bind(3, "nfsimuio")
        equal(nic.driver(3), "nfsimuio", "driver when bound by hand")
        nic.unbind(3)
        nic.any_id(False)
        check("No such device" in str(nic.refusal("bind", 3, "nfsimuio")), "bound when the id was removed")
        nic.vf_attribute(2, "driver_override", "\n")


def test_override_lock(host):
    """override_lock: driver_override waits for a bind or unbind that blocks, or it does not"""
    with one(host, "unbind_ms=2000") as nic:
        nic.bind(3)
        answer, took, _ = nic.during_unbind(3, "driver_override", "other\n")
        equal(answer, "other", "driver_override")
        between(2000 * MS, took, SLOW * MS, "ns until it was written and read, by default")
        nic.vf_attribute(3, "driver_override", "\n")
        nic.personality("override_lock=0 unbind_ms=10000")
        nic.calls(clear=True)
        nic.bind(3)
        answer, took, whole = nic.during_unbind(3, "driver_override", "other\n")
        equal(answer, "other", "driver_override")
        check(took < whole and whole >= 10000 * MS, f"{took} ns until it was written and read, of {whole} ns, override_lock=0")
        check("No such device" in str(nic.refusal("bind", 3)), "bind of a driver that is not the override")
        for text, shown in (("x" * 31, "x" * 31), ("\n", "(null)")):
            equal(nic.vf_attribute(3, "driver_override", text), shown, "driver_override")
        check("Invalid argument" in str(nic.refusal("vf_attribute", 3, "driver_override", "x" * 32)), "a long name was taken")


def test_pf_retry(host):
    """pf_retry: what the PF was refused because a VF has it comes when the VF's filter goes (hns3)"""
    with one(host, "come=up go=down arb=vf pf_second=silent") as nic:
        for keys, expected in (("pf_retry=0", "nowhere"), ("pf_retry=1", "pf"), ("pf_retry=1 pf_sync_ms=1000", "pf")):
            nic.personality(keys)
            nic.assign(3, X)
            nic.bind(3)
            nic.up(3)
            nic.log(clear=True)
            nic.hold(X)
            nic.noted("pf", "unicast refused")
            equal(nic.landing(X), "vf3", f"landing while the VF is up, {keys}")
            nic.down(3)
            if expected == "pf":
                nic.noted("pf", "unicast on")
            equal(nic.landing(X), expected, f"landing when it is down, {keys}")
            nic.unbind(3)
            nic.release(X)
            nic.noted("pf", "unicast off")


def test_management_netdev(host):
    """mgmt: a PF's netdev that is for management only never has carrier (cxgb4)"""
    with one(host) as nic:
        nic.personality("mgmt=1")
        equal((nic.carrier("pf"), nic.carrier("wire")), (False, True), "carrier of PF and wire")
        nic.down("pf")
        nic.up("pf")
        nic.assign(3, X)
        equal((nic.carrier("pf"), nic.info(3)["address"]), (False, X), "carrier and the VF's address")
        nic.personality("mgmt=0")
        nic.until("carrier", "pf", True)
