# SPDX-License-Identifier: GPL-2.0-or-later
"""Is it a pair? What --explain says of a guest's two NICs, by pings: two that it calls no pair lose the guest with its VF, and those
that it calls one, or that the printed change makes one, do not."""

import contextlib
import os
import re

from probing import holding
from scenario import PF, TOP, WIRE, check, equal
from simulated import X
from test_audit import CLIENT, FIRST, REMOTE, SECOND, SERVER, audit, home, mend, namespaces, ping, vf_in
from test_libvirt import primary
from test_refuse import parked
from virsh import GUEST

MACHINE = {"pfs": 2, "vfs": (4, 0)}
OTHER_NIC = "eth2"  # on the same wire
HOOK = f"""import sys
sys.path.insert(0, "{TOP}/scripts/tools")
from nfprobe_tools import hook
hook.CHECK_LIMIT = hook.ACT_LIMIT = 120
hook.main()
"""
VF, V = 3, 100
TAG = f"<vlan><tag id='{V}'/></vlan>"
IN_VLAN, PLAIN = f"eth9.{V}", "eth9"  # of the far end


def explained(host, kind, source, vf, teaming=True, mac=X, inside=()):
    """Is it a pair, by --explain, and all that it says. @inside: the words that enter the namespace of the PF."""
    xml = GUEST.format(trust="", name="pair", emulator="/bin/true", kind=kind, source=source, mac=mac, primary=vf)
    host.write("/run/pair.xml", xml if teaming else re.sub("<teaming[^>]*>", "", xml))
    # Its limits are tested elsewhere (hook_act.bats); here it must not depend on how busy the machine is.
    host.write("/run/hook", HOOK)
    path = f"PATH={os.path.dirname(host.nfprobe_path)}:/usr/sbin:/usr/bin:/sbin:/bin"
    said = host.run(*inside, "env", path, "/usr/bin/python3", "-I", "/run/hook", "--explain", "/run/pair.xml")
    is_pair = "  pair:    no" not in said.out
    equal(said.status == 1, not is_pair, f"status {said.status} of --explain, which says {said.out}{said.err}")
    return is_pair, said.out


def far(host):
    """Somebody on the wire, in no VLAN and in one. Nobody asks for addresses: this NIC brings a PF no broadcast of some VLANs."""
    host.sh(f"""ip link add link {WIRE} name {PLAIN} address {FIRST} netns far type macvlan mode private
        ip -n far link set {PLAIN} up; ip -n far link add link {PLAIN} name {IN_VLAN} type vlan id {V}; ip -n far link set {IN_VLAN} up""")


def heard(host, by, netdev):
    """How many of three pings by that netdev of the far end are answered by the guest's netdev."""
    host.sh(f"""ip -n far addr flush dev {PLAIN}; ip -n far addr flush dev {IN_VLAN}
        ip -n far addr add {REMOTE}/24 dev {by}; ip -n far neigh replace {SERVER} lladdr {X} dev {by}
        ip -n guest addr add {SERVER}/24 dev {netdev}; ip -n guest neigh replace {REMOTE} lladdr {FIRST} dev {netdev}""")
    return ping(host, "far", SERVER)[0]


ASSIGN, CLEAR = (f"ip link set dev {PF} vf GUEST_VF mac {mac}" for mac in ("GUEST_MAC", "00:00:00:00:00:00"))


def typed(host, command):
    """A command that was printed, with what an admin puts in."""
    host.sh(command.replace("GUEST_VF", str(VF)).replace("GUEST_MAC", X))


@contextlib.contextmanager
def vf_of_guest(host, vid, assign=ASSIGN, clear=CLEAR):
    """As libvirt sets it up; afterwards as the guest has left it."""
    typed(host, assign)
    host.ok("ip", "link", "set", PF, "vf", VF, "vlan", vid)
    host.vf_unbind(VF)
    host.vf_bind(VF)
    netdev = host.vf_netdev(VF)
    host.ok("ip", "link", "set", netdev, "netns", "guest", "name", "primary", "up")
    try:
        host.wait_carrier("primary", inside=("ip", "netns", "exec", "guest"))
        yield "primary"
    finally:
        host.run("ip", "-n", "guest", "link", "set", "primary", "down", "netns", 1, "name", netdev)
        typed(host, clear)
        host.ok("ip", "link", "set", PF, "vf", VF, "vlan", 0)
        home(host, VF)


