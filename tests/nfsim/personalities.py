# SPDX-License-Identifier: GPL-2.0-or-later
"""Real drivers as personalities of the simulated NIC: what of them bears on a standby.

Each comes from the driver's source, as far as that shows it. Which of two equal filters wins is mostly the
firmware's secret: where a comment says "chosen", the other answers are as likely, and tests must hold
for them too. Times are those that the sources name, or that were seen.

The archetypes, by what a VF's address does to the NIC's filters:
 1 comes at once, and is kept        7 stored; the VF is told if it is alive    13 firmware decides, PF may become promiscuous
 2 at once, removed by FLR, restored 8 on a port of its own, steered by the VF  14 small table
   by the VF driver's reset message  9 lost when the PF is reset                15 zero is refused
 3 at once, by making the VF anew   10 both have it: both get it                16 switchdev
 4 at once, removed by VF ifdown    11 two entries, the hardware decides        17 the PF counts what its VFs got
 5 when the VF is up, until down    12 second owner refused
 6 a rule that the VF enables
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Personality:
    archetypes: tuple
    keys: dict

    def text(self, **more):
        """For the NIC's personality file; `more` are keys that differ in this case."""
        words = [f"{key}={value}" for key, value in {**self.keys, **more}.items()]
        return " ".join(["default", *words])


def driver(*archetypes, **keys):
    return Personality(archetypes, keys)


ALWAYS = "assign+reset+driver+up"  # written again at each of these, as long as it is assigned
SERVED = {"come": "up", "go": "down+unplug+reset+clear"}  # the VF's driver asks for it and withdraws it

