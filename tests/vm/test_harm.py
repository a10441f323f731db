# SPDX-License-Identifier: GPL-2.0-or-later
"""A run puts the host back exactly, whatever it was set to before; exact means every setting that ip and sysfs show."""

import re

from probing import PACE, QUICK, by_the_pf, changes, forget, outcome, probe, unchanged
from scenario import PF, check, equal
from spy import Listener

ADDRESS = "02:00:5e:00:02:03"


def test_every_setting(host):
    """a VF with an address that was set, VST VLAN with qos, spoofchk off, trust, an MTU and a netdev renamed"""
    netdev = host.vf_netdev(3)
    before = host.vf_info(3)["address"]
    host.ok("ip", "link", "set", PF, "vf", 3, "mac", ADDRESS)
    host.ok("ip", "link", "set", PF, "vf", 3, "vlan", 7, "qos", 3)
    host.ok("ip", "link", "set", PF, "vf", 3, "spoofchk", "off")
    host.ok("ip", "link", "set", PF, "vf", 3, "trust", "on")
    host.vf_unbind(3)
    host.vf_bind(3)
    host.ok("ip", "link", "set", netdev, "name", "tenant0", "mtu", 1300)
    out, err = probe(host, "--vf", 3, *QUICK, "-v")
    host.ok("ip", "link", "set", "tenant0", "name", netdev, "mtu", 1500)
    host.ok("ip", "link", "set", PF, "vf", 3, "trust", "off")
    host.ok("ip", "link", "set", PF, "vf", 3, "spoofchk", "on")
    host.ok("ip", "link", "set", PF, "vf", 3, "vlan", 0)
    forget(host, 3)
    check(before != host.vf_info(3)["address"] != ADDRESS, "the VF has not drawn a new address")

    equal(out["verdict"], "safe", "verdict")
    vf = out["vf"]
    equal((vf["address"], vf["vlan"], vf["trust"], vf["spoofchk"]), (ADDRESS, 7, True, False), "the VF before the run")
    equal(out["settings"]["vlan"], 7, "the VLAN that the VF has is the run's")
    said = changes(err)
    test = out["vf"]["styles"][0]["address"]
    device = vf["parentdev"]
    in_order = [
        f"echo {device} > /sys/bus/pci/drivers/igbvf/unbind",
        f"bridge fdb add {test} dev {PF} self permanent",
        f"ip link set {PF} vf 3 mac {test}",
        f"echo 1 > /sys/bus/pci/devices/{device}/reset",
        f"echo {device} > /sys/bus/pci/drivers/igbvf/bind",
        f"bridge fdb del {test} dev {PF} self",
        f"ip link set {PF} vf 3 mac {ADDRESS}",
        f"echo {device} > /sys/bus/pci/drivers/igbvf/bind",
    ]
    rest = iter(said)
    for command in in_order:
        check(command in rest, f"-v does not say, or not in this order: {command}\n  " + "\n  ".join(said))
    check(any(f"link add link {PF} " in c and c.endswith("id 7") for c in said), "-v does not say how the VLAN was made")


SYSCTLS = {"ipv4/conf/{}/rp_filter": "2", "ipv4/conf/{}/arp_ignore": "1", "ipv4/neigh/{}/mcast_solicit": "7",
           "ipv6/conf/{}/accept_ra": "0", "ipv6/conf/{}/disable_ipv6": "0"}  # the machine sets 1 for all


def set_up(host, netdev):
    """What a move forgets, as an operator or a CNI plugin sets it."""
    host.ok("ip", "token", "set", "::5", "dev", netdev)
    host.ok("ip", "neigh", "add", "192.0.2.9", "lladdr", ADDRESS, "dev", netdev, "nud", "permanent")
    for key, value in SYSCTLS.items():
        host.write("/proc/sys/net/" + key.format(netdev), value)


def kept(host, netdevs):
    """All sysctls of these netdevs, their tokens, permanent neighbours and qdiscs, a line each."""
    return {line for netdev in netdevs for line in host.sh(
        f"grep -s . /proc/sys/net/ipv[46]/*/{netdev}/* || true; ip token show dev {netdev}; tc qdisc show dev {netdev} | grep 1: || true;"
        f"ip neigh show dev {netdev} nud permanent | sed 's/^/{netdev} /'").splitlines()}


def said_of(line):
    """The words by which a run names what is in that line."""
    return line.rsplit(":", 1)[0] if line.startswith("/proc") else "token" if line.startswith("token") else "neigh " + line.split()[1]