@contextlib.contextmanager
def standby(host, kind, on):
    """A macvlan, or the port of a bridge."""
    make = (f"ip link add link {on} name standby address {X} netns guest type macvlan mode bridge" if kind == "direct" else
            f"ip link add pair0 type veth peer name standby address {X} netns guest; ip link set pair0 master {on} up")
    host.sh(f"{make}; ip -n guest link set standby up")
    try:
        yield "standby"
    finally:
        host.sh("ip -n guest link del standby")


def by_both(host, by, kind, on, vid, *commands):
    """What the guest hears: by its VF, and by its standby once that is gone. @commands: in place of those of a manager."""
    with vf_of_guest(host, vid, *commands) as netdev:
        with_vf = heard(host, by, netdev)
    with standby(host, kind, on) as netdev:
        return with_vf, heard(host, by, netdev)


def in_vlan(vf):
    return vf.replace("</interface>", f"{TAG}</interface>")


def test_vlans(host):
    """sriov-cni 91, kubevirt 6351: the halves are in different VLANs, either way; the printed netdev, and the printed <source>, cure it"""
    plain = primary(host)
    tagged = in_vlan(plain)
    on_pf, on_vlan = f"dev='{PF}' mode='bridge'", f"dev='{PF}.{V}' mode='bridge'"
    with namespaces(host, "far", "guest"):
        far(host)
        is_pair, said = explained(host, "direct", on_pf, tagged)
        check(not is_pair and f"the VF is in VLAN {V}, and its standby on {PF} in no VLAN" in said, said)
        check(f"<source {on_vlan}/>" in said, said)
        equal(by_both(host, IN_VLAN, "direct", PF, V), (3, 0), "answers of a tagged VF, and of a standby without the VLAN")
        host.sh(re.search(r"\((ip link add [^)]*)\)", said).group(1))
        try:
            equal(explained(host, "direct", on_vlan, tagged)[0], True, "is it a pair, as changed")
            equal(by_both(host, IN_VLAN, "direct", f"{PF}.{V}", V), (3, 3), "answers as changed")
            is_pair, said = explained(host, "direct", on_vlan, plain)
            check(not is_pair and f"the VF is in no VLAN, and its standby on {PF}.{V} in VLAN {V}" in said and f"<source {on_pf}/>" in said, said)
            equal(by_both(host, PLAIN, "direct", f"{PF}.{V}", 0), (3, 0), "answers of a VF without the VLAN, and of a tagged standby")
            equal(explained(host, "direct", on_pf, plain)[0], True, "is it a pair, as changed back")
            equal(by_both(host, PLAIN, "direct", PF, 0), (3, 3), "answers as changed back")
        finally:
            host.sh(f"ip link del {PF}.{V}")


def test_bridges(host):
    """a bridge of the VF's VLAN is a pair, and keeps it; one that leads nowhere is none, until it has the printed port"""
    plain = primary(host)
    with namespaces(host, "far", "guest"):
        far(host)
        host.sh(f"""ip link add br9 type bridge; ip link set br9 up
            ip link add link {PF} name {PF}.{V} up type vlan id {V}""")
        try:
            is_pair, said = explained(host, "bridge", "bridge='br9'", plain)
            check(not is_pair and "br9 has no port that leads out" in said and "a standby on a bridge with a port of the VF's network" in said, said)
            equal(by_both(host, PLAIN, "bridge", "br9", 0), (3, 0), "answers of a VF, and behind a bridge that leads nowhere")
            host.sh(f"ip link set {PF}.{V} master br9")
            equal(explained(host, "bridge", "bridge='br9'", in_vlan(plain))[0], True, "is it a pair, in one VLAN")
            equal(by_both(host, IN_VLAN, "bridge", "br9", V), (3, 3), "answers in one VLAN")
            host.sh(f"ip link set {PF}.{V} nomaster; ip link set {PF} master br9")
            equal(explained(host, "bridge", "bridge='br9'", plain)[0], True, "is it a pair, by the PF")
            equal(by_both(host, PLAIN, "bridge", "br9", 0), (3, 3), "answers by the PF")
        finally:
            host.sh(f"ip link del br9; ip link del {PF}.{V}")


def test_addresses(host):
    """libvirt gives a <hostdev> no address: the printed command does, and the VF then comes up with its standby's"""
    device = re.search("<address [^>]*>", primary(host)).group()
    hostdev = (f"<hostdev mode='subsystem' type='pci' managed='yes'><source>{device}</source>"
               "<teaming type='transient' persistent='ua-backup0'/></hostdev>")
    is_pair, said = explained(host, "direct", f"dev='{PF}' mode='bridge'", hostdev)
    # igb draws an address for each VF that has none.
    check(not is_pair and re.search(f"VF {VF} of {PF} has (no address assigned|the address [0-9a-f:]+), and its standby {X}", said), said)
    try:
        host.sh(re.search(r"before each start of the guest, (ip link set [^\n;]*)", said).group(1))
        equal(explained(host, "direct", f"dev='{PF}' mode='bridge'", hostdev)[0], True, "is it a pair, as changed")
        host.vf_unbind(VF)
        host.vf_bind(VF)
        equal(host.read(f"/sys/class/net/{host.vf_netdev(VF)}/address").strip(), X, "the address with which the VF comes up")
    finally:
        home(host, VF)


