# SPDX-License-Identifier: GPL-2.0-or-later
"""The libvirt hook under a real libvirtd, with guests on VFs of igb: started, warned about, refused, found again, migrated in,
and helped by an entry in the PF's filter."""

import contextlib
import os
import re
import signal

from scenario import CLOCK, PF, TOP, check, equal
from simulated import X
from test_daemons import asked_until
from virsh import STATIC, define, done, libvirtd, network, settle, virsh

# libvirt is laid over the machine's /usr and /etc. It gives a guest's QEMU some seconds, by the machine's clock, to answer and to
# end. A clock that counts instructions stands while the host is busy elsewhere.
MACHINE = {"cmdline": "nfprobe=services", **CLOCK}
PF2 = "eth2"  # of a machine that has two
VF, OTHER = 3, 2
UNHELPED = ("macvtap", "bridge")  # styles of guests to which no entry is given
HOOK = "/usr/local/sbin/nfprobe-libvirt-hook"
CALLS, LIST = "/run/calls", "/run/nfprobe-libvirt-hook"
THERE = "qemu+unix:///system?socket=/run/second/run/libvirt-sock"

# How long the hook waits is tested elsewhere (hook_act.bats); here it must not depend on how busy the machine is.
INSTALL = """
mkdir -p /etc/libvirt/hooks/qemu.d /etc/libvirt/hooks/network.d /etc/nfprobe /usr/local/sbin
cp "$1" /usr/local/sbin/
mkdir -p /usr/local/share/nfprobe
cp -r "$3" /usr/local/share/nfprobe/
sed -i -E 's/^(CHECK|HOOK|ACT|PROGRAM)_(LIMIT|CPU) = .*/\\1_\\2 = 120/' /usr/local/share/nfprobe/tools/nfprobe_tools/hook.py
sed 's#^TOOLS = .*#TOOLS = "/usr/local/share/nfprobe/tools"#' "$2" >/usr/local/sbin/nfprobe-libvirt-hook
chmod 755 /usr/local/sbin/nfprobe-libvirt-hook
ln -sf /usr/local/sbin/nfprobe-libvirt-hook /etc/libvirt/hooks/qemu.d/nfprobe
ln -sf /usr/local/sbin/nfprobe-libvirt-hook /etc/libvirt/hooks/network.d/nfprobe
printf '%s\\n' '#!/bin/sh' 'cat >/dev/null; echo "$(hostname) $2" >>/run/calls' >/etc/libvirt/hooks/qemu.d/calls
chmod 755 /etc/libvirt/hooks/qemu.d/calls
"""

# Another host, with a name, settings and domains of its own, but the same devices.
SECOND = """
hostname second
cd /run/second
mkdir -p run lib libvirt nfprobe list /run/nfprobe-libvirt-hook
cp -r /etc/libvirt/. libvirt
echo 'host_uuid = "11111111-2222-4333-8444-555555555555"' >>libvirt/libvirtd.conf
mount --bind run /run/libvirt
mount --bind lib /var/lib/libvirt
mount --bind libvirt /etc/libvirt
mount --bind nfprobe /etc/nfprobe
mount --bind list /run/nfprobe-libvirt-hook
exec libvirtd -p /run/second/pid
"""

LOG = """
import socket
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
print("ready", flush=True)
while True:
    print(log.recv(4096).decode(), flush=True)
"""

PRIMARY = """<interface type='{kind}' {managed}><mac address='{mac}'/><source{source}
<teaming type='transient' persistent='ua-backup0'/></interface>
"""
POOL = """<network><name>vfs</name><forward mode='hostdev' managed='yes'>{vf}</forward></network>"""


def stored(host, styles, pf=PF):
    """Stores the verdicts of these styles, once a machine. The emulated igb gives a bridge no groups."""
    if styles and (pf, styles) not in vars(host.vm).setdefault("stored", set()):
        saved = host.nfprobe(pf, "--vf", 1, "--rate", 200, "--skip=multicast", "--style", ",".join(styles), "--save")
        equal(saved.status, 1, "the run: " + saved.err)
        host.vm.stored.add((pf, styles))


