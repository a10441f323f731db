#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
MAC filters of a VF and its PF that share one address
=====================================================

With net_failover (Documentation/networking/net_failover.rst) a guest has two
netdevs with one MAC address: a VF, and a virtio netdev behind the PF, which is
the standby. The PF holds the address for the standby in one of two ways: in
its unicast filter (macvtap, or a static FDB entry), or by promiscuous mode (the
port of a bridge). The guest is deaf while the NIC delivers its frames to the
netdev that the guest does not use, or to none.

The remote end sends to the address; packet sockets on PF and VF show who hears
it. Each case begins with a control, and waits until the same netdevs hear the
address for a second.

A case fails only if the driver contradicts the kernel's documentation, or what
every driver in the tree was found to do. Where drivers differ, a deaf standby
is reported as an expected failure (XFAIL).

Environment
-----------
NETIF is a PF in legacy mode. If it has no VFs, the test makes one; otherwise it
borrows one that nobody uses: without a driver, or with a netdev that is down.
The remote end needs python3; with mausezahn instead the last case is skipped.
"""

import contextlib
import json
import os
import random
import select
import shlex
import socket
import struct
import time

from lib.py import ksft_disruptive, ksft_pr, ksft_run, ksft_exit
from lib.py import KsftFailEx, KsftSkipEx, KsftXfailEx
from lib.py import NetDrvEpEnv
from lib.py import bkg, cmd, defer, ip

ETH_P_TEST = 0x88B5  # IEEE Std 802: local experimental EtherType 1
SOL_PACKET = 263
PACKET_ADD_MEMBERSHIP = 1
PACKET_IGNORE_OUTGOING = 23
PACKET_MR_PROMISC = 1
PACKET_MR_UNICAST = 3
RTMGRP_LINK = 1
IFF_UP = 1

# The errors of drivers while a VF is being reset, EINVAL among them
BUSY = ("Resource temporarily unavailable", "Device or resource busy",
        "Invalid argument")

BROADCAST = "ff:ff:ff:ff:ff:ff"
ZERO = "00:00:00:00:00:00"

FILTER = ("filter", PACKET_MR_UNICAST)
PROMISC = ("promisc", PACKET_MR_PROMISC)

INTERVAL = 0.02     # seconds between two frames to one address
SLICE = 20          # broadcasts after which a look is taken at what was heard
SETTLE = 1          # seconds for which that must hold; some drivers write
                    # filters in a task that runs once a second
PATIENCE = 10       # seconds for anything to happen

# Both run at the remote end. They end by themselves, at the latest when nobody
# reads their output any more.
SEND = """
import select, socket, sys
ifname, interval, payload, *dsts = sys.argv[1:]
tx = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
tx.bind((ifname, 0))
tail = tx.getsockname()[4] + bytes.fromhex(payload)
for _ in range(9000):
    for dst in dsts:
        tx.send(bytes.fromhex(dst) + tail)
    print(end=".", flush=True)
    select.select([], [], [], float(interval))
"""

# The remote end is where the guest is: its NIC lets the address in.
RECEIVE = """
import select, socket, struct, sys, time
ifname, payload, dst, broadcast, count = sys.argv[1:]
rx = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
rx.setsockopt(263, 1, struct.pack("iHH8s", socket.if_nametoindex(ifname), 3, 6,
                                  bytes.fromhex(dst)))
rx.bind((ifname, 0x88B5))
heard = {bytes.fromhex(dst): 0, bytes.fromhex(broadcast): 0}
end = time.monotonic() + 10
while heard[bytes.fromhex(broadcast)] < int(count):
    if not select.select([rx], [], [], max(0, end - time.monotonic()))[0]:
        break
    frame = rx.recv(2048)
    if frame[12:].startswith(bytes.fromhex(payload)) and frame[:6] in heard:
        heard[frame[:6]] += 1
