# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes of a result what can be published. Keeps only what the list below allows, and gives each name and address another
one, the same wherever it occurs."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, Optional, Set, Tuple, Union

from . import old
from .document import Damaged
from .result import MOMENTS, PCI_ID, RUN_ID, TIME, parse_object
from .text import clean, harmless, plural
from .words import (ANSWERS, BESIDE, CELLS, CLAIMS, DELIVERIES, ERRORS, FINDINGS, IDLE, LANDINGS, MULTICAST, NEIGHBOURS, REACHES,
                    RELEASES, REQUIRES, ROWS, RX_USERS, SHEETS, SOURCES, SOURCES_BY, STEPS, STEP_FLAGS, STEP_STATUS, STYLES,
                    STYLE_FLAGS, TRANSMIT, VERDICTS, VF_STATUS)

SHARED_BYTES = 100_000
WELL_KNOWN = ("33:33:00:00", "01:80:c2:00", "ff:ff:ff:ff")
MAC = r"[0-9a-f]{2}(:[0-9a-f]{2}){5}"
PCI_ADDRESS = r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]"


class Others:
    """Replacements: the same for the same. The n-th of a kind gets the number n."""

    def __init__(self, secrets: Set[str], macs: Set[str]) -> None:
        """@secrets: in small letters. @macs: their digits."""
        self.seen: Dict[str, Dict[str, int]] = {}
        self.secrets, self.macs = secrets, macs

    def number(self, kind: str, value: str) -> int:
        known = self.seen.setdefault(kind, {})
        return known.setdefault(value, len(known) + 1)

    def mac(self, text: str) -> Optional[str]:
        """Zero, broadcast and groups of protocols mean the same everywhere, and stay."""
        if not re.fullmatch(MAC, text):
            return None
        if text == "00:00:00:00:00:00" or text.startswith(WELL_KNOWN):
            return text
        first = "33:33:fe" if int(text[1], 16) & 1 else "0e:00:00"
        return f"{first}:" + self.number("mac", text).to_bytes(3, "big").hex(":")

    def name(self, name: str) -> str:
        return name if name in ("", "lo") else f"n{self.number('name', name)}"

    def device(self, name: str) -> str:
        return name if re.fullmatch(PCI_ADDRESS, name) else self.name(name)

    def source(self, text: str) -> str:
        """--from: "eth1", "vf:1", "arp:192.0.2.1"."""
        kind, colon, rest = text.partition(":")
        if kind not in ("pf", "vf", "arp", "peer", "auto"):
            return self.name(text)
        return kind + colon + (rest if not rest or (kind == "vf" and rest.isdigit()) else self.name(rest))

    def version(self, text: str) -> Optional[str]:
        """The name or version of a driver, a kernel or a firmware, unless it names the host, a netdev or an address."""
        if not re.fullmatch(r"[0-9A-Za-z ._+~:,()/-]{0,128}", text) or has_address(text):
            return None
        lower = text.lower()
        parts = {*re.split("[^0-9a-z]+", lower), lower}
        digits = re.sub("[^0-9a-f]", "", lower)
        named = any(name in parts or (len(name) > 2 and not name.isdigit() and name in lower) for name in self.secrets)
        return None if named or any(mac in digits for mac in self.macs) else text


def has_address(text: str) -> bool:
    """Versions have dots, too: four numbers are an address only where nobody but a host has them."""
    if re.search(r"[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:|([0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}", text):
        return True
    for found in re.findall(r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])", text):
        try:
            address = ipaddress.IPv4Address(found)
        except ValueError:
            continue
        if not address.is_global and not found.startswith("0."):
            return True
    return False


Rule = Callable[[Others, str], Optional[str]]


def words(*lists: Any) -> Rule:
    known: FrozenSet[str] = frozenset(word for several in lists for word in several)
    return lambda _, value: value if value in known else None


def like(pattern: str) -> Rule:
    return lambda _, value: value if re.fullmatch(pattern, value, re.ASCII) else None


# Objects, and lists of them.
PARTS = frozenset("""failover conditions life cells longest_outage reach run pf firmware_versions settings source reflector vf styles steps
    transitions frames unicast broadcast multicast unregistered all_nodes unjoined vlan_unicast vlan_broadcast vlan_multicast vlan_own
    vlan_free registered own entry asked neighbours elsewhere here port windows proofs error guest_vlan sheet combinations rows reflections
    standby beside_vf""".split())
# Numbers, and what is true or false.
NUMBERS = frozenset("""schema was_schema minor exit number others_up monotonic_us duration_ms watched_ms settle_ms ifindex num_vfs
    total_vfs l2_fwd_offload promiscuity mtu vlan vlan_proto free_vlan rate forced multicast gap_limit_ms require_neighbours
    other_vf require_here require_ipv6 settle_short vf probed_vlan trust spoofchk restored start_ms window_ms drops sent heard pf both lost
    duplicates bus_master bus_master_us bus_master_error_us errno asked_us gap_us gap_error_us us error_us hurts by_bridge by_beside
    others_spoke skip_allowed disturbed reset_cleared guest_vlan sibling_in_use forged_sent present others unreset unsearched back
    shown back_before shown_before filter_can_be_off strangers
    multicast_lost multicast_unproven""".split()) | set(STEP_FLAGS) | set(STYLE_FLAGS)
