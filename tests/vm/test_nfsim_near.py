# SPDX-License-Identifier: GPL-2.0-or-later
"""Neighbours on the same NIC and a guest that is elsewhere: what nfprobe says is what is true in memory, and what users meet."""

import contextlib
import signal
import sys

from probing import outcome, unchanged, unlocked
from scenario import TOP, check, equal, long
from simulated import BROADCAST, X, one

sys.path.insert(0, TOP + "/tests/nfsim")
import alike  # noqa: E402

VF, SIBLING = 3, 1
PATIENCE_S = 1800  # until a window, on a loaded machine
# The usual settling time: in a shorter one a neighbour sends too few frames for a machine that is busy.
QUICK = ("--vf", VF, "--style", "macvtap", "--rate", "200")
EARLY = "come=assign+reset+driver+up go=clear arb=vf"
USERS_NICS = ("come=up go=clear arb=both", "come=up go=down+unplug+reset+clear")
# The addresses of a guest, of which the second is sent to the broadcast address, and the address of its neighbour, the PF.
GUEST, EVERYBODY, NEIGHBOUR = "192.0.2.9", "192.0.2.10", "192.0.2.1"


def trait(out):
    near = out["vf"].get("neighbours", {}).get("elsewhere")
    check(near, f"nothing of neighbours: {out.get('error') or out['vf'].get('error')}")
    check(not near["note"], near["note"])
    return near["verdict"], near["from"], near["until"]


def keys_of(personality):
    return dict(word.split("=", 1) for word in personality.split())


def run(host, *args, status):
    with unchanged(host):
        return outcome(host.nfprobe("nf0", *QUICK, *args, "--json", near=True), status)


def said(host, nic, personality):
    """The trait, which is that in memory."""
    nic.personality("default " + personality)
    told = trait(host.nfprobe("nf0", *QUICK, "--from", "nf0w", "--json", near=True).json())
    [(_, out)] = alike.in_memory([alike.Case("", keys_of(personality), style="macvtap")])
    equal(told, tuple(out["truth"][0]["elsewhere"].values()), personality)
    return told


@long
def test_unproven(host):
    """where nothing listens on the wire, or nothing may be announced, it is unproven, with the reason"""
    with one(host, EARLY, bound=True):
        for args, words in ((("--from", f"vf:{SIBLING}"), "not on the wire"), (("--from", "pf"), "does not hear"),
                            (("--from", "nf0w", "--skip=announce"), "--skip announce")):
            out = host.nfprobe("nf0", *QUICK, *args, "--json", near=True).json()
            near = out["vf"]["neighbours"]["elsewhere"]
            equal(near["verdict"], "unproven", str(args))
            check(words in near["note"], near["note"])
        out = host.nfprobe("nf0", *QUICK, "--from", "nf0w", "--skip=neighbours", "--json", near=True).json()
        check("neighbours" not in out["vf"], "--skip=neighbours")


def test_required(host):
    """--require neighbours: a NIC that is safe but for its neighbours is not; another VF as the neighbour"""
    with one(host, "come=up go=reset+clear arb=both", bound=True):
        out = run(host, "--from", "nf0w", status=0)
        equal(trait(out), ("lost", "unplug", "detach"), "trait")
        out = run(host, "--from", "nf0w", "--require", "neighbours", status=1)
        equal((out["verdict"], out["vf"]["requires"]), ("sticky", ["clear-at-unplug"]), "verdict, requires")
        out = run(host, "--from", "nf0w", "--neighbour", f"vf:{SIBLING}", status=0)
        equal(trait(out), ("lost", "unplug", "detach"), "trait, by a sibling")


# Up to so many echo requests (RFC 792), a second apart, until one is answered. The machine has no ping.
PING = ("/usr/bin/python3", "-I", "-S", "-c", """
import socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as s:
    s.connect((sys.argv[1], 0))
    s.settimeout(1)
    for number in range(int(sys.argv[2])):
        s.send(struct.pack("!BBHHH", 8, 0, 0xf7ff - number, 0, number))
        try:
            while s.recv(2048)[20] != 0:
                pass
            sys.exit(0)
        except TimeoutError:
            pass
sys.exit(1)
""")
PATIENCE = 120  # requests to a guest that answers: a busy machine may take its time
LOST = 3  # requests to one that does not: the NIC's own counters tell where each of them went


