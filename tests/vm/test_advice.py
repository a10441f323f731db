# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run advises, and nothing else, is typed on a host: a guest with net_failover that talks hears each frame of the wire there, on QEMU's
igb, in each style that a run says a guest may use, in no VLAN and in one of the VF's (VST), and where the PF is in a bond.

memnic's pasted.c does the same in memory. Here kernel, driver and net_failover say what a command does.
"""

import contextlib
import json
import re

from guest import ADDRESS, HV, PYTHON, PUMP, Guest, netdev_of, silent_guest, without_driver
from probing import PACE, running, valid
from scenario import CLOCK, PF, WIRE, check, equal, long
from talking import COUNT, TRIES, talking

RESULT = "/tmp/result.json"
MACHINE = {"failover": True, "vfs": (3,), **CLOCK}
VLAN, SECOND = 100, 1

# The guest's life, as nfprobe-guide(7) has it: the state, and what leads there. A word that is a moment of an advice is that advice, typed.
LIFE = (
    ("runs here", ("guest-runs-here",)),
    ("talked", ("talk",)),
    ("its VF waits", ("assign", "reset")),
    ("its VF is up", ("boot", "vf-up")),
    ("talked by it", ("talk",)),
    ("migrates", ("before-migration", "unbind", "vf-gone")),
    ("talked meanwhile", ("talk",)),
    ("comes back", ("undo", "boot", "vf-up")),
    ("migrates again", ("before-migration", "unbind", "vf-gone")),
    ("its VF is reset", ("reset",)),
    ("its VF is cleared", ("clear",)),
    ("talked at last", ("talk",)),
)
# Then the port leaves its bridge or bond and comes back; and the bridge is made anew. What lasts as long as the port is typed again.
AGAIN = (("is there again", ("again",)), *LIFE[1:6])
# Its tap leaves its bridge and comes back, as when the host's network is restarted.
BACK = (("is back", ("tap-back", "again")), *LIFE[1:6], *LIFE[7:])
EVENTS = {"life": LIFE, "port": AGAIN, "bridge": AGAIN, "tap": BACK}


class Host:
    """The host, by what is printed: `document`."""

    def __init__(self, host, style, vlan, bond, document):
        self.host, self.style, self.vlan, self.document = host, style, vlan, document
        self.below = "bond0" if bond else PF
        self.is_macvtap = style == "macvtap"
        self.row = document["failover"]
        self.second = style.startswith("vf-bridge")
        self.managed, self.it, self.talk, self.tap = False, None, None, None

    # What an admin has, whatever the style.

    @property
    def port(self):
        """The netdev on which the standby stands: a macvtap's is printed."""
        if self.is_macvtap:
            [port] = {re.search(r"<source dev='(\S+)' mode='bridge'/>", one["document"]).group(1) for one in self.advice() if one["document"]}
            return port
        if self.second:
            return netdev_of(self.host, SECOND)
        return f"{self.below}.{VLAN}" if self.vlan else self.below

    def build(self):
        """The VF is in its VLAN from before the guest starts, as libvirt sets it up by the <vlan> of its <interface>. Where no VF is in a
        VLAN, the emulated igb brings the PF none of its broadcasts (test_guest_vlan.py)."""
        if self.below != PF:
            self.host.sh(f"""ip -n hv link add bond0 type bond mode active-backup miimon 100
                ip -n hv link set {PF} down; ip -n hv link set {PF} master bond0; ip -n hv link set bond0 up""")
            self.host.wait_carrier("bond0", inside=HV)
        if self.vlan:
            self.host.ok(*HV, "ip", "link", "set", PF, "vf", 0, "vlan", VLAN)
        if self.vlan and not self.second:
            self.host.sh(f"""ip -n hv link add link {self.below} name {self.below}.{VLAN} type vlan id {VLAN}
                ip -n hv link set {self.below}.{VLAN} up""")
        if self.second:
            netdev = netdev_of(self.host, SECOND)
            self.host.sh(f"ip link set {netdev} netns hv; ip -n hv link set {netdev} up")
            self.host.wait_carrier(netdev, inside=HV)

    def stand(self):
        """The standby, as libvirt makes it."""
        if self.is_macvtap:
            self.host.sh(f"""ip -n hv link add link {self.port} name macvtap0 address {ADDRESS} type macvtap mode bridge
                ip -n hv link set macvtap0 up""")
            tap = self.host.ok(*HV, "sh", "-c", "echo /dev/tap$(cat /sys/class/net/macvtap0/ifindex)").strip()
            self.tap = contextlib.ExitStack()
            self.tap.enter_context(running(self.host, *HV, *PYTHON, PUMP, tap, "vnet0", ready="pumping"))
            return
        self.host.sh(f"""ip -n hv link add br0 type bridge {"vlan_filtering 1" if self.style == "static-bridge" else ""}
            ip -n hv link set {self.port} master br0; ip -n hv link set br0 up""")

    def fall(self):
        if self.tap:
            self.tap.close()
            self.tap = None
        self.host.sh("ip -n hv link del macvtap0 2>/dev/null || ip -n hv link del br0 2>/dev/null || :")

    def take_down(self):
        self.fall()
        self.host.sh(f"""ip -n hv link del {self.below}.{VLAN} 2>/dev/null || :; ip -n hv link del bond0 2>/dev/null || :
            ip -n hv link set {PF} up""")
        if self.second:
            netdev = netdev_of(self.host, SECOND)
            self.host.sh(f"ip -n hv link set {netdev} down; ip -n hv link set {netdev} netns 1")
        self.host.sh(f"ip -n hv link set {PF} vf {SECOND} spoofchk on vlan 0; ip -n hv link set {PF} vf 0 vlan 0")

    def plug(self):
        """The guest's tap; libvirt keeps its table (virNetDevTapAttachBridge)."""
        if self.is_macvtap:
            return
        self.host.sh("ip -n hv link set vnet0 master br0")
        if self.managed:
            self.host.sh(f"bridge -n hv link set dev vnet0 learning off flood off; bridge -n hv fdb replace {ADDRESS} dev vnet0 master static")

    def leave(self):
        """The guest's QEMU ends: its tap goes, and what a bridge has learned there with it."""
        if self.is_macvtap:
            self.fall()
        else:
            self.host.sh("ip -n hv link set vnet0 nomaster")

    # What is printed.

    def advice(self, moment=None):
        row = (self.row["style"], self.row["fix"], None)
        mine = [one for one in self.document["advice"] if (one["style"], one["fix"], one["vlan"]) == row]
        return [one for one in (*mine, *(one for one in self.document["advice"] if not one["style"]))
                if one["what"] != "probe" and moment in (None, one["moment"])]

    def type(self, command):
        names = {"GUEST_MAC": ADDRESS, "TAP": "vnet0", "MACVTAP": "macvtap0", "GUEST_VF": "0",
                 "VF_NETDEV": netdev_of(self.host, SECOND) if self.second else "none"}
        if command[:2] == ["virsh", "attach-device"]:
            self.act("assign", "reset", "boot")
        elif command[:2] == ["virsh", "detach-device"]:
            self.act("unbind", "reset")
        else:
            done = self.host.run(*HV, *(names.get(word, word) for word in command))
            # An entry of the PF's own may have outlived its bridge.
            check(done.status == 0 or "File exists" in done.err and command[:3] == ["bridge", "fdb", "add"], f"{command}: {done.err}")

    def paste(self, moment, key="commands"):
        for one in self.advice(moment):
            if "macTableManager" in (one["document"] or ""):
                self.managed = True
            for command in one[key]:
                self.type(command)

    def set_up_second(self):
        """What is said of the second VF, in words."""
        said = " ".join(one["sentence"] for one in self.advice())
        if "spoof checking is off" in said:
            self.host.ok(*HV, "ip", "link", "set", PF, "vf", SECOND, "spoofchk", "off")
        if vlan := re.search(r"VF_NETDEV is the second VF of [^,]+, in VLAN (\d+)", said):
            self.host.ok(*HV, "ip", "link", "set", PF, "vf", SECOND, "vlan", vlan.group(1))

    # What happens.

    def again(self):
        for one in self.advice():
            if one["lasts"] == "while-port" and one["moment"] != "tap-back":
                for command in one["commands"]:
                    self.type(command)

    def undo(self):
        for moment in ("vf-gone", "before-migration"):
            self.paste(moment, "undo")

    def act(self, *names):
        for name in names:
            if name == "talk":
                self.talk.talk()
            elif name in ("again", "undo"):
                getattr(self, name)()
            elif "-" in name:
                self.paste(name)
            else:
                getattr(self.it, name)()

    def port_leaves(self):
        """As ifreload and NetworkManager let it, which set it down."""
        if self.below != PF:
            self.host.sh(f"ip -n hv link set {PF} nomaster; ip -n hv link set {PF} down; ip -n hv link set {PF} master bond0")
            self.host.wait_carrier("bond0", inside=HV)
        if not self.is_macvtap:
            self.host.sh(f"ip -n hv link set {self.port} nomaster; ip -n hv link set {self.port} master br0")

    def tap_leaves(self):
        if not self.is_macvtap:
            self.host.sh("ip -n hv link set vnet0 nomaster; ip -n hv link set vnet0 master br0")

    def bridge_leaves(self):
        self.fall()
        self.stand()
        self.plug()

    # What the host's own audit says of it.

    def audited(self, when):
        """Nothing that was printed is a fault. Remarks, which name what may be meant so, are none."""
        done = self.host.run(*HV, self.host.nfprobe_path, "--audit", PF, "--json")
        check(done.status in (0, 1), f"--audit: status {done.status}: {done.err}")
        found = [one for one in valid(json.loads(done.out), "nfprobe-audit.schema.json")["findings"] if not one["remark"]]
        return [f"{when}: --audit: {one['code']}: {one['what']}" for one in found]

    # What the guest hears.

    def hears(self):
        """How many frames of the wire, once two counts in a row are the same."""
        before = None
        for _ in range(TRIES // 2):
            try:
                now = self.talk.once().partition("/")[0]
            except AssertionError:
                now = "not even broadcast"
            if now == before == str(COUNT):
                break
            before = now
        return now

    def live(self, states):
        told = []
        for state, names in states:
            self.act(*names)
            told.append((state, self.hears()))
        return told


@contextlib.contextmanager
def in_bond(host, bond):
    """The PF as the one member, while a run looks."""
    if not bond:
        yield
        return
    host.sh(f"ip link add bond0 type bond mode active-backup miimon 100; ip link set {PF} down; ip link set {PF} master bond0; ip link set bond0 up")
    host.wait_carrier("bond0")
    try:
        yield
    finally:
        host.sh(f"ip link del bond0; ip link set {PF} up")
        host.wait_carrier(PF)


def advised(host, style, vlan, bond):
    """A run. The emulated igb gives groups to macvtaps alone."""
    with in_bond(host, bond), without_driver(host):
        if bond and vlan:
            host.sh(f"ip link add link bond0 name bond0.{VLAN} type vlan id {VLAN}; ip link set bond0.{VLAN} up")
        Guest(host).precede()
        words = [*(("--vlan", VLAN) if vlan else ()), *(() if style == "macvtap" else ("--skip=multicast",))]
        run = host.nfprobe(PF, "--vf", 0, "--from", WIRE, "--style", f"{style}:{SECOND}" if style.startswith("vf-") else style, *words, *PACE,
                           f"--json={RESULT}", fixes=True)
        if bond and vlan:
            host.sh(f"ip link del bond0.{VLAN}")
    check(run.status in (0, 1), f"nfprobe's status {run.status}: {run.err}{run.out}")
    document = valid(json.loads(host.read(RESULT)))
    check(document["failover"]["style"], f"nobody may use {style}: {document['answer']}")
    printed = " ".join(run.out.split())
    for one in document["advice"]:
        for command in one["commands"]:
            check(" ".join(command) in printed, f"{command} is not printed:\n{run.out}")
    return document


@contextlib.contextmanager
def wire_netdev(host, vlan):
    """Inside the namespace of the wire."""
    if not vlan:
        yield WIRE
        return
    host.sh(f"ip -n wire link add link {WIRE} name {WIRE}.{VLAN} type vlan id {VLAN}; ip -n wire link set {WIRE}.{VLAN} up")
    try:
        yield f"{WIRE}.{VLAN}"
    finally:
        host.sh(f"ip -n wire link del {WIRE}.{VLAN}")


@contextlib.contextmanager
def standing(it):
    it.build()
    try:
        it.stand()
        it.plug()
        yield
    finally:
        it.take_down()


def cell(host, style, vlan=False, bond=False, events=tuple(EVENTS)):
    """The guest's life, the port's leaving and coming, the bridge's; how many counts of each agree."""
    host.write("/proc/sys/net/ipv6/conf/failover/disable_ipv6", "1")
    it = Host(host, style, vlan, bond, advised(host, style, vlan, bond))
    report, bad = [], []
    with silent_guest(host, lambda host: standing(it)) as it.it, wire_netdev(host, vlan) as wire:
        it.paste("now")
        if it.managed:
            it.plug()
        it.set_up_second()
        bad += it.audited("built")
        own = it.port if it.is_macvtap else "br0"
        for event in events:
            if event != "life":
                getattr(it, f"{event}_leaves")()
            with talking(host, ADDRESS, "failover", wire, {"host": own}) as it.talk:
                told = it.live(EVENTS[event])
                bad += it.audited(f"{event}: at its end")
            good = sum(heard == str(COUNT) for _, heard in told)
            report.append(f"{event} {good} of {len(told)}")
            bad += [f"{event}: {state}: {heard}" for state, heard in told if heard != str(COUNT)]
            if host.run("test", "-e", f"{it.it.device}/driver").status == 0:
                it.act("unbind")
            it.act("reset", "clear")
        it.paste("guest-elsewhere")
        it.leave()
        bad += it.audited("the guest has left")
    line = f"{style}{', VST' if vlan else ''}{', bond' if bond else ''}: {', '.join(report)}"
    print(f"# {line}" + "".join(f"\n#   {one}" for one in bad), flush=True)
    equal(bad, [], line)
    return line


def test_macvtap(host):
    """a macvtap"""
    return cell(host, "macvtap")


def test_bridge(host):
    """a bridge, which a run mends"""
    return cell(host, "bridge")


@long
def test_vf_bridge(host):
    """a bridge on a second VF"""
    return cell(host, "vf-bridge")


@long
def test_static_bridge(host):
    """a bridge whose table libvirt keeps"""
    return cell(host, "static-bridge")


@long
def test_macvtap_vst(host):
    """a macvtap, with a VF in a VLAN"""
    return cell(host, "macvtap", vlan=True)


@long
def test_bridge_vst(host):
    """a bridge, with a VF in a VLAN"""
    return cell(host, "bridge", vlan=True)


@long
def test_vf_bridge_vst(host):
    """a bridge on a second VF, with VFs in a VLAN"""
    return cell(host, "vf-bridge", vlan=True)


@long
def test_static_bridge_vst(host):
    """a bridge whose table libvirt keeps, with a VF in a VLAN"""
    return cell(host, "static-bridge", vlan=True)


@long
def test_macvtap_bond(host):
    """a macvtap on a bond"""
    return cell(host, "macvtap", bond=True)


@long
def test_bridge_bond(host):
    """a bridge on a bond"""
    return cell(host, "bridge", bond=True)


@long
def test_bridge_bond_vst(host):
    """a bridge on a bond, with a VF in a VLAN. When the emulated igb comes back to its bond, the PF gets no broadcast of
    the VLAN until its VF has been reset, whatever is typed."""
    return cell(host, "bridge", vlan=True, bond=True, events=("life", "bridge"))


@long
def test_static_bridge_bond(host):
    """a bridge on a bond, whose table libvirt keeps"""
    return cell(host, "static-bridge", bond=True)