CODES = ("trust-guest-rx-filters", "address-cleared", "filter-entry", "pinned-at-tap", "static-bridge", "vlan-registered",
         "vlan-filter-off", "vlan-not-swallowed", "other-vf-unseen", "ipv6-unseen", "unused-vf-unseen", "trusted-vf-unseen",
         *REQUIRES)
EARS = ("pf", "vf", "wire")
ID = r"[ac]\d{1,4}"
WORD = r"[a-z][a-z0-9-]{0,40}"  # of which the program has a list, where it stands
TEXTS: Dict[str, Rule] = {
    "id": like(f"{RUN_ID}|{ID}"), "start": like(TIME), "board_id": Others.version, "parentdev": Others.device,
    **dict.fromkeys(("version", "kernel", "driver", "driver_version", "firmware", "name", "running", "stored", "master_kind"),
                    Others.version),
    **dict.fromkeys(("vendor", "device", "subsystem_vendor", "subsystem_device"), like(PCI_ID)),
    **dict.fromkeys(("ifname", "master", "host"), Others.name),
    **dict.fromkeys(("address", "address_after"), Others.mac), **dict.fromkeys(("via", "vf", "ours_up"), like(r"vf:\d{1,4}")),
    "eswitch_mode": words(("legacy", "switchdev", "switchdev_inactive")),
    "style": words(STYLES), "styles": words(STYLES), "fix": words(("pin", "fdb", "fdb+pin", "static")), "kind": words(SOURCES),
    "by": words(SOURCES_BY), "verdict": words(VERDICTS, NEIGHBOURS), "allow": words(VERDICTS),
    **dict.fromkeys(("step", "to", "why_step"), words(STEPS)), "status": words(STEP_STATUS, VF_STATUS),
    "filter_verdict": words(VERDICTS), "bridge_verdict": words(VERDICTS),
    **dict.fromkeys(("bus_master_falls", "uplink_hears_vf", "uplink_hears_itself", "vlan_answer"), words(ANSWERS)),
    "landing": words(LANDINGS), "transmit": words(TRANSMIT), "multicast": words(MULTICAST), "claim": words(CLAIMS),
    "release": words(RELEASES), "delivery": words(DELIVERIES), "requires": words(REQUIRES),
    "proved_by": words(STYLES, STEPS), "until": words(IDLE, STEPS), "entry": words(NEIGHBOURS),
    "gap_from": words(("frame", "request")), "outage": words(("measured", "endless", "unmeasured")),
    **dict.fromkeys(("demands", "listens", "heard_by"), words(EARS, ANSWERS)),
    **dict.fromkeys(("carried", "filters", "cured"), words(ANSWERS)), "answer": words(ANSWERS, ("only", "not-asked")),
    "state": words(IDLE, STEPS, ROWS, BESIDE, ("registered", "unregistered", "measured", "endless", "unmeasured")),
    "sheet": words(SHEETS), "require_reach": words(REACHES), **dict.fromkeys(("require_yes", "require_no"), words(ROWS)),
    "findings": words(FINDINGS), "rx_handler": words(RX_USERS),
    "sibling": like(r"vf:\d{1,4}"), "reported": Others.mac, "serves": words(("ipv4", "ipv6")), "without": words(CELLS),
    **dict.fromkeys(("conditions", "met_by"), like(ID)), **dict.fromkeys(("cell", "crash"), words(CELLS)),
    "guest": words(("on-standby", "on-vf", "elsewhere")),
    **dict.fromkeys(("why", "decided_by", "settle_by", "for"), like(WORD)), "shown": words(("tested", "kernel-rule", "untested")),
    "rule": like("[a-z][a-z0-9_]{0,60}"),
    # Whether there is one decides.
    **dict.fromkeys(("swallowed_by", "vf_refused", "untested"), lambda _, value: "(removed)"),
    "code": words(ERRORS, CODES), **dict.fromkeys(MOMENTS, words(CELLS)),
}
# "from" is a source in settings and source, a step in transitions and here, and a state in elsewhere.
FROM: Dict[str, Rule] = {"settings": Others.source, "source": Others.source, "transitions": words(STEPS), "elsewhere": words(IDLE),
                         "here": words(STEPS), "reach": words(("wire", "other-vf", "host", "same-standby"))}
