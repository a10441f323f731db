# SPDX-License-Identifier: GPL-2.0-or-later
"""--restore, where the host is not any more what the killed run left, and where the journal is not to be believed."""

import json
import os
import zlib

from scenario import check, equal
from probing import PACE, come_to, line_of, meddled, outcome, unchanged, unlocked, words
from simulated import X, Y, one

PF, VF, WIRE = "nf0", 3, "nf0w"
JOURNAL = "/run/nfprobe/nfsim0.journal"
OF_VF = "/run/nfprobe/nfsim0.vf3.journal"  # of a VF that another process has taken
ASSIGN = f"+ ip link set {PF} vf {VF} mac"
MOVE = "+ ip link set nf0v3 netns nfprobe"
DRIVERS = "/sys/bus/nfsim/drivers"


def kill(host, at=ASSIGN, style="macvtap"):
    """A run that was about to make the change `at`."""
    run = host.begin_nfprobe(PF, "--vf", VF, "--style", style, "--from", WIRE, "--settle", "0.1", "--rate", 50, "-v", hold=at)
    check(run.wait_for(at), f"it never came to: {at}\n{run.stderr.decode()}")
    run.signal(9)
    equal(run.wait(120).status, 137, "status of the run that was killed")
    unlocked(host)
    equal(host.state()["journal"], ["nfsim0.journal"], "journals")


def restore(host, *args, status=0, says=(), journal=None):
    """The output of --restore. `journal`: the one that it leaves."""
    result = host.nfprobe("--restore", *args)
    equal(result.status, status, f"status of --restore {' '.join(map(str, args))}: {result.err}{result.out}")
    check(bool(result.err) == bool(status), f"stderr: {result.err}")
    words(result.out + result.err, says, "--restore")
    equal(host.state()["journal"], [os.path.basename(journal)] if journal else [], "journals after --restore")
    return result.out


def lines(host):
    """The journal's records."""
    return [json.loads(line.split(" ", 1)[1]) for line in host.ok("cat", JOURNAL).splitlines()]


def rewrite(host, records):
    text = ""
    for record in records:
        line = json.dumps(record, separators=(",", ":"))
        text += f"{zlib.crc32(line.encode()):08x} {line}\n"
    host.ok("sh", "-c", 'printf "%s" "$2" >"$1"', "rewrite", JOURNAL, text)


def test_count(host):
    """the number of VFs has changed since: fewer, and as many again"""
    with one(host, bound=True) as nic:
        kill(host, MOVE)
        nic.vfs(0)
        nic.vfs(2)
        restore(host, says=("VF 3 of nf0 is no longer there",))
        nic.vfs(0)
        nic.vfs(4)
        nic.unbind(VF)
        nic.assign(VF, Y)
        nic.bind(VF)
        kill(host)
        nic.vfs(0)
        nic.vfs(4)
        restore(host)
        equal((nic.info(VF)["address"], nic.driver(VF)), (Y, "nfsimvf"), "address, driver of a VF that was made anew")


def test_pf_driver(host):
    """the PF's driver was bound anew, and its device is gone"""
    with one(host, bound=True) as nic:
        kill(host, "+ bridge fdb add")
        host.write(f"{DRIVERS}/nfsim/unbind", "nfsim0")
        restore(host, says=("nf0 (nfsim0) is gone",))
        host.write(f"{DRIVERS}/nfsim/bind", "nfsim0")
        nic.up("pf")
        nic.vfs(4)
        nic.until("carrier", "pf", True)
        before = nic.vf_attribute(VF, "driver_override")
        kill(host)
        host.write(f"{DRIVERS}/nfsim/unbind", "nfsim0")
        host.write(f"{DRIVERS}/nfsim/bind", "nfsim0")
        restore(host)
        nic.vfs(4)
        equal(nic.vf_attribute(VF, "driver_override"), before, "driver_override")
        check(X not in host.ok("bridge", "fdb", "show", "dev", PF), "an entry in the FDB")


def test_names(host):
    """the PF was renamed: found by its old name, its new one, and none; a VF's name is another's now"""
    with one(host, bound=True) as nic:
        for names in (["nf0"], ["pf9"], []):
            with unchanged(host):
                kill(host, MOVE)
                host.sh("ip link set nf0 down; ip link set nf0 name pf9; ip link set pf9 up")
                restore(host, *names, says=("VF 3 of pf9 is as it was",))
                host.sh("ip link set pf9 down; ip link set pf9 name nf0; ip link set nf0 up")
                nic.until("carrier", "pf", True)
        with unchanged(host):
            kill(host, MOVE)
            nic.until("has_netdev", VF, True)
            host.sh(f"ip link set {nic.netdev(VF)} name vf9; ip link add nf0v3 type dummy")
            restore(host, says=("its netdev was called nf0v3, but another netdev has that name now: it is called",))
            host.sh(f"ip link del nf0v3; ip link set {nic.netdev(VF)} name nf0v3")


