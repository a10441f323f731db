# SPDX-License-Identifier: GPL-2.0-or-later
"""The libvirt hook under a real libvirtd, with guests on VFs of igb: started, warned about, refused, found again, migrated in."""

import contextlib
import os
import re
import signal

from scenario import PF, TOP, check, equal
from simulated import X
from test_daemons import asked_until, furnish

# libvirt is laid over the machine's /usr and /etc.
MACHINE = {"cmdline": "nfprobe=services"}
VF, OTHER = 3, 2
CALLS = "/run/calls"
HERE, THERE = "qemu:///system", "qemu+unix:///system?socket=/run/second/run/libvirt-sock"

# Debian's libvirt insists on its user. There is neither a daemon for logs nor a tree of cgroups.
INSTALL = """
mkdir -p /etc/libvirt/hooks/qemu.d /etc/nfprobe /usr/local/sbin
cp "$1" "$2" /usr/local/sbin/
ln -sf /usr/local/sbin/nfprobe-libvirt-hook /etc/libvirt/hooks/qemu.d/nfprobe
printf '%s\\n' '#!/bin/sh' 'cat >/dev/null; echo "$(hostname) $2" >>/run/calls' >/etc/libvirt/hooks/qemu.d/calls
chmod 755 /etc/libvirt/hooks/qemu.d/calls
grep -q ^libvirt-qemu: /etc/passwd || echo libvirt-qemu:x:64055:64055::/:/usr/sbin/nologin >>/etc/passwd
grep -q ^libvirt-qemu: /etc/group || printf '%s\\n' libvirt-qemu:x:64055: kvm:x:64056: >>/etc/group
printf '%s\\n' 'user = "root"' 'group = "root"' 'security_driver = "none"' 'namespaces = []' 'cgroup_controllers = []' \\
	'stdio_handler = "file"' 'remember_owner = 0' >/etc/libvirt/qemu.conf
printf '%s\\n' 'auth_unix_ro = "none"' 'auth_unix_rw = "none"' 'unix_sock_group = "root"' >/etc/libvirt/libvirtd.conf
modprobe -a vfio-pci tun
"""

# Another host, with a name, settings and domains of its own, but the same devices.
SECOND = """
hostname second
cd /run/second
mkdir -p run lib libvirt nfprobe
cp -r /etc/libvirt/. libvirt
echo 'host_uuid = "11111111-2222-4333-8444-555555555555"' >>libvirt/libvirtd.conf
mount --bind run /run/libvirt
mount --bind lib /var/lib/libvirt
mount --bind libvirt /etc/libvirt
mount --bind nfprobe /etc/nfprobe
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

GUEST = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
<devices><emulator>{emulator}</emulator><controller type='usb' model='none'/><memballoon model='none'/>
<interface type='{kind}'><mac address='{mac}'/><source {source}/><model type='virtio'/>
<teaming type='persistent'/><alias name='ua-backup0'/></interface>
<interface type='hostdev' managed='yes'><mac address='{mac}'/><source>{vf}</source>
<teaming type='transient' persistent='ua-backup0'/></interface>
</devices></domain>"""


def virsh(host, *words, at=HERE):
    return host.run("virsh", "-q", "-c", at, *words)


def done(host, *words, at=HERE):
    result = virsh(host, *words, at=at)
    check(result.status == 0, f"virsh {' '.join(words)}: {result.err}")
    return result.out


@contextlib.contextmanager
def libvirtd(host, *argv, at=HERE):
    command = host.begin(*argv)
    try:
        answer = asked_until(lambda: virsh(host, "list", at=at), lambda said: said.status == 0)
        check(answer.status == 0, f"libvirtd does not answer: {answer.err}")
        yield command
    finally:
        command.signal(signal.SIGKILL)
        command.wait(120)


@contextlib.contextmanager
def installed(host):
    """With a log, which is yielded, and with VFs that are anew afterwards."""
    furnish(host)
    hook = os.path.join(TOP, "scripts/packaging/libvirt/nfprobe-libvirt-hook")
    host.ok("bash", "-ec", INSTALL, "install", host.nfprobe_path, hook)
    log = host.begin("/usr/bin/python3", "-I", "-S", "-c", LOG)
    check(log.wait_for("ready"), "nobody reads /dev/log")
    try:
        yield log
    finally:
        log.signal(signal.SIGKILL)
        log.wait(120)
        host.sh(f"""pkill -KILL qemu-system || true
            ip link del br0 2>/dev/null || true
            rm -rf /dev/log /var/lib/nfprobe /var/lib/libvirt /etc/nfprobe {CALLS} /run/second
            echo 0 >/sys/class/net/{PF}/device/sriov_numvfs; echo 4 >/sys/class/net/{PF}/device/sriov_numvfs""")
        host.wait_carrier(PF)