# Sentences may say anything, and so may what was typed.
CONSTANTS: Dict[str, Any] = {"reason": None, "filter_reason": None, "transmit_note": None, "multicast_note": None, "note": None,
                             "rx_handler_note": None, "hint": None, "message": "(removed)", "words": "(removed)", "advice": [],
                             "command": [], "warnings": [], "changes_seen": [], "left_behind": []}
# The same where they mean something else.
PLACED: Dict[Tuple[str, str], Any] = {("", "answer"): None, ("", "text"): {"short": [], "verbose": []}, ("failover", "text"): "(removed)"}


class Shared(NamedTuple):
    text: str
    contains: List[str]  # what it still says, in sentences


def kept(others: Others, value: Any, key: str = "", inside: str = "") -> Any:
    """The parts of JSON that are on the list. Elements of a list that are not are left out; other values that are not become
    null."""
    if key and (inside, key) in PLACED:
        return PLACED[inside, key]
    if key in CONSTANTS:
        return CONSTANTS[key]
    if isinstance(value, dict):
        if key and key not in PARTS:
            return None
        return {k: kept(others, v, k, key) for k, v in value.items()
                if k in PARTS or k in NUMBERS or k in TEXTS or k in CONSTANTS or k == "from" or (key, k) in PLACED}
    if isinstance(value, list):
        found = [kept(others, v, key, inside) for v in value if not isinstance(v, list)]
        return [v for v in found if v is not None]
    if isinstance(value, str):
        rule = FROM.get(inside) if key == "from" else TEXTS.get(key)
        return rule(others, clean(value)) if rule else None
    return value if key in NUMBERS and not isinstance(value, float) else None


def secrets_of(root: Dict[str, Any]) -> Set[str]:
    """The names of the host and of its netdevs, and their parts: a version may have been made of them."""
    names = [root["run"].get("host"), *(root["pf"].get(key) for key in ("ifname", "master")),
             root["settings"].get("from"), (root["source"] or {}).get("from")]
    found = {clean(name).lower() for name in names if isinstance(name, str) and name}
    parts = {part for name in found for part in re.split("[^0-9a-z]+", name) if len(part) > 2}
    return found | parts


def macs_of(value: Any) -> Set[str]:
    """The digits of each MAC address, wherever it is, but for those that mean the same everywhere."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return set().union(*map(macs_of, value))
    is_own = isinstance(value, str) and re.fullmatch(MAC, value) and value != "00:00:00:00:00:00" and not value.startswith(WELL_KNOWN)
    return {value.replace(":", "")} if is_own else set()


def contents(root: Dict[str, Any], others: Others) -> List[str]:
    run, pf = root["run"], root["pf"]
    vf, up = root["vf"] or {}, run.get("monotonic_us")
    facts = [("kernel", run.get("kernel")), ("driver", pf.get("driver")), ("firmware", pf.get("firmware")),
             ("PCI ids", f"{pf.get('vendor')}:{pf.get('device')}" if pf.get("vendor") else None), ("board", pf.get("board_id")),
             ("PCI addresses", ", ".join(filter(None, (pf.get("parentdev"), vf.get("parentdev")))) or None),
             ("VLAN", vf.get("probed_vlan") or None), ("time of the run", run.get("start")),
             ("id of the run, as in a recording of it", run.get("id")),
             ("how long the host had been up", f"{up // 1_000_000} s" if isinstance(up, int) and up else None)]
    found = [f"{name}: {value}" for name, value in facts if value]
    counted = ", ".join(plural(len(seen), "MAC address" if kind == "mac" else kind) for kind, seen in others.seen.items())
    return [*found, f"replaced: {counted or 'nothing'}", "removed: every sentence (reasons, notes, warnings, advice)"]


def answer_of(root: Dict[str, Any]) -> str:
    """One of what is left, since that of nfprobe is a sentence."""
    vf = root["vf"] or {"styles": []}
    words = ", ".join(f"{style['style']} {style['verdict'].upper()}" for style in vf["styles"])
    found = {finding for c in (root.get("sheet") or {"combinations": []})["combinations"] for finding in c["findings"]}
    words = words or (f"a sheet, {', '.join(sorted(found)) or 'nothing found'}" if root.get("sheet") else "no verdict")
    return f"{root['pf'].get('ifname') or 'nfprobe'}{f' VF ' + str(vf['vf']) if 'vf' in vf else ''}: {words}."


def share(data: Union[bytes, bytearray]) -> Shared:
    """@data must have passed parse(). Raises Damaged."""
    root = parse_object(data)
    root = old.upgraded(root) if root["schema"] == old.SCHEMA else root
    others = Others(secrets_of(root), macs_of(root))
    public = kept(others, root)
    if "answer" in public:
        public["answer"] = answer_of(public)
    text = harmless(json.dumps(public, separators=(",", ":")), r"\u{:04x}") + "\n"
    if len(text) > SHARED_BYTES:
        raise Damaged(f"would be larger than {SHARED_BYTES // 1000} kB")
    return Shared(text, contents(public, others))
