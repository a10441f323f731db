# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated NIC's devices and drivers come and go like those of PCI; and the kernel does not complain."""

from probing import PACE
from scenario import CLOCK, check, equal, long
from simulated import BROADCAST, MS, UNREGISTERED, X, Module, between, build, first, one

MACHINE = CLOCK
# In ms. The first two leave a slow machine the time to look before the NIC has acted, since the tests look whether anything
# comes too soon. No machine needs the last.
LATER, RESET, SLOW = 1000, 4000, 60000


def test_devices(host):
    """its devices, links, drivers and netdevs look like those of an SR-IOV NIC"""
    with one(host, bound=True) as nic:
        pf, vf = "/sys/class/net/nf0/device", "/sys/class/net/nf0/device/virtfn3"
        equal([host.read(f"{pf}/sriov_{name}vfs") for name in ("total", "num")], ["256", "4"], "numbers of VFs")
        equal(host.ok("readlink", "-f", f"{vf}/physfn"), host.ok("readlink", "-f", pf), "physfn")
        equal(nic.netdev(3), "nf0v3", "the VF's netdev")
        equal(host.ok("readlink", f"{vf}/driver").split("/")[-1].strip(), "nfsimvf", "the VF's driver")
        equal(host.ok("readlink", f"{vf}/subsystem").split("/")[-1].strip(), "nfsim", "the VF's bus")
        equal(nic.vf_attribute(3, "modalias"), "nfsim:vf", "modalias")
        check(not host.run("test", "-e", "/sys/class/net/nf0w/device/sriov_totalvfs").status == 0, "the wire is no PF")
        info = host.ok("ethtool", "-i", "nf0")
        for line in ("driver: nfsim", "version: 1.0", "firmware-version: 1.0", "bus-info: nfsim0"):
            check(line in info.splitlines(), f"no \"{line}\" in ethtool's {info}")
        link = nic.ip_json("-d", "link", "show", "nf0")[0]
        equal((link["parentbus"], link["parentdev"]), ("nfsim", "nfsim0"), "parent")
        equal(len(link["vfinfo_list"]), 4, "VFs in ip link")
        equal(nic.info(3)["address"], nic.address(3), "the random address that the VF reported")


def test_bind(host):
    """a VF is bound by hand, by autoprobe and by driver_override, with the errors of PCI"""
    with one(host) as nic:
        equal(nic.driver(3), None, "driver without autoprobe")
        nic.bind(3)
        nic.unbind(3)
        nic.autoprobe(0)
        check("No such device" in str(nic.refusal("bind", 3)), "bind without autoprobe")
        nic.vf_attribute(3, "driver_override", "nfsimvf\n")
        nic.bind(3)
        nic.unbind(3)
        nic.vf_attribute(3, "driver_override", "nfsimstub\n")
        check("No such device" in str(nic.refusal("bind", 3)), "bind of a driver that is not the override")
        nic.bind(3, "nfsimstub")
        equal((nic.driver(3), nic.netdev(3)), ("nfsimstub", None), "a driver without netdev")
        nic.unbind(3)
        nic.vf_attribute(3, "driver_override", "\n")
        equal(nic.vf_attribute(3, "driver_override"), "(null)", "driver_override when cleared")
        nic.autoprobe(1)
        check("Device or resource busy" in str(nic.refusal("vfs", 5)), "another number of VFs while there are some")
        check("range" in str(nic.refusal("vfs", 257)), "more VFs than there can be")
        nic.vfs(0)
        nic.vfs(2)
        equal([nic.driver(i) for i in (0, 1)], ["nfsimvf"] * 2, "drivers with autoprobe")


def test_reset_file(host):
    """no_reset, reset_method: the files of a VF's reset"""
    with one(host) as nic:
        equal(nic.vf_attribute(3, "reset_method"), "flr", "reset_method")
        nic.personality("reset_method=bus")
        equal(nic.vf_attribute(3, "reset_method"), "bus", "reset_method")
        check("Invalid" in str(nic.refusal("vf_attribute", 3, "reset", "2")), "2 written to reset")
        nic.personality("no_reset=1")
        check(not {"reset", "reset_method"} & set(nic.vf_files(3)), "there is a reset file")
        nic.personality("no_reset=0")
        check({"reset", "reset_method"} <= set(nic.vf_files(3)), "there is no reset file")


def test_pf_reset(host):
    """set_reset_ms, and the cable: the PF loses its carrier, and hears nothing meanwhile"""
    with one(host, f"set_reset_ms={RESET}") as nic:
        nic.assign(3, X)
        equal((nic.carrier("pf"), nic.landing(BROADCAST)), (False, "nowhere"), "carrier and broadcast in the reset")
        nic.until("carrier", "pf", True)
        log = nic.log()
        off = first(log, "pf", "reset")
        between(RESET, (first(log, "pf", "carrier on", off) - off) / MS, SLOW, "ms without carrier")
        equal(nic.landing(BROADCAST), "pf", "broadcast after it")
        nic.personality("default")
        nic.bind(3)
        nic.up(3)
        nic.cable(False)
        equal([nic.carrier(port) for port in ("pf", 3, "wire")], [False] * 3, "carrier without a cable")
        nic.cable(True)
        equal([nic.carrier(port) for port in ("pf", 3, "wire")], [True] * 3, "carrier with it")
        nic.down("wire")
        equal([nic.carrier(port) for port in ("pf", 3)], [False] * 2, "carrier with the other end down")
        nic.link_state(3, "enable")
        equal(nic.carrier(3), True, "carrier of a VF that the PF enabled")
        nic.up("wire")