print(*heard.values())
"""


def raw(mac):
    """ Return a MAC address as it is in a frame """
    return bytes.fromhex(mac.replace(":", ""))


def random_mac():
    """ Return a unicast address that nobody has """
    return "02:" + ":".join(f"{random.randrange(256):02x}" for _ in range(5))


def read(path):
    """ Return what a file of sysfs has; None if it cannot be read """
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None


def write(path, value):
    """ Write a file of sysfs """
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))


def names(path):
    """ Return what is in a folder of sysfs """
    return sorted(os.listdir(path)) if os.path.isdir(path) else []


def wait_for(cond, timeout=PATIENCE):
    """ Wait for a condition, which is checked again when any link changes """
    end = time.monotonic() + timeout
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                       socket.NETLINK_ROUTE) as link:
        link.bind((0, RTMGRP_LINK))
        while not cond():
            if time.monotonic() > end:
                return False
            if select.select([link], [], [], 0.1)[0]:
                link.recv(65536)
    return True


def has_carrier(ifname):
    """ Whether a netdev is up and has carrier """
    return read(f"/sys/class/net/{ifname}/carrier") == "1"


class SharedVf:
    """
    The VF that all cases use. Making a VF resets the link of some PFs, so it is
    made once.
    """
    def __init__(self, cfg):
        self.cfg = cfg
        self.pf_name = cfg.ifname
        self.pf_dev = os.path.realpath(f"/sys/class/net/{self.pf_name}/device")
        self.index = None
        self.dev = None
        self.home = ZERO        # its address
        self.keeps = False      # whether it cannot be without one
        self.was_bound = False
        self.skip = None        # why there is none
        self._undo = contextlib.ExitStack()

    def __enter__(self):
        try:
            self._find()
        except KsftSkipEx as exc:
            self.skip = str(exc)
        except BaseException:
            self._undo.close()
            raise
        return self

    def __exit__(self, ex_type, ex_value, ex_tb):
        self._undo.close()

    def require(self):
        """ Skip the case if there is no VF; make sure that it is idle """
        if self.skip:
            raise KsftSkipEx(self.skip)
        self.unbind()

    def _write(self, path, value):
        """ Write a file of sysfs that has another value, until the end """
        old = read(path)
        if old not in (None, str(value)):
            write(path, value)
            self._undo.callback(write, path, old)

    def _find(self):
        self.cfg.require_cmd("devlink")
        numvfs = f"{self.pf_dev}/sriov_numvfs"
        if not int(read(f"{self.pf_dev}/sriov_totalvfs") or 0):
            raise KsftSkipEx(f"{self.pf_name} has no SR-IOV")
        if "master" in ip(f"link show dev {self.pf_name}", json=True)[0]:
            raise KsftSkipEx(f"{self.pf_name} is a port of another netdev")
        if self._eswitch_mode() not in (None, "legacy"):
            raise KsftSkipEx(f"{self.pf_name} is not known to be in legacy "
                             "mode")

        self._write(f"{self.pf_dev}/sriov_drivers_autoprobe", 1)
        if read(numvfs) == "0":
            self._make(numvfs)
        else:
            self._borrow(int(read(numvfs)))
        self.dev = self._device(self.index)
        # To have a VF, some PFs are reset
        if not wait_for(lambda: has_carrier(self.pf_name), 3 * PATIENCE):
            raise KsftSkipEx(f"{self.pf_name} has no carrier")

    @ksft_disruptive
    def _make(self, numvfs):
        """ Make a VF, for which some PFs reset their link """
        try:
            self._write(numvfs, 1)
        except OSError as exc:
            raise KsftSkipEx(f"No VF can be made: {exc}") from exc
        self.index = 0

    def _eswitch_mode(self):
        bus = os.path.basename(os.path.realpath(f"{self.pf_dev}/subsystem"))
        handle = f"{bus}/{os.path.basename(self.pf_dev)}"
        res = cmd(f"devlink --json dev eswitch show {handle}", fail=False)
        if res.ret:             # EPERM: another host sets it
            return "unknown" if "not permitted" in res.stderr else None
        return json.loads(res.stdout)["dev"][handle].get("mode")

    def _device(self, index):
        return os.path.realpath(f"{self.pf_dev}/virtfn{index}")

    def _borrow(self, numvfs):
        for index in range(numvfs):
            dev = self._device(index)
            netdevs = names(f"{dev}/net")
            flags = [int(read(f"{dev}/net/{name}/flags"), 16) & IFF_UP
                     for name in netdevs]
            if not os.path.exists(f"{dev}/driver"):
                break
            if netdevs and not any(flags):
                break
        else:
            raise KsftSkipEx(f"Each VF of {self.pf_name} is in use")

        self.index = index
        self.was_bound = bool(netdevs)
        info = ip(f"-d link show dev {self.pf_name}", json=True)[0]
        types = [read(f"{dev}/net/{name}/addr_assign_type") for name in netdevs]
        # NET_ADDR_RANDOM: drawn by the VF's driver, which draws another
        if "1" not in types:
            vfs = info.get("vfinfo_list", [])
            self.home = next((vf["address"] for vf in vfs
                              if vf["vf"] == index), ZERO)
        self._undo.callback(self._give_back)

    def _give_back(self):
        if self.try_assign(self.home):
            ksft_pr(f"VF {self.index} does not get back {self.home}")
        if self.was_bound and not os.path.exists(f"{self.dev}/driver"):
            write(f"{self.dev}/subsystem/drivers_probe",
                  os.path.basename(self.dev))

    def try_assign(self, mac):
        """ Assign an address; return what the kernel says against it """
        end = time.monotonic() + 3
        while True:
            res = cmd(f"ip link set dev {self.pf_name} vf {self.index} "
                      f"mac {mac}", fail=False)
            if not res.ret:
                return None
            if time.monotonic() > end or not any(text in res.stderr
                                                 for text in BUSY):
                return res.stderr.strip()
            select.select([], [], [], 0.2)

    def forget(self):
        """ Clear the VF's address, or assign another if zero is refused """
        if not self.keeps and self.try_assign(ZERO):
            self.keeps = True
        if self.keeps:
            self.try_assign(random_mac() if self.home == ZERO else self.home)

    def assign(self, mac):
        """ Assign an address until the end of the case """
        defer(self.forget)
        refusal = self.try_assign(mac)
        if refusal:
            raise KsftXfailEx(f"{mac} is refused: {refusal}")
        ksft_pr(f"VF {self.index} is assigned {mac}")

    def reset_if_it_can(self):
        """ Reset the VF, as vfio does before a guest gets it, and after """
        if not os.path.exists(f"{self.dev}/reset"):
            return False
        write(f"{self.dev}/reset", 1)
        ksft_pr(f"VF {self.index} is reset")
        return True

    def unbind(self):
        """ Unbind the VF's driver """
        if os.path.exists(f"{self.dev}/driver"):
            write(f"{self.dev}/driver/unbind", os.path.basename(self.dev))

    def bind(self):
        """ Bind the VF to its driver; return its netdev """
        write(f"{self.dev}/subsystem/drivers_probe", os.path.basename(self.dev))
        if not wait_for(lambda: os.path.exists(f"{self.dev}/driver"), 2):
            raise KsftSkipEx(f"VF {self.index} has no driver")
        if not wait_for(lambda: names(f"{self.dev}/net"), 2 * PATIENCE):
            raise KsftSkipEx(f"VF {self.index} has no netdev")
        cmd("udevadm settle", shell=True, fail=False)
        return names(f"{self.dev}/net")[0]

    def set_up(self, mac):
        """ Set the VF up with its driver; return its netdev """
        defer(self.unbind)
        for _ in range(3):      # igbvf does not wait long for its PF
            ifname = self.bind()
            if read(f"/sys/class/net/{ifname}/address") == mac:
                break
            self.unbind()
        else:
            raise KsftFailEx(f"The VF's driver does not take {mac}")
        ip(f"link set dev {ifname} up")
        if not wait_for(lambda: has_carrier(ifname)):
            raise KsftSkipEx(f"{ifname} has no carrier")
        ksft_pr(f"VF {self.index} is up as {ifname}")
        return ifname


