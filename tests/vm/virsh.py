# SPDX-License-Identifier: GPL-2.0-or-later
"""A real libvirtd in the machine, laid over its /usr and /etc, and guests without anything on their disks."""

import contextlib
import signal

from scenario import check
from test_daemons import asked_until, furnish

HERE = "qemu:///system"

# Debian's libvirt insists on its user. There is neither a daemon for logs nor a tree of cgroups.
SETTINGS = """
grep -q ^libvirt-qemu: /etc/passwd || echo libvirt-qemu:x:64055:64055::/:/usr/sbin/nologin >>/etc/passwd
grep -q ^libvirt-qemu: /etc/group || printf '%s\\n' libvirt-qemu:x:64055: kvm:x:64056: >>/etc/group
printf '%s\\n' 'user = "root"' 'group = "root"' 'security_driver = "none"' 'namespaces = []' 'cgroup_controllers = []' \\
	'stdio_handler = "file"' 'remember_owner = 0' >/etc/libvirt/qemu.conf
printf '%s\\n' 'auth_unix_ro = "none"' 'auth_unix_rw = "none"' 'unix_sock_group = "root"' >/etc/libvirt/libvirtd.conf
modprobe -a vfio-pci tun
"""

GUEST = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
<devices><emulator>{emulator}</emulator><controller type='usb' model='none'/><memballoon model='none'/>
<interface type='{kind}'{trust}><mac address='{mac}'/><source {source}/><target dev='{name}0'/><model type='virtio'/>
<teaming type='persistent'/><alias name='ua-backup0'/><rom enabled='no'/></interface>
{primary}</devices></domain>"""

# libvirt keeps the table of the bridge br0.
STATIC = "<network><name>static</name><forward mode='bridge'/><bridge name='br0' macTableManager='libvirt'/></network>"


def virsh(host, *words, at=HERE):
    return host.run("virsh", "-q", "-c", at, *words)


def done(host, *words, at=HERE):
    result = virsh(host, *words, at=at)
    check(result.status == 0, f"virsh {' '.join(words)}: {result.err}")
    return result.out


def settle(host):
    """Before the first libvirtd of a machine."""
    furnish(host)
    host.ok("bash", "-ec", SETTINGS)


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


def define(host, name, kind, source, mac, primary=""):
    """A guest whose standby is `mac`; its tap or macvtap has its name, and a 0."""
    text = GUEST.format(name=name, emulator=host.sh("command -v qemu-system-x86_64").strip(), kind=kind, source=source, mac=mac,
                        primary=primary, trust=" trustGuestRxFilters='yes'" if kind == "direct" else "")
    host.write(f"/run/{name}.xml", text)
    done(host, "define", f"/run/{name}.xml")


def network(host, name, text):
    host.write(f"/run/{name}.xml", text)
    done(host, "net-define", f"/run/{name}.xml")
    done(host, "net-start", name)