@contextlib.contextmanager
def installed(host, mode, styles=("bridge", "bridge+fdb+pin")):
    """With verdicts of a real run, with a log, which is yielded, and with VFs and a libvirt that are anew afterwards."""
    stored(host, styles)
    settle(host)
    hook = os.path.join(TOP, "scripts/packaging/libvirt/nfprobe-libvirt-hook")
    host.ok("bash", "-ec", INSTALL, "install", host.nfprobe_path, hook, os.path.join(TOP, "scripts/tools"))
    configure(host, mode)
    log = host.begin("/usr/bin/python3", "-I", "-S", "-c", LOG)
    check(log.wait_for("ready"), "nobody reads /dev/log")
    try:
        yield log
    finally:
        log.signal(signal.SIGKILL)
        log.wait(120)
        host.sh(f"""pkill -KILL qemu-system || true
            for name in br0 br1; do ip link del $name 2>/dev/null || true; done
            rm -rf /dev/log /var/lib/libvirt /run/libvirt /etc/libvirt/qemu /etc/nfprobe {CALLS} /run/second {LIST}
            bridge fdb del {X} dev {PF} self 2>/dev/null || true""")
        for pf, count in zip((PF, PF2), host.vm.settings.vfs):
            host.sh(f"cd /sys/class/net/{pf}/device; echo 0 >sriov_numvfs; echo {count} >sriov_numvfs")
            host.wait_carrier(pf)


def pci(host, vf, pf=PF):
    """Its <address>, as libvirt writes it."""
    numbers = re.split("[:.]", os.path.basename(host.vf_device(vf, pf)))
    return "<address type='pci' domain='0x{}' bus='0x{}' slot='0x{}' function='0x{}'/>".format(*numbers)


def primary(host, mac=X, vf=VF):
    return PRIMARY.format(kind="hostdev", managed="managed='yes'", mac=mac, source=f">{pci(host, vf)}</source>")


def configure(host, what, folder="/etc/nfprobe"):
    host.write(f"{folder}/nfprobe.conf", f"LIBVIRT_HOOK={what}")


def calls(host):
    """The calls since the last question."""
    return host.sh(f"cat {CALLS}; : >{CALLS}").split("\n")[:-1]


def driver(host):
    return os.path.basename(host.ok("readlink", host.vf_device(VF) + "/driver").strip())


def bridge(host, name, port):
    host.sh(f"ip link add {name} type bridge; ip link set {name} up; ip link set {port} master {name}")


@contextlib.contextmanager
def bridged(host, *args):
    """As `installed`, and the PF is a port of br0."""
    with installed(host, *args) as log:
        bridge(host, "br0", PF)
        yield log


def unfit(host, vf, guest="early"):
    return f"guest {guest} is not fit for failover: VF {os.path.basename(host.vf_device(vf))} of {PF}, standby on bridge br0: EARLY"


def test_hook(host):
    """libvirt starts a guest that is safe, and one that is not as told: refused, or started and warned about"""
    name = host.ok("hostname").strip()
    with installed(host, "refuse", UNHELPED) as log, libvirtd(host, "libvirtd"):
        define(host, "safe", "direct", f"dev='{PF}' mode='bridge'", X, primary(host))
        done(host, "start", "safe")
        equal(driver(host), "vfio-pci", "driver of the VF that the guest has")
        log.pause()
        equal(log.stdout.decode().splitlines(), ["ready"], "the log of a guest that is safe")
        log.go_on()
        done(host, "destroy", "safe")
        equal(calls(host), [f"{name} {what}" for what in ("prepare", "start", "started", "stopped", "release")], "calls for a guest that is safe")

        bridge(host, "br0", PF)
        define(host, "early", "bridge", "bridge='br0'", X, primary(host))
        refused = virsh(host, "start", "early")
        check(refused.status != 0 and unfit(host, VF) in refused.err, f"virsh start says: {refused.status} {refused.err}")
        check(log.wait_for(unfit(host, VF)), "the refusal is not in the log")
        equal((done(host, "domstate", "early").strip(), driver(host)), ("shut off", "igbvf"), "the guest that was refused, and its VF")
        equal(calls(host), [f"{name} {what}" for what in ("prepare", "stopped", "release")], "calls for a guest that is refused")

        log.stdout.clear()
        configure(host, "warn")
        done(host, "start", "early")
        check(log.wait_for(unfit(host, VF)), "the warning is not in the log")