# Both have the names that they had, and so does the link to one's device.
NAMES = "for name in any nflog; do basename $(readlink /sys/class/net/$name/device); done"


def test_names_of_libpcap(host):
    """VFs whose names are other things to libpcap: heard on by names of the run's own, in a run that ends and in one that is killed"""
    with one(host, bound=True) as nic:
        other = nic.netdev(1)
        host.sh(f"ip link set {other} name any; ip link set nf0v3 name nflog; ip link set {PF} vf 1 trust on")
        had = host.sh(NAMES)
        ask = ("--vf", VF, "--style", "vf-bridge:1", "--from", WIRE, *PACE, "-v")
        with unchanged(host):
            result = host.nfprobe(PF, *ask)
            equal(result.status, 1, f"a bridge whose port is another VF: {result.err}{result.out}")
            words(result.err, ("+ ip link set any netns nfprobe name nfphears", "+ ip -n nfprobe link set nfphears netns 1 name any",
                               "netns nfprobe name nfpvf"), "-v")
            equal(host.sh(NAMES), had, "whose the names are after the run")
            for at in ("netns nfprobe name nfphears", "nfphears up", "nfpvf up"):
                run = host.begin_nfprobe(PF, *ask, hold=at)
                come_to(run, at, "the run")
                run.signal(9)
                run.wait(120)
                unlocked(host)
                restore(host)
                equal(host.sh(NAMES), had, f"whose the names are after a kill at: {at}")
        host.sh(f"ip link set any name {other}; ip link set nflog name nf0v3; ip link set {PF} vf 1 trust off")


def test_others(host):
    """somebody else's driver, address and VLAN: left alone, and said"""
    with one(host, bound=True) as nic:
        kill(host)
        nic.until("driver", VF, None)
        nic.vf_attribute(VF, "driver_override", "nfsimstub\n")
        nic.bind(VF, "nfsimstub")
        restore(host, status=5, says=(f"VF {VF} of {PF} is left as it is: another process has bound VF 3 (nfsim0-vf3) to nfsimstub",), journal=OF_VF)
        nic.unbind(VF)
        nic.vf_attribute(VF, "driver_override", "\n")
        restore(host)
        kill(host)
        nic.assign(VF, Y)
        nic.vlan(VF, 77)
        restore(host, says=(f"another process has given it the address {Y}", "another process has changed its VLAN from", "to 77, qos 0"))
        nic.vlan(VF, 0)


def test_same_driver(host):
    """somebody binds the VF to the driver that the run had bound, and has let go of: left to them, and put back once it is free"""
    with one(host) as nic:
        nic.bind(1)  # which shows what driver a VF is for
        with unchanged(host):
            kill(host, f"{ASSIGN} 00:")
            equal(nic.driver(VF), None, "the driver when the run was killed")
            nic.vf_attribute(VF, "driver_override", "nfsimvf\n")
            nic.bind(VF)
            restore(host, status=5, says=(f"VF {VF} of {PF} is left as it is: another process has bound VF 3 (nfsim0-vf3) to nfsimvf",),
                    journal=OF_VF)
            equal(nic.driver(VF), "nfsimvf", "its driver after --restore")
            nic.unbind(VF)
            nic.vf_attribute(VF, "driver_override", "\n")
            restore(host, says=(f"VF {VF} of {PF} is as it was",))


def test_filter(host):
    """what the VF's driver has left in filters of the VF itself goes by the reset, and stays without one"""
    def has_filter(nic):
        return any(line.split()[0] == f"vf{VF}" and line.split()[2] == "on" for line in nic.filters())

    for no_reset in (0, 1):
        with one(host, f"come=up go=clear clear_needs_reset=1 no_reset={no_reset}") as nic:
            nic.bind(1)
            kill(host, "+ echo nfsim0-vf3 > /sys/bus/nfsim/drivers/nfsimvf/unbind")
            check(has_filter(nic), f"no filter before --restore: {nic.filters()}")
            restore(host, says=(f"VF {VF} of {PF} is as it was",))
            equal(has_filter(nic), bool(no_reset), f"a filter after --restore: {nic.filters()}")


