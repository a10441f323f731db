# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated NIC is what its personality says; and the kernel does not complain."""

from scenario import CLOCK, check, equal, long
from simulated import BROADCAST, X, Module, build, one

MACHINE = CLOCK


def test_personality_text(host):
    """the personality is read back as written; a bad word changes nothing"""
    with one(host) as nic:
        start = nic.personality()
        nic.personality("loss=12.5 come=up+driver go=never wrong_mac=always zero=EPERM pf_second=silent")
        now = nic.personality()
        words = ("loss", "come", "go", "wrong_mac", "zero", "pf_second")
        equal([now[word] for word in words], ["12.5000", "driver+up", "never", "always", "EPERM", "silent"], "keys")
        for bad in ("arb=us", "loss=101", "come=later", "loss=1.", "history=2", "zero=silent", "nonsense=1", "come",
                    "seed=4294967296", "come=", "go=never+up"):
            check("Invalid" in str(nic.refusal("personality", f"arb=pf {bad}")), f"{bad} was taken")
        equal(nic.personality(), now, "keys after bad words")
        equal(nic.personality("default"), start, "keys by default")
        nic.personality("\n".join(f"{key}={value}" for key, value in now.items()))
        equal(nic.personality(), now, "keys, what was shown written back")


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
	echo "loss=5 set_reset_ms=2 arb=last vf_carrier_ms=3" >$device/personality
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
	echo "default come_ms=5000 set_reset_ms=5000" >$device/personality
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