def test_not_taken(host):
    """a guest of libvirt's whose driver has not asked for failover: its VF is named by its process and, without that, by what libvirt keeps;
    the audit says what it misses; the printed detach takes the VF away by the element of virsh dumpxml, and not by one without its address"""
    kept = f"/run/libvirt/hostdevmgr/{PF}_vf{VF}"

    def used():
        vf = host.nfprobe("--list", PF, "--json").json()["pfs"][0]["vfs"][VF]
        return vf["use"], vf["user"]

    with installed(host, "warn", UNHELPED):
        with libvirtd(host, "libvirtd"):
            define(host, "early", "direct", f"dev='{PF}' mode='bridge'", X, primary(host))
            done(host, "start", "early")
            equal(driver(host), "vfio-pci", "driver of the VF")
            pid = host.read("/run/libvirt/qemu/early.pid").strip()
            user = f"guest early (pid {pid}), not taken yet"
            check(host.run("sh", "-c", f"ls -l /proc/{pid}/fd | grep -q /dev/vfio/[0-9]").status != 0, "QEMU has taken the VF")
            equal(used(), ("reserved", user), "the VF of a guest that has not taken it")
            refused = host.nfprobe(PF, "--vf", VF, "--force")
            check(refused.status == 4 and user in refused.err, f"a run: {refused.status} {refused.err}")
            found = host.nfprobe("--audit", "--json").json()["findings"]
            equal([(one["code"], one["functions"][0]["vf"], one["commands"]) for one in found if one["code"] == "idle-address"],
                  [("idle-address", VF, [])], "findings")

            host.write("/run/vf.xml", primary(host))
            by_hand = virsh(host, "detach-device", "early", "/run/vf.xml", "--live")
            check(by_hand.status != 0 and "multiple devices matching" in by_hand.err, f"without the address: {by_hand.status} {by_hand.err}")
            element = next(text for text in re.findall("<interface type='hostdev'.*?</interface>", done(host, "dumpxml", "early"), re.DOTALL))
            check("<alias name='hostdev0'/>" in element, element)
            host.write("/run/vf.xml", element)
            done(host, "detach-device", "early", "/run/vf.xml", "--live")
            done(host, "destroy", "early")
            asked_until(used, lambda answer: answer == ("idle", None))
            equal((used(), driver(host)), (("idle", None), "igbvf"), "the VF of a guest that has gone")

            done(host, "start", "early")
        # Without libvirtd and without its guest, the VF is as libvirt keeps it.
        host.sh("pkill -KILL qemu-system")
        asked_until(used, lambda answer: "pid" not in (answer[1] or ""))
        equal(used(), ("reserved", f"a guest of libvirt's ({kept}), not taken yet"), "the VF that libvirt has not taken back")
        host.ok("rm", kept)
        equal(used(), ("reserved", "the guest of early0, not taken yet"), "a VF with the address of a macvtap")
        host.ok("ip", "link", "del", "early0")
        equal(used(), ("idle", None), "the VF of nobody")


def test_found(host):
    """a libvirtd that starts keeps a guest it finds running; it refuses one that migrates in, or warns, as told"""
    name = host.ok("hostname").strip()
    with bridged(host, "warn", UNHELPED):
        with libvirtd(host, "libvirtd"):
            define(host, "early", "bridge", "bridge='br0'", X, primary(host))
            done(host, "start", "early")
        configure(host, "refuse")
        calls(host)
        with libvirtd(host, "libvirtd"):
            equal(done(host, "domstate", "early").strip(), "running", "the guest after libvirtd has come back")
            equal(calls(host), [f"{name} reconnect"], "calls by a libvirtd that has come back")
            with target(host):
                migrated(host)


@contextlib.contextmanager
def target(host):
    """The libvirtd of another host, in the same network namespace."""
    host.sh("mkdir -p /run/second /run/libvirt /var/lib/libvirt")
    with libvirtd(host, "unshare", "--mount", "--uts", "bash", "-ec", SECOND, at=THERE):
        yield


def migration(host, guest, changes):
    """The words for virsh. The guest has another tap there, and `changes` besides."""
    xml = done(host, "dumpxml", "--migratable", guest)
    for here, there in {**changes, f"dev='{guest}0'": f"dev='{guest}1'"}.items():
        check(here in xml, f"no {here} in:\n{xml}")
        xml = xml.replace(here, there)
    host.write("/run/there.xml", xml)
    return "migrate", "--live", "--migrateuri", "tcp://127.0.0.1", "--xml", "/run/there.xml", guest, THERE