def test_container(host):
    """a container has the VF's netdev by now: left to it, and put back once the container is gone"""
    with one(host, bound=True) as nic, unchanged(host):
        kill(host, MOVE)
        nic.until("has_netdev", VF, True)
        host.sh(f"ip netns add guest9; ip link set {nic.netdev(VF)} netns guest9 name eth0; ip -n guest9 link set eth0 up")
        restore(host, status=5, says=(f"VF {VF} of {PF} is left as it is", "its netdev is in another network namespace"), journal=OF_VF)
        equal((nic.driver(VF), host.json("ip", "-n", "guest9", "-j", "link", "show", "eth0")[0]["ifname"]), ("nfsimvf", "eth0"),
              "driver and netdev of the container")
        host.sh("ip -n guest9 link set eth0 down; ip -n guest9 link set eth0 name nf0v3; ip netns del guest9")
        nic.until("has_netdev", VF, True)
        restore(host, says=(f"VF {VF} of {PF} is as it was",))


def test_in_use(host):
    """the VF's netdev has an address by now, or is in a bridge: left alone, and put back once it is free; being up is no use"""
    uses = (("ip addr add 192.0.2.7/32 dev {0}", "ip addr del 192.0.2.7/32 dev {0}", "{0} has an IP address"),
            ("ip link add br9 type bridge; ip link set {0} master br9", "ip link del br9", "{0} belongs to br9 (bridge)"))
    with one(host, bound=True) as nic:
        for use, free, says in uses:
            with unchanged(host):
                kill(host, MOVE)
                nic.until("has_netdev", VF, True)
                netdev = nic.netdev(VF)
                host.sh(use.format(netdev))
                sentence = f"VF {VF} of {PF} is left as it is: VF {VF} (nfsim0-vf3) is in use now: {says.format(netdev)}"
                restore(host, status=5, says=(sentence,), journal=OF_VF)
                equal((nic.driver(VF), nic.netdev(VF)), ("nfsimvf", netdev), "driver, netdev")
                host.sh(f"{free.format(netdev)}; ip link set {netdev} up")
                restore(host, says=(f"VF {VF} of {PF} is as it was",))


def test_journal(host):
    """a journal of another boot, of somebody else, one that others can write, a link; one in a full /run"""
    with one(host, bound=True) as nic:
        with unchanged(host):
            kill(host)
            host.ok("chown", "1", JOURNAL)
            restore(host, status=5, says=("is not a regular file that belongs to root", "remove it by hand"), journal=JOURNAL)
            refused = host.nfprobe(PF, "--vf", VF, "--from", WIRE)
            equal(refused.status, 5, f"status of a run beside it: {refused.err}")
            host.sh(f"chown 0 {JOURNAL}; chmod 622 {JOURNAL}")
            restore(host, status=5, says=("is not a regular file that belongs to root",), journal=JOURNAL)
            host.sh(f"chmod 600 {JOURNAL}; mv {JOURNAL} /run/elsewhere; ln -s /run/elsewhere {JOURNAL}")
            restore(host, status=5, says=("is a symbolic link",), journal=JOURNAL)
            host.sh(f"mv /run/elsewhere {JOURNAL}")
            restore(host, says=("VF 3 of nf0 is as it was",))
        with unchanged(host):
            kill(host)
            kept = lines(host)
            rewrite(host, [{**kept[0], "boot": "00000000-0000-0000-0000-000000000000"}, *kept[1:]])
            restore(host, says=("earlier boot",))
            equal(nic.driver(VF), None, "driver after a restore that has nothing to undo")
            rewrite(host, kept)
            host.ok("chmod", "600", JOURNAL)
            restore(host, says=("VF 3 of nf0 is as it was",))
        with unchanged(host):
            host.sh("mount -t tmpfs -o size=512k,mode=700 none /run/nfprobe")
            kill(host)
            host.run("dd", "if=/dev/zero", "of=/run/nfprobe/full", "bs=4k")
            result = host.nfprobe("--restore")
            equal((result.status, result.err), (0, ""), "--restore in a full /run")
            words(result.out, "VF 3 of nf0 is as it was", "--restore")
            host.ok("umount", "/run/nfprobe")


# ---- what the NIC does not take back

