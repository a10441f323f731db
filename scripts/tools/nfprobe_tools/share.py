# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes of a result what can be published. Of each key keys.json says what it is: numbers and the program's own words stay, and of texts
only what the table below allows. Each name and address becomes another one, the same wherever it occurs."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, Optional, Set, Union

from .document import PATTERNS, RESULT, Damaged, Field, pattern
from .result import parse_object
from .text import clean, harmless, plural
from .words import STEPS, STYLES

SHARED_BYTES = 100_000
WELL_KNOWN = ("33:33:00:00", "01:80:c2:00", "ff:ff:ff:ff")
MAC = PATTERNS["mac"]
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


ID = r"[ac]\d{1,4}"
VF = r"vf:\d{1,4}"
REMOVED = "(removed)"  # whether there is a text may decide
TEXTS: Dict[str, Rule] = {
    **dict.fromkeys(("version", "kernel", "driver", "driver_version", "firmware", "name", "running", "stored", "master_kind", "board_id"),
                    Others.version),
    "parentdev": Others.device, "from": Others.source, **dict.fromkeys(("ifname", "master", "host"), Others.name),
    **dict.fromkeys(("via", "vf", "sibling"), like(VF)), **dict.fromkeys(("id", "conditions", "met_by"), like(ID)),
    "eswitch_mode": words(("legacy", "switchdev", "switchdev_inactive")), "proved_by": words(STYLES, STEPS),
    "rule": like("[a-z][a-z0-9_]{0,60}"), **dict.fromkeys(("vlan_netdev", "vf_refused", "untested"), lambda _, value: REMOVED),
}
# Sentences may say anything, and so may what was typed.
PRIVATE = ("advice",)
EMPTY: Dict[str, Any] = {"text": REMOVED, "texts": [], "commands": [], "hints": [], "document": {"lines": [], "short": 0}}


class Shared(NamedTuple):
    text: str
    contains: List[str]  # what it still says, in sentences


def kept(others: Others, value: Any, keys: Field) -> Any:
    """What @keys has of the object."""
    if not isinstance(value, dict):
        return None
    return {key: kept_value(others, one, key, keys[key]) for key, one in value.items() if key in keys}


def kept_value(others: Others, value: Any, key: str, field: Field) -> Any:
    """Elements of a list that are not to be shared are left out; other values that are not become null, or empty."""
    kind = field["type"]
    if kind == "object":
        return kept(others, value, field["keys"])
    if kind == "objects":
        return [kept(others, one, field["keys"]) for one in value if isinstance(one, dict)] if key not in PRIVATE else []
    if kind in ("number", "bool"):
        return value if isinstance(value, int) else None
    rule = words(field["words"]) if kind in ("word", "words") else Others.mac if kind == "mac" else \
        like(pattern(field)) if kind in (*PATTERNS, "bytes") else TEXTS.get(key)
    if rule is None:
        return None if field.get("null") else EMPTY[kind]
    if isinstance(value, list):
        shared = [rule(others, clean(one)) for one in value if isinstance(one, str)]
        return [one for one in shared if one is not None]
    return rule(others, clean(value)) if isinstance(value, str) else None


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
    return f"{root['pf'].get('ifname') or 'nfprobe'}{f' VF ' + str(vf['vf']) if 'vf' in vf else ''}: {words or 'no verdict'}."


def share(data: Union[bytes, bytearray]) -> Shared:
    """@data must have passed parse(). Raises Damaged."""
    root = parse_object(data)
    others = Others(secrets_of(root), macs_of(root))
    public = kept(others, root, RESULT)
    if "answer" in public:
        public["answer"] = answer_of(public)
    text = harmless(json.dumps(public, separators=(",", ":")), r"\u{:04x}") + "\n"
    if len(text) > SHARED_BYTES:
        raise Damaged(f"would be larger than {SHARED_BYTES // 1000} kB")
    return Shared(text, contents(public, others))
