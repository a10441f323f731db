# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of a result, in the order of the program's tables. "make words" writes this file."""

from typing import Mapping, Tuple

Words = Tuple[str, ...]

ANSWERS: Words = (
    "no", "yes", "unknown",
)
CELLS: Words = (
    "lost", "refused", "slow", "unknown", "ok-if", "ok", "untested",
)
CLAIMS: Words = (
    "assign", "assign-until-reset", "up", "never",
)
DELIVERIES: Words = (
    "vf", "both",
)
ERRORS: Words = (
    "usage", "permission", "no-such-interface", "not-a-pf", "no-vfs", "no-such-vf", "vf-in-use", "vf-taken", "vf-changed", "pf-down",
    "pf-no-carrier", "pf-in-bond", "xdp", "switchdev", "eswitch-unknown", "mac-in-use", "no-vf-driver", "locked", "no-source",
    "source-unusable", "unsupported", "journal", "interrupted", "timeout", "kernel", "memory", "output", "input", "restore", "died",
)
FINDINGS: Words = (
    "forged", "unaddressed", "kept",
)
IDLE: Words = (
    "control", "reset", "unplug", "detach", "clear",
)
BESIDE: Words = (
    "before", "up", "rests", "up-again", "rests-again",
)
LANDINGS: Words = (
    "pf", "vf", "both", "nowhere", "mixed",
)
MULTICAST: Words = (
    "untested", "unproven", "ok", "lost",
)
NEIGHBOURS: Words = (
    "untested", "unproven", "ok", "lost",
)
REACHES: Words = (
    "other-vf:on-standby", "other-vf:on-vf", "other-vf:elsewhere", "host:on-standby", "host:on-vf", "host:elsewhere",
    "same-standby:on-standby", "same-standby:on-vf", "same-standby:elsewhere",
)
RELEASES: Words = (
    "unplug", "detach", "clear", "never",
)
REQUIRES: Words = (
    "use-macvtap-standby", "use-bridge-standby", "add-filter-entry", "keep-bridge-static", "use-second-vf", "pin-at-tap",
    "assign-at-hotplug", "assign-before-standby", "release-standby-when-up", "detach-before-migration", "clear-at-unplug",
    "do-not-use",
)
ROWS: Words = (
    "forged", "forged-sibling", "unaddressed", "second-address", "third-address", "group", "allmulticast", "promiscuous",
    "overhears", "vlan", "free-vlan", "new-address", "old-address", "keeps-second", "keeps-new", "keeps-groups", "keeps-promiscuous",
)
RX_USERS: Words = (
    "nobody", "bridge", "openvswitch", "macvlan", "other",
)
SHEETS: Words = (
    "present", "all",
)
SOURCES: Words = (
    "wire", "vf", "pf",
)
SOURCES_BY: Words = (
    "netdev", "peer", "arp", "arp-alone", "vf", "pf",
)
STEPS: Words = (
    "control", "standby", "assign", "attach", "up", "alone", "unplug", "detach", "clear", "reassign", "vf-first", "vf-first-up",
    "vf-first-rewritten", "vf-first-unplug", "vf-first-back", "vf-first-clear",
)
STEP_STATUS: Words = (
    "skipped", "done", "refused",
)
STYLES: Words = (
    "macvtap", "bridge", "bridge+pin", "bridge+fdb", "bridge+fdb+pin", "static-bridge", "vf-bridge", "vf-bridge+pin",
)
TRANSMIT: Words = (
    "untested", "ok", "dropped",
)
VERDICTS: Words = (
    "early", "refused", "deaf", "sticky", "slow", "unknown", "safe", "not-applicable",
)
VF_STATUS: Words = (
    "probed", "in-use", "failed",
)
STEP_FLAGS: Words = (
    "disturbed", "skip_allowed", "carrier_lost", "changed", "unsettled", "blinked", "healed", "healed_group", "repeated",
    "repeated_group", "brief", "promiscuous",
)
STYLE_FLAGS: Words = (
    "allowed", "by_bridge", "by_beside", "derived", "stopped", "floods", "flood_ended", "unregistered_announced", "second_back",
    "unannounced", "others_spoke", "all_multicast", "learns_nothing", "gets_all_groups", "zero_refused",
)

# The receiver that a step demands; the others demand nothing.
DEMANDS: Mapping[str, str] = {
    "standby": "pf", "attach": "pf", "up": "vf", "alone": "vf", "unplug": "pf", "detach": "pf", "clear": "pf", "reassign": "pf",
    "vf-first": "pf", "vf-first-up": "vf", "vf-first-rewritten": "vf", "vf-first-unplug": "pf", "vf-first-back": "vf",
    "vf-first-clear": "pf",
}
# Where a guest with net_failover listens in a step; empty: nowhere.
LISTENS: Mapping[str, str] = {
    "control": "", "standby": "pf", "assign": "pf", "attach": "pf", "up": "vf", "alone": "vf", "unplug": "pf", "detach": "pf",
    "clear": "pf", "reassign": "pf", "vf-first": "pf", "vf-first-up": "vf", "vf-first-rewritten": "vf", "vf-first-unplug": "pf",
    "vf-first-back": "vf", "vf-first-clear": "pf",
}
# The changes to these steps hurt no guest: there is none yet.
HURTS_NOBODY: Words = (
    "standby", "vf-first",
)

# The columns of a guest's life, in the order of a result's cells, and what happens then.
HEADS: Words = (
    "gets VF", "VF up", "migrates", "VF gone", "cleared", "next", "starts", "IPv6",
)
MEANINGS: Words = (
    "its VF is given the address, and handed to it", "its VF's netdev is up", "its VF is unplugged",
    "its VF is reset, and back with the host", "the address of its VF is cleared", "a VF is given the address once more",
    "it starts, with a VF that has the address before the standby does", "it has joined groups, in each of these",
)
