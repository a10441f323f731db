# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemons that a host's netdevs have to do with, as Debian configures them: a run says the same, and they end as they began."""

import contextlib
import json
import os
import signal
import subprocess
import time

from probing import QUICK, forget, hint_of, outcome, words
from scenario import PF, TOP, WIRE, check, differences, equal, long

# A machine of its own: the daemons are laid over its /usr and /etc.
# Daemons and buses wait for one another by the clock of the machine, which goes by the host's here.
MACHINE = {"vfs": (4,), "cmdline": "nfprobe=daemons", "icount": "shift=0"}
PARKED, VF = 2, 3
DBUS = ("dbus-daemon", "--system", "--nofork", "--nopidfile", "--print-address")
NETWORKD = ("env", "SYSTEMD_LOG_TARGET=console", "/usr/lib/systemd/systemd-networkd")
# What the package NetworkManager-config-server of EL has in 00-server.conf.
SERVER = "[main]\nno-auto-default=*\nignore-carrier=*"
IMPATIENT = "[main]\nautoconnect-retries-default=1\n[connection]\nipv4.dhcp-timeout=3"
DHCP = """start 198.51.100.100
end 198.51.100.120
interface lease0
lease_file /run/leases
pidfile /run/udhcpd.pid
option subnet 255.255.255.0"""