# ---- a guest that has its VF in a process, as QEMU has it ----

# QEMU, for this: it has files open, and a tap behind which a guest answers pings.
QEMU = """
import fcntl, os, struct, threading
kept = [os.open(path, os.O_RDWR) for path in FILES]
tap = os.open(DEVICE, os.O_RDWR)
fcntl.ioctl(tap, 0x400454ca, struct.pack("16sH22x", TAP.encode(), 0x1002))  # TUNSETIFF, IFF_TAP | IFF_NO_PI

def guest():
    while True:
        frame = os.read(tap, 2048)
        if frame[12:15] == b"\\x08\\x00\\x45" and frame[23] == 1 and frame[34] == 8:  # an echo request
            total = int.from_bytes(frame[36:38], "big") + 0x800
            os.write(tap, frame[6:12] + frame[:6] + frame[12:26] + frame[30:34] + frame[26:30] + b"\\0" + frame[35:36]
                     + (total + (total >> 16) & 0xffff).to_bytes(2, "big") + frame[38:])

threading.Thread(target=guest, daemon=True).start()
"""


def qemu(host, files, tap, device="/dev/net/tun"):
    host.ok("modprobe", "-a", "tun")
    return holding(host, QEMU.replace("FILES", repr(files)).replace("DEVICE", repr(device)).replace("TAP", repr(tap)))


def pinger(host, by=PLAIN):
    """Somebody on the wire who knows the guest."""
    far(host)
    host.sh(f"ip -n far addr add {REMOTE}/24 dev {by}; ip -n far neigh replace {SERVER} lladdr {X} dev {by}")


@contextlib.contextmanager
def once_up(host, *vfs):
    """VFs with the guest's address, whose guest has let go of them; a process may have their vfio groups, which are given."""
    with contextlib.ExitStack() as stack:
        stack.callback(home, host, *vfs)
        for vf in vfs:
            host.ok("ip", "link", "set", PF, "vf", vf, "mac", X)
            host.vf_unbind(vf)
            host.vf_bind(vf)
            host.ok("ip", "link", "set", host.vf_netdev(vf), "up")
            host.wait_carrier(host.vf_netdev(vf))
        yield [stack.enter_context(parked(host, vf)) for vf in vfs]


def test_held(host):
    """QEMU's failover series: a guest that has let go of its VF, which QEMU still holds, is deaf behind its bridge; the printed command cures"""
    with namespaces(host, "far"), once_up(host, VF) as groups:
        pinger(host)
        host.sh(f"ip link add br9 type bridge; ip link set br9 up; ip link set {PF} master br9; bridge link set dev {PF} learning off")
        try:
            with qemu(host, [f"/dev/vfio/{groups[0]}"], "vnet0"):
                host.sh(f"ip link set vnet0 master br9 up; bridge fdb replace {X} dev vnet0 master dynamic")
                equal(ping(host, "far", SERVER)[0], 0, "answers of a guest that is behind its standby, while its VF keeps the address")
                findings = audit(host, 1)
                equal([(f["code"], [g["vf"] for g in f["functions"]]) for f in findings], [("idle-address", [VF])], "findings")
                check("does not use it" in findings[0]["what"] and "vnet0" in findings[0]["what"], findings[0]["what"])
                mend(host, findings[0])
                equal((ping(host, "far", SERVER)[0], audit(host, 0)), (3, []), "answers, and findings, when it is mended")
        finally:
            host.sh(f"ip link set {PF} nomaster; ip link del br9")