def migrated(host):
    migrate = migration(host, "early", {pci(host, VF): pci(host, OTHER)})
    configure(host, "refuse", "/run/second/nfprobe")
    refused = virsh(host, *migrate)
    check(refused.status != 0 and unfit(host, OTHER) in refused.err, f"virsh migrate says: {refused.status} {refused.err}")
    equal(done(host, "domstate", "early").strip(), "running", "the guest whose migration was refused")
    equal(calls(host)[:2], ["second migrate", "second prepare"], "calls for a migration that is refused")

    configure(host, "warn", "/run/second/nfprobe")
    done(host, *migrate)
    equal(done(host, "domstate", "early", at=THERE).strip(), "running", "the guest where it has come to")
    equal([call for call in calls(host) if call.startswith("second")], [f"second {what}" for what in ("migrate", "prepare", "start", "started")],
          "calls for a migration")
    done(host, "destroy", "early", at=THERE)


def entries(host, pf=PF):
    """Those that somebody has added, of unicast."""
    lines = host.ok("bridge", "fdb", "show", "dev", pf).splitlines()
    return sorted(line.split()[0] for line in lines if line.endswith("self permanent") and line.startswith("02:"))


def files(host, macs, pf=PF):
    """The names of their files in the list."""
    address = os.path.basename(host.ok("readlink", f"/sys/class/net/{pf}/device").strip())
    return sorted(f"{address}-{mac}" for mac in macs)


def listed(host, folder=LIST):
    """The files of entries."""
    return [name for name in host.sh(f"ls {folder} 2>/dev/null || true").split() if not name.startswith("learning-")]


def cured(what):
    """For `configure`."""
    return f"act\nLIBVIRT_BRIDGE_FIX={what}"


def learn(host, *ports):
    return [host.read(f"/sys/class/net/{port}/brport/learning") for port in ports]


def served(host, macs, what, folder=LIST, pf=PF):
    """The PF has an entry for each of these, and the list a file."""
    equal((entries(host, pf), listed(host, folder)), (sorted(macs), files(host, macs, pf)), what)


def serves(host, macs, what):
    """Waits for that: libvirtd does it, and nobody waits for libvirtd."""
    asked_until(lambda: (entries(host), listed(host)), lambda said: said == (macs, files(host, macs)))
    served(host, macs, what)


def explained(host, status, *words):
    said = host.run(HOOK, "--explain", "helped")
    check(said.status == status and all(word in said.out for word in words), f"--explain: {said.status} {said.out} {said.err}")


def cleaned(host, why):
    """--clean removes all, a minute later."""
    host.sh(f"""[ -z "$(ls {LIST})" ] || sed -i 's/"since": [0-9.]*/"since": 0/' {LIST}/*""")
    host.ok(HOOK, "--clean")
    served(host, [], f"after --clean: {why}")


def kill_guest(host):
    host.ok("pkill", "-KILL", "-f", "guest=[h]elped")
    gone = asked_until(lambda: host.run("pgrep", "-f", "guest=[h]elped"), lambda said: said.status == 1)
    equal(gone.out, "", "the guest's process")


def test_act(host):
    """where an entry in the PF's filter is proved to help, it is there while the guest runs, and only then"""
    with bridged(host, "act") as log:
        with libvirtd(host, "libvirtd"):
            define(host, "helped", "bridge", "bridge='br0'", X, primary(host))
            explained(host, 1, "style:   bridge\n", "stored:  EARLY", "next:    bridge+fdb+pin is SAFE: LIBVIRT_HOOK=act, which is set, ",
                      "LIBVIRT_BRIDGE_FIX=pin in ", f"bridge fdb replace {X} dev TAP master static sticky")
            configure(host, cured("learning-off"))
            done(host, "start", "helped")
            check(log.wait_for(f"guest helped: added {X} to {PF}"), "the entry is not in the log")
            served(host, [X], "while the guest runs")
            explained(host, 0, "style:   bridge+fdb+pin (this hook has added the entry)", "stored:  SAFE")
            done(host, "destroy", "helped")
            served(host, [], "after the guest was destroyed")

            done(host, "start", "helped")
            # As a reload of the PF's driver does, which here would wait for a guest that has no system to let go of its VF.
            host.ok("bridge", "fdb", "del", X, "dev", PF, "self")
            said = host.nfprobe_check(PF, "--style", "bridge+fdb+pin")
            check("entry missing: guest helped" in " ".join(said.out.split()), f"nfprobe-check says: {said.out}")
        with libvirtd(host, "libvirtd"):
            serves(host, [X], "after libvirtd has come back")
            kill_guest(host)
            serves(host, [], "after the guest was killed")
            done(host, "start", "helped")
        kill_guest(host)
        cleaned(host, "nobody was there to see the guest's end")