def test_forgotten(host):
    """what was set of each VF's netdev but ethtool's: of the VF under test and of one that sends nothing is lost that is not told before and after"""
    netdevs = [host.vf_netdev(vf) for vf in range(4)]
    fresh = kept(host, netdevs)
    for netdev in netdevs:
        set_up(host, netdev)
    equal(len(kept(host, netdevs) - fresh), 4 * (len(SYSCTLS) + 2), "what was set")
    # A second run finds both with nothing to lose.
    for vfs in ((1, 3), ()):
        before = kept(host, netdevs)
        with unchanged(host):
            dry = host.nfprobe(PF, "--vf", 3, "--from", "vf:1", *QUICK, "--dry-run").out
            result = host.nfprobe(PF, "--vf", 3, "--from", "vf:1", *QUICK, "-v", "--json")
        out = outcome(result, 3)  # nothing is safe by frames from inside the NIC
        lost = before - kept(host, netdevs)
        equal(lost, {line for line in before - fresh if any(netdevs[vf] in line.replace("/", " ").split() for vf in vfs)}, "what was lost")
        behind = [line["text"] for line in out["left_behind"]]
        equal(len(behind), len(lost), f"left_behind: {behind}; lost: {lost}")
        for line in lost:
            check(any(said_of(line) in text for text in behind), f"left_behind lacks {line!r}: {behind}")
            for text in (dry, " ".join(out["warnings"]), result.err):
                check(said_of(line) in " ".join(text.split()), f"{line!r} is not said before: {text}")
    for vf in range(4):
        host.vf_unbind(vf)
        host.vf_bind(vf)


def test_autoprobe_off(host):
    """no driver bound, and sriov_drivers_autoprobe 0: put back without a driver, its override empty"""
    autoprobe = f"/sys/class/net/{PF}/device/sriov_drivers_autoprobe"
    device = host.vf_device(2)
    host.vf_unbind(2)
    host.write(autoprobe, "0")
    out, err = probe(host, "--vf", 2, *QUICK, "-v", left=by_the_pf(host, 2))
    equal(out["verdict"], "safe", "verdict")
    check("echo igbvf > /sys/bus/pci/devices/" in err, f"-v says nothing of driver_override:\n{err}")
    equal(host.run("test", "-e", f"{device}/driver").status, 1, "the VF has no driver")
    equal(host.read(f"{device}/driver_override"), "(null)", "driver_override")
    host.write(autoprobe, "1")
    forget(host, 2)


def test_parked(host):
    """idle on vfio-pci by driver_override, autoprobe off: probed with a sibling's driver, and put back there"""
    autoprobe = f"/sys/class/net/{PF}/device/sriov_drivers_autoprobe"
    device = host.vf_device(2)
    host.ok("modprobe", "vfio-pci")
    host.vf_unbind(2)
    host.write(autoprobe, "0")
    host.write(f"{device}/driver_override", "vfio-pci")
    host.vf_bind(2, "vfio-pci")
    out, _ = probe(host, "--vf", 2, *QUICK, left=by_the_pf(host, 2))
    equal(out["verdict"], "safe", "verdict")
    equal(host.read(f"{device}/driver_override"), "vfio-pci", "driver_override")
    check(host.read(f"{device}/uevent").startswith("DRIVER=vfio-pci"), "vfio-pci does not drive it again")
    host.vf_unbind(2)
    host.write(autoprobe, "1")
    host.write(f"{device}/driver_override", "")
    forget(host, 2)


def test_own_vlan(host):
    """a VLAN interface of the PF that exists already is used, not changed, and stays"""
    host.sh(f"ip link add link {PF} name storage type vlan id 7; ip link set storage up")
    out, err = probe(host, "--vf", 3, *QUICK, "--vlan", 7, "-v")
    equal((out["verdict"], out["settings"]["vlan"]), ("safe", 7), "verdict, VLAN")
    check("type vlan" not in err, f"it made a VLAN interface of its own:\n{err}")
    host.ok("ip", "link", "del", "storage")


def test_source_vf(host):
    """another VF that is the source, in a VLAN, with a netdev that was renamed: it is put back as well"""
    netdev = host.vf_netdev(1)
    host.ok("ip", "link", "set", netdev, "name", "sibling", "mtu", 1400)
    out, err = probe(host, "--vf", 3, *QUICK, "--vlan", 7, "--from", "sibling", "-v", status=3)
    equal((out["verdict"], out["source"]["kind"], out["source"]["from"]), ("unknown", "vf", "vf:1"), "verdict, source, from")
    check(f"ip link set {PF} vf 1 vlan 7" in changes(err), f"-v does not say what is done to the source:\n{err}")
    host.ok("ip", "link", "set", "sibling", "name", netdev, "mtu", 1500)


def test_quiet(host):
    """-q writes the verdict and nothing else; frames are sent from the source only, with its own address"""
    with unchanged(host), Listener(host) as listener:
        result = host.nfprobe(PF, "--vf", 3, "--style", "macvtap", *PACE, "--skip=announce", "-q")
    equal(result.status, 3, "status")  # where nobody has spoken under the address, a NIC that learns is not told from others
    equal(result.err, "", "stderr")
    check(re.fullmatch(rf"{PF} VF 3.*: UNKNOWN with macvtap[^\n]*\n", result.out), f"not the first line alone: {result.out}")
    check(set(listener.seen) <= {PF, "eth1"}, f"frames on other netdevs: {listener.seen}")
