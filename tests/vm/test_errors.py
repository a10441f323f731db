# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors that keep a run from beginning, or spoil it: status, sentence, and advice. The second PF, eth2, has
a wire of its own with nobody on it, and one VF."""


from probing import QUICK, hint_of, holding, meddled, outcome, refused, to_try, unchanged, words
from scenario import PF, WIRE, check, equal

# With all that test_arp.py needs, which then needs no machine of its own.
MACHINE = {
    "pfs": 2, "vfs": (4, 1), "separate_wire": True,
    "qemu_args": ("-netdev", "user,id=slirp,restrict=on,ipv6=off,net=198.51.100.0/24,host=198.51.100.1",
                  "-netdev", "hubport,hubid=0,id=stack,netdev=slirp"),
}  # fmt: skip
PF2 = "eth2"

# The first lines of -v in attach, driver and up.
RESET, BIND, UP = "+ echo 1 >", "drivers/igbvf/bind", "+ ip -n nfprobe link set nfpvf up"

# The least XDP program, "pass", in the generic mode, which does not reset the NIC; it ends with its process.
XDP = """
import ctypes, os, socket, struct
BPF_PROG_LOAD, BPF_LINK_CREATE, BPF_PROG_TYPE_XDP, BPF_XDP, XDP_FLAGS_SKB_MODE, SYS_bpf = 5, 28, 6, 37, 2, 321
libc = ctypes.CDLL(None, use_errno=True)

def bpf(command, attr):
    fd = libc.syscall(SYS_bpf, command, attr, len(attr))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "bpf")
    return fd

code = ctypes.create_string_buffer(bytes.fromhex("b700000002000000" "9500000000000000"))
words = ctypes.create_string_buffer(b"GPL")
prog = bpf(BPF_PROG_LOAD, struct.pack("IIQQ", BPF_PROG_TYPE_XDP, 2, ctypes.addressof(code), ctypes.addressof(words)) + bytes(104))
keep = bpf(BPF_LINK_CREATE, struct.pack("IIII", prog, socket.if_nametoindex("{}"), BPF_XDP, XDP_FLAGS_SKB_MODE) + bytes(32))
"""


def wait_for(host, script):
    """Waits until the script succeeds, which is tried after each of the kernel's messages on links."""
    host.ok("bash", "-c", f"coproc ip monitor link; until {script}; do read -r -t 10 -u ${{COPROC[0]}} _; done; kill $COPROC_PID")


def test_no_vfs(host):
    """no VFs: the command that is printed creates them"""
    count = f"/sys/class/net/{PF2}/device/sriov_numvfs"
    host.write(count, "0")
    host.wait_carrier(PF2)
    out = refused(host, "--vf", 0, pf=PF2, code="no-vfs", says=f"{PF2} has no VFs", hint=f"> {count}")
    command = to_try(out["error"])
    host.sh(command)
    equal(host.read(count), "4", f"VFs that were created by: {command}")
    host.write(count, "0")
    host.write(count, "1")
    host.wait_carrier(PF2)


def test_xdp(host):
    """a PF with an XDP program"""
    with holding(host, XDP.replace("{}", PF2)):
        refused(host, "--vf", 0, pf=PF2, code="xdp", says=f"{PF2} has an XDP program", hint="who can attach it again")


def lost(host, *args, code, says, hint, pf):
    """Ends when the VF was taken already: nothing may stay changed."""
    with unchanged(host):
        out = outcome(host.nfprobe(pf, "--vf", 0, *args, "--json"), 4)
    equal((out["error"]["code"], out["restored"]), (code, True), f"code, restored: {out['error']['message']}")
    words(out["error"]["message"], says, "the sentence")
    words(hint_of(out["error"]), hint, "the hint")


def test_no_source(host):
    """a PF that hears no other netdev and has no idle sibling; one that does not hear the netdev that was named"""
    lost(host, pf=PF2, code="no-source", says=("no source of test frames", "the 2 other netdevs", "no idle VF"), hint="--from")
    lost(host, "--from", WIRE, pf=PF2, code="no-source", says=(f"{PF2} does not hear {WIRE}",), hint="segment")


def test_no_driver(host):
    """a VF driver that is not loaded: the command that is printed loads it"""
    names = [host.vf_netdev(vf) for vf in range(4)]
    host.ok("modprobe", "-r", "igbvf")
    out = refused(host, "--vf", 1, code="no-vf-driver", says="no driver for the VF", hint="modprobe igbvf")
    host.sh(to_try(out["error"]))
    equal([host.vf_netdev(vf) for vf in range(4)], names, "netdevs of the VFs")


def begun(host, *args, at=UP):
    run = host.begin_nfprobe(*args, *QUICK, "-v", "--json", hold=at)
    check(run.wait_for(at), run.stderr.decode())
    return run


def spoiled(host, interfere, says, at=UP, then=None):
    """A run into which somebody meddles: unknown, and says what was seen. `then`: (change, what is done at it)."""
    run = meddled(begun(host, PF, "--vf", 3, at=at), at, interfere)
    if then:
        check(run.wait_for(then[0]), run.stderr.decode())
        then[1]()
    out = outcome(run.wait(120), 3)
    equal((out["verdict"], out["restored"]), ("unknown", True), "verdict, restored")
    words(out["vf"]["styles"][0]["reason"] + " ".join(out["changes_seen"]), says, "the reason")
    return out


def test_carrier_lost(host):
    """a cable that is pulled in mid-run"""

    def pull():
        host.vm.set_link("pf0", False)
        wait_for(host, f"[ $(cat /sys/class/net/{PF}/carrier) = 0 ]")

    with unchanged(host):
        spoiled(host, pull, "carrier", at=RESET, then=(BIND, lambda: host.vm.set_link("pf0", True)))
        host.wait_carrier(PF)


def test_vfs_taken_away(host):
    """VFs that are removed in mid-run: the run ends and says so, and nothing is left to put back"""
    count = f"/sys/class/net/{PF2}/device/sriov_numvfs"
    run = meddled(begun(host, PF2, "--vf", 0, "--from", "pf"), UP, lambda: host.write(count, "0"))
    out = outcome(run.wait(120), 4)
    equal((out["restored"], out["verdict"], out["vf"]["status"]), (True, "unknown", "failed"), "restored, verdict, status")
    # By its device, or by the capture that was about to begin on its netdev.
    check(any(word in out["error"]["message"] for word in ("is no longer there", "No such device")),
          f"the sentence: {out['error']['message']}")
    equal(host.nfprobe("--restore").out.strip(), "nothing to undo", "--restore")
    host.write(count, "1")
    host.wait_carrier(PF2)