@contextlib.contextmanager
def guest(host, netdev, pf_mac):
    """A guest that has this netdev alone: no other would answer for it. Nobody has to ask for an address."""
    inside = ("ip", "netns", "exec", "guest")
    host.sh(f"""
        ip netns add guest
        ip link set {netdev} netns guest
        ip -n guest addr add {GUEST}/24 dev {netdev}
        ip -n guest addr add {EVERYBODY}/24 dev {netdev}
        ip -n guest link set {netdev} up
        ip -n guest neigh replace {NEIGHBOUR} lladdr {pf_mac} dev {netdev} nud permanent
    """)
    try:
        host.wait_carrier(netdev, inside=inside)
        host.ok(*PING, EVERYBODY, PATIENCE)  # it is there, and hears what is sent to everybody
        yield
    finally:
        host.run("ip", "-n", "guest", "link", "set", netdev, "netns", "1")  # where it still exists
        host.ok("ip", "netns", "del", "guest")


def pinged(host, nic, requests):
    """(Does the guest answer the PF, the ports to which the NIC gave the requests?)"""
    nic.counters(clear=True)
    answered = host.run(*PING, GUEST, requests).status == 0
    return answered, sorted({to for origin, mac, to, *_ in nic.counters() if (origin, mac) == ("pf", X)})


def meet(host, nic, stays):
    """A VF guest leaves for another machine on the wire; `stays`: while the VF has the address, its frames do not leave the NIC."""
    pf_mac, wire_mac = nic.address("pf"), nic.address("wire")
    nic.assign(VF, X)
    nic.unbind(VF)
    nic.bind(VF)
    host.sh(f"""
        ip addr add {NEIGHBOUR}/24 dev nf0
        ip neigh replace {GUEST} lladdr {X} dev nf0 nud permanent
        ip neigh replace {EVERYBODY} lladdr {BROADCAST} dev nf0 nud permanent
    """)
    with guest(host, nic.netdev(VF), pf_mac):
        equal(pinged(host, nic, PATIENCE), (True, [f"vf{VF}"]), "a guest on the VF")
        nic.unbind(VF)
    host.sh(f"ip link set nf0w down; ip link set nf0w address {X}")
    with guest(host, "nf0w", pf_mac):
        equal(pinged(host, nic, LOST if stays else PATIENCE), (False, [f"vf{VF}"]) if stays else (True, ["wire"]), "the guest has left")
        nic.clear(VF)
        equal(pinged(host, nic, PATIENCE), (True, ["wire"]), "the VF is cleared")
    host.sh(f"ip link set nf0w address {wire_mac}; ip link set nf0w up; ip addr del {NEIGHBOUR}/24 dev nf0")
    nic.bind(VF)
    nic.settled()


def test_as_users_have_it(host):
    """a VF guest leaves for another machine on the wire: the old host pings it in vain until the VF is cleared, where nfprobe says so"""
    with one(host, USERS_NICS[0], bound=True) as nic:
        for personality, says in zip(USERS_NICS, (("lost", "unplug", "clear"), ("ok", None, None))):
            equal(said(host, nic, personality), says, personality)
            meet(host, nic, says[0] == "lost")


def test_killed(host):
    """SIGKILL in a window before a guest comes and in one after it has left: the source's netdev has no address then, --restore does the rest"""
    with one(host, EARLY, bound=True) as nic, unchanged(host):
        own = nic.info(VF)["address"]  # which its driver has drawn
        for more in (False, True):
            run = host.begin_nfprobe("nf0", *QUICK, "--from", "nf0w", "-v", near=True)
            group = int(host.ok("pgrep", "-f", "nfprobe nf0 --vf").split()[0])
            taken = nic.catch(VF, group, timeout=PATIENCE_S)
            if more and taken:
                run.go_on()
                taken = nic.catch(VF, group, taken, timeout=PATIENCE_S)
            check(taken, f"it came to no window: {run.stderr.decode()}")
            run.signal(signal.SIGKILL)
            run.wait(120)
            unlocked(host)
            equal(nic.taken("wire"), [], "addresses of the source's netdev")
            check(nic.info(VF)["address"] in taken, "the VF has not the address of the window")
            result = host.nfprobe("--restore")
            equal((result.status, result.err, nic.info(VF)["address"]), (0, "", own), "--restore, the VF's address after it")
