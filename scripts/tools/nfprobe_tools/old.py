# SPDX-License-Identifier: GPL-2.0-or-later
"""A result of schema 3, as nfprobe 0.3.0 wrote it, as one of schema 4. It is read for one release; NEWS has the table of keys."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from .document import Damaged
from .words import DEMANDS, HURTS_NOBODY, LISTENS

SCHEMA = 3
GONE = {"inconclusive": "unknown", "untestable": "unknown"}  # words of verdicts
# The steps of a driver that is loaded and not up yet, and of a netdev that is down: each belongs to the step behind it.
PASSED = {"driver": "attach", "down": "up"}
CLAIMS, RELEASES = {"driver": "up"}, {"down": "unplug"}

# A style that was a remedy, as the style that it mends and the fix.
FIXES = {"bridge+pin": ("bridge", "pin"), "bridge+fdb": ("bridge", "fdb"), "bridge+fdb+pin": ("bridge", "fdb+pin"),
         "static-bridge": ("bridge", "static"), "vf-bridge+pin": ("vf-bridge", "pin")}

# The conditions of a style that is safe, by its words in schema 3: (code, whom they are for, what is without, words, who shows it).
TRUST = ("trust-guest-rx-filters", ["ipv6"], "lost", "IPv6: set trustGuestRxFilters", "kernel-rule")
ENTRY = ("filter-entry", ["all"], "lost", "an entry", "tested")
PIN = ("pinned-at-tap", ["all"], "lost", "a pin", "kernel-rule")
STATIC = ("static-bridge", ["all"], "lost", "static-bridge", "tested")
CONDITIONS: Dict[str, Tuple[Tuple[Any, ...], ...]] = {
    "macvtap": (TRUST,), "bridge": (), "bridge+pin": (PIN,), "bridge+fdb": (ENTRY,), "bridge+fdb+pin": (ENTRY, PIN),
    "static-bridge": (STATIC,), "vf-bridge": (), "vf-bridge+pin": (PIN,)}
CLEARED = ("address-cleared", ["neighbours"], "lost", "other VFs: the address is cleared afterwards", "tested")
# A manager's duties by the words of "requires", where the verdict is another.
DUTIES = {"assign-at-hotplug": "assign the address at hotplug", "assign-before-standby": "assign before the standby comes",
          "release-standby-when-up": "take the standby's address away once the VF is up",
          "detach-before-migration": "detach the VF before migration", "clear-at-unplug": "clear the address at unplug"}


def upgraded(root: Dict[str, Any]) -> Dict[str, Any]:
    """Raises Damaged. Takes @root apart."""
    try:
        return result(root)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Damaged(f"is damaged: {type(error).__name__} {error}") from None


def given(value: Any, what: type) -> Any:
    """@value, which has to be of that type."""
    if not isinstance(value, what):
        raise TypeError(f"where a {what.__name__} has to be")
    return value


def result(root: Dict[str, Any]) -> Dict[str, Any]:
    vf, settings = root["vf"], given(root["settings"], dict)
    settings.setdefault("require_ipv6", False)
    settings.setdefault("require_reach", [])
    life = {row["style"]: row["cells"] for row in root.get("life", [])}
    rows: List[Dict[str, Any]] = []
    conditions: List[Dict[str, Any]] = []
    if vf is not None:
        vf["error"] = failure(vf.get("error"))
        if vf.get("neighbours") is not None:
            vf["neighbours"] = neighbours(vf["neighbours"])
        for one in given(vf["styles"], list):
            upgrade_style(one)
            conditions += conditions_of(one, vf, len(conditions))
            if name_of(one) in life:
                rows.append(life_row(one, life[name_of(one)], conditions))
    for one in vf["styles"] if vf is not None else ():
        del one["was_style"]
    return {**root, "schema": 4, "minor": 0, "was_schema": SCHEMA, "error": failure(root.get("error")),
            "verdict": GONE.get(root["verdict"], root["verdict"]) if isinstance(root["verdict"], str) else root["verdict"],
            "left_behind": [{"text": text, "commands": []} for text in given(root["left_behind"], list)], "failover": None,
            "conditions": conditions, "life": rows, "advice": [advice(one, i) for i, one in enumerate(root.get("advice", []))],
            "text": {"short": [], "verbose": []}}


def failure(error: Any) -> Any:
    if error is None:
        return None
    hint = error.get("hint")
    return {**error, "hint": None if hint is None else {"text": hint, "commands": []}}


def name_of(style: Dict[str, Any]) -> str:
    return str(style["was_style"])


def upgrade_style(style: Dict[str, Any]) -> None:
    name = style["was_style"] = given(style["style"], str)
    style["style"], style["fix"] = FIXES.get(name, (name, None)) if style.get("remedy") else (name, None)
    style["why"] = "standby-untestable" if style["verdict"] == "untestable" else style.get("why")
    for key in ("verdict", "filter_verdict", "bridge_verdict"):
        if isinstance(style.get(key), str):
            style[key] = GONE.get(style[key], style[key])
    for key, words in (("claim", CLAIMS), ("release", RELEASES)):
        style[key] = words.get(style[key], style[key])
    style["steps"] = [step(one) for one in given(style["steps"], list) if one["step"] not in PASSED]
    style["transitions"] = [transition(one) for one in given(style["transitions"], list) if one["to"] not in PASSED]
    if style.get("neighbours") is not None:
        style["neighbours"] = neighbours(style["neighbours"])
    if style.get("guest_vlan") is not None:  # no tool shows its windows
        gone = ("unregistered_vlan", "while_registered", "afterwards")
        vlan = given(style["guest_vlan"], dict)
        style["guest_vlan"] = {**{key: value for key, value in vlan.items() if key not in gone},
                               "free_vlan": vlan.get("unregistered_vlan"), "windows": []}


KINDS = ("unicast", "broadcast", "multicast", "unregistered", "all_nodes", "unjoined")


def step(old: Dict[str, Any]) -> Dict[str, Any]:
    name = given(old["step"], str)
    gone = (*KINDS, "guest_vlan", "step", "fit", "leave")
    return {**{key: value for key, value in old.items() if key not in gone}, "state": name, "answer": old["fit"],
            "demands": DEMANDS.get(name), "listens": LISTENS.get(name) or None, "skip_allowed": old.get("leave", False),
            "frames": {kind: old[kind] for kind in KINDS}}


def transition(old: Dict[str, Any]) -> Dict[str, Any]:
    return {**old, "from": PASSED.get(old["from"], old["from"]), "listens": LISTENS.get(given(old["to"], str)) or None,
            "hurts": old["to"] not in HURTS_NOBODY}


def neighbours(places: Dict[str, Any]) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    for place, verb in (("elsewhere", "leaves"), ("here", "arrives")):
        one = given(places, dict).get(place)
        if one is not None:
            windows = [window(old, verb) for old in one["windows"]] if "windows" in one else []
            one = {**one, "windows": windows}
        found[place] = one
    return found


def window(old: Dict[str, Any], verb: str) -> Dict[str, Any]:
    slots = [key[:-len("_sent")] for key in old if key.endswith("_sent")]
    return {"state": old["state"], "status": old.get("status", "done"), "answer": old[verb], "note": old["note"],
            "frames": {slot: {"sent": old[f"{slot}_sent"], "heard": old[f"{slot}_heard"]} for slot in slots}}


# ---- conditions and advice ----

def conditions_of(style: Dict[str, Any], vf: Dict[str, Any], number: int) -> List[Dict[str, Any]]:
    near = (vf.get("neighbours") or {}).get("elsewhere") or {}
    found = [*CONDITIONS[name_of(style)]] if style["verdict"] == "safe" else []
    if style["verdict"] == "safe" and near.get("verdict") == "lost" and near.get("until") == "clear":
        found.append(CLEARED)
    if style["verdict"] != "safe":
        found += [(code, ["all"], "lost", DUTIES[code], "tested") for code in style.get("requires", []) if code in DUTIES]
    return [{"id": f"c{number + i + 1}", "style": style["style"], "fix": style["fix"], "vlan": None, "code": code, "for": whom,
             "without": without, "words": words, "met_by": [], "shown": shown}
            for i, (code, whom, without, words, shown) in enumerate(found)]


def life_row(style: Dict[str, Any], cells: Dict[str, Any], conditions: List[Dict[str, Any]]) -> Dict[str, Any]:
    row = (style["style"], style["fix"])
    mine = [one for one in conditions if (one["style"], one["fix"]) == row]
    if cells["ipv6"] == "ok" and any("ipv6" in one["for"] for one in mine):
        cells = {**cells, "ipv6": "ok-if"}
    ipv4 = all(cell == "ok" for moment, cell in cells.items() if moment != "ipv6")
    return {"style": row[0], "fix": row[1], "vlan": None, "verdict": style["verdict"],
            "serves": ["ipv4"] * ipv4 + ["ipv6"] * (ipv4 and cells["ipv6"] in ("ok", "ok-if")),
            "conditions": [one["id"] for one in mine], "cells": cells, "crash": "untested",
            "longest_outage": {"state": "unmeasured", "us": None, "error_us": None, "to": None, "heard_by": None}}


def advice(old: Dict[str, Any], number: int) -> Dict[str, Any]:
    """Its commands are lines for a shell, XML and settings at once: a document."""
    when = f" ({old['when']})" if old.get("when") else ""
    return {"id": f"a{number + 1}", "what": "keep", "style": None, "fix": None, "vlan": None, "rank": number + 1, "head": None,
            "text": f"{old['text']}{when}", "moment": "now", "not_before": False, "if_earlier": None, "if_never": None, "where": "host",
            "document": old.get("command"), "commands": [], "undo": [], "fill_in": [], "lasts": None, "hook": False,
            "tested": {"by": "untested", "states": []}, "costs": None, "cuts_off": None}