FURNISH = """
modules=/usr/lib/modules/$(uname -r)
mkdir -p /run/modules
mount --bind $modules /run/modules
for name in usr etc; do
	mkdir -p /run/over/$name /run/spare/$name
	mount -t overlay -o lowerdir=$1/$name:/$name,upperdir=/run/over/$name,workdir=/run/spare/$name over /$name
done
mkdir -p $modules
mount --bind /run/modules $modules
number=990
for user in messagebus systemd-network _lldpd; do
	number=$((number + 1))
	grep -q ^$user: /etc/passwd || echo "$user:x:$number:$number::/:/usr/sbin/nologin" >>/etc/passwd
	grep -q ^$user: /etc/group || echo "$user:x:$number:" >>/etc/group
done
grep -q . /etc/machine-id 2>/dev/null || tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
mkdir -p /run/dbus /run/systemd /run/udev /run/lldpd
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
    check(command.wait_for(ready, 180), f"{argv[0]} has ended: {command.stderr.decode()[-2000:]}")
    yield command
    command.signal(signal.SIGTERM)
    command.wait(120)


@contextlib.contextmanager
def udevd(host):
    """It names VF netdevs anew; afterwards they are called as they were."""
    names = {vf: host.vf_netdev(vf) for vf in range(4) if host.vf_netdev(vf)}
    host.ok("/usr/lib/systemd/systemd-udevd", "--daemon")
    host.sh("udevadm trigger --action=add --subsystem-match=net; udevadm settle")
    new = {vf: host.vf_netdev(vf) for vf in names}
    check(all(new[vf] != names[vf] for vf in names), f"udev has renamed nothing: {new}")
    yield
    # Until it has ended it names what is renamed below.
    host.sh("udevadm settle; udevadm control --exit")
    asked_until(lambda: host.sh("cat /proc/[0-9]*/comm 2>/dev/null || true"), lambda names: "systemd-udevd\n" not in names)
    for link in host.json("ip", "-j", "link"):
        for name in link.get("altnames", ()):
            host.ok("ip", "link", "property", "del", "dev", link["ifname"], "altname", name)
    for vf, name in names.items():
        netdev = host.vf_netdev(vf)
        host.sh(f"ip link set {netdev} down; ip link set {netdev} name {name}")


PATIENCE = 900  # seconds of the host, however busy that is; a question takes the machine some tenths of a second


def asked_until(look, good):
    """The last answer, or the first that is good: daemons have their own time."""
    deadline = time.monotonic() + PATIENCE
    while not good(said := look()) and time.monotonic() < deadline:
        pass
    return said


def ends_as(look, host, expected, what):
    equal(asked_until(lambda: look(host), lambda said: said == expected), expected, what)


@contextlib.contextmanager
def configured(host, path, text):
    host.ok("mkdir", "-p", os.path.dirname(path))
    host.write(path, text)
    yield
    host.ok("rm", path)


def manager_file(name, host, text):
    return configured(host, f"/etc/NetworkManager/conf.d/{name}.conf", text)


@contextlib.contextmanager
def dhcp_server(host):
    """At the wire, in a namespace of its own."""
    host.sh(f"""ip netns add lease; ip link add link {WIRE} name lease0 netns lease type macvlan mode bridge
        ip -n lease link set lease0 up; ip -n lease address add 198.51.100.1/24 dev lease0; touch /run/leases""")
    with configured(host, "/run/udhcpd.conf", DHCP):
        with daemon(host, *"ip netns exec lease busybox udhcpd -f /run/udhcpd.conf".split(), ready="started"):
            yield
    host.sh("ip netns del lease; rm /run/leases")


def is_up(host, netdev):
    return "UP" in host.json("ip", "-j", "link", "show", netdev)[0]["flags"]


def uses(host):
    """What --list says of each VF that has a netdev: who uses it."""
    listed = host.nfprobe("--list", PF, "--json").json()["pfs"][0]["vfs"]
    return {vf["vf"]: vf["user"] or vf["use"] for vf in listed if vf["ifname"]}


def verdicts(out):
    return [(s["style"], s["verdict"], s["claim"], s["release"]) for s in out["vf"]["styles"]]


def reasons(result):
    out = result.json()
    return json.dumps([out["settings"], out["warnings"], out["changes_seen"],
                       [(s["style"], s["verdict"], s["reason"],
                         [(t["state"], *(t["frames"][kind]["landing"] for kind in ("unicast", "broadcast"))) for t in s["steps"]])
                        for s in out["vf"]["styles"]]])


def probed(host, vf, *args, status=1):
    result = host.nfprobe(PF, "--vf", vf, *QUICK[:4], *args, "--json")
    check(result.status == status, f"status {result.status}: {result.err} {reasons(result)}")
    out = outcome(result, status)
    equal((out["restored"], out["changes_seen"]), (True, []), "restored, changes seen")
    return verdicts(out)


def states(host):
    """The type and the state of each netdev in NetworkManager."""
    lines = host.ok("nmcli", "-t", "-f", "DEVICE,TYPE,STATE", "device").splitlines()
    return {name: (kind, state) for name, kind, state in (line.split(":") for line in lines)}


def devices(host):
    """The same; one that it is busy with may be at any stage."""
    return {name: (kind, "managed" if state.startswith(("connect", "disconnect", "deactiv")) and "externally" not in state else state)
            for name, (kind, state) in states(host).items()}


def comes_to(manager, host, state, *names):
    """What NetworkManager says is waited for first: each question holds up its clock."""
    for name in names:
        check(manager.wait_for(f"device ({name}): state change: {state}", 300), "NetworkManager has ended")
    last = state.rpartition(" ")[2].replace("activated", "connected")
    said = asked_until(lambda: states(host), lambda said: {said.get(name, ("", ""))[1] for name in names} == {last})
    equal({said[name][1] for name in names}, {last}, f"states of {names}")


def without_daemons(host):
    """The results for a VF beside one that is up (on igb a bridge standby is deaf then), and for that one itself."""
    netdev = host.vf_netdev(VF)
    host.ok("ip", "link", "set", netdev, "up")
    host.wait_carrier(netdev)
    beside = probed(host, PARKED)
    own = probed(host, VF, "--force")
    host.ok("ip", "link", "set", host.vf_netdev(VF), "down")
    return beside, own


def test_network_manager(host):
    """with NetworkManager and udev: a VF without a driver beside one that it has set up, and that one (--force), as without them"""
    furnish(host)
    for vf in set(range(4)) - {VF}:
        host.vf_unbind(vf)
    beside, own = without_daemons(host)
    # udev keeps a name that anybody gave; that of a netdev just made is the kernel's.
    host.vf_unbind(VF)
    host.vf_bind(VF)
    before = host.state()
    host.ok("ip", "address", "add", "192.0.2.1/24", "dev", PF)
    with udevd(host), daemon(host, *DBUS, ready="unix:"):
        netdev = host.vf_netdev(VF)
        with daemon(host, "NetworkManager", "--debug", ready=f"device ({netdev}): state change: disconnected -> prepare"):
            host.wait_carrier(netdev)
            # It takes up one device after the other.
            seen = asked_until(lambda: devices(host), lambda said: not {"unavailable", "unmanaged"} & {state for _, state in said.values()})
            result = host.nfprobe(PF, "--vf", VF)
            words = " ".join(result.err.split())
            check(result.status == 4 and "NetworkManager" in words and "unmanaged-devices" in words, f"without --force: {result.status} {words}")
            equal(probed(host, PARKED), beside, "verdicts of the VF without a driver")
            ends_as(devices, host, seen, "devices of NetworkManager")
            equal(probed(host, VF, "--force"), own, "verdicts of the VF that NetworkManager has up")
            host.wait_carrier(netdev)
            ends_as(devices, host, seen, "devices of NetworkManager")
    host.ok("ip", "address", "flush", "dev", PF)
    tidy(host, before, [VF])


def tidy(host, before, vfs):
    """NetworkManager has taken IPv6 into its own hands, on netdevs that no run touches as well; the VFs that it had go and come. What it has
    noted of them is for no later scenario."""
    host.sh("rm -rf /run/NetworkManager /var/lib/NetworkManager /etc/NetworkManager/system-connections/*")
    left = [d for d in differences(before, host.state()) if not d.startswith(("/addresses/", "/fdb/")) and "inet6" not in d]
    equal(left, [], "what is different")
    host.sh(f"for name in lo {WIRE} {PF}; do ip -6 address flush dev $name; ip link set $name addrgenmode eui64; done")
    for vf in vfs:
        host.vf_unbind(vf)
    for vf in range(4):
        forget(host, vf)


def test_server(host):
    """NetworkManager as EL's servers have it only sets VFs up, and lldpd listens there: idle to the list, --vf any and nfprobe-all, and up again"""
    furnish(host)
    for vf in range(4):
        host.vf_unbind(vf)
        host.vf_bind(vf)
    before = host.state()
    with manager_file("00-server", host, SERVER), udevd(host), daemon(host, *DBUS, ready="unix:"):
        netdevs = {vf: host.vf_netdev(vf) for vf in range(4)}
        with daemon(host, "lldpd", "-d", ready="lldpd"), daemon(host, "NetworkManager", "--debug", ready="device (") as manager:
            comes_to(manager, host, "unavailable -> disconnected", *netdevs.values())
            seen = devices(host)
            for vf, netdev in netdevs.items():
                host.wait_carrier(netdev)
            index = host.read(f"/sys/class/net/{netdevs[0]}/ifindex")
            sockets = asked_until(lambda: host.read("/proc/net/packet"), lambda said: index in [line.split()[4] for line in said.splitlines()])
            check(index in [line.split()[4] for line in sockets.splitlines()], f"lldpd has no socket at {netdevs[0]}: {sockets}")
            equal(uses(host), dict.fromkeys(range(4), "idle"), "who uses the VFs")
            equal(probed(host, "any", *QUICK[4:], status=0)[0][:2], ("macvtap", "safe"), "verdict of any VF")
            check(is_up(host, netdevs[0]), f"{netdevs[0]} is not up")
            ends_as(devices, host, seen, "devices of NetworkManager")
            result = host.nfprobe_all("--json", "--from", WIRE, *QUICK)
            equal(result.status, 0, f"nfprobe-all: {result.err}")
            check(is_up(host, netdevs[0]), f"{netdevs[0]} is not up behind nfprobe-all")
            ends_as(devices, host, seen, "devices of NetworkManager behind nfprobe-all")
    tidy(host, before, range(4))


