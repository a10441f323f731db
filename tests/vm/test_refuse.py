# SPDX-License-Identifier: GPL-2.0-or-later
"""VFs that somebody uses are left alone: named, with what to do, and nothing is touched."""

import contextlib
import os
import signal

from probing import QUICK, changes, forget, holding, outcome, probe, refused, unchanged, unlocked, valid, words, worker
from scenario import PF, check, equal

VF = 2


@contextlib.contextmanager
def netdev_of(host):
    """Its netdev; down again on leaving, whatever happened."""
    netdev = host.vf_netdev(VF)
    try:
        yield netdev
    finally:
        host.ok("ip", "link", "set", netdev, "down")


LISTENER = """
import signal, socket, sys
open("/proc/self/comm", "w").write(sys.argv[1])
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.bind((sys.argv[2], 3))
print("bound", flush=True)
signal.pause()
"""


@contextlib.contextmanager
def bound_to(host, netdev, name="dhclient"):
    """A process of that name has a packet socket on the netdev."""
    command = host.begin("python3", "-c", LISTENER, name, netdev)
    check(command.wait_for("bound", 60), command.stderr.decode())
    yield f"{name} (pid "
    command.signal(signal.SIGTERM)
    command.wait(60)


def in_use(host, says, hint=f"Try: nfprobe {PF}", text=None):
    out = refused(host, "--vf", VF, code="vf-in-use", says=(f"VF {VF} of {PF}", "is in use", *says), hint=hint, text=text)
    equal(out["vf"]["status"], "in-use", "status of the VF")


def use_of(host, note=""):
    """The answer of --list about the VF: (use, user); note: what its text says besides."""
    out = valid(host.nfprobe("--list", PF, "--json").json(), "nfprobe-list.schema.json")
    vf = out["pfs"][0]["vfs"][VF]
    text = " ".join(host.nfprobe("--list", PF, "-v").out.split())
    check(f"{vf['ifname'] or '-'} {vf['user'] or 'idle'}" in text and note in text, f"its text says otherwise: {text}")
    return vf["use"], vf["user"]


def test_up(host):
    """a VF netdev that is up and unused is probed, told of, and up again; with a route or a socket there it takes --force"""
    with netdev_of(host) as netdev:
        host.ok("ip", "link", "set", netdev, "up")
        host.wait_carrier(netdev)
        equal(use_of(host), ("idle", None), "--list")
        out, result = probe(host, "--vf", VF, *QUICK, up=netdev)
        equal((out["verdict"], out["settings"]["forced"]), ("safe", False), "verdict, forced")
        words(" ".join(out["warnings"]), (f"{netdev}, the netdev of VF {VF}, was up",), "the warnings")
        with bound_to(host, netdev) as user:
            in_use(host, (f"{netdev} is up, and {user}",), hint=("--force", f"set {netdev} down"))
            out, _ = probe(host, "--vf", VF, *QUICK, "--force", up=netdev)
            equal((out["verdict"], out["settings"]["forced"]), ("safe", True), "verdict, forced")
        with bound_to(host, netdev, name="lldpd"):
            equal(use_of(host), ("idle", None), "--list, beside an agent of LLDP")
        # su inherits a socket and has all rights: who holds it proves nothing.
        for who in ("", "os.setuid(65534); "):
            with holding(host, f"import os, socket; {who}s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
                               f"s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'{netdev}'); s.bind(('', 4711))"):
                equal(use_of(host, f"has a socket on {netdev}, for which it needs no right"), ("idle", None), "--list, beside a socket of UDP")
        host.ok("ip", "route", "add", "198.51.100.0/24", "dev", netdev)
        in_use(host, (f"{netdev} is up, and a route goes through it",), hint=("--force", f"set {netdev} down"))
        equal(use_of(host), ("netdev-up", f"{netdev} is up, and a route goes through it"), "--list")


# What makes a VF's netdev one that somebody uses, what is said of it, and how it ends.
IN_USE = (
    ("ip address add 192.0.2.1/24 dev {0}", "{0} has an IP address", "ip address flush dev {0}"),
    ("ip link add br9 type bridge; ip link set {0} master br9", "{0} belongs to br9 (bridge)", "ip link del br9"),
    ("ip link add bond9 type bond; ip link set {0} master bond9", "{0} belongs to bond9 (bond)", "ip link del bond9; ip link set {0} address {1}"),
    ("ip link add link {0} name v9 type vlan id 9", "v9 (vlan) is on top of {0}", "ip link del v9"),
    ("ip link add link {0} name mv9 type macvlan", "mv9 (macvlan) is on top of {0}", "ip link del mv9"),
    ("ip link add link {0} name tap9 type macvtap", "tap9 (macvtap) is on top of {0}", "ip link del tap9"),
)