class Traffic:
    """ Frames from the remote end to one address, and who hears them """

    def __init__(self, cfg):
        self.cfg = cfg
        self.mac = random_mac()
        self.stranger = random_mac()
        self.payload = struct.pack("!H", ETH_P_TEST) + random.randbytes(46)
        self.listeners = {}
        self.counts = {}        # of the last look
        self.holder = None
        self.listen("PF", cfg.ifname)
        self.sender = bkg(self._sender(), host=cfg.remote)
        defer(self.sender.process)
        # It takes its time to start
        select.select([self.listeners["PF"]], [], [], 3 * PATIENCE)

    def _sender(self):
        dsts = [raw(mac).hex()
                for mac in (self.mac, self.stranger, BROADCAST)]
        try:
            self.cfg.require_cmd("python3", local=False, remote=True)
        except KsftSkipEx:
            self.cfg.require_cmd("mausezahn", local=False, remote=True)
            return self._mausezahn(dsts)
        return remote_python(SEND, remote_ifname(self.cfg), INTERVAL,
                             self.payload.hex(), *dsts)

    def _mausezahn(self, dsts):
        ifname = remote_ifname(self.cfg)
        dev = ip(f"link show dev {ifname}", json=True, host=self.cfg.remote)[0]
        tail = raw(dev["address"]) + self.payload
        delay = f"{INTERVAL * 1000:.0f}msec"
        each = [f"mausezahn {ifname} -q -c 9000 -d {delay} "
                f"{(bytes.fromhex(dst) + tail).hex(':')} &" for dst in dsts]
        return " ".join(["trap 'kill $(jobs -p)' TERM;", *each, "wait"])

    def listen(self, who, ifname):
        """ Listen at PF or VF """
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        defer(sock.close)
        sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        sock.bind((ifname, ETH_P_TEST))
        sock.setblocking(False)
        self.listeners[who] = sock

    def deafen(self, who):
        """ Stop listening at PF or VF """
        self.listeners.pop(who).close()

    def hold(self, how):
        """
        Let the PF hold the address by a membership of a packet socket, which
        adds it as a macvtap does, or makes the PF promiscuous as a bridge does,
        and leaves nothing behind.
        """
        self.holder = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        defer(self.holder.close)
        self.holder.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP,
                               struct.pack("iHH8s", self.cfg.ifindex, how[1],
                                           6, raw(self.mac)))

    def release(self):
        """ Let the PF drop the address """
        self.holder.close()

    def _hear(self):
        ready = select.select(list(self.listeners.values()), [], [], 1)[0]
        for who, sock in self.listeners.items():
            if sock not in ready:
                continue
            try:
                frame = sock.recv(2048)
            except OSError:     # it was set down
                continue
            if frame[12:].startswith(self.payload):
                key = who, frame[:6]
                self.counts[key] = self.counts.get(key, 0) + 1
        return bool(ready)

    def share(self, who, mac):
        """ Return which part of the frames to an address was last heard """
        sent = self.counts.get(("PF", raw(BROADCAST)), 0)
        return self.counts.get((who, raw(mac)), 0) / sent if sent else 0

    def _look(self):
        """
        Return who hears the address; None if that cannot be said: a part of
        the frames is heard, or the control, which is broadcast at the PF, is
        not.
        """
        self.counts = {}
        end = time.monotonic() + PATIENCE / 2
        while self.counts.get(("PF", raw(BROADCAST)), 0) < SLICE:
            if not self._hear() or time.monotonic() > end:
                return None
        heard = {who: self.share(who, self.mac) for who in self.listeners}
        if any(0.05 < share < 0.8 for share in heard.values()):
            return None
        return {who for who, share in heard.items() if share >= 0.8}

    def who_hears(self, enough=None):
        """
        Return who hears the address once that has held for SETTLE, or once
        @enough is among them.
        """
        for sock in self.listeners.values():    # what came before
            try:
                while sock.recv(2048):
                    pass
            except OSError:
                pass
        held, since = None, 0
        end = time.monotonic() + PATIENCE
        while True:
            start = time.monotonic()
            heard = self._look()
            if heard is None or heard != held:
                held, since = heard, start
            elif time.monotonic() - since >= SETTLE:
                break
            if heard and enough in heard:
                break
            if time.monotonic() > end:
                self._unclear()
        who = " and ".join(sorted(heard)) or "nobody"
        ksft_pr(f"{self.mac} is heard by {who}")
        return heard

    def _unclear(self):
        if not self.share("PF", BROADCAST):
            if self.sender.proc.poll() is not None:
                ksft_pr(self.sender.proc.stderr.read().decode())
            raise KsftFailEx(f"{self.cfg.ifname} hears no broadcast from the "
                             "remote end")
        raise KsftSkipEx(f"Who hears {self.mac} is unclear, or changes")


