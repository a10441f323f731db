# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of a result, in the order of the program's tables. "make words" writes this file."""

from typing import Mapping, Tuple

Words = Tuple[str, ...]

SOURCES: Words = (
    "wire", "vf", "pf",
)
STEPS: Words = (
    "control", "standby", "assign", "attach", "up", "alone", "unplug", "detach", "clear", "vf-first", "vf-first-up",
    "vf-first-rewritten", "vf-first-unplug", "vf-first-back", "vf-first-clear",
)
STYLES: Words = (
    "macvtap", "bridge", "bridge+pin", "bridge+fdb", "bridge+fdb+pin", "static-bridge", "vf-bridge", "vf-bridge+pin",
)
CHECK_STATES: Words = (
    "untested", "unproven", "ok", "lost",
)
VERDICTS: Words = (
    "early", "refused", "deaf", "sticky", "slow", "unknown", "safe", "not-applicable",
)

# The receiver that is expected in a step; none is in the others.
EXPECTED: Mapping[str, str] = {
    "standby": "pf", "attach": "pf", "up": "vf", "alone": "vf", "unplug": "pf", "detach": "pf", "clear": "pf", "vf-first": "pf",
    "vf-first-up": "vf", "vf-first-rewritten": "vf", "vf-first-unplug": "pf", "vf-first-back": "vf", "vf-first-clear": "pf",
}
# Where a guest with net_failover listens in a step; empty: nowhere.
LISTENS: Mapping[str, str] = {
    "control": "", "standby": "pf", "assign": "pf", "attach": "pf", "up": "vf", "alone": "vf", "unplug": "pf", "detach": "pf",
    "clear": "pf", "vf-first": "pf", "vf-first-up": "vf", "vf-first-rewritten": "vf", "vf-first-unplug": "pf", "vf-first-back": "vf",
    "vf-first-clear": "pf",
}
# The changes to these steps hurt no guest: there is none yet.
HURTS_NOBODY: Words = (
    "standby", "vf-first",
)

# The users of the frames of a netdev beside which the standby of a style can be built on it.
SHARES: Mapping[str, Words] = {
    "macvtap": ("nobody", "macvlan"), "bridge": ("nobody", "bridge", "openvswitch"),
    "bridge+pin": ("nobody", "bridge", "openvswitch"), "bridge+fdb": ("nobody", "bridge", "openvswitch"),
    "bridge+fdb+pin": ("nobody", "bridge", "openvswitch"), "static-bridge": ("nobody", "bridge"),
    "vf-bridge": ("nobody", "bridge", "openvswitch", "macvlan", "other"),
    "vf-bridge+pin": ("nobody", "bridge", "openvswitch", "macvlan", "other"),
}

# The columns of a guest's life, in the order of a result's cells, and what happens then.
HEADS: Words = (
    "boots", "VF up", "unplug", "reset", "clear", "reboot", "IPv6",
)
MEANINGS: Words = (
    "its VF has the address, and no driver yet", "it uses its VF", "its VF is taken away, to migrate",
    "that VF is reset, and back with the host", "the host clears that VF's address",
    "it starts with a VF that has the address before its standby does", "it has joined groups, in each of these",
)
