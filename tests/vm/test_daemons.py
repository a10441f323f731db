# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemons that a host's netdevs have to do with, as Debian configures them: a run says the same, and they end as they began."""

import contextlib
import json
import os
import signal
import subprocess

from probing import QUICK, forget, outcome
from scenario import PF, TOP, check, differences, equal

# A machine of its own: the daemons are laid over its /usr and /etc.
MACHINE = {"vfs": (4,), "cmdline": "nfprobe=daemons"}
PARKED, VF = 2, 3
DBUS = ("dbus-daemon", "--system", "--nofork", "--nopidfile", "--print-address")

FURNISH = """
for name in usr etc; do
	mkdir -p /run/over/$name /run/work/$name
	mount -t overlay -o lowerdir=$1/$name:/$name,upperdir=/run/over/$name,workdir=/run/work/$name over /$name
done
for user in messagebus systemd-network; do
	grep -q ^$user: /etc/passwd || echo "$user:x:$((number += 990)):65534::/:/usr/sbin/nologin" >>/etc/passwd
done
grep -q . /etc/machine-id 2>/dev/null || tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
mkdir -p /run/dbus /run/systemd /run/udev
"""


def furnish(host):
    """Once a machine."""
    if host.run("test", "-d", "/run/over").status == 0:
        return
    done = subprocess.run([os.path.join(TOP, "scripts/daemons-build")], stdout=subprocess.PIPE, text=True)
    check(done.returncode == 0, "scripts/daemons-build failed")
    host.ok("bash", "-ec", FURNISH, "furnish", done.stdout.strip())


@contextlib.contextmanager
def daemon(host, *argv, ready, **request):
    """Runs until this is left; begun when it has written `ready`."""
    command = host.begin(*argv, **request)
    check(command.wait_for(ready, 90), f"{argv[0]} has ended: {command.stderr.decode()[-2000:]}")
    yield command
    command.signal(signal.SIGTERM)
    command.wait(60)


@contextlib.contextmanager
def udevd(host):
    """It names VF netdevs anew; afterwards they are called as they were."""
    names = {vf: host.vf_netdev(vf) for vf in range(4) if host.vf_netdev(vf)}
    host.ok("/usr/lib/systemd/systemd-udevd", "--daemon")
    host.sh("udevadm trigger --action=add --subsystem-match=net; udevadm settle")
    new = {vf: host.vf_netdev(vf) for vf in names}
    check(all(new[vf] != names[vf] for vf in names), f"udev has renamed nothing: {new}")
    yield
    host.ok("udevadm", "control", "--exit")
    for link in host.json("ip", "-j", "link"):
        for name in link.get("altnames", ()):
            host.ok("ip", "link", "property", "del", "dev", link["ifname"], "altname", name)
    for vf, name in names.items():
        netdev = host.vf_netdev(vf)
        host.sh(f"ip link set {netdev} down; ip link set {netdev} name {name}")


TRIES = 50  # of a question that takes the machine some tenths of a second


def ends_as(look, host, expected, what):
    """Daemons have their own time; what they say in the end counts."""
    for _ in range(TRIES):
        if look(host) == expected:
            return
    equal(look(host), expected, what)


def verdicts(out):
    return [(s["style"], s["verdict"], s["claim"], s["release"]) for vf in out["vfs"] for s in vf["styles"]]


def reasons(result):
    out = result.json()
    return json.dumps([out["settings"], out["warnings"], out["changes_seen"],
                       [(s["style"], s["verdict"], s["reason"], [(t["step"], t["unicast"]["landing"], t["broadcast"]["landing"]) for t in s["steps"]])
                        for vf in out["vfs"] for s in vf["styles"]]])


def probed(host, vf, *args):
    result = host.nfprobe(PF, "--vf", vf, *QUICK[:2], *args, "--json")
    check(result.status == 1, f"status {result.status}: {result.err} {reasons(result)}")
    out = outcome(result, 1)
    equal((out["restored"], out["changes_seen"]), (True, []), "restored, changes seen")
    return verdicts(out)


def udev(host):
    """Of each netdev what udev has noted, and what networkd says."""
    names = host.ok("ls", "/sys/class/net").split()
    noted = {}
    for name in names:
        lines = host.ok("udevadm", "info", "--query=property", f"/sys/class/net/{name}").splitlines()
        noted[name] = sorted(line for line in lines if not line.startswith(("IFINDEX", "USEC_INITIALIZED")))
    links = [line.split()[1:] for line in host.ok("networkctl", "list", "--no-legend", "--no-pager").splitlines()]
    return noted, sorted(links)


def test_networkd(host):
    """with systemd-networkd and udev: the same, for a VF without a driver and one whose netdev udev has named; their records are as before"""
    furnish(host)
    host.vf_unbind(PARKED)
    before = host.state()
    expected = probed(host, PARKED)
    networkd = ("env", "SYSTEMD_LOG_TARGET=console", "/usr/lib/systemd/systemd-networkd")
    with udevd(host), daemon(host, *DBUS, ready="unix:"), daemon(host, *networkd, ready="Enumeration completed"):
        for _ in range(TRIES):
            if "pending" not in host.ok("networkctl", "list", "--no-pager"):
                break
        seen = udev(host)
        for vf in (PARKED, VF):
            equal(probed(host, vf), expected, f"verdicts of VF {vf}")
            host.ok("udevadm", "settle")
            ends_as(udev, host, seen, f"records of udev and networkd after VF {vf}")
    equal(list(differences(before, host.state())), [], "what is different")
    forget(host, PARKED)