def test_dhcp(host):
    """a VF where no DHCP server answers NetworkManager is idle; one with an address of a server's is named, and free, as often as its netdev
    is made anew, after what the hint says"""
    furnish(host)
    for vf in set(range(4)) - {VF}:
        host.vf_unbind(vf)
    host.vf_unbind(VF)
    host.vf_bind(VF)
    before = host.state()
    host.ok("ip", "address", "add", "192.0.2.1/24", "dev", PF)
    with manager_file("impatient", host, IMPATIENT), udevd(host), daemon(host, *DBUS, ready="unix:"):
        netdev = host.vf_netdev(VF)
        name = f"interface-name:{netdev}"
        with daemon(host, "NetworkManager", "--debug", ready=f"device ({netdev})") as manager:
            comes_to(manager, host, "failed -> disconnected", netdev)
            equal((is_up(host, netdev), uses(host)), (True, {VF: "idle"}), "is it up, and who uses it")
            with dhcp_server(host):
                host.ok("nmcli", "device", "connect", netdev)
                result = host.nfprobe(PF, "--vf", VF, "--json")
            error = outcome(result, 4)["error"]
            words(error["message"], f"NetworkManager has connected {netdev}", "the sentence")
            words(hint_of(error), (f"unmanaged-devices={name}", "section keyfile", "Idle: VF 0"), "the hint")
            with manager_file("nfprobe", host, f"[keyfile]\nunmanaged-devices={name}"):
                host.ok("nmcli", "general", "reload", "conf")
                comes_to(manager, host, "activated -> unmanaged", netdev)
                seen = devices(host)
                equal(uses(host), {VF: "idle"}, "who uses the VF that is unmanaged")
                equal(probed(host, VF, *QUICK[4:], status=0)[0][:2], ("macvtap", "safe"), "its verdict")
                ends_as(devices, host, seen, "devices of NetworkManager")
    host.ok("ip", "address", "flush", "dev", PF)
    tidy(host, before, [VF])