def test_netdev(host):
    """a VF netdev with an IP address, in a bridge or a bond, with a VLAN, a macvlan or a macvtap on top"""
    with netdev_of(host) as netdev:
        mac = host.read(f"/sys/class/net/{netdev}/address")
        for make, says, undo in IN_USE:
            host.sh(make.format(netdev))
            in_use(host, (says.format(netdev),))
            equal(use_of(host), ("netdev", says.format(netdev)), "--list")
            host.sh(undo.format(netdev, mac))


def test_ip_address(host):
    """a VF netdev with an IP address that is up, with --force"""
    with netdev_of(host) as netdev:
        host.sh(f"ip address add 192.0.2.1/24 dev {netdev}; ip link set {netdev} up")
        refused(host, "--vf", VF, "--force", code="vf-in-use", says=f"{netdev} has an IP address", hint=f"Try: nfprobe {PF}")
        equal(use_of(host), ("netdev", f"{netdev} has an IP address"), "--list")
        host.ok("ip", "address", "flush", "dev", netdev)


def test_namespace(host):
    """a VF netdev in another network namespace"""
    netdev = host.vf_netdev(VF)
    host.sh(f"ip netns add tenant; ip link set {netdev} netns tenant")
    where = f"its netdev {netdev} is in network namespace tenant"
    in_use(host, (where,))
    equal(use_of(host), ("namespace", where), "--list")
    host.sh(f"ip -n tenant link set {netdev} netns 1; ip netns del tenant")


@contextlib.contextmanager
def parked(host, vf=VF):
    """The VF is on vfio-pci, as on a virtualization host; gives its group."""
    device = host.vf_device(vf)
    host.ok("modprobe", "vfio-pci")
    host.vf_unbind(vf)
    host.write(f"{device}/driver_override", "vfio-pci")
    host.vf_bind(vf, "vfio-pci")
    try:
        yield os.path.basename(host.ok("readlink", f"{device}/iommu_group").strip())
    finally:
        host.vf_unbind(vf)
        host.write(f"{device}/driver_override", "")
        host.vf_bind(vf)


def test_vfio(host):
    """a VF whose vfio group a process has open, as QEMU has: named with its process"""
    with parked(host) as group:
        equal(use_of(host)[0], "idle", "--list of a VF that is parked")
        with holding(host, f"import os; os.open('/dev/vfio/{group}', os.O_RDWR)"):
            pid = host.ok("fuser", f"/dev/vfio/{group}").split()[-1]
            user = f"python3 (pid {pid}) holds it through vfio (group {group})"
            in_use(host, (user,), text="igb-in-use")
            equal(use_of(host), ("vfio", user), "--list")
            refused(host, "--vf", VF, "--force", code="vf-in-use", says=user, hint=f"Try: nfprobe {PF}")


@contextlib.contextmanager
def hidden(host, primary):
    """QEMU with a failover pair, whose guest has no driver that negotiates failover: its primary stays hidden, and nothing of vfio is open.
    Gives its pid."""
    port = ["-device", "pcie-root-port,id=port0,chassis=1"]
    standby = ["-netdev", "hubport,id=net0,hubid=0", "-device", "virtio-net-pci,netdev=net0,failover=on,id=ua-net0,romfile="]
    it = host.begin(host.vm.settings.qemu, "-name", "guest=web1", "-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35",
                    "-accel", "tcg", "-m", 32, "-S", *port, *standby, "-device", primary, "-qmp", "stdio", stdin=True)
    try:
        check('"QMP"' in it.line(), "QEMU does not begin")
        yield host.ok("pgrep", "-f", "guest=web1").split()[0]
    finally:
        it.signal(signal.SIGKILL)
        it.wait(120)


def test_hidden(host):
    """the VF of a guest that has not taken it yet: named with the guest, refused without --force; taken; idle when it has gone"""
    primary = f"vfio-pci,host={os.path.basename(host.vf_device(VF))},failover_pair_id=ua-net0,id=hostdev0,bus=port0,romfile="
    with parked(host) as group:
        with hidden(host, primary) as pid:
            check(host.run("fuser", f"/dev/vfio/{group}").status != 0, "QEMU has taken the VF")
            user = f"guest web1 (pid {pid}), not taken yet"
            equal(use_of(host), ("reserved", user), "--list")
            refused(host, "--vf", VF, code="vf-in-use", says=user, hint=("add --force", "Idle: VF 0"))
            equal(host.nfprobe(PF, "--vf", VF, "--force", "--dry-run").status, 0, "what only a process says, with --force")
            with holding(host, f"import os; os.open('/dev/vfio/{group}', os.O_RDWR)"):
                equal(use_of(host)[0], "vfio", "--list once it is taken")
        equal(use_of(host), ("idle", None), "--list once the guest has gone")


ASSIGN = f"+ ip link set {PF} vf {VF} mac"


