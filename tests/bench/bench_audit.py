#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What --audit and --list cost on a large host; make bench. Needs root.

usage: bench_audit.py BUILD ROUNDS [GUESTS]

The host is a network namespace with 2,000 guests, each a process with a tap on one of eight bridges and a VF that it holds by vfio,
and with eight PFs of 256 VFs each in a /sys of its own. A third of the taps have names of libvirt's; the addresses of the other guests
are in their arguments. Printed are seconds of the clock and the most memory, as median with least and most. Nothing is asserted.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ENTERED = "NFPROBE_BENCH_AUDIT"
PFS, VFS = 8, 256


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def make_sys(sys_dir):
    for folder in ("class/net", "class/vfio", "bus/pci/devices", "bus/pci/drivers/igb", "bus/pci/drivers/vfio-pci", "kernel/iommu_groups"):
        os.makedirs(f"{sys_dir}/{folder}")
    for pf in range(PFS):
        bus = f"{sys_dir}/devices/pci0000:{pf:02x}"
        name = f"0000:{pf + 1:02x}:00.0"
        os.makedirs(f"{bus}/{name}/net/eth{pf}")
        os.makedirs(f"{sys_dir}/class/net/eth{pf}")
        for file, value in (("sriov_totalvfs", VFS), ("sriov_numvfs", VFS), ("vendor", "0x8086"), ("device", "0x10c9"),
                            ("subsystem_vendor", "0x8086"), ("subsystem_device", "0xa04c")):
            write(f"{bus}/{name}/{file}", f"{value}\n")
        write(f"{sys_dir}/class/net/eth{pf}/type", "1\n")
        os.symlink("../../../bus/pci", f"{bus}/{name}/subsystem")
        os.symlink("../../../bus/pci/drivers/igb", f"{bus}/{name}/driver")
        for place in (f"class/net/eth{pf}/device", f"bus/pci/devices/{name}"):
            os.symlink(f"../../../devices/pci0000:{pf:02x}/{name}", f"{sys_dir}/{place}")
        for vf in range(VFS):
            number = pf * VFS + vf
            device = f"0000:{pf + 1:02x}:{vf // 8 + 1:02x}.{vf % 8}"
            os.mkdir(f"{bus}/{device}")
            os.symlink(f"../{device}", f"{bus}/{name}/virtfn{vf}")
            os.symlink(f"../{name}", f"{bus}/{device}/physfn")
            os.symlink("../../../bus/pci", f"{bus}/{device}/subsystem")
            os.symlink("../../../bus/pci/drivers/vfio-pci", f"{bus}/{device}/driver")
            os.symlink(f"../../../devices/pci0000:{pf:02x}/{device}", f"{sys_dir}/bus/pci/devices/{device}")
            os.makedirs(f"{sys_dir}/kernel/iommu_groups/{number}/devices")
            os.symlink(f"../../../kernel/iommu_groups/{number}", f"{bus}/{device}/iommu_group")
            os.symlink(f"../../../../devices/pci0000:{pf:02x}/{device}", f"{sys_dir}/kernel/iommu_groups/{number}/devices/{device}")
            os.mkdir(f"{sys_dir}/class/vfio/{number}")


def make_dev(guests):
    """A node that can be opened without a device: that of the fuse driver has no state until it is mounted."""
    subprocess.run(["mount", "-t", "tmpfs", "none", "/dev"], check=True)
    for folder in ("net", "vfio"):
        os.mkdir(f"/dev/{folder}")
    for name, major, minor in (("null", 1, 3), ("urandom", 1, 9), ("net/tun", 10, 200), ("vfio/vfio", 10, 196)):
        os.mknod(f"/dev/{name}", 0o20666, os.makedev(major, minor))
    for number in range(guests):
        os.mknod(f"/dev/vfio/{number}", 0o20600, os.makedev(10, 229))


def ip(lines):
    subprocess.run(["ip", "-batch", "-"], input="".join(f"{line}\n" for line in lines), text=True, check=True)


def begin_guest(build, number):
    mac = f"52:54:00:00:{number // 256:02x}:{number % 256:02x}"
    words = ["-name", f"guest=web{number},debug-threads=on", "-netdev", f"tap,fd=3,id=hostnet{number}",
             "-device", f"virtio-net-pci,netdev=hostnet{number},mac={mac},failover=on,id=ua-{number}",
             "-device", f"vfio-pci,host=0000:{number // VFS + 1:02x}:{number % VFS // 8 + 1:02x}.{number % 8},failover_pair_id=ua-{number}"]
    guest = subprocess.Popen([f"{build}/tests/bench/qemu_guest", f"tap{number}", f"/dev/vfio/{number}", *words],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if guest.stdout.read(1) != b"u":
        sys.exit(f"the guest {number} has not begun")
    guest.stdout.close()
    return guest


def begin(build, guests):
    ip([f"link add eth{pf} type veth peer name wire{pf}" for pf in range(PFS)] +
       [f"link add br{pf} type bridge" for pf in range(PFS)] + [f"link set eth{pf} up master br{pf}" for pf in range(PFS)] +
       [f"link set {name}{pf} up" for name in ("wire", "br") for pf in range(PFS)])
    begun = [begin_guest(build, number) for number in range(guests)]
    ip([f"link set tap{number} up master br{number % PFS}"
        + (f" address fe:54:00:00:{number // 256:02x}:{number % 256:02x}" if number % 3 == 0 else "") for number in range(guests)])
    return begun


def run(words):
    """(seconds, megabytes), and its status."""
    began = time.monotonic()
    with open("/dev/null", "w", encoding="ascii") as null:
        child = subprocess.Popen(words, stdout=null, stderr=null)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - began, usage.ru_maxrss / 1024, child.returncode


def spread(values, form):
    return f"{form % statistics.median(values)} ({form % min(values)} to {form % max(values)})"


def main():
    if len(sys.argv) not in (3, 4) or not all(word.isdigit() for word in sys.argv[2:]):
        sys.exit(__doc__.split("\n\n")[1])
    if ENTERED not in os.environ:
        os.environ[ENTERED] = "1"
        here = os.path.dirname(os.path.realpath(__file__))
        os.execv(f"{here}/../own-host", [f"{here}/../own-host", sys.executable, *sys.argv])
    build, rounds, guests = os.path.realpath(sys.argv[1]), int(sys.argv[2]), int((sys.argv[3:] or ["2000"])[0])
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        make_sys(folder)
        subprocess.run(["mount", "--bind", folder, "/sys"], check=True)
        make_dev(guests)
        begun = begin(build, guests)
        print(f"{guests} guests, {PFS} x {VFS} VFs")
        for words in (["--audit"], ["--list"]):
            results = [run([f"{build}/nfprobe", *words]) for _ in range(rounds)]
            print(f"  nfprobe {words[0]:8} {spread([one[0] for one in results], '%.2f')} s, {spread([one[1] for one in results], '%.0f')} MB, "
                  f"status {results[0][2]}", flush=True)
        for guest in begun:
            guest.stdin.close()
        for guest in begun:
            guest.wait()
        subprocess.run(["umount", "/dev"], check=True)
        subprocess.run(["umount", "/sys"], check=True)


if __name__ == "__main__":
    main()