def test_table_of_libvirt(host):
    """libvirt keeps the bridge's table, and the hook is to pin: a guest that starts paused, is suspended, resumed and migrates in; the PF's
    port does not learn meanwhile"""
    def entry(tap):
        return [line.split()[3:] for line in host.ok("bridge", "fdb", "show", "dev", tap).splitlines() if line.startswith(X)]

    with bridged(host, cured("pin"), ()), libvirtd(host, "libvirtd"):
        network(host, "static", STATIC)
        define(host, "helped", "network", "network='static'", X, primary(host))
        done(host, "start", "--paused", "helped")
        equal((learn(host, PF), entry("helped0")), (["0"], []), "who learns, and the entry at the tap, while the guest is paused")
        for what, there in (("resume", True), ("suspend", False), ("resume", True)):
            done(host, what, "helped")
            equal((learn(host, PF), bool(entry("helped0")), "sticky" in str(entry("helped0"))), (["0"], there, False), f"the same after {what}")
        done(host, "destroy", "helped")
        equal((learn(host, PF), host.sh(f"ls {LIST}")), (["1"], ""), "who learns, and the list, after the guest")
        # The two hosts have one bridge, on which the hook of the first would turn learning on again as the guest leaves.
        host.ok("bridge", "link", "set", "dev", PF, "learning", "off")
        done(host, "start", "helped")
        with target(host):
            done(host, "net-start", "static", at=THERE)
            configure(host, cured("pin"), "/run/second/nfprobe")
            done(host, *migration(host, "helped", {pci(host, VF): pci(host, OTHER)}))
            equal((done(host, "domstate", "helped", at=THERE).strip(), "sticky" in host.ok("bridge", "fdb", "show", "br", "br0")),
                  ("running", False), "the guest where it has come to, and whether an entry is sticky")
            done(host, "destroy", "helped", at=THERE)


def test_typed_entry(host):
    """the tap of a bridge whose table libvirt keeps leaves it and comes back; beside the entry that is typed then, libvirt suspends and resumes
    the guest, migrates it in, and starts it again"""
    def has_entry(tap):
        return any(line.startswith(X) for line in host.ok("bridge", "fdb", "show", "dev", tap).splitlines())

    with bridged(host, "warn", ()), libvirtd(host, "libvirtd"):
        network(host, "static", STATIC)
        host.ok("bridge", "link", "set", "dev", PF, "learning", "off")
        define(host, "helped", "network", "network='static'", X, primary(host))
        done(host, "start", "helped")
        host.sh("ip link set helped0 nomaster; ip link set helped0 master br0")
        equal((learn(host, "helped0"), has_entry("helped0")), (["1"], False), "who learns, and the entry, once the tap is back")
        typed = f"bridge link set dev helped0 learning off flood off; bridge fdb replace {X} dev helped0 master static"
        host.sh(typed)
        for what, there in (("suspend", False), ("resume", True)):
            done(host, what, "helped")
            equal(has_entry("helped0"), there, f"the entry after {what}")
        done(host, "destroy", "helped")
        done(host, "start", "helped")
        host.sh(typed)
        with target(host):
            done(host, "net-start", "static", at=THERE)
            done(host, *migration(host, "helped", {pci(host, VF): pci(host, OTHER)}))
            equal(done(host, "domstate", "helped", at=THERE).strip(), "running", "the guest where it has come to")
            done(host, "destroy", "helped", at=THERE)


def test_attached(host):
    """a VF of a network that comes to a guest that runs, for which libvirt calls the network's hook: refused, or helped, as told"""
    with bridged(host, "refuse"), libvirtd(host, "libvirtd"):
        network(host, "vfs", POOL.format(vf=pci(host, VF)))
        host.write("/run/vf.xml", PRIMARY.format(kind="network", managed="", mac=X, source=" network='vfs'/>"))
        define(host, "helped", "bridge", "bridge='br0'", X)
        done(host, "start", "helped")
        refused = virsh(host, "attach-device", "helped", "/run/vf.xml", "--live")
        check(refused.status != 0 and "guest helped is not fit for failover" in refused.err,
              f"virsh attach-device says: {refused.status} {refused.err}")
        configure(host, cured("learning-off"))
        done(host, "attach-device", "helped", "/run/vf.xml", "--live")
        served(host, [X], "once the VF is attached")
        done(host, "destroy", "helped")
        served(host, [], "after that guest")