def test_word(host):
    """a setuid program that an ordinary user has begun, with the VF in its arguments: refuses a run without --force, and no --restore"""
    # As qemu-bridge-helper is until it gives root up.
    host.sh("cp /usr/bin/tail /run/qemu-helper; chmod 4755 /run/qemu-helper")
    with parked(host), unchanged(host):
        run = host.begin_nfprobe(PF, "--vf", VF, *QUICK, "-v", hold=ASSIGN)
        check(run.wait_for(ASSIGN), f"it never came to: {ASSIGN}\n{run.stderr.decode()}")
        run.signal(signal.SIGKILL)
        equal(run.wait(120).status, 137, "status of the run that was killed")
        unlocked(host)
        claim = host.begin("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "/run/qemu-helper", "-f", "/dev/null",
                           f"host={os.path.basename(host.vf_device(VF))}")
        check(claim.wait_for("cannot open"), f"it does not run: {claim.stderr.decode()}")
        restore = host.nfprobe("--restore", PF)
        equal(restore.status, 0, f"status of --restore: {restore.err}")
        use, user = use_of(host)
        check(use == "reserved" and user.startswith("guest without a name (pid "), f"--list: {use}, {user}")
        refused(host, "--vf", VF, code="vf-in-use", says=user, hint=("add --force", "Idle: VF 0"))
        equal(host.nfprobe(PF, "--vf", VF, "--force", "--dry-run").status, 0, "status of --dry-run with --force")
        claim.signal(signal.SIGKILL)
        claim.wait(120)
    host.ok("rm", "/run/qemu-helper")


# A user of vfio who has closed the group, as QEMU has not, leaves this: the device itself, in a container.
OPEN_DEVICE = """
import fcntl, os
VFIO_GROUP_SET_CONTAINER, VFIO_SET_IOMMU, VFIO_GROUP_GET_DEVICE_FD, VFIO_TYPE1_IOMMU = 0x3b68, 0x3b66, 0x3b6a, 1
container = os.open("/dev/vfio/vfio", os.O_RDWR)
group = os.open("/dev/vfio/{group}", os.O_RDWR)
fcntl.ioctl(group, VFIO_GROUP_SET_CONTAINER, container.to_bytes(4, "little"))
fcntl.ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU)
device = fcntl.ioctl(group, VFIO_GROUP_GET_DEVICE_FD, b"{device}\\0")
os.close(group)
"""


def test_vfio_device(host):
    """a VF of which a process has the vfio device only, its group closed again: held all the same, as the kernel says"""
    host.ok("modprobe", "vfio_iommu_type1")
    with parked(host) as group:
        device = os.path.basename(host.vf_device(VF))
        with holding(host, OPEN_DEVICE.replace("{group}", group).replace("{device}", device)):
            user = f"something holds it through vfio (group {group})"
            in_use(host, (user,))
            equal(use_of(host), ("vfio", user), "--list")
        probe_parked = host.nfprobe(PF, "--vf", VF, "--dry-run")
        equal(probe_parked.status, 0, f"--dry-run once it is idle again: {probe_parked.err}")


# As a pod does, whose sysfs is not the host's, and has the same files.
MAP_ELSEWHERE = """
import ctypes, mmap, os
libc = ctypes.CDLL(None)
CLONE_NEWNS, CLONE_NEWNET, MS_REC, MS_PRIVATE = 0x20000, 0x40000000, 0x4000, 0x40000
assert libc.unshare(CLONE_NEWNS | CLONE_NEWNET) == 0
assert libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0
assert libc.mount(b"sysfs", b"/mnt", b"sysfs", 0, None) == 0
f = os.open("/mnt{device}/resource0", os.O_RDWR)
m = mmap.mmap(f, 4096)
os.close(f)
"""


def test_uio(host):
    """a VF on uio_pci_generic, as DPDK uses it: refused when a process holds it, or has only its registers mapped, by name; else idle"""
    device = host.vf_device(VF)
    host.ok("modprobe", "uio_pci_generic")
    host.vf_unbind(VF)
    host.write(f"{device}/driver_override", "uio_pci_generic")
    host.vf_bind(VF, "uio_pci_generic")
    try:
        node = host.ok("ls", f"{device}/uio").strip()
        equal(use_of(host)[0], "idle", "--list of a VF on uio")
        equal(host.nfprobe(PF, "--vf", VF, "--dry-run").status, 0, "--dry-run of a VF on uio")
        with holding(host, f"import mmap, os; f = os.open('{device}/resource0', os.O_RDWR); m = mmap.mmap(f, 4096); os.close(f)"):
            pid = host.ok("pgrep", "-f", "resource0").split()[-1]
            in_use(host, (f"python3 (pid {pid}) has its registers mapped",))
        with holding(host, MAP_ELSEWHERE.replace("{device}", device.removeprefix("/sys"))):
            pid = host.ok("pgrep", "-f", "resource0").split()[-1]
            equal(use_of(host), ("other", f"python3 (pid {pid}) has its registers mapped"), "--list of a VF that a pod has")
        with holding(host, "import mmap, os; os.makedirs('/tmp" + device + "'); f = os.open('/tmp" + device + "/resource0', os.O_RDWR | os.O_CREAT); "
                     "os.truncate(f, 4096); m = mmap.mmap(f, 4096)"):
            equal(use_of(host)[0], "idle", "--list beside a file that is called as a register")
        with holding(host, f"import os; os.open('/dev/{node}', os.O_RDWR)"):
            pid = host.ok("fuser", f"/dev/{node}").split()[-1]
            in_use(host, (f"python3 (pid {pid}) holds it through /dev/{node}",))
    finally:
        host.vf_unbind(VF)
        host.write(f"{device}/driver_override", "")
        host.vf_bind(VF)


