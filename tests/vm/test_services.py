# SPDX-License-Identifier: GPL-2.0-or-later
"""The service of a PF under real systemd, on a simulated NIC: at boot, when the firmware has changed, after a kill."""

import contextlib
import os
import signal

from probing import unchanged, words
from scenario import TOP, check, equal
from simulated import one
from test_daemons import asked_until, furnish

# systemd is laid over the machine's /usr and /etc.
MACHINE = {"cmdline": "nfprobe=services"}
SAFE = "come=up go=down+unplug+clear arb=both"
UNIT = "nfprobe@nf0.service"
STORE, AT_LIBVIRT = "/var/lib/nfprobe", "/run/at-libvirt"

# Of the host's own units none starts. What is called libvirtd notes what --check says by the time it begins.
INSTALL = """
mkdir -p /etc/nfprobe /usr/local/sbin
cp "$1" /usr/local/sbin/nfprobe
cp "$2/nfprobe@.timer" /etc/systemd/system/
sed s#/usr/sbin/nfprobe#/usr/local/sbin/nfprobe# "$2/nfprobe@.service" >/etc/systemd/system/nfprobe@.service
find /usr/lib/systemd/system/*.wants /etc/systemd/system/*.wants ! -type d -printf '%f\\n' | sort -u | while read -r name; do
	ln -sf /dev/null "/etc/systemd/system/$name"
done
printf '%s\\n' 'NFPROBE_RUN="--vf any --from nf0w --style macvtap"' 'NFPROBE_CHECK="--style macvtap"' >/etc/nfprobe/nfprobe.conf
printf '%s\\n' '[Unit]' 'Wants=nfprobe@nf0.service libvirtd.service' >/etc/systemd/system/test.target
printf '%s\\n' '[Service]' 'Type=oneshot' 'RemainAfterExit=yes' \\
	'ExecStart=/bin/sh -c "/usr/local/sbin/nfprobe --check nf0 --style macvtap -q; echo $$? >/run/libvirt.new; mv /run/libvirt.new /run/at-libvirt"' \\
	>/etc/systemd/system/libvirtd.service
mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
mkdir -p /sys/fs/cgroup/booted
"""

# The first process of a namespace of processes, with a tree of cgroups of its own; the network is the machine's.
BOOT = """
echo $$ >/sys/fs/cgroup/booted/cgroup.procs
exec unshare --cgroup --pid --fork --kill-child --mount --mount-proc sh -ec '
	mount -t cgroup2 none /sys/fs/cgroup
	exec env -i container=nfprobe PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
		/usr/lib/systemd/systemd --system --unit=test.target --log-target=console --show-status=no'
"""


@contextlib.contextmanager
def booted(host):
    furnish(host)
    host.ok("bash", "-ec", INSTALL, "install", host.nfprobe_path, os.path.join(TOP, "scripts/packaging/systemd"))
    systemd = host.begin("sh", "-ec", BOOT)
    try:
        reached = asked_until(lambda: host.run("cat", AT_LIBVIRT).out, bool)
        check(reached, f"systemd has not reached libvirtd: {systemd.stderr.decode()[-3000:]}")
        yield reached.strip()
    finally:
        systemd.signal(signal.SIGKILL)
        systemd.wait(120)
        host.sh(f"rm -rf {STORE} {AT_LIBVIRT} /etc/nfprobe")


def shown(host):
    """(how the service has ended, whether it is running)"""
    lines = host.ok("systemctl", "show", "-p", "Result", "-p", "ActiveState", UNIT).splitlines()
    said = dict(line.split("=", 1) for line in lines)
    return said["Result"], said["ActiveState"]


def stored(host):
    """Anew with each run that has saved."""
    return host.ok("stat", "-c", "%i %y", f"{STORE}/{host.ok('ls', STORE).strip()}")


def test_service(host):
    """at boot it has the verdict before libvirt starts; skipped while that holds; again with other firmware; a killed one is undone"""
    with one(host, f"{SAFE} fw_running=2", bound=True) as nic, booted(host) as known:
        equal(known, "0", "what --check says when libvirt starts")
        equal(shown(host), ("success", "inactive"), "the service after boot")
        first = stored(host)
        host.ok("systemctl", "start", UNIT)
        equal(shown(host), ("exec-condition", "inactive"), "the service while the verdict holds")
        equal(stored(host), first, "the store after a skipped run")

        nic.personality(f"default {SAFE} fw_running=3")
        host.ok("systemctl", "start", UNIT)
        equal(shown(host), ("success", "inactive"), "the service with other firmware")
        check(stored(host) != first, "nothing was saved")
        equal(host.nfprobe("--check", "nf0", "--style", "macvtap", "-q").status, 0, "--check with other firmware")

        nic.personality(f"default {SAFE} fw_running=4")
        idle = host.vf_info(0, "nf0")
        with unchanged(host):
            host.ok("systemctl", "start", "--no-block", UNIT)
            check(asked_until(lambda: host.vf_info(0, "nf0"), lambda info: info != idle) != idle, "the run has changed nothing")
            host.ok("systemctl", "kill", "-s", "KILL", UNIT)
            ended = asked_until(lambda: shown(host), lambda said: said[1] == "failed")
            equal(ended, ("signal", "failed"), "the service after a kill")
        left = host.nfprobe("--restore", "nf0")
        equal(left.status, 0, "--restore: " + left.err)
        words(host.nfprobe("--check", "nf0", "--style", "macvtap").out, "firmware was", "--check after the kill")