def remote_ifname(cfg):
    """ Return the netdev of the remote end """
    addr = ip(f"addr show to {cfg.remote_addr}", json=True, host=cfg.remote)
    return addr[0]["ifname"]


def remote_python(script, *args):
    """ Return the command that runs a script at the remote end """
    return shlex.join(["python3", "-c", script, *map(str, args)])


def standby(cfg, how):
    """
    Make the standby, with the control of most cases: it hears while no VF has
    the address.
    """
    cfg.vf.require()
    link = ip(f"-d link show dev {cfg.ifname}", json=True)[0]
    if how is FILTER and link["promiscuity"]:
        raise KsftSkipEx(f"{cfg.ifname} is promiscuous")
    traffic = Traffic(cfg)
    traffic.hold(how)
    if "PF" not in traffic.who_hears(enough="PF"):
        raise KsftSkipEx("The standby is deaf though no VF has the address")
    return traffic


def standby_hears(traffic, state):
    """ Drivers differ in this: a standby that is deaf is reported """
    if "PF" not in traffic.who_hears():
        raise KsftXfailEx(f"The standby is deaf {state}")


def used_vf(cfg, how):
    """ A VF that is up with the address, which the PF had before """
    traffic = standby(cfg, how)
    cfg.vf.assign(traffic.mac)
    cfg.vf.reset_if_it_can()
    traffic.listen("VF", cfg.vf.set_up(traffic.mac))
    return traffic


