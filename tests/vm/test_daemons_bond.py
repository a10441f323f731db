# SPDX-License-Identifier: GPL-2.0-or-later
"""PFs in a bond that NetworkManager or systemd-networkd has made: its verdicts, and the bond, are those that ip(8) made (test_bond.py)."""

import contextlib

from probing import PACE, outcome
from scenario import PF, equal
from test_bond import HOST, PF2, switch
from test_bond_life import as_outside, lived
from test_daemons import DBUS, NETWORKD, SERVER, asked_until, comes_to, configured, daemon, devices, furnish, manager_file, tidy, udev, udevd
from test_igb import reset_vf

# The clock of test_daemons.py, and the cables of test_bond.py.
MACHINE = {"pfs": 2, "vfs": (4, 0), "second_cable": True, "cmdline": "nfprobe=daemons", "icount": "shift=0"}
BOND = {
    "bond0.netdev": "[NetDev]\nName=bond0\nKind=bond\n[Bond]\nMode=active-backup\nMIIMonitorSec=100ms\nPrimaryReselectPolicy=always",
    "eth0.network": f"[Match]\nName={PF}\n[Network]\nBond=bond0\nPrimarySlave=yes",
    "eth2.network": f"[Match]\nName={PF2}\n[Network]\nBond=bond0",
    "bond0.network": f"[Match]\nName=bond0\n[Network]\nAddress={HOST}/24\nLinkLocalAddressing=no",
}


def active(host):
    return host.run("cat", "/sys/class/net/bond0/bonding/active_slave").out.strip()


def run_beside(host, look):
    """A run on the active member, behind which the daemons' records (by `look`) are as before it."""
    equal(asked_until(lambda: active(host), lambda said: said == PF), PF, "the active member")
    for netdev in (PF, PF2, "bond0"):
        host.wait_carrier(netdev)
    seen = asked_until(look, lambda said: "configuring" not in str(said))
    with lived(host, "bond0", ["bond0", PF2]):
        out = outcome(host.nfprobe(PF, "--vf", 3, "--from", "src", *PACE, "--json"), 1)
    equal((out["restored"], out["changes_seen"]), (True, []), "restored, changes seen")
    as_outside(out, "active-backup")
    equal(asked_until(look, lambda said: said == seen), seen, "the daemons' records behind the run")


def unbonded(host):
    """The PFs as they were at boot, without an address of IPv6, which a daemon may have turned on."""
    host.sh(f"""ip link del bond0 2>/dev/null || true
        for pf in {PF} {PF2}; do ip link set $pf down; ip link set $pf addrgenmode none; ip link set $pf up; done""")
    for pf in (PF, PF2):
        host.wait_carrier(pf)
    host.sh(f"for pf in {PF} {PF2}; do ip -6 address flush dev $pf; ip link set $pf addrgenmode eui64; done")


def test_network_manager(host):
    """a bond of NetworkManager's, whose other netdevs it only sets up"""
    furnish(host)
    for vf in range(3):  # beside a VF that is up, igb gives it what the bridge is to hear
        host.vf_unbind(vf)
    reset_vf(host)
    before = host.state()
    with manager_file("00-server", host, SERVER), udevd(host), daemon(host, *DBUS, ready="unix:"), switch(host):
        with daemon(host, "NetworkManager", "--debug", ready=f"device ({PF})") as manager:
            host.sh(f"""nmcli connection add type bond con-name bond0 ifname bond0 bond.options mode=active-backup,miimon=100,primary={PF} \\
                    ipv4.method manual ipv4.addresses {HOST}/24 ipv6.method disabled
                for pf in {PF} {PF2}; do nmcli connection add type ethernet con-name in-$pf ifname $pf master bond0; done""")
            comes_to(manager, host, "secondaries -> activated", PF, PF2, "bond0")
            run_beside(host, lambda: {name: state for name, state in devices(host).items() if state[0] in ("bond", "ethernet")})
            host.sh(f"nmcli connection delete bond0 in-{PF} in-{PF2}")
    unbonded(host)
    tidy(host, before, [3], (PF, PF2, "eth3"))


def test_networkd(host):
    """a bond of systemd-networkd's"""
    furnish(host)
    reset_vf(host)
    with contextlib.ExitStack() as stack:
        stack.enter_context(switch(host))
        stack.enter_context(udevd(host))
        stack.enter_context(daemon(host, *DBUS, ready="unix:"))
        for name, text in BOND.items():
            stack.enter_context(configured(host, f"/etc/systemd/network/{name}", text))
        stack.enter_context(daemon(host, *NETWORKD, ready="bond0: Gained carrier"))
        run_beside(host, lambda: udev(host))
    unbonded(host)