def test_second_vf(host):
    """nova's live migration of SR-IOV ports: a standby on a second VF, both of one process, is a pair: nothing is found, and it hears"""
    second = 1
    with namespaces(host, "far"), once_up(host, VF) as groups, contextlib.ExitStack() as stack:
        pinger(host)
        host.ok("ip", "link", "set", PF, "vf", second, "mac", X)
        stack.callback(home, host, second)
        host.vf_unbind(second)
        host.vf_bind(second)
        lower = host.vf_netdev(second)
        host.sh(f"ip link set {lower} up; ip link add link {lower} name macvtap9 type macvtap mode passthru; ip link set macvtap9 up")
        stack.callback(host.sh, "ip link del macvtap9")
        host.wait_carrier(lower)
        device = f"/dev/tap{host.read('/sys/class/net/macvtap9/ifindex')}"
        with qemu(host, [f"/dev/vfio/{groups[0]}"], "macvtap9", device):
            equal(ping(host, "far", SERVER)[0], 3, "answers by the standby on a second VF")
            equal(audit(host, 0), [], "findings")
            is_pair, said = explained(host, "direct", f"dev='{lower}' mode='passthrough'", primary(host))
            check(is_pair and "style:   vf-bridge" in said, said)


def test_other_nic(host):
    """a standby on another NIC of the network: what counts there is said, and once its VF is cleared as told, its neighbours reach it"""
    host.sh(f"ip link set {OTHER_NIC} up")
    host.wait_carrier(OTHER_NIC)
    with namespaces(host, "far", "guest", "client"):
        far(host)
        is_pair, said = explained(host, "direct", f"dev='{OTHER_NIC}' mode='bridge'", primary(host))
        check(is_pair and f"the standby leaves by {OTHER_NIC}, another NIC" in said and "EARLY and DEAF do not apply" in said
              and "when the guest has let go of its VF, and not before, clear the VF's address" in said, said)
        equal(by_both(host, PLAIN, "direct", OTHER_NIC, 0), (3, 3), "answers to the wire, by both NICs")
        with vf_in(host, 1, SECOND, "client", CLIENT), standby(host, "direct", OTHER_NIC) as netdev:
            host.sh(f"""ip -n guest addr add {SERVER}/24 dev {netdev}; ip -n guest neigh replace {CLIENT} lladdr {SECOND} dev {netdev}
                ip -n client neigh replace {SERVER} lladdr {X} dev $(ip -n client -br link | grep -o '^eth[0-9]*')""")
            host.ok("ip", "link", "set", PF, "vf", VF, "mac", X)
            host.vf_unbind(VF)
            host.vf_bind(VF)
            host.vf_unbind(VF)
            equal(ping(host, "client", SERVER)[0], 0, "answers to a neighbour on the NIC, while the VF has the address")
            host.vf_clear(VF)
            equal(ping(host, "client", SERVER)[0], 3, "answers to it when the address is cleared")
            host.vf_bind(VF)
        home(host, 1, VF)


@contextlib.contextmanager
def fresh_vfs(host):
    """What a guest's driver could not take back of the NIC's filter goes with the VFs."""
    numvfs = f"/sys/class/net/{PF}/device/sriov_numvfs"
    count = host.read(numvfs)

    def recreate():
        host.write(numvfs, 0)
        host.write(numvfs, count)
        host.wait_carrier(PF)

    recreate()
    try:
        yield
    finally:
        recreate()


def test_bond(host):
    """a guest's own bond gives a trusted VF its address, which stays behind: deaf; where the host assigns and clears it, it is not"""
    with namespaces(host, "far", "guest"), fresh_vfs(host):
        host.ok("ip", "link", "set", PF, "vf", VF, "trust", "on")
        pinger(host)
        host.sh(f"ip link add br9 type bridge; ip link set br9 up; ip link set {PF} master br9; bridge link set dev {PF} learning off")
        try:
            netdev = host.vf_netdev(VF)
            host.sh(f"ip link set {netdev} up; ip link add link {netdev} name bond9 address {X} netns guest type macvlan mode private")
            host.sh(f"ip -n guest link set bond9 up; ip -n guest addr add {SERVER}/24 dev bond9")
            host.sh(f"ip -n guest neigh replace {REMOTE} lladdr {FIRST} dev bond9")
            host.wait_carrier(netdev)
            equal(ping(host, "far", SERVER)[0], 3, "answers by the VF")
            host.vf_unbind(VF)
            with standby(host, "bridge", "br9") as port:
                equal(heard(host, PLAIN, port), 0, "answers by the standby, while the VF keeps the address")
        finally:
            host.sh(f"ip link set {PF} nomaster")
        host.vf_bind(VF)
    with namespaces(host, "far", "guest"):
        far(host)
        host.sh(f"ip link set {PF} master br9; bridge link set dev {PF} learning off")
        try:
            is_pair, said = explained(host, "bridge", "bridge='br9'", primary(host), teaming=False)
            check(is_pair and "the guest itself makes a bond or team of them" in said, said)
            equal(by_both(host, PLAIN, "bridge", "br9", 0, ASSIGN, CLEAR), (3, 3), "answers where the host assigns the address and clears it")
        finally:
            host.sh("ip link del br9")