def udev(host):
    """The properties that udev has noted for each netdev, and the links that networkd lists."""
    noted = {}
    for name in (link["ifname"] for link in host.json("ip", "-j", "link")):
        lines = host.ok("udevadm", "info", "--query=property", f"/sys/class/net/{name}").splitlines()
        noted[name] = sorted(line for line in lines if not line.startswith(("IFINDEX", "USEC_INITIALIZED")))
    links = [line.split()[1:] for line in host.ok("networkctl", "list", "--no-legend", "--no-pager").splitlines()]
    return noted, sorted(links)


@long
def test_networkd(host):
    """with systemd-networkd and udev: the same, for a VF without a driver, one whose netdev udev has named, and one that networkd has up"""
    furnish(host)
    host.vf_unbind(PARKED)
    before = host.state()
    expected = probed(host, PARKED)
    with udevd(host), daemon(host, *DBUS, ready="unix:"):
        for netdev in (None, host.vf_netdev(VF)):
            with contextlib.ExitStack() as stack:
                if netdev:
                    text = f"[Match]\nName={netdev}\n[Network]\nLinkLocalAddressing=no"
                    stack.enter_context(configured(host, "/etc/systemd/network/up.network", text))
                stack.enter_context(daemon(host, *NETWORKD, ready=f"{netdev}: Gained carrier" if netdev else "Enumeration completed"))
                links = asked_until(lambda: host.ok("networkctl", "list", "--no-pager"),
                                    lambda said: "pending" not in said and "configuring" not in said)
                check("pending" not in links, f"networkd has not taken up all links:\n{links}")
                seen = udev(host)
                if netdev:
                    check("configured" in str(seen[1]), f"networkd has configured nothing: {seen[1]}")
                    equal((is_up(host, netdev), uses(host)[VF]), (True, "idle"), "is it up, and who uses it")
                    equal(probed(host, VF, *QUICK[4:], status=0)[0][:2], ("macvtap", "safe"), "verdict of the VF that is up")
                    check(is_up(host, netdev), f"{netdev} is not up")
                else:
                    for vf in (PARKED, VF):
                        equal(probed(host, vf), expected, f"verdicts of VF {vf}")
                host.ok("udevadm", "settle")
                ends_as(udev, host, seen, "records of udev and networkd")
            if netdev:
                host.ok("ip", "link", "set", netdev, "down", "addrgenmode", "eui64")
    equal(list(differences(before, host.state())), [], "what is different")
    forget(host, PARKED)
