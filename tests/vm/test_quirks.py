# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways of drivers that a run copes with, or that it tells of: each on a simulated NIC that has it."""

from probing import PACE, changes, hint_of, outcome, probe, refused, style_of, unchanged, words
from scenario import check, equal, long
from simulated import X, Module, one

VF = 3
QUICK = ("--from", "nf0w", *PACE)
FILTER = ("--vf", VF, *QUICK, "--style", "macvtap")
BOTH = "come=up go=down+unplug+clear arb=both"


def warned(out, *words):
    return [warning for warning in out["warnings"] if all(word in warning for word in words)]


def test_no_vf_operations(host):
    """a driver without VF operations is refused; with --force the assignment shows it before anything is unbound"""
    with one(host, "no_vf_ops=1", bound=True) as nic:
        refused(host, *FILTER, pf="nf0", code="unsupported", says=("reports none of its VFs", f"VF {VF}"), hint="--force")
        with unchanged(host):
            result = host.nfprobe("nf0", *FILTER, "--force", "--json", "-v")
        error = outcome(result, 4)["error"]
        equal(error["code"], "unsupported", f"code of {error}")
        words(error["message"], (f"cannot set the address of VF {VF} of nf0", "not supported"), "the sentence")
        words(hint_of(error), "does not let the host set a VF's address", "the hint")
        equal(changes(result.err), [f"ip link set nf0 vf {VF} mac {nic.address(VF)}"], "changes")
        # Nothing is shown, but an address can be set: the run goes on, by one that changes nothing.
        nic.personality(f"default {BOTH} no_vf_config=1")
        own = nic.address(VF)
        with unchanged(host):
            result = host.nfprobe("nf0", *FILTER, "--force", "--json", "-v")
        out = outcome(result, 0)
        equal(out["verdict"], "safe", "verdict")
        first = [command for command in changes(result.err) if "driver_override" in command or "vf 3 mac" in command][0]
        equal(first, f"ip link set nf0 vf {VF} mac {own}", "the first command")


def test_vf_in_reset_at_the_start(host):
    """a VF that is missing in the list is waited for"""
    with one(host, f"{BOTH} vfr=reset vfr_ms=3000", bound=True) as nic:
        nic.reset(VF)
        out = outcome(host.nfprobe("nf0", *FILTER, "--json"), 0)
        equal(out["verdict"], "safe", "verdict")


@long
def test_address_that_the_driver_forgets(host):
    """i40e once cleared the address: unknown, since the VF comes back with another; told as a fault, with a notification or without"""
    for notify in (0, 1):
        with one(host, f"{BOTH} forget=mac forget_on=down+unplug forget_notify={notify}", bound=True) as nic:
            for given in (None, X):
                if given:
                    nic.assign(VF, given)
                result = host.nfprobe("nf0", *FILTER, "--json")
                out = outcome(result, 3)
                equal((out["verdict"], out["restored"]), ("unknown", True), "verdict, restored")
                reason = style_of(out, "macvtap")["reason"]
                check('the step at "VF up" was refused' in reason and "came up twice with the address" in reason, reason)
                told = warned(out, f"cleared the address of VF {VF} when its driver was unbound", "loses its failover")
                check(len(told) == 1, f"warnings: {out['warnings']}")
                if given:
                    equal(nic.info(VF)["address"], given, "address that it had")
            nic.personality("forget=never")
            out = outcome(host.nfprobe("nf0", *FILTER, "--json"), 0)
            equal(warned(out, "cleared the address"), [], "warnings of a driver that keeps it")


@long
def test_nothing_lost_nothing_told(host):
    """be2net, sfc: each VF has its address from the PF; that it was put back by the PF is no news"""
    with one(host, f"{BOTH} zero=EINVAL own_report=0", bound=True) as nic:
        nic.unbind(VF)
        nic.assign(VF, X)  # as its PF's driver does when VFs are made
        nic.bind(VF)
        probe(host, *FILTER, pf="nf0", left=())
        nic.unbind(VF)
        nic.assign(VF, "00:00:c9:00:02:03")  # be_vf_eth_addr_generate: with the PF's vendor
        probe(host, *FILTER, pf="nf0", left=())


@long
def test_vfs_that_cannot_be_cleared(host):
    """where zero is refused each VF gets an address of its own; where a repeated one is refused or ignored, too"""
    for repeat in ("EINVAL", "silent"):
        with one(host, f"{BOTH} zero=EINVAL own_report=0 vf_repeat={repeat}", bound=True) as nic:
            for vf in range(VF):  # VF 3 keeps its driver, which is then theirs
                nic.unbind(vf)
            outs = [outcome(host.nfprobe("nf0", "--vf", vf, *QUICK, "--style", "macvtap", "--json"), 0) for vf in range(VF)]
            equal([out["verdict"] for out in outs], 3 * ["safe"], "verdicts")
            addresses = [nic.info(vf)["address"] for vf in range(VF)]
            equal(len(set(addresses)), 3, f"addresses of their own: {addresses}")
            check(all(int(address[:2], 16) & 3 == 2 for address in addresses), f"not local unicast: {addresses}")
            for vf, address in enumerate(addresses):
                left = [line["text"] for line in outs[vf]["left_behind"]]
                check(any(f"VF {vf} of nf0" in line and address in line for line in left), f"VF {vf} is not told: {left}")
            equal(host.nfprobe("--restore", "nf0").out, "nothing to undo\n", "--restore")


def test_done_and_refused(host):
    """a driver that sets an address and then fails: not safe, and put back, also if another process sets something meanwhile"""
    with Module(host) as module, module.nic(f"{BOTH} assign_fails=EIO", bound=True) as nic:
        nic.personality("assign_fails=ok")
        nic.assign(VF, X)
        nic.personality("assign_fails=EIO")
        result = host.nfprobe("nf0", *FILTER, "--json")
        out = outcome(result, 3)
        equal(style_of(out, "macvtap")["verdict"], "unknown", "verdict")
        equal((out["restored"], nic.info(VF)["address"]), (True, X), "restored, address")


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