def pci(host, vf):
    """Its <address>, as libvirt writes it."""
    numbers = re.split("[:.]", os.path.basename(host.vf_device(vf)))
    return "<address type='pci' domain='0x{}' bus='0x{}' slot='0x{}' function='0x{}'/>".format(*numbers)


def define(host, name, kind, source):
    text = GUEST.format(name=name, emulator=host.sh("command -v qemu-system-x86_64").strip(), kind=kind, source=source, mac=X, vf=pci(host, VF))
    host.write(f"/run/{name}.xml", text)
    done(host, "define", f"/run/{name}.xml")


def configure(host, what, folder="/etc/nfprobe"):
    host.write(f"{folder}/nfprobe.conf", f"LIBVIRT_HOOK={what}")


def calls(host):
    """Those since the last question."""
    return host.sh(f"cat {CALLS}; : >{CALLS}").split("\n")[:-1]


def driver(host):
    return os.path.basename(host.ok("readlink", host.vf_device(VF) + "/driver").strip())


def test_hook(host):
    """libvirt starts a guest that is safe, warns or refuses as told, keeps a guest it finds running, and refuses one that migrates in"""
    name = host.ok("hostname").strip()
    early = f"is not fit for failover: VF {os.path.basename(host.vf_device(VF))} of {PF}, standby on bridge br0: EARLY"
    with installed(host) as log:
        saved = host.nfprobe(PF, "--vf", VF, "--rate", 200, "--save")
        equal(saved.status, 1, "the run: " + saved.err)
        with libvirtd(host, "libvirtd"):
            configure(host, "refuse")
            define(host, "safe", "direct", f"dev='{PF}' mode='bridge'")
            done(host, "start", "safe")
            equal(driver(host), "vfio-pci", "driver of the VF that the guest has")
            log.pause()
            equal(log.stdout.decode().splitlines(), ["ready"], "the log of a guest that is safe")
            log.go_on()
            done(host, "destroy", "safe")
            equal(calls(host), [f"{name} {what}" for what in ("prepare", "start", "started", "stopped", "release")], "calls for a guest that is safe")

            host.sh(f"ip link add br0 type bridge; ip link set br0 up; ip link set {PF} master br0")
            define(host, "early", "bridge", "bridge='br0'")
            refused = virsh(host, "start", "early")
            check(refused.status != 0 and f"guest early {early}" in refused.err, f"virsh start says: {refused.status} {refused.err}")
            check(log.wait_for(f"guest early {early}", 30), "the refusal is not in the log")
            equal((done(host, "domstate", "early").strip(), driver(host)), ("shut off", "igbvf"), "the guest that was refused, and its VF")
            equal(calls(host), [f"{name} {what}" for what in ("prepare", "stopped", "release")], "calls for a guest that is refused")

            log.stdout.clear()
            configure(host, "warn")
            done(host, "start", "early")
            check(log.wait_for(f"guest early {early}", 30), "the warning is not in the log")
            configure(host, "refuse")
        calls(host)
        with libvirtd(host, "libvirtd"):
            equal(done(host, "domstate", "early").strip(), "running", "the guest after libvirtd has come back")
            equal(calls(host), [f"{name} reconnect"], "calls by a libvirtd that has come back")
            host.sh("mkdir -p /run/second /run/libvirt /var/lib/libvirt")
            with libvirtd(host, "unshare", "--mount", "--uts", "bash", "-ec", SECOND, at=THERE):
                migrated(host, name, early)


def migrated(host, name, early):
    xml = done(host, "dumpxml", "--migratable", "early")
    check(pci(host, VF) in xml, f"no VF {VF} in:\n{xml}")
    host.write("/run/there.xml", xml.replace(pci(host, VF), pci(host, OTHER)))
    migrate = ("migrate", "--live", "--migrateuri", "tcp://127.0.0.1", "--xml", "/run/there.xml", "early", THERE)
    early = early.replace(os.path.basename(host.vf_device(VF)), os.path.basename(host.vf_device(OTHER)))

    configure(host, "refuse", "/run/second/nfprobe")
    refused = virsh(host, *migrate)
    check(refused.status != 0 and f"guest early {early}" in refused.err, f"virsh migrate says: {refused.status} {refused.err}")
    equal(done(host, "domstate", "early").strip(), "running", "the guest whose migration was refused")
    equal(calls(host)[:2], ["second migrate", "second prepare"], "calls for a migration that is refused")

    configure(host, "warn", "/run/second/nfprobe")
    done(host, *migrate)
    equal(done(host, "domstate", "early", at=THERE).strip(), "running", "the guest where it has come to")
    equal([call for call in calls(host) if call.startswith("second")], [f"second {what}" for what in ("migrate", "prepare", "start", "started")],
          "calls for a migration")
    done(host, "destroy", "early", at=THERE)