def test_driver_delays(host):
    """vf_carrier_ms, netdev_ms, bind_ms, unbind_ms, reset_ms, set_ms: how long it takes"""
    with one(host, f"netdev_ms={LATER} vf_carrier_ms={LATER}") as nic:
        early, took = nic.after("bind", [3], "netdev", 3, "nf0v3")
        equal(early, None, "netdev right after bind")
        between(LATER * MS, took, SLOW * MS, "ns to the netdev")
        early, _ = nic.after("up", [3], "carrier", 3, True)
        equal(early, False, "carrier right after up")
        log = nic.log()
        up = first(log, "vf3", "up")
        between(LATER, (first(log, "vf3", "carrier on", up) - up) / MS, SLOW, "ms to the carrier")
        nic.unbind(3)
        nic.bind(3)
        nic.unbind(3)  # before the netdev comes
        for key, *words in (("bind_ms", "bind", 3), ("unbind_ms", "unbind", 3), ("reset_ms", "reset", 3),
                            ("set_ms", "assign", 3, X)):
            nic.personality(f"default {key}=250")
            between(250 * MS, nic.timed(*words), SLOW * MS, f"ns, {key}")


def test_wrong_address(host):
    """wrong_mac, rename_ms: a VF's netdev that is not as expected"""
    with one(host, "wrong_mac=2") as nic:
        nic.assign(3, X)

        def bound():
            nic.bind(3)
            mac = nic.address(3)
            nic.unbind(3)
            return mac == X

        equal([bound() for _ in range(3)], [False, False, True], "address is the assigned one")
        nic.personality("wrong_mac=always")
        equal([bound() for _ in range(3)], [False] * 3, "address is the assigned one, wrong_mac=always")
        nic.personality("default rename_ms=50")
        nic.bind(3)
        nic.until("netdev", 3, "nf0ren3")
        nic.unbind(3)
        nic.personality(f"rename_ms={RESET} rename_anywhere=1")
        nic.ip("netns", "add", "nfsim")
        nic.bind(3)
        nic.ip("link", "set", "nf0v3", "netns", "nfsim")
        for _ in range(600):
            if "nf0ren3" in nic.ip("-n", "nfsim", "link", "show"):
                break
            nic.frames(to=UNREGISTERED, count=1, quiet=0.1)
        else:
            raise AssertionError("it was not renamed in a namespace")
        nic.ip("netns", "del", "nfsim")
        nic.until("netdev", 3, "nf0ren3")


@long
def test_firmware(host):
    """devlink's running firmware is reported, and a stored one that differs is warned of"""
    with one(host, "fw_running=2 fw_stored=3", bound=True) as nic:
        listed = host.nfprobe("--list", "nf0", "--json").json()["pfs"][0]
        versions = [{"name": "fw", "running": "2.0", "stored": "3.0"}]
        equal((listed["firmware"], listed["firmware_versions"]), ("2.0", versions), "firmware in the list")
        run = ("nf0", "--vf", 3, "--from", "nf0w", "--style", "macvtap", *PACE, "--json")
        done = host.nfprobe(*run)
        equal(done.status, 0, "status: " + done.err)
        equal(done.json()["pf"]["firmware"], "2.0", "firmware")
        said = "nf0 runs firmware (fw) 2.0, and 3.0 is stored but not active yet"
        check(any(said in warning for warning in done.json()["warnings"]), f"no warning: {done.json()['warnings']}")
        check("nfprobe: warning: " + said in done.err.replace("\n", " "), "not on standard error: " + done.err)
        nic.personality("fw_running=3")
        equal([w for w in host.nfprobe(*run).json()["warnings"] if "firmware" in w], [], "warnings when it is active")


def test_several(host):
    """several NICs side by side, made and removed while they run; each has a wire of its own"""
    with Module(host, nics=2) as module:
        with module.nic("arb=vf") as one_nic, module.nic("arb=pf", number=1) as other:
            for nic in (one_nic, other):
                nic.hold(X)
                nic.assign(3, X)
                nic.bind(3)
                nic.up(3)
            equal([one_nic.landing(X), other.landing(X)], ["vf3", "pf"], "landings")
            host.write("/sys/bus/nfsim/new_device", "7")
            check(host.run("sh", "-c", "echo 7 >/sys/bus/nfsim/new_device").status != 0, "7 was made twice")
            with module.nic(number=7) as third:
                equal(third.landing(BROADCAST), "pf", "landing")
            host.write("/sys/bus/nfsim/del_device", "7")
            host.write("/sys/bus/nfsim/del_device", "0")
            equal(other.landing(X), "pf", "landing when others are gone")
            equal([host.run("ip", "link", "show", name).status for name in ("nf0", "nf1", "nf7")], [1, 0, 1], "netdevs")