def test_second_run(host):
    """a second run on the PF is refused while the first goes on, and names it"""
    with unchanged(host):
        first = host.begin_nfprobe(PF, "--vf", 3, *QUICK, "-v", "--json", hold="bridge fdb add")
        check(first.wait_for("bridge fdb add"), "the first run did not start")
        pid = worker(host, PF)
        second = outcome(host.nfprobe(PF, "--vf", 0, *QUICK, "--json"), 4)
        equal(second["error"]["code"], "locked", "error of the second run")
        check(f"process {pid}" in second["error"]["message"], f"not process {pid}: {second['error']['message']}")
        equal(host.nfprobe("--list").status, 0, "--list meanwhile")
        restore = host.nfprobe("--restore", PF)
        check(restore.status not in (0, 1) and pid in restore.err, f"--restore: {restore.status} {restore.err}")
        first.signal(signal.SIGINT)
        equal(first.wait(120).status, 130, "status of the first run")


MAC = "52:54:00:00:03:33"


def mac_in_use(host, who):
    """Refused as a run and as a plan, which says what the run does."""
    says = f"--mac {MAC}: {who} has this address already"
    refused(host, "--vf", 3, "--mac", MAC, code="mac-in-use", says=says, hint="leave out --mac")
    plan = host.nfprobe(PF, "--vf", 3, "--mac", MAC, "--dry-run")
    equal(plan.status, 4, "status of --dry-run")
    check(says in " ".join(plan.err.replace("nfprobe: ", "").split()), f"--dry-run says {plan.err}")


def test_mac_in_use(host):
    """--mac with an address that a netdev, another VF, a filter, an FDB or a neighbour has, here or in a namespace"""
    host.ok("ip", "link", "set", PF, "vf", 1, "mac", MAC)
    mac_in_use(host, f"VF 1 of {PF}")
    forget(host, 1)
    host.sh(f"ip link add tap9 type dummy; ip link set tap9 address {MAC}")
    mac_in_use(host, "tap9")
    host.sh("ip netns add tenant; ip link set tap9 netns tenant")
    mac_in_use(host, "tap9 in network namespace tenant")
    host.sh("ip netns del tenant")
    host.ok("bridge", "fdb", "add", MAC, "dev", PF, "self", "permanent")
    mac_in_use(host, f"the filter of {PF}")
    host.ok("bridge", "fdb", "del", MAC, "dev", PF, "self")
    host.sh(f"ip link add br9 type bridge; ip link add tap9 type dummy; ip link set tap9 master br9; ip link set tap9 up; "
            f"ip link set br9 up; bridge fdb add {MAC} dev tap9 master static")
    mac_in_use(host, "the FDB of br9 on port tap9")
    host.sh(f"ip link del tap9; ip neigh add 192.0.2.7 lladdr {MAC} dev br9")
    mac_in_use(host, "the neighbour 192.0.2.7 on br9")
    host.ok("ip", "link", "del", "br9")


def test_mac_of_the_vf(host):
    """--mac with the address that the VF under test has already: it is taken away first, and put back"""
    host.ok("ip", "link", "set", PF, "vf", VF, "mac", MAC)
    host.vf_unbind(VF)
    host.vf_bind(VF)
    take = f"ip link set {PF} vf {VF} mac 00:00:00:00:00:00"
    plan = host.nfprobe(PF, "--vf", VF, "--mac", MAC, "--dry-run", *QUICK)
    equal(plan.status, 0, f"status of --dry-run: {plan.err}")
    check(take in plan.out.split("control:")[0], f"--dry-run does not take the address away first: {plan.out}")
    out, err = probe(host, "--vf", VF, *QUICK, "--mac", MAC, "-v")
    equal(out["verdict"], "safe", "verdict")
    made = changes(err)
    check(made.index(take) < made.index(f"bridge fdb add {MAC} dev {PF} self permanent"), f"not taken away first: {made}")
    forget(host, VF)
