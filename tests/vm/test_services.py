# SPDX-License-Identifier: GPL-2.0-or-later
"""The service of a PF under real systemd: at boot, when the firmware has changed, after a kill, when the PF gets VFs (udev)."""

import contextlib
import os
import signal

from probing import unchanged, words
from scenario import PF, TOP, WIRE, check, equal
from simulated import one
from test_daemons import asked_until, furnish

# systemd is laid over the machine's /usr and /etc.
MACHINE = {"cmdline": "nfprobe=services", "icount": "shift=0"}
SAFE = "come=up go=down+unplug+clear arb=both"
STORE, AT_LIBVIRT = "/var/lib/nfprobe", "/run/at-libvirt"
PACKAGING = os.path.join(TOP, "scripts/packaging")

# None of the host's own units starts. The unit called libvirtd notes how nfprobe-check ends at its start.
INSTALL = """
program=$1 packaging=$2 pf=$3 wire=$4 tools=/usr/local/share/nfprobe/tools
mkdir -p /etc/nfprobe /etc/systemd/network /usr/local/sbin /usr/local/share/nfprobe
cp "$program" /usr/local/sbin/nfprobe
cp -r "$packaging/../tools" /usr/local/share/nfprobe/
sed "s#/usr/sbin/nfprobe#/usr/local/sbin/nfprobe#; s#/usr/libexec/nfprobe#$tools#" "$packaging/systemd/nfprobe@.service" \\
	>/etc/systemd/system/nfprobe@.service
find /usr/lib/systemd/system/*.wants /etc/systemd/system/*.wants ! -type d -printf '%f\\n' | sort -u | while read -r name; do
	ln -sf /dev/null "/etc/systemd/system/$name"
done
ln -sf /dev/null /etc/systemd/system/systemd-remount-fs.service
printf '%s\\n' "NFPROBE_RUN=--vf any --from $wire --style macvtap --rate 200" 'NFPROBE_HOLDS=--style macvtap' >/etc/nfprobe/nfprobe.conf
printf '%s\\n' '[Unit]' "Wants=nfprobe@$pf.service libvirtd.service" >/etc/systemd/system/test.target
printf '%s\\n' '[Service]' 'Type=oneshot' 'RemainAfterExit=yes' \\
	"ExecStart=/bin/sh -c '$tools/nfprobe-check $pf --style macvtap -q; echo \\$\\$? >/run/libvirt.new; mv /run/libvirt.new /run/at-libvirt'" \\
	>/etc/systemd/system/libvirtd.service
mkdir -p /etc/systemd/system.conf.d
printf '%s\\n' '[Manager]' 'DefaultStandardOutput=tty' >/etc/systemd/system.conf.d/test.conf
mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
mkdir -p /sys/fs/cgroup/booted
"""

# The first process of a namespace of processes, with a tree of cgroups and a console of its own; the network is the machine's.
BOOT = """
echo $$ >/sys/fs/cgroup/booted/cgroup.procs
exec unshare --cgroup --pid --fork --kill-child --mount --mount-proc sh -ec '
	umount /sys/fs/cgroup
	mount -t cgroup2 none /sys/fs/cgroup
	mount --bind "$(tty)" /dev/console
	exec env -i container=nfprobe PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
		/usr/lib/systemd/systemd --system --unit=test.target --log-target=console --show-status=no'
"""


def inside(host, *argv):
    """Runs a process in that namespace: systemd and udev trust no other."""
    return host.ok("nsenter", "-t", host.ok("pgrep", "-ox", "systemd").strip(), "--pid", "--mount", *argv)


def unit(pf):
    return f"nfprobe@{pf}.service"


@contextlib.contextmanager
def booted(host, pf, wire):
    """How nfprobe-check of the PF has ended at libvirt's start."""
    furnish(host)
    host.ok("bash", "-ec", INSTALL, "install", host.nfprobe_path, PACKAGING, pf, wire)
    systemd = host.begin("sh", "-ec", BOOT, tty=["all"])
    try:
        known = asked_until(lambda: host.run("cat", AT_LIBVIRT).out, bool)
        check(known, f"systemd has not reached libvirtd: {inside(host, 'systemctl', 'list-jobs', '--no-pager')}")
        yield known.strip()
    except AssertionError as error:
        systemd.pause()
        raise AssertionError(f"{error}\nsystemd said:\n{systemd.stdout.decode()[-6000:]}") from error
    finally:
        systemd.signal(signal.SIGKILL)
        systemd.wait(120)
        host.sh(f"rm -rf {STORE} {AT_LIBVIRT} /etc/nfprobe")


