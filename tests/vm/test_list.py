# SPDX-License-Identifier: GPL-2.0-or-later
"""--list and --dry-run: what they say of this machine, and that they do nothing to it. (The tests of refusals
have what --list says of VFs that are in use.)"""

import re

from probing import PACE, QUICK, changes, forget, probe, unchanged, valid, words
from scenario import PF, ZERO, check, equal
from spy import Listener


def listed(host, *args):
    """The JSON of --list, and its text with every run of spaces made one."""
    with unchanged(host):
        json = valid(host.nfprobe("--list", *args, "--json").json(), "nfprobe-list.schema.json")
        text = host.nfprobe("--list", *args, "-v")
    equal((json["exit"], text.status, text.err), (0, 0, ""), "exit, status, stderr")
    return json, " ".join(text.out.split())


def test_list(host):
    """--list names the PF, its VFs, addresses, VLANs, drivers and netdevs as ip and sysfs do"""
    netdev = host.vf_netdev(3)
    host.ok("ip", "link", "set", PF, "vf", 1, "vlan", 9, "qos", 2)
    host.vf_unbind(2)
    json, text = listed(host)
    equal([pf["ifname"] for pf in json["pfs"]], [PF], "PFs")
    pf = json["pfs"][0]
    link = host.json("ip", "-d", "-j", "link", "show", PF)[0]
    equal((pf["driver"], pf["parentdev"], pf["num_vfs"], pf["total_vfs"], pf["mtu"], pf["promiscuity"]),
          ("igb", link["parentdev"], 4, int(host.read(f"/sys/class/net/{PF}/device/sriov_totalvfs")), link["mtu"], 0), "the PF")
    for vf, info in zip(pf["vfs"], link["vfinfo_list"], strict=True):
        address = None if info["address"] == ZERO else info["address"]  # a VF without a driver has none, on Linux 6.1
        equal({key: vf[key] for key in ("vf", "address", "trust", "spoofchk", "use")},
              {"vf": info["vf"], "address": address, "trust": False, "spoofchk": True, "use": "idle"}, "a VF")
        equal(vf["parentdev"], host.vf_device(vf["vf"]).rsplit("/", 1)[1], "its device")
        check(f"{vf['vf']} {vf['parentdev']} {address or ''}" in text, f"the text lacks VF {vf['vf']}: {text}")
    equal([vf["vlan"] for vf in pf["vfs"]], [0, 9, 0, 0], "VLANs")
    equal([vf["driver"] for vf in pf["vfs"]], ["igbvf", "igbvf", None, "igbvf"], "drivers")
    equal((pf["vfs"][3]["ifname"], pf["vfs"][2]["ifname"]), (netdev, None), "netdevs")
    host.ok("ip", "link", "set", PF, "vf", 1, "vlan", 0)
    host.vf_bind(2)
    equal(listed(host, PF)[0]["pfs"][0]["ifname"], PF, "PF of --list PF")


def test_pf_elsewhere(host):
    """a PF in another network namespace is named by its device, and where its netdev is, and refused; VFs that nobody has are idle from
    there, too, and no run is offered where none can be made"""
    device = host.json("ip", "-d", "-j", "link", "show", PF)[0]["parentdev"]
    netdev, other = host.vf_netdev(2), host.vf_netdev(1)
    where = f"its netdev {PF} is in network namespace node"
    host.sh(f"""ip netns add node; ip netns add pod; ip link set {PF} netns node; ip link set {netdev} netns pod
        ip addr add 198.51.100.7/24 dev {other}""")
    try:
        pf = valid(host.nfprobe("--list", "--json").json(), "nfprobe-list.schema.json")["pfs"][0]
        equal((pf["ifname"], pf["parentdev"], pf["where"]), (None, device, where), "the PF")
        equal([vf["user"] for vf in pf["vfs"]],
              [None, f"{other} has an IP address", f"its netdev {netdev} is in network namespace pod", None], "who uses its VFs")
        text = host.nfprobe()
        words(" ".join(text.out.split()), (f"{device} igb", where), "the list")
        for args in ((PF, "--vf", 3), (device, "--vf", 3), (device, "--vf", 3, "-n"), ("--audit",), ("--audit", device)):
            said = host.nfprobe(*args)
            equal(said.status, 4, f"{args}: {said.err}")
            words(said.err, (device, where), args)
        inside = host.run("ip", "netns", "exec", "node", host.nfprobe_path, "--list", "--json").json()["pfs"][0]
        equal((inside["ifname"], inside["where"]), (PF, None), "the PF, from where it is")
        equal([(vf["use"], vf["user"]) for vf in inside["vfs"]],
              [("idle", None), ("netdev", f"{other} has an IP address, in the first network namespace"),
               ("namespace", f"its netdev {netdev} is in network namespace pod"), ("idle", None)], "who uses its VFs, from there")
        text = host.run("ip", "netns", "exec", "node", host.nfprobe_path)
        check("Next:" not in text.out, f"a run is offered: {text.out}")
        words(" ".join(text.out.split()), ("No run from here: This network namespace is not that of process 1",), "the list, from there")
        equal(host.run("ip", "netns", "exec", "node", host.nfprobe_path, PF, "--vf", 3, "-n").status, 4, "-n from there")
        equal(host.run("ip", "netns", "exec", "node", host.nfprobe_path, "--audit").status, 0, "--audit from there")
    finally:
        host.sh(f"""ip -n node link set {PF} netns 1; ip -n pod link set {netdev} netns 1; ip netns del node; ip netns del pod
            ip addr flush dev {other}; ip link set {PF} up""")
        host.wait_carrier(PF)