PERSONALITIES = {
    # A receive address register for each VF, with the VF's pool; set_rar at assign, FLR leaves it. PF and VF
    # may have one each, and both get a copy. VFTE/VFRE are off from the PF's reset to the VF's, and
    # the default pool (the PF) gets what matches nothing, from the wire. Measured under QEMU, too.
    "igb": driver(
        1, 9, 11, 14, come=ALWAYS, go="clear", history=1, arb="both", unreg_wire=1, promisc_vf=0,
        loop_pf_pf=1, uc_max=16, fdb_full="ENOMEM",
    ),
    # The same registers, but FLR deletes the VF's filter, and the VF driver's reset message brings it back. The
    # PF counts for its VFs, every 2 s. Both get a copy: chosen.
    "ixgbe": driver(
        2, 9, 11, 14, 17, come="assign+driver+up", go="reset+clear", arb="both", stats=1,
        stats_ms=2000, uc_max=64, fdb_full="ENOMEM",
    ),
    # Assigning re-makes the VF's switch port (VSI), which takes some 200 ms, as every reset does; an assignment
    # meanwhile gets EAGAIN. If the firmware refuses a second owner, the PF is made promiscuous. That it does: chosen.
    "i40e": driver(
        1, 3, 13, 17, come=ALWAYS, come_ms=200, go="clear", blip_ms=200, busy="EAGAIN", busy_ms=200, stats=1,
        pf_second="silent", pf_second_promisc=1, arb="vf",
    ),
    # Older: the VF's ifdown removes the address, though the PF has set it.
    "i40e-old": driver(
        3, 4, 13, 17, come=ALWAYS, come_ms=200, go="down+clear", blip_ms=200, stats=1, pf_second="silent",
        pf_second_promisc=1, arb="vf",
    ),
    # As i40e, but a second owner makes the rule a list of switch ports: both get the frame.
    "ice": driver(1, 3, 10, 17, come=ALWAYS, come_ms=200, go="clear", blip_ms=200, arb="both", stats=1),
    # A trusted VF may remove its address when it goes down.
    "ice-trusted": driver(
        3, 4, 10, 17, come=ALWAYS, come_ms=200, go="down+clear", blip_ms=200, arb="both", stats=1, trust="on",
    ),
    # Before 6.0: EEXIST inside the driver for the second owner, which its caller is not told of.
    "ice-old": driver(
        1, 3, 12, 17, come=ALWAYS, come_ms=200, go="clear", blip_ms=200, vf_second="silent", pf_second="silent",
        stats=1,
    ),
    # Forwarding entries come from the VF's own address list, which is empty until it is up and after it went down.
    # Rules of PF and VF are merged into one with two destinations. Promiscuous gets what matched nothing.
    "mlx5": driver(5, 10, 17, come="up", go="down+unplug+clear", arb="both", stats=1, spoofchk="off"),
    # Before: "already in use by vport", seen only in the log.
    "mlx5-old": driver(
        5, 12, 17, come="up", go="down+unplug+clear", vf_second="silent", pf_second="silent", stats=1, spoofchk="off",
    ),
    # No rule for any address: what the VF sends goes to its representor, what it gets is up to rules of tc.
    "mlx5-switchdev": driver(16, 17, come="never", stats=1, spoofchk="absent", trust="absent", eswitch="switchdev"),
    # The administrator's settings are copied when the VF starts, and undone when it stops.
    "mlx4": driver(5, 17, come="driver", go="unplug+reset+clear", stats=1, spoofchk="off"),
    # The firmware's default address; the VF driver allocates the filter on open and frees it on close.
    # Both get a copy: chosen.
    "bnxt": driver(5, 13, arb="both", **SERVED),
    # The bulletin board: applied when the VF's queue is set up. Zero is no valid address.
    "bnx2x": driver(5, 15, arb="vf", zero="EINVAL", **SERVED),
    # Forced on the VF's port at each start of it; cannot be taken back. The VF wins: chosen.
    "qede": driver(5, 15, arb="vf", zero="EINVAL", come="up", go="down+unplug+reset"),
    # The address is on the VF's port at once, but frames are steered by the VF driver's filters.
    "sfc": driver(8, arb="both", come="up", go="down+unplug+reset+clear", loop_pf_pf=0),
    # The older one: the VF asks for a filter, and a reset takes it.
    "sfc-siena": driver(5, come="driver+up", go="reset+clear", arb="both"),
    # Read by the VF driver when it is bound, put into the match table on open; the VI is disabled on stop.
    "cxgb4": driver(5, 15, come="up", go="down+unplug+reset", arb="last", zero="EINVAL"),
    # The PF adds it to the VF's interface; the VF driver deletes it on close.
    "be2net": driver(4, 15, come="assign+up", go="down+clear", arb="vf", zero="EINVAL"),
    # A VF without the privilege to: it stays.
    "be2net-be3": driver(1, 15, come="assign+up", go="clear", arb="vf", zero="EINVAL", spoofchk="absent"),
    # Firmware commands for the VF's interface, kept by it. The VF wins: chosen, for these four.
    "enic": driver(1, come=ALWAYS, go="clear", arb="vf"),
    "nfp": driver(1, come=ALWAYS, go="clear", arb="vf", bcast_vf="always"),
    "hinic": driver(1, 15, come=ALWAYS, go="clear", arb="vf", zero="EINVAL"),
    "liquidio": driver(1, 15, 17, come=ALWAYS, go="clear", arb="vf", zero="EINVAL", stats=1),
    # A register of the station interface. It cannot be emptied.
    "enetc": driver(1, 15, come=ALWAYS, go="never", arb="both", zero="EADDRNOTAVAIL"),
    # Only stored; a VF that is alive is told to reset itself, and installs it.
    "hns3": driver(7, come="driver+up", go="unplug+reset+clear", arb="both"),
    # An address in the table, or of another VF, is refused.
    "hns3-old": driver(7, 12, come="driver+up", go="unplug+reset+clear", vf_second="EEXIST", pf_second="silent"),
    # Stored, and nothing else.
    "netdevsim": driver(7, come="never", go="never"),
    # A rule that is installed at once, disabled until the VF's interface is up, and again when it is freed.
    "octeontx2": driver(6, 15, come="up", go="down+unplug+reset", arb="last", zero="EINVAL"),
    # The VF's logical port is reset: its rules go, and its default address comes when the driver sets it up.
    "fm10k": driver(5, 17, come="driver", go="unplug+reset+clear", arb="both", stats=1),
}

ARCHETYPES = range(1, 18)


def of_archetype(number):
    return {name: one for name, one in PERSONALITIES.items() if number in one.archetypes}