RUN = ("--style", "macvtap", *PACE, "-v", "--json")
QUICK = (*RUN, "--from", WIRE)
UP = "+ ip -n nfprobe link set nfpvf up"
FIT = "come=up go=down+unplug+clear arb=both"
LEFT = f"VF {VF} of {PF} still has what an interrupted run changed"


def other_vf(host, says):
    """A run on another VF works, and says what is not undone of the first; on the first one it is refused."""
    out = outcome(host.nfprobe(PF, "--vf", 2, *QUICK), 0)
    equal((out["verdict"], out["restored"]), ("safe", True), "a run on another VF")
    words(" ".join(out["warnings"]), says, "its warnings")
    out = outcome(host.nfprobe(PF, "--vf", VF, *QUICK), 4)
    equal(out["error"]["code"], "vf-in-use", "a run on the same VF")
    words(out["error"]["message"], LEFT, "its message")


# Changes that are refused once the guest uses the VF; the state of the VF before; the sentence on what is not as it was.
REFUSED = (
    ("mac", lambda nic: nic.assign(VF, Y), (), "its address was"),
    ("vlan", None, ("--vlan", 5), "its VLAN was"),
    ("setting", lambda nic: nic.trust(VF, "on"), (), "its trust was"),
    ("override", None, (), "its driver_override was"),
    ("driver", None, (), "its driver was"),
)


def test_refused(host):
    """an attribute, the driver or driver_override of a VF that the NIC does not take back: 5, and only that VF is out of use"""
    for refuse, prepare, args, says in REFUSED:
        with one(host, f"{FIT} refuse_vf={VF} forget=trust forget_on=assign", bound=True) as nic:
            if prepare:
                prepare(nic)

            with unchanged(host):
                run = host.begin_nfprobe(PF, "--vf", VF, *QUICK, *args, hold=UP)
                come_to(run, UP, "the run")
                run = meddled(run, UP[2:], lambda: nic.personality(f"refuse={refuse}"))
                out = outcome(run.wait(240), 5)
                equal(out["restored"], False, f"restored, refuse={refuse}")
                words(out["error"]["message"], says, f"the error, refuse={refuse}")
                equal(host.state()["journal"], [os.path.basename(OF_VF)], f"journals, refuse={refuse}")
                other_vf(host, says)
                restore(host, status=5, says=says, journal=OF_VF)
                nic.personality("refuse=never")
                restore(host, says=(f"VF {VF} of {PF} is as it was",))
                nic.until("has_netdev", VF, True)


def test_left(host):
    """the MTU of the VF's netdev, which the NIC does not take back: said once, with a command, and forgotten"""
    with one(host, f"{FIT} refuse_vf={VF}", bound=True) as nic:
        host.ok("ip", "link", "set", "nf0v3", "mtu", 1400)
        nic.personality("refuse=mtu")
        out = outcome(host.nfprobe(PF, "--vf", VF, *QUICK), 0)
        equal((out["verdict"], out["restored"]), ("safe", True), "verdict, restored")
        equal([line_of(one) for line in out["left_behind"] for one in line["commands"]], ["ip link set dev nf0v3 mtu 1400"], "left behind")
        equal(host.state()["journal"], [], "journals")
        out = outcome(host.nfprobe(PF, "--vf", VF, *QUICK), 0)
        equal((out["verdict"], out["left_behind"]), ("safe", []), "the next run on that VF")


def test_namespace(host):
    """a source whose netdev cannot come back from the run's namespace: 5, and the next run begins, and finds it where the kernel put it"""
    with one(host, FIT, bound=True) as nic:
        run = host.begin_nfprobe(PF, "--vf", VF, *RUN, "--from", "vf:1", hold=UP)
        come_to(run, UP, "the run")
        taken = ("nf0v1", "nfpsends")  # its own name, and the one that it has there
        run = meddled(run, UP[2:], lambda: [host.ok("ip", "link", "add", name, "type", "dummy") for name in taken])
        out = outcome(run.wait(240), 5)
        words(out["error"]["message"], "its netdev nf0v1 has not come back", "the error")
        equal(host.state()["journal"], ["nfsim0.vf1.journal"], "journals")
        nic.until("has_netdev", 1, True)
        out = outcome(host.nfprobe(PF, "--vf", VF, *QUICK), 0)
        words(" ".join(out["warnings"]), "its netdev was called nf0v1, but another netdev has that name now", "the next run")
        equal(host.state()["journal"], [], "journals after it")
        host.sh(f"ip link del nf0v1; ip link del nfpsends; ip link set {nic.netdev(1)} name nf0v1")