def test_macvtaps(host):
    """a macvtap that does not pass the groups of its guest is named by the audit, until one is added, or all are passed"""
    def named():
        findings = host.nfprobe("--audit", PF, "--json").json()["findings"]
        return [finding["functions"][0]["ifname"] for finding in findings if finding["code"] == "macvtap-groups"]

    host.sh(f"ip link add link {PF} name vnet0 type macvtap; ip link set vnet0 up")
    equal(named(), ["vnet0"], "macvtaps")
    for on, off in (("ip maddr add 33:33:ff:00:00:01 dev vnet0", "ip maddr del 33:33:ff:00:00:01 dev vnet0"),
                    ("ip link set vnet0 allmulticast on", "ip link set vnet0 allmulticast off")):
        host.sh(on)
        equal(named(), [], f"macvtaps after {on}")
        host.sh(off)
        equal(named(), ["vnet0"], f"macvtaps after {off}")
    host.ok("ip", "link", "delete", "vnet0")


def plan(host, *args, status=0):
    """The output of --dry-run, after looking that it changed nothing and sent nothing."""
    with unchanged(host), Listener(host) as listener:
        result = host.nfprobe(PF, *args, "--dry-run")
    equal((result.status, result.err, listener.seen), (status, "", {}), "status, stderr, frames that were sent")
    return result.out


def commands(lines):
    """The lines that are commands. udev decides how the VF's netdev is called after a bind; a group is random, and so are the
    addresses with which a neighbour is tried first, and the one that comes and goes."""
    said = [line.strip() for line in lines if line.strip().split(" ")[0] in ("ip", "bridge", "echo")]
    said = [re.sub(r" 33:33:ff(:[0-9a-f]{2}){3} ", " GROUP ", line) for line in said]
    said = [re.sub(r" (mac|fdb add|fdb del) (?!02:00:5e:00:03:03|00:00)[0-9a-f:]{17}\b", r" \1 RANDOM", line) for line in said]
    return [re.sub(r"^ip link set \S+ netns nfprobe name", "ip link set NETDEV netns nfprobe name", line) for line in said]


def test_dry_run_is_the_run(host):
    """the commands of --dry-run are those that a run tells of with -v, in the same order; only undoing comes after them"""
    forget(host, 3)
    mac = ("--mac", "02:00:5e:00:03:03")
    for status, args in ((1, (*mac, "--vlan", 9, *PACE)), (3, (*mac, "--vlan", 7, "--from", host.vf_netdev(1), *QUICK))):
        said = plan(host, "--vf", 3, *args).splitlines()
        _, err = probe(host, "--vf", 3, *args, "-v", status=status)
        made = commands(changes(err))
        # The run skips the step `alone` where the VF is served, and `vf-first-rewritten` once a ladder has shown that the VF keeps its
        # frames there, as it does here.
        for step, following, first in (("alone", "unplug", 0), ("vf-first-rewritten", "vf-first-unplug", 1)):
            begins, ends = ([at for at, line in enumerate(said) if line.strip().startswith(f"{name}: ")] for name in (step, following))
            for begin, end in reversed(list(zip(begins, ends, strict=True))[first:]):
                check(commands(said[begin:end]), f"no commands of {step}: {said[begin:end]}")
                del said[begin:end]
        planned = commands(said)
        check(len(planned) > 20, f"few commands: {planned}")
        # The run clears the VF once more where it must tell a silence of the NIC from one of the network.
        made = [line for line, last in zip(made, ["", *made]) if line != last or " vf 3 mac 00:" not in line]
        equal(made[:len(planned)], planned, "the changes of the run")
    said = plan(host, "--vf", 3, *QUICK)
    check(not re.search(r" vf [012] |netns nfprobe name nfp[^v]", said), f"another VF is taken:\n{said}")
    said = plan(host, "--vf", 3, *QUICK, "--from", "arp:192.0.2.77")
    words(said, (f"VF 2 ({host.vf_netdev(2)}) also sends if the neighbour answers its asker alone",), "the plan with ARP")


def test_dry_run_driver(host):
    """--dry-run names the driver that a run would take where no VF has one; without any it says what a run would say"""
    for vf in range(4):
        host.vf_unbind(vf)
    device = host.vf_device(3).rsplit("/", 1)[1]
    said = plan(host, "--vf", 3, *QUICK)
    words(said, f"echo {device} > /sys/bus/pci/drivers/igbvf/bind", "the plan")
    host.ok("rmmod", "igbvf")
    said = plan(host, "--vf", 3, status=4)
    words(said, (f"cannot be probed: no driver for the VF {device} is loaded", "modprobe igbvf"), "the plan without a driver")
    check("/bind" not in said, said)
    host.ok("modprobe", "igbvf")
    for vf in range(4):
        forget(host, vf)