def shown(host, pf="nf0"):
    """(how the service has ended, whether it is running)"""
    lines = inside(host, "systemctl", "show", "-p", "Result", "-p", "ActiveState", unit(pf)).splitlines()
    said = dict(line.split("=", 1) for line in lines)
    return said["Result"], said["ActiveState"]


def stored(host):
    """The files of the store: each run that saves makes a new one."""
    return host.ok("find", STORE, "-name", "*.json")


def test_service(host):
    """at boot it has the verdict before libvirt starts; skipped while that holds; again with other firmware; a killed one is undone"""
    with one(host, f"{SAFE} fw_running=2", bound=True) as nic, booted(host, "nf0", "nf0w") as known:
        equal(known, "0", "how nfprobe-check ends when libvirt starts")
        equal(shown(host), ("success", "inactive"), "the service after boot")
        first = stored(host)
        inside(host, "systemctl", "start", unit("nf0"))
        equal(shown(host), ("exec-condition", "inactive"), "the service while the verdict holds")
        equal(stored(host), first, "the store after a skipped run")

        nic.personality(f"default {SAFE} fw_running=3")
        inside(host, "systemctl", "start", unit("nf0"))
        equal(shown(host), ("success", "inactive"), "the service with other firmware")
        check(stored(host) != first, "nothing was saved")
        equal(host.nfprobe_check("nf0", "--style", "macvtap", "-q").status, 0, "nfprobe-check with other firmware")

        nic.personality(f"default {SAFE} fw_running=4")
        idle = host.vf_info(0, "nf0")
        with unchanged(host):
            inside(host, "systemctl", "start", "--no-block", unit("nf0"))
            check(asked_until(lambda: host.vf_info(0, "nf0"), lambda info: info != idle) != idle, "the run has changed nothing")
            inside(host, "systemctl", "kill", "-s", "KILL", unit("nf0"))
            ended = asked_until(lambda: shown(host), lambda said: said[1] == "failed")
            equal(ended, ("signal", "failed"), "the service after a kill")
        left = host.nfprobe("--restore", "nf0")
        equal(left.status, 0, "--restore: " + left.err)
        words(host.nfprobe_check("nf0", "--style", "macvtap").out, "firmware was", "nfprobe-check after the kill")


@contextlib.contextmanager
def udevd(host):
    """udevd with the rule, and without names for new netdevs."""
    host.sh(f"mkdir -p /etc/udev/rules.d; cp {PACKAGING}/udev/90-nfprobe.rules /etc/udev/rules.d/; "
            "ln -sf /dev/null /etc/systemd/network/99-default.link")
    inside(host, "/usr/lib/systemd/systemd-udevd", "--daemon")
    yield
    inside(host, "udevadm", "settle")
    inside(host, "udevadm", "control", "--exit")
    host.ok("rm", "/etc/udev/rules.d/90-nfprobe.rules")


def test_udev_rule(host):
    """a PF without VFs is skipped at boot; when it gets VFs, udev starts the service, but not again when it loses them"""
    numvfs = f"/sys/class/net/{PF}/device/sriov_numvfs"
    before = host.read(numvfs)
    host.write(numvfs, "0")
    with booted(host, PF, WIRE) as known:
        equal(known, "3", "how nfprobe-check ends when libvirt starts")
        equal(host.run("ls", STORE).out, "", "the store after boot")
        with udevd(host):
            host.write(numvfs, before)
            # Not while it is activating, or deactivating.
            ended = asked_until(lambda: (host.run("ls", STORE).out != "", *shown(host, PF)),
                                lambda said: said[0] and not said[2].endswith("activating"))
            equal(ended, (True, "success", "inactive"), "the service after VFs came")
            check(host.nfprobe_check(PF, "--style", "macvtap", "-q").status in (0, 1), "the verdict is not known")
            first = stored(host)
            host.write(numvfs, "0")
            inside(host, "udevadm", "settle")
            equal((stored(host), *shown(host, PF)), (first, "success", "inactive"), "the store, and the service, after the VFs went")
    host.write(numvfs, before)
    host.wait_carrier(PF)