def test_many_vfs(host):
    """256 VFs: the last has its address, and all come and go"""
    with one(host, "come=assign+up arb=both", vfs=256) as nic:
        equal(host.read("/sys/class/net/nf0/device/sriov_numvfs"), "256", "VFs")
        nic.assign(255, X)
        nic.bind(255)
        nic.up(255)
        nic.hold(X)
        equal(nic.landing(X), "pf+vf255", "landing")
        nic.vfs(0)
        equal(nic.landing(X), "pf", "landing without VFs")


STRESS = r"""
device=/sys/bus/nfsim/devices/nfsim0
end=$(($(date +%s) + 8))
going() { [ "$(date +%s)" -lt $end ]; }
send() { /usr/bin/python3 -I -S -c '
import socket, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
end = time.monotonic() + 8
while time.monotonic() < end:
    try:
        s.bind((sys.argv[1], 0))
        for i in range(200):
            s.send(bytes.fromhex("02005e000201") + b"\0\0\0\0\0\0\x88\xb5" + bytes(46))
            s.send(b"\xff" * 6 + b"\0\0\0\0\0\0\x88\xb5" + bytes(46))
    except OSError:
        pass
' $1; }
send nf0w & send nf0 & send nf0v1 &
while going; do ip link set nf0 vf 1 mac 02:00:5e:00:02:01; ip link set nf0 vf 1 mac 0:0:0:0:0:0; done 2>/dev/null &
while going; do echo 1 >$device/virtfn1/reset; cat /sys/kernel/debug/nfsim/nfsim0/* ; done >/dev/null 2>&1 &
while going; do
	echo "default come=assign+up go=down+clear+reset come_ms=3 go_ms=2 rename_ms=1 netdev_ms=2" >$device/personality
	echo "delay_us=2000 jitter_us=2000 dup=20 loss=5 reorder=5" >$device/personality
	echo "set_reset_ms=2 arb=last vf_carrier_ms=3" >$device/personality
done &
while going; do
	echo nfsim0-vf1 >/sys/bus/nfsim/drivers/nfsimvf/unbind
	echo nfsim0-vf1 >/sys/bus/nfsim/drivers/nfsimvf/bind
	for name in $(ls $device/virtfn1/net); do ip link set $name up; done
done 2>/dev/null &
while going; do echo 0 >$device/sriov_numvfs; echo 3 >$device/sriov_numvfs; done 2>/dev/null &
while going; do
	echo 9 >/sys/bus/nfsim/new_device
	ip link set nf9 up; ip link set nf9w up
	echo 9 >/sys/bus/nfsim/del_device
done 2>/dev/null &
while going; do
	bridge fdb add 02:00:5e:00:02:01 dev nf0 self permanent; bridge fdb del 02:00:5e:00:02:01 dev nf0 self
	ip link set nf0 down; ip link set nf0 up
done 2>/dev/null &
wait
"""


def test_stress(host):
    """everything at once, for some seconds: the kernel does not complain, and the NIC still works"""
    with one(host, vfs=3) as nic:
        host.run("sh", "-c", STRESS, timeout=600)
        nic.personality("default")
        nic.vfs(0)
        nic.up("pf")
        nic.until("carrier", "pf", True)
        equal(nic.landing(BROADCAST), "pf", "landing")


RELOAD = r"""
device=/sys/bus/nfsim/devices/nfsim0
for i in $(seq 20); do
	insmod "$1" nics=2
	echo "default come_ms=5000 delay_us=100000 set_reset_ms=5000" >$device/personality
	ip link set nf0w up
	ip link set nf0 up promisc on
	echo 2 >$device/sriov_numvfs
	ip link set nf0v1 up
	bridge fdb add 02:00:5e:00:02:01 dev nf0 self permanent
	ip link set nf0 vf 1 mac 02:00:5e:00:02:02
	ip link show nf1 >/dev/null
	rmmod nfsim
done
"""


@long
def test_reload(host):
    """loads and unloads twenty times, in use; drivers come off PF and wire, and on again"""
    host.ok("sh", "-ec", RELOAD, "reload", build(host), timeout=600)
    with one(host, vfs=2, bound=True) as nic:
        for driver, device in (("nfsim", "nfsim0"), ("nfsimwire", "nfsim0-wire")):
            host.write(f"/sys/bus/nfsim/drivers/{driver}/unbind", device)
            host.write(f"/sys/bus/nfsim/drivers/{driver}/bind", device)
        nic.vfs(2)
        nic.up("pf")
        nic.up("wire")
        nic.until("carrier", "pf", True)
        equal(nic.landing(BROADCAST), "pf", "landing")
        nic.personality("delay_us=2000000")
        nic.frames(to=BROADCAST, count=10, quiet=0)  # on their way when the module is unloaded
