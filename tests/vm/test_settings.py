# SPDX-License-Identifier: GPL-2.0-or-later
"""The settings that a VF's netdev loses when its driver is bound anew are restored after each way that a run can end. Else the run
is refused, or it reports the loss."""

import contextlib

from probing import outcome, words
from scenario import check, equal, long
from simulated import one
from test_restore import ASSIGN, MOVE, kill, restore

PF, VF, SIBLING, WIRE, NETDEV = "nf0", 3, 1, "nf0w", "nf0v3"
SHORT = ("--style", "macvtap", "--settle", "0.1", "--rate", 50)
QUICK = (*SHORT, "--from", WIRE)
SET = """
ip link set dev {0} alias 'to the left' txqueuelen 500 mtu 1400
ip link property add dev {0} altname a-name-as-long-as-none-{0} altname left-{0}
"""


def settings(host, netdev):
    """Those that are put back, and whether it is up."""
    link = host.json("ip", "-d", "-j", "link", "show", netdev)[0]
    return {name: link.get(name) for name in ("ifalias", "txqlen", "mtu", "operstate")} | {"altnames": sorted(link.get("altnames", []))}


@contextlib.contextmanager
def kept(host, *netdevs):
    before = {netdev: settings(host, netdev) for netdev in netdevs}
    yield
    for netdev, was in before.items():
        equal(settings(host, netdev), was, f"settings of {netdev}")


def test_every_way(host):
    """settings of a VF's netdev, and of a sibling's that sends: after a run, a signal, a run that is killed"""
    with one(host, bound=True) as nic:
        fresh = settings(host, NETDEV)
        for vf in (VF, SIBLING):
            host.sh(SET.format(nic.netdev(vf)))
        differing = [name for name, value in settings(host, NETDEV).items() if value != fresh[name]]
        equal({*differing}, {"ifalias", "txqlen", "mtu", "altnames"}, "what was set")
        with kept(host, NETDEV, nic.netdev(SIBLING)):
            out = outcome(host.nfprobe(PF, "--vf", VF, *QUICK, "--json"), 0)
            equal(out["left_behind"], [], "left_behind")
            out = outcome(host.nfprobe(PF, "--vf", VF, *SHORT, "--from", f"vf:{SIBLING}", "--json"), 3)
            equal(out["left_behind"], [], "left_behind")
        with kept(host, NETDEV):
            run = host.begin_nfprobe(PF, "--vf", VF, *QUICK, "-v", hold=MOVE)
            run.wait_for(MOVE)
            run.signal(2)
            equal(run.wait(120).status, 130, "status of the run that was interrupted")
        with kept(host, NETDEV):
            kill(host, MOVE)
            restore(host, says=(f"VF {VF} of {PF} is as it was",))
        with kept(host, NETDEV):
            kill(host)
            restore(host, says=(f"VF {VF} of {PF} is as it was",))


def test_lost(host):
    """qdiscs are not put back: refused, or said"""
    with one(host, bound=True) as nic:
        for command, says in (("tc qdisc add dev {0} root handle 1: pfifo limit 7", "qdisc 1: pfifo"),
                              ("tc qdisc add dev {0} clsact", "qdisc ffff: clsact")):
            host.sh(command.format(NETDEV))
            nic.calls(clear=True)
            refused = host.nfprobe(PF, "--vf", VF, *QUICK)
            equal(refused.status, 4, f"status: {refused.err}")
            words(refused.err, (f"{NETDEV}, the netdev of VF {VF} of {PF}, has {says}, which would be lost", "--force"), "the refusal")
            equal(nic.calls(), [], "calls of the VF")
            out = outcome(host.nfprobe(PF, "--vf", VF, *QUICK, "--force", "--json"), 0)
            name, kind = says.rsplit(" ", 1)
            gone = f"VF {VF} of {PF}: {name} of its netdev {NETDEV} was {kind} and is gone"
            equal([line["text"] for line in out["left_behind"]], [gone], "left_behind")
            refused = host.nfprobe(PF, "--vf", VF, *QUICK, "--dry-run")
            equal(refused.status, 0, f"status of --dry-run: {refused.err}")
        host.sh(f"tc qdisc add dev {nic.netdev(SIBLING)} root handle 1: pfifo limit 7")
        refused = host.nfprobe(PF, "--vf", VF, "--from", f"vf:{SIBLING}")
        equal((refused.status, nic.netdev(SIBLING)), (4, f"nf0v{SIBLING}"), f"status, netdev of the sibling: {refused.err}")
        words(refused.err, (f"the netdev of VF {SIBLING} of {PF}, has qdisc 1: pfifo",), "the refusal")


def ways(host, nic, right):
    """Calls right() after each way that a run can end: with left_behind, or with the output of --restore."""
    out = outcome(host.nfprobe(nic.netdev("pf"), "--vf", VF, *QUICK, "--json"), 0)
    right("\n".join(line["text"] for line in out["left_behind"]))
    run = host.begin_nfprobe(PF, "--vf", VF, *QUICK, "-v", hold=MOVE)
    run.wait_for(MOVE)
    run.signal(2)
    result = run.wait(120)
    equal(result.status, 130, "status of the run that was interrupted")
    right(result.out)
    for at in (MOVE, ASSIGN):
        kill(host, at)
        right(restore(host))


@long
def test_two_ports(host):
    """a VF with two netdevs: that of the PF's port is probed, and both are as they were (mlx4)"""
    for port in (0, 1):
        with one(host, f"come=up go=down+unplug+reset own_report=0 two_ports=1 dev_port={port}", bound=True) as nic:
            for netdev in ("nf0v3s", "nf0v1s"):
                host.sh(f"ip link set dev {netdev} name {netdev}9 alias other txqueuelen 77 mtu 1400")
            before = {netdev: settings(host, netdev) for netdev in ("nf0v3", "nf0v3s9", "nf0v1", "nf0v1s9")}
            equal(before["nf0v3s9"]["ifalias"], "other", "alias")

            def right(said, before=before):
                check("second netdev" not in said, said)
                equal({netdev: settings(host, netdev) for netdev in before}, before, "settings of all netdevs")

            ways(host, nic, right)
            nic.calls(clear=True)
            out = outcome(host.nfprobe(PF, "--vf", VF, *SHORT, "--from", f"vf:{SIBLING}", "--json"), 3)
            right("\n".join(line["text"] for line in out["left_behind"]))
            moved = [(call[1], call[2]) for call in nic.calls() if call[2] == "moved"]
            # In as each of three steps binds the VF, and the sibling's there and back.
            equal([moved.count((vf, "moved")) for vf in (VF, SIBLING)], [6, 4], "moves of the netdevs of two VFs")


def test_two_ports_up(host):
    """the other port's netdev is up: refused where a route goes through it; with --force it is up again"""
    with one(host, "come=up go=down+unplug+reset own_report=0 two_ports=1", bound=True) as nic:
        nic.up("nf0v3s")
        host.ok("ip", "route", "add", "198.51.100.0/24", "dev", "nf0v3s")
        refused = host.nfprobe(PF, "--vf", VF, *QUICK)
        equal(refused.status, 4, f"status: {refused.err}")
        words(refused.err, "nf0v3s is up", "the refusal")
        outcome(host.nfprobe(PF, "--vf", VF, *QUICK, "--force", "--json"), 0)
        equal((nic.is_up("nf0v3s"), nic.is_up("nf0v3")), (True, False), "up")