def test_standby(cfg, how):
    """ No VF has the address: the standby hears. That is what the filter, and
        promiscuous mode, are for. """
    cfg.vf.require()
    traffic = Traffic(cfg)
    traffic.hold(how)
    if "PF" not in traffic.who_hears():
        raise KsftFailEx("The standby is deaf though no VF has the address")
    if how is FILTER and traffic.share("PF", traffic.stranger) > 0.8:
        ksft_pr(f"{cfg.ifname} also hears addresses that nobody has")


def test_assign(cfg, how):
    """ The VF is assigned the address, and nobody uses it: drivers differ in
        whether the standby still hears. """
    traffic = standby(cfg, how)
    cfg.vf.assign(traffic.mac)
    standby_hears(traffic, "once the VF is assigned the address")


def test_reset(cfg, how):
    """ The VF is assigned the address, and reset as for a guest that boots:
        drivers differ in whether the standby still hears. """
    traffic = standby(cfg, how)
    cfg.vf.assign(traffic.mac)
    if not cfg.vf.reset_if_it_can():
        raise KsftSkipEx("The VF cannot be reset")
    standby_hears(traffic, "while the guest has no driver of its VF yet")


def test_up(cfg, how):
    """ The VF is up: it hears. Every driver does that beside a promiscuous PF;
        they differ in whether it does beside a PF with the same filter. """
    traffic = used_vf(cfg, how)
    if "VF" in traffic.who_hears():
        if traffic.share("VF", BROADCAST) < 0.8:
            raise KsftFailEx("The VF does not hear broadcast")
        return
    traffic.release()
    if "VF" not in traffic.who_hears():
        raise KsftFailEx("The VF is deaf though nobody else has the address")
    deaf = "The VF is deaf while the PF holds the address"
    raise KsftXfailEx(deaf) if how is FILTER else KsftFailEx(deaf)


def test_unbind(cfg, how):
    """ The VF's driver has gone, as at the unplug before a migration: drivers
        differ in whether the standby hears again. """
    traffic = used_vf(cfg, how)
    traffic.deafen("VF")
    cfg.vf.unbind()
    ksft_pr("The VF has no driver any more")
    standby_hears(traffic, "after the VF's driver has gone")


