# SPDX-License-Identifier: GPL-2.0-or-later
"""The entry of the libvirt hook under a real libvirtd: the hook is killed on each side of what it asks of the kernel,
and each VF of the NIC gets its guest at the same moment."""

import contextlib

from scenario import CLOCK, PF, check, equal
from test_libvirt import LIST, bridged, cleaned, cured, entries, files, listed, primary, served
from virsh import define, done, libvirtd, virsh

MACHINE = {"cmdline": "nfprobe=services", "pfs": 2, "vfs": (7, 2), **CLOCK}
STYLES = ("bridge", "bridge+fdb+pin")
HANGS_S = 3600  # by the host's clock: a busy host takes minutes for seven guests
MACS = [f"02:00:5e:00:03:{i:02x}" for i in range(7)]

# Stands before bridge(8) in libvirtd's PATH: kills whoever calls it before what the file /run/kill says, or after it has worked.
# Before the kill, it writes how many entries and files there are.
BRIDGE = f"""mkdir -p /run/bin
cat >/run/bin/bridge <<'END'
#!/bin/sh
kills() {{
	[ "$(cat /run/kill 2>/dev/null)" = "$1" ] || return
	rm /run/kill
	echo "$(/usr/sbin/bridge fdb show dev {PF} | grep -c ^{MACS[0]}) $(ls {LIST} | wc -l)" >/run/killed
	kill -KILL $PPID
	exit
}}
kills "before $2"
/usr/sbin/bridge "$@" || exit
kills "after $2"
exit 0
END
chmod 755 /run/bin/bridge
"""
# Entries and files when the hook is killed.
KILLS = {"before add": "0 1", "after add": "1 1", "before del": "1 1", "after del": "0 1"}


@contextlib.contextmanager
def acting(host):
    with bridged(host, cured("learning-off"), STYLES):
        host.sh(BRIDGE)
        with libvirtd(host, "env", "PATH=/run/bin:/usr/sbin:/usr/bin", "libvirtd"):
            yield


def test_killed(host):
    """the hook is killed before and after each change: no entry without a file, and none is left in the end"""
    with acting(host):
        define(host, "helped", "bridge", "bridge='br0'", MACS[0], primary(host, MACS[0], 0))
        for at, there in KILLS.items():
            host.write("/run/kill", at)
            # Only the hook matters here: a guest that runs would take time from it.
            started = virsh(host, "start", "--paused", "helped")
            equal(started.status == 0, at.endswith("del"), f"virsh start, killed {at}: {started.err}")
            if started.status == 0:
                done(host, "destroy", "helped")
            check(host.run("test", "-e", "/run/kill").status == 1, f"nobody was killed {at}")
            equal(host.read("/run/killed"), there, f"entries and files when the hook was killed {at}")
            check(set(files(host, entries(host))) <= set(listed(host)), f"killed {at}: entries {entries(host)}, list {listed(host)}")
            cleaned(host, f"killed {at}")


def test_at_once(host):
    """a guest for each VF, all started and ended at the same moment: an entry for each, then none"""
    with acting(host):
        for i, mac in enumerate(MACS):
            define(host, f"g{i}", "bridge", "bridge='br0'", mac, primary(host, mac, i))
        # Their processors would only take time from the machine's.
        for what, expected in (("start", "--paused"), MACS), (("destroy",), []):
            commands = [host.begin("virsh", "-q", *what, f"g{i}") for i in range(len(MACS))]
            equal([command.wait(HANGS_S).status for command in commands], [0] * len(MACS), f"virsh {what}")
            served(host, expected, f"after virsh {what}")
