# SPDX-License-Identifier: GPL-2.0-or-later
"""The keys of each object of a result, as the program's tables have them. "make words" writes this file."""

from typing import Dict, NamedTuple, Tuple


class Field(NamedTuple):
    kind: str
    null: bool = False
    words: Tuple[str, ...] = ()
    of: str = ""  # the object that it is, or has several of
    size: int = 0  # in bytes


ANSWER = (
    "yes", "only", "no", "unknown", "not-asked",
)
STYLE = (
    "macvtap", "bridge", "bridge+pin", "bridge+fdb", "bridge+fdb+pin", "static-bridge", "vf-bridge", "vf-bridge+pin",
)
FIX = (
    "pin", "fdb", "fdb+pin", "static",
)
IPV6 = (
    "untested", "unproven", "ok", "lost",
)
CODE = (
    "trust-guest-rx-filters", "filter-entry", "pinned-at-tap", "static-bridge", "assign-at-hotplug", "assign-before-standby",
    "release-standby-when-up", "detach-before-migration", "clear-at-unplug", "vlan-registered", "vlan-filter-off",
    "vlan-netdev-removed", "entry-removed", "vf-address-cleared", "ipv6-unseen", "unused-vf-unseen", "trusted-vf-unseen",
)
FOR = (
    "all", "ipv4", "ipv6", "vlan", "host",
)
WITHOUT = (
    "lost", "refused", "slow", "unknown", "gap", "ok-if", "ok", "untested",
)
SHOWN = (
    "tested", "kernel-rule", "untested",
)
WHAT = (
    "use", "keep", "fix", "set", "avoid", "probe",
)
MOMENT = (
    "now", "guest-defined", "guest-starts-here", "guest-runs-here", "vf-up", "vf-gone", "before-migration", "guest-elsewhere",
)
WHERE = (
    "host", "libvirt-xml",
)
FILL_IN = (
    "GUEST", "GUEST_MAC", "GUEST_VF", "MACVTAP", "TAP", "VF_XML", "UNUSED_MAC", "VF_NETDEV",
)
LASTS = (
    "run", "while-port", "until-reboot", "for-good",
)
STATES = (
    "control", "standby", "assign", "attach", "up", "alone", "unplug", "detach", "clear", "vf-first", "vf-first-up",
    "vf-first-rewritten", "vf-first-unplug", "vf-first-back", "vf-first-clear",
)
VERDICT = (
    "early", "refused", "deaf", "sticky", "slow", "unknown", "safe", "not-applicable",
)
SERVES = (
    "ipv4", "ipv6",
)
STATE = (
    "unmeasured", "measured", "endless",
)
HEARD_BY = (
    "pf", "vf",
)
RX_HANDLER = (
    "nobody", "bridge", "openvswitch", "macvlan", "other",
)
SETTLE_SOURCE = (
    "default", "option", "drivers", "slow",
)
ALLOW = (
    "early", "refused", "deaf", "sticky", "slow", "safe",
)
KIND = (
    "wire", "vf", "pf",
)
BY = (
    "netdev", "peer", "arp", "arp-alone", "vf", "pf",
)
STATUS = (
    "probed", "in-use", "failed",
)
WHY = (
    "standby-untestable", "standby-no-broadcast", "standby-deaf", "standby-mixed", "drops", "carrier-lost", "changed",
    "address-elsewhere", "promiscuous", "stopped", "claimed", "address-refused", "step-skipped", "step-refused", "step-mixed",
    "step-unproven", "step-outage", "group-unproven", "step-no-broadcast", "vf-broadcast-unshown", "deaf-while-held", "deaf",
    "vf-silent", "sticky", "claimed-multicast", "deaf-multicast", "sticky-multicast", "unspoken", "safe", "safe-both",
)
DECIDED_BY = (
    "steps", "requirements", "vlan", "limit", "others", "ipv6", "host", "lag",
)
CHECK = (
    "steps", "requirements", "vlan", "limit", "others", "ipv6", "bridge", "host", "lag",
)
FAILED_CHECKS_VERDICT = (
    "early", "refused", "deaf", "sticky", "slow", "unknown", "not-applicable",
)
CLAIM = (
    "assign", "assign-until-reset", "up", "never",
)
RELEASE = (
    "unplug", "detach", "clear", "never",
)
DELIVERY = (
    "vf", "both",
)
REQUIRES = (
    "use-macvtap-standby", "use-bridge-standby", "add-filter-entry", "keep-bridge-static", "use-second-vf", "pin-at-tap",
    "assign-at-hotplug", "assign-before-standby", "release-standby-when-up", "detach-before-migration", "clear-at-unplug",
    "do-not-use",
)
BRIDGE_VERDICT = (
    "deaf", "unknown", "safe",
)
UPLINK_HEARS_VF = (
    "no", "yes", "unknown",
)
REGISTERED_STATE = (
    "registered",
)
REGISTERED_STATUS = (
    "skipped", "done", "refused",
)
LANDING = (
    "pf", "vf", "both", "nowhere", "mixed",
)
UNREGISTERED_STATE = (
    "unregistered",
)
GAP_FROM = (
    "frame", "request",
)
ERROR_CODE = (
    "usage", "permission", "no-such-interface", "not-a-pf", "no-vfs", "no-such-vf", "vf-in-use", "vf-taken", "vf-changed", "pf-down",
    "pf-no-carrier", "pf-in-bond", "xdp", "switchdev", "eswitch-unknown", "mac-in-use", "no-vf-driver", "locked", "no-source",
    "source-unusable", "unsupported", "journal", "interrupted", "timeout", "kernel", "memory", "output", "input", "restore", "died",
)
OBJECTS: Dict[str, Dict[str, Field]] = {}
OBJECTS["result.failover"] = {
    "answer": Field("word", words=ANSWER),
    "style": Field("word", null=True, words=STYLE),
    "fix": Field("word", null=True, words=FIX),
    "ipv6": Field("word", null=True, words=IPV6),
}
OBJECTS["result.conditions"] = {
    "id": Field("text"),
    "style": Field("word", null=True, words=STYLE),
    "fix": Field("word", null=True, words=FIX),
    "vlan": Field("number", null=True),
    "code": Field("word", words=CODE),
    "for": Field("words", words=FOR),
    "without": Field("word", words=WITHOUT),
    "words": Field("text"),
    "met_by": Field("texts"),
    "shown": Field("word", words=SHOWN),
}
OBJECTS["result.advice.tested"] = {
    "by": Field("word", words=SHOWN),
    "states": Field("words", words=STATES),
}
OBJECTS["result.advice"] = {
    "id": Field("text"),
    "what": Field("word", words=WHAT),
    "style": Field("word", null=True, words=STYLE),
    "fix": Field("word", null=True, words=FIX),
    "vlan": Field("number", null=True),
    "rank": Field("number"),
    "label": Field("text"),
    "sentence": Field("text"),
    "moment": Field("word", words=MOMENT),
    "not_before": Field("bool"),
    "where": Field("word", words=WHERE),
    "document": Field("text", null=True),
    "commands": Field("commands"),
    "undo": Field("commands"),
    "fill_in": Field("words", words=FILL_IN),
    "lasts": Field("word", null=True, words=LASTS),
    "hook": Field("bool"),
    "tested": Field("object", of="result.advice.tested"),
    "ipv6": Field("word", null=True, words=IPV6),
    "costs": Field("text", null=True),
    "cuts_off": Field("text", null=True),
}
OBJECTS["result.life.cells"] = {
    "attach": Field("word", words=WITHOUT),
    "up": Field("word", words=WITHOUT),
    "unplug": Field("word", words=WITHOUT),
    "detach": Field("word", words=WITHOUT),
    "clear": Field("word", words=WITHOUT),
    "vf_first": Field("word", words=WITHOUT),
    "ipv6": Field("word", words=WITHOUT),
}
OBJECTS["result.life.longest_outage"] = {
    "state": Field("word", words=STATE),
    "us": Field("number", null=True),
    "error_us": Field("number", null=True),
    "to": Field("word", null=True, words=STATES),
    "heard_by": Field("word", null=True, words=HEARD_BY),
}
OBJECTS["result.life"] = {
    "style": Field("word", null=True, words=STYLE),
    "fix": Field("word", null=True, words=FIX),
    "vlan": Field("number", null=True),
    "verdict": Field("word", words=VERDICT),
    "serves": Field("words", words=SERVES),
    "conditions": Field("texts"),
    "cells": Field("object", of="result.life.cells"),
    "longest_outage": Field("object", of="result.life.longest_outage"),
}
OBJECTS["result.run"] = {
    "id": Field("bytes", null=True, size=16),
    "command": Field("texts"),
    "start": Field("time", null=True),
    "number": Field("number", null=True),
    "monotonic_us": Field("number"),
    "duration_ms": Field("number"),
    "measured_ms": Field("number"),
    "host": Field("text", null=True),
    "kernel": Field("text", null=True),
}
OBJECTS["result.pf.firmware_versions"] = {
    "name": Field("text"),
    "running": Field("text", null=True),
    "stored": Field("text", null=True),
}
OBJECTS["result.pf"] = {
    "ifname": Field("text", null=True),
    "ifindex": Field("number", null=True),
    "parentdev": Field("text", null=True),
    "driver": Field("text", null=True),
    "driver_version": Field("text", null=True),
    "firmware": Field("text", null=True),
    "firmware_versions": Field("objects", of="result.pf.firmware_versions"),
    "vendor": Field("pci_id", null=True),
    "device": Field("pci_id", null=True),
    "subsystem_vendor": Field("pci_id", null=True),
    "subsystem_device": Field("pci_id", null=True),
    "board_id": Field("text", null=True),
    "num_vfs": Field("number", null=True),
    "total_vfs": Field("number", null=True),
    "eswitch_mode": Field("text", null=True),
    "l2_fwd_offload": Field("bool", null=True),
    "promiscuity": Field("number", null=True),
    "master": Field("text", null=True),
    "master_kind": Field("text", null=True),
    "lag": Field("text", null=True),
    "bond_mode": Field("text", null=True),
    "bond_backup": Field("bool", null=True),
    "bridge_ageing_ms": Field("number", null=True),
    "rx_handler": Field("word", null=True, words=RX_HANDLER),
    "rx_handler_note": Field("text", null=True),
    "vepa": Field("bool", null=True),
    "mtu": Field("number", null=True),
    "no_carrier": Field("bool", null=True),
    "address": Field("mac", null=True),
}
OBJECTS["result.settings"] = {
    "from": Field("text", null=True),
    "vlan": Field("number", null=True),
    "vlan_proto": Field("number", null=True),
    "guest_vlan": Field("number", null=True),
    "rate": Field("number", null=True),
    "settle_ms": Field("number", null=True),
    "settle_source": Field("word", words=SETTLE_SOURCE),
    "settle_short": Field("bool"),
    "styles": Field("words", words=STYLE),
    "allow": Field("words", words=ALLOW),
    "allow_no_wire": Field("bool"),
    "forced": Field("bool"),
    "multicast": Field("bool"),
    "gap_limit_ms": Field("number", null=True),
    "require_ipv6": Field("bool"),
}
OBJECTS["result.source"] = {
    "from": Field("text"),
    "kind": Field("word", words=KIND),
    "by": Field("word", words=BY),
    "note": Field("text", null=True),
}
OBJECTS["result.reflector"] = {
    "address": Field("mac"),
}
OBJECTS["result.vf.styles.failed_checks"] = {
    "check": Field("word", words=CHECK),
    "verdict": Field("word", words=FAILED_CHECKS_VERDICT),
    "allowed": Field("bool"),
    "step": Field("word", null=True, words=STATES),
    "reason": Field("text", null=True),
}
OBJECTS["result.vf.styles.reflections.standby"] = {
    "sent": Field("number"),
    "back": Field("number"),
    "shown": Field("number"),
    "back_before": Field("number"),
    "shown_before": Field("number"),
}
OBJECTS["result.vf.styles.reflections"] = {
    "standby": Field("object", of="result.vf.styles.reflections.standby"),
    "vf": Field("object", of="result.vf.styles.reflections.standby"),
}
OBJECTS["result.vf.styles.guest_vlan.registered.frames.unicast"] = {
    "landing": Field("word", null=True, words=LANDING),
    "sent": Field("number"),
    "pf": Field("number"),
}
OBJECTS["result.vf.styles.guest_vlan.registered.frames"] = {
    "unicast": Field("object", of="result.vf.styles.guest_vlan.registered.frames.unicast"),
    "broadcast": Field("object", of="result.vf.styles.guest_vlan.registered.frames.unicast"),
    "multicast": Field("object", of="result.vf.styles.guest_vlan.registered.frames.unicast"),
    "vlan_unicast": Field("object", of="result.vf.styles.guest_vlan.registered.frames.unicast"),
    "vlan_broadcast": Field("object", of="result.vf.styles.guest_vlan.registered.frames.unicast"),
    "vlan_multicast": Field("object", of="result.vf.styles.guest_vlan.registered.frames.unicast"),
    "vlan_own": Field("object", of="result.vf.styles.guest_vlan.registered.frames.unicast"),
    "vlan_free": Field("object", of="result.vf.styles.guest_vlan.registered.frames.unicast"),
}
OBJECTS["result.vf.styles.guest_vlan.registered"] = {
    "state": Field("word", words=REGISTERED_STATE),
    "status": Field("word", words=REGISTERED_STATUS),
    "answer": Field("word", null=True, words=UPLINK_HEARS_VF),
    "disturbed": Field("bool"),
    "skip_allowed": Field("bool"),
    "note": Field("text", null=True),
    "frames": Field("object", of="result.vf.styles.guest_vlan.registered.frames"),
}
OBJECTS["result.vf.styles.guest_vlan.unregistered"] = {
    "state": Field("word", words=UNREGISTERED_STATE),
    "status": Field("word", words=REGISTERED_STATUS),
    "answer": Field("word", null=True, words=UPLINK_HEARS_VF),
    "disturbed": Field("bool"),
    "skip_allowed": Field("bool"),
    "note": Field("text", null=True),
    "frames": Field("object", of="result.vf.styles.guest_vlan.registered.frames"),
}
OBJECTS["result.vf.styles.guest_vlan"] = {
    "vlan": Field("number"),
    "free_vlan": Field("number"),
    "verdict": Field("word", null=True, words=IPV6),
    "step": Field("word", null=True, words=STATES),
    "note": Field("text", null=True),
    "carried": Field("word", words=UPLINK_HEARS_VF),
    "filters": Field("word", words=UPLINK_HEARS_VF),
    "works_registered": Field("word", words=UPLINK_HEARS_VF),
    "sibling_in_use": Field("bool"),
    "vlan_netdev": Field("text", null=True),
    "vf_refused": Field("text", null=True),
    "untested": Field("text", null=True),
    "unsearched": Field("bool"),
    "filter_can_be_off": Field("bool"),
    "registered": Field("object", of="result.vf.styles.guest_vlan.registered"),
    "unregistered": Field("object", of="result.vf.styles.guest_vlan.unregistered"),
}
OBJECTS["result.vf.styles.steps.frames.unicast"] = {
    "landing": Field("word", null=True, words=LANDING),
    "sent": Field("number"),
    "pf": Field("number"),
    "vf": Field("number"),
    "both": Field("number"),
    "lost": Field("number"),
    "duplicates": Field("number"),
}
OBJECTS["result.vf.styles.steps.frames"] = {
    "unicast": Field("object", of="result.vf.styles.steps.frames.unicast"),
    "broadcast": Field("object", of="result.vf.styles.steps.frames.unicast"),
    "multicast": Field("object", of="result.vf.styles.steps.frames.unicast"),
    "unregistered": Field("object", of="result.vf.styles.steps.frames.unicast"),
    "all_nodes": Field("object", of="result.vf.styles.steps.frames.unicast"),
    "unjoined": Field("object", of="result.vf.styles.steps.frames.unicast"),
    "vlan_unicast": Field("object", of="result.vf.styles.steps.frames.unicast"),
    "vlan_broadcast": Field("object", of="result.vf.styles.steps.frames.unicast"),
    "vlan_multicast": Field("object", of="result.vf.styles.steps.frames.unicast"),
    "vlan_own": Field("object", of="result.vf.styles.steps.frames.unicast"),
    "vlan_free": Field("object", of="result.vf.styles.steps.frames.unicast"),
}
OBJECTS["result.vf.styles.steps"] = {
    "state": Field("word", words=STATES),
    "status": Field("word", words=REGISTERED_STATUS),
    "answer": Field("word", null=True, words=UPLINK_HEARS_VF),
    "disturbed": Field("bool"),
    "skip_allowed": Field("bool"),
    "note": Field("text", null=True),
    "frames": Field("object", of="result.vf.styles.steps.frames"),
    "expected": Field("word", null=True, words=HEARD_BY),
    "listens": Field("word", null=True, words=HEARD_BY),
    "vlan_answer": Field("word", null=True, words=UPLINK_HEARS_VF),
    "start_ms": Field("number"),
    "duration_ms": Field("number"),
    "window_ms": Field("number"),
    "drops": Field("number"),
    "bus_master": Field("bool", null=True),
    "bus_master_us": Field("number", null=True),
    "bus_master_error_us": Field("number", null=True),
    "carrier_lost": Field("bool"),
    "changed": Field("bool"),
    "unsettled": Field("bool"),
    "link_flapped": Field("bool"),
    "after_reannounce": Field("bool"),
    "after_rereport": Field("bool"),
    "cut_short": Field("bool"),
    "promiscuous": Field("bool"),
    "errno": Field("number", null=True),
    "hint": Field("text", null=True),
}
OBJECTS["result.vf.styles.transitions"] = {
    "from": Field("word", words=STATES),
    "to": Field("word", words=STATES),
    "listens": Field("word", null=True, words=HEARD_BY),
    "affects_guest": Field("bool"),
    "request_us": Field("number", null=True),
    "lost": Field("number"),
    "gap_us": Field("number", null=True),
    "gap_error_us": Field("number", null=True),
    "gap_from": Field("word", null=True, words=GAP_FROM),
    "duplicates": Field("number"),
}
OBJECTS["result.vf.styles"] = {
    "style": Field("word", words=STYLE),
    "fix": Field("word", null=True, words=FIX),
    "via": Field("text", null=True),
    "address": Field("mac", null=True),
    "settle_ms": Field("number", null=True),
    "verdict": Field("word", words=VERDICT),
    "allowed": Field("bool"),
    "no_wire": Field("bool"),
    "impossible_while": Field("text", null=True),
    "why": Field("word", null=True, words=WHY),
    "why_step": Field("word", null=True, words=STATES),
    "decided_by": Field("word", words=DECIDED_BY),
    "by_bridge": Field("bool"),
    "failed_checks": Field("objects", of="result.vf.styles.failed_checks"),
    "derived": Field("bool"),
    "claim": Field("word", null=True, words=CLAIM),
    "release": Field("word", null=True, words=RELEASE),
    "delivery": Field("word", null=True, words=DELIVERY),
    "requires": Field("words", words=REQUIRES),
    "reason": Field("text", null=True),
    "filter_verdict": Field("word", words=VERDICT),
    "filter_reason": Field("text", null=True),
    "bridge_verdict": Field("word", null=True, words=BRIDGE_VERDICT),
    "bridge_gap_ms": Field("number", null=True),
    "uplink_hears_vf": Field("word", words=UPLINK_HEARS_VF),
    "uplink_hears_itself": Field("word", words=UPLINK_HEARS_VF),
    "reflections": Field("object", of="result.vf.styles.reflections"),
    "multicast": Field("word", null=True, words=IPV6),
    "multicast_note": Field("text", null=True),
    "guest_vlan": Field("object", null=True, of="result.vf.styles.guest_vlan"),
    "bus_master_falls": Field("word", words=UPLINK_HEARS_VF),
    "steps": Field("objects", of="result.vf.styles.steps"),
    "transitions": Field("objects", of="result.vf.styles.transitions"),
    "stopped": Field("bool"),
    "floods": Field("bool"),
    "unregistered_announced": Field("bool"),
    "unannounced": Field("bool"),
    "pf_silent": Field("bool"),
    "address_in_use": Field("bool"),
    "all_multicast": Field("bool"),
    "learns_nothing": Field("bool"),
    "zero_refused": Field("bool"),
}
OBJECTS["result.vf.proofs"] = {
    "requires": Field("word", words=REQUIRES),
    "proved_by": Field("text", null=True),
    "multicast_lost": Field("bool"),
    "multicast_unproven": Field("bool"),
}
OBJECTS["result.vf.error"] = {
    "code": Field("word", words=ERROR_CODE),
    "message": Field("text"),
    "hint": Field("hint", null=True),
}
OBJECTS["result.vf"] = {
    "vf": Field("number"),
    "parentdev": Field("text", null=True),
    "driver": Field("text", null=True),
    "driver_version": Field("text", null=True),
    "address": Field("mac", null=True),
    "address_after": Field("mac", null=True),
    "vlan": Field("number", null=True),
    "probed_vlan": Field("number", null=True),
    "trust": Field("bool", null=True),
    "spoofchk": Field("bool", null=True),
    "others_up": Field("number", null=True),
    "status": Field("word", words=STATUS),
    "styles": Field("objects", of="result.vf.styles"),
    "verdict": Field("word", null=True, words=VERDICT),
    "requires": Field("words", words=REQUIRES),
    "proofs": Field("objects", of="result.vf.proofs"),
    "error": Field("object", null=True, of="result.vf.error"),
}
OBJECTS["result"] = {
    "schema": Field("number"),
    "minor": Field("number"),
    "version": Field("text"),
    "answer": Field("text"),
    "failover": Field("object", of="result.failover"),
    "conditions": Field("objects", of="result.conditions"),
    "advice": Field("objects", of="result.advice"),
    "life": Field("objects", of="result.life"),
    "text": Field("document"),
    "run": Field("object", of="result.run"),
    "pf": Field("object", of="result.pf"),
    "settings": Field("object", of="result.settings"),
    "source": Field("object", null=True, of="result.source"),
    "reflector": Field("object", null=True, of="result.reflector"),
    "vf": Field("object", null=True, of="result.vf"),
    "verdict": Field("word", null=True, words=VERDICT),
    "exit": Field("number"),
    "warnings": Field("texts"),
    "changes_seen": Field("texts"),
    "left_behind": Field("hints"),
    "restored": Field("bool"),
    "error": Field("object", null=True, of="result.vf.error"),
}