def test_clear(cfg, how):
    """ The VF has been used, and its address is cleared: the standby hears, as
        the example in net_failover.rst expects. """
    traffic = used_vf(cfg, how)
    traffic.deafen("VF")
    cfg.vf.unbind()
    cfg.vf.reset_if_it_can()
    refusal = cfg.vf.try_assign(ZERO)
    if refusal:
        raise KsftXfailEx(f"The VF's address cannot be cleared: {refusal}")
    ksft_pr("The VF's address is cleared")
    if "PF" in traffic.who_hears():
        return
    traffic.release()
    traffic.hold(how)
    ksft_pr("The PF has dropped the address, and added it again")
    if "PF" not in traffic.who_hears():
        raise KsftFailEx("The standby is deaf though no VF has the address")
    raise KsftXfailEx("The standby is deaf until the PF adds the address again")


def test_vf_first(cfg, how):
    """ The VF is assigned the address before the PF holds it, as libvirt does:
        drivers differ in whether the standby hears. """
    cfg.vf.require()
    traffic = Traffic(cfg)
    cfg.vf.assign(traffic.mac)
    cfg.vf.reset_if_it_can()
    traffic.hold(how)
    if "PF" in traffic.who_hears():
        return
    # The control of the other cases comes first, and would decide the order.
    cfg.vf.forget()
    ksft_pr("The VF has lost the address")
    if "PF" not in traffic.who_hears():
        raise KsftSkipEx("The standby is deaf though no VF has the address")
    raise KsftXfailEx("The standby is deaf while the VF had the address first")


def leaves(cfg, mac):
    """
    Send from the PF to an address until the remote end has heard SLICE
    broadcasts; return whether it hears the address as well.
    """
    payload = struct.pack("!H", ETH_P_TEST) + random.randbytes(46)
    own = raw(read(f"/sys/class/net/{cfg.ifname}/address"))
    frames = [raw(dst) + own + payload for dst in (mac, BROADCAST)]
    comm = remote_python(RECEIVE, remote_ifname(cfg), payload.hex(),
                         raw(mac).hex(), raw(BROADCAST).hex(), SLICE)
    with bkg(comm, exit_wait=True, host=cfg.remote) as receiver, \
         socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((cfg.ifname, 0))
        while receiver.proc.poll() is None:
            for frame in frames:
                sock.send(frame)
            select.select([], [], [], INTERVAL)
    heard, control = map(int, receiver.stdout.split())
    if control < SLICE:
        raise KsftFailEx("The remote end hears no broadcast from "
                         f"{cfg.ifname}")
    return heard >= 0.8 * control


def test_neighbour(cfg):
    """ The VF is assigned the address, and its guest is elsewhere: drivers
        differ in whether a neighbour in this NIC, here the PF, reaches it. """
    cfg.vf.require()
    cfg.require_cmd("python3", local=False, remote=True)
    mac = random_mac()
    if not leaves(cfg, mac):
        raise KsftSkipEx("The remote end is not reached though no VF has the "
                         "address")
    cfg.vf.assign(mac)
    cfg.vf.reset_if_it_can()
    end = time.monotonic() + SETTLE
    while leaves(cfg, mac):
        if time.monotonic() > end:
            ksft_pr(f"{cfg.ifname} reaches {mac} at the remote end")
            return
    if not leaves(cfg, mac):
        raise KsftXfailEx(f"What {cfg.ifname} sends to the guest goes to the "
                          "idle VF")
    raise KsftSkipEx("Whether the remote end is reached changes")


def make_case(func, *args):
    """ Make a case of the function, which first tells what it expects """
    def case(cfg):
        ksft_pr(" ".join(func.__doc__.split()))
        func(cfg, *args)

    case.__name__ = "_".join([func.__name__[len("test_"):],
                              *(name for name, _ in args)])
    return case


def main() -> None:
    """ Ksft boiler plate main """
    cases = [make_case(func, how)
             for func in (test_standby, test_assign, test_reset, test_up,
                          test_unbind, test_clear, test_vf_first)
             for how in (FILTER, PROMISC)]
    cases.append(make_case(test_neighbour))

    with NetDrvEpEnv(__file__, nsim_test=False) as cfg:
        with SharedVf(cfg) as cfg.vf:
            ksft_run(cases, args=(cfg, ))
    ksft_exit()


if __name__ == "__main__":
    main()
