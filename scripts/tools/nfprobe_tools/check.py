# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the stored results of a PF still hold? Compares this host as it is now with what was tested, for
nfprobe-check, for nfprobe-report --stored and for the libvirt hook."""

from __future__ import annotations

import functools
import time
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from . import EXIT_UNKNOWN, VERSION, Failure, result, rules, served, store
from .host import Host, Pf, Vf
from .text import Note, clean, plural

SCHEMA = result.SCHEMA
NO_PRIVILEGE = "CAP_NET_ADMIN"  # nfprobe --list names it where that is why a value is not known
NOTES = 20


class Asked(NamedTuple):
    styles: Sequence[str] = rules.USUAL_STYLES
    others: bool = True  # any other style that is stored is shown, too
    vlan: Optional[int] = None  # None: any
    max_age_days: int = 0  # 0: any
    ipv6: bool = True  # the guests have it
    require: Sequence[str] = ()  # what a style must meet beside its verdict (--require)
    gap_limit_ms: int = 0  # the same (--gap-limit); 0: none
    at_tap: bool = False  # the guest is pinned there


class Answer(NamedTuple):
    """About a PF or a VF. Without an error there is a check."""
    ifname: str  # as it is, for commands
    parentdev: str
    vf: Optional[int]
    folder: str
    check: rules.Check
    results: Mapping[str, result.Result]  # by their files
    added: served.Served  # by the libvirt hook
    error: Optional[Failure]
    others: Sequence[result.OtherSchema] = ()  # all that is stored, where this version reads none of it

    @property
    def exit_status(self) -> int:
        return self.check.exit_status

    @property
    def name(self) -> str:
        return self.ifname or self.parentdev

    @property
    def notes(self) -> Sequence[Note]:
        return [*map(Note, self.check.notes), *self.added.notes]


# ---- this host ----

def unread_of(unread: Mapping[str, str], keys: Mapping[str, str]) -> Dict[str, str]:
    """Why facts are not known. keys: of the list's, with what they are called here."""
    return {keys[key]: rules.NEEDS_PRIVILEGES if NO_PRIVILEGE in why else rules.UNREADABLE
            for key, why in unread.items() if key in keys}


PF_KEYS = {key: key for key in ("board_id", "firmware", "firmware_versions", "driver_version", "eswitch_mode", "l2_fwd_offload")}
VF_KEYS = {"trust": "trust", "spoofchk": "spoofchk", "vlan": "vlan", "driver_version": "vf_driver_version"}


def vf_driver(vf: Optional[Vf], tested: rules.Identity) -> Tuple[str, Optional[str]]:
    """The driver that a VF would be tested with, and its version; None: that cannot be read. A VF that is handed to a guest,
    or has no driver, would get the kernel's own."""
    driver, version = tested.values["vf_driver"], tested.values["vf_driver_version"]
    if vf is None:  # it is gone, and so the number of VFs has changed
        return driver, version
    if vf.driver and not vf.hands_over:
        return clean(vf.driver), None if "driver_version" in vf.unread else clean(vf.driver_version or "")
    if vf.net_driver:
        return clean(vf.net_driver), None if "net_driver_version" in vf.unread else clean(vf.net_driver_version or "")
    # This kernel knows none: the version of one that came with the kernel is that of the kernel, which is compared as well.
    return driver, version if version == rules.OF_KERNEL else None


def identity_now(pf: Pf, kernel: str, number: int, tested: rules.Identity) -> rules.Identity:
    """The setup in which the VF of a result would be tested now."""
    vf = next((vf for vf in pf.vfs if vf.vf == number), None)
    driver, version = vf_driver(vf, tested)
    unread = unread_of(pf.unread, PF_KEYS)
    if vf:
        unread.update(unread_of({key: why for key, why in vf.unread.items() if key != "driver_version"}, VF_KEYS))
    if version is None:
        unread["vf_driver_version"] = rules.UNREADABLE
    ids = [int(value or "0", 16) for value in (pf.vendor, pf.device, pf.subsystem_vendor, pf.subsystem_device)]
    values = {"device": rules.pci_id(*ids[:2]), "subsystem": rules.pci_id(*ids[2:]), "board_id": clean(pf.board_id or ""),
              "firmware": clean(pf.firmware or ""), "kernel": kernel, "driver": clean(pf.driver or ""),
              "driver_version": rules.own_version(clean(pf.driver_version or ""), kernel), "vf_driver": driver,
              "vf_driver_version": rules.own_version(version or "", kernel), "eswitch_mode": clean(pf.eswitch_mode or ""),
              "num_vfs": str(pf.num_vfs or 0), "l2_fwd_offload": rules.switch(pf.l2_fwd_offload),
              "trust": rules.switch(vf.trust) if vf else tested.values["trust"],
              "spoofchk": rules.switch(vf.spoofchk) if vf else tested.values["spoofchk"],
              "vlan": str(vf.vlan or "") if vf else tested.values["vlan"]}
    parts = ((clean(part.name), clean(part.running or "")) for part in pf.firmware_versions)
    others_up = sum(vf.up and vf.vf != number for vf in pf.vfs)
    return rules.Identity(values, tuple((name, running) for name, running in parts if running), unread, others_up)


# ---- a PF ----

NOTHING = rules.Check([], [], [], EXIT_UNKNOWN)


def unseen(stored: store.Stored, now_ms: int) -> str:
    """Why results that are newer than all others, or may be, cannot be used, so that nobody knows what they would say; empty: there are
    none."""
    newest = max(stored.results, key=lambda read: rules.order_key(rules.order_of(read), read.file, now_ms), default=None)
    late = [error for error in (*stored.others, *stored.unusable)
            if newest is None or not rules.is_older(store.order_of(error.file), rules.order_of(newest), now_ms)]
    return f"what a newer result says is not known: {late[-1]}" if late else ""


def left_out_words(stored: store.Stored) -> Sequence[str]:
    if not stored.left_out:
        return ()
    return (f"only the newest {store.CHECK_FILES} of {store.CHECK_FILES + stored.left_out} results count: nfprobe-check --prune removes "
            "what others supersede",)


def other_words(stored: store.Stored) -> Sequence[str]:
    if not stored.others or not stored.results:
        return ()
    number = len(stored.others)
    return (f"{plural(number, 'result')} of another schema {'counts' if number == 1 else 'count'} for nothing: "
            "nfprobe-check --prune removes what newer ones supersede",)


def judge(pf: Pf, kernel: str, stored: store.Stored, query: rules.Query) -> rules.Check:
    tested = [style for read in stored.results for style in rules.tested_of(read, query.require, query.gap_limit_ms, query.at_tap)]
    now: Dict[Tuple[str, int], rules.Identity] = {}
    for style in tested:
        if (style.run, style.vf) not in now:
            now[style.run, style.vf] = identity_now(pf, kernel, style.vf, style.identity)
    check = rules.check(tested, [now[style.run, style.vf] for style in tested], query)
    if stored.others and not stored.results:
        return rules.unread(check, f"stored as schema {stored.others[-1].schema}, which this version does not read")
    why = unseen(stored, query.now_ms)
    return rules.doubted(check, why) if why else check


def check_pf(pf: Pf, vf: Optional[Vf], kernel: str, folder: str, asked: Asked, here: bool = True, host: Optional[Host] = None) -> Answer:
    """here: the PF is one of this host, so that the list of the libvirt hook is about it. @host: that of the PF; None: whether it has room
    for a standby is not asked."""
    ifname, parentdev, number = pf.ifname or "", clean(pf.parentdev or ""), vf.vf if vf else None
    query = rules.Query(int(time.time() * 1000), pf.settle_ms, number, asked.styles, asked.others, asked.vlan, asked.max_age_days,
                        asked.ipv6, asked.require, asked.gap_limit_ms, asked.at_tap)
    if host:
        query = query._replace(impossible=functools.partial(host.impossible_while, pf),
                               by_guests=functools.partial(host.is_taken_by_guests, pf))
    if not parentdev:
        return failed(ifname, "", number, unknown(f"{ifname} has no address on a bus: nothing is stored of it"))
    added = served.find(ifname, parentdev) if here else served.UNKNOWN
    try:
        stored = store.load(folder, pf.bus or "pci", parentdev, ladders=asked.gap_limit_ms > 0)
    except Failure as error:
        return failed(ifname, parentdev, number, unknown(str(error)), added)
    unusable = [str(error) for error in stored.unusable[-NOTES:]]
    results = {read.file: read for read in stored.results}
    if stored.unusable and not results and not stored.others:
        torn = unknown(unusable[-1], "nothing replaces or removes it: move it away, and run nfprobe PF --vf N --save again")
        return failed(ifname, parentdev, number, torn, added, stored.folder)
    check = judge(pf, kernel, stored, query)
    notes = [*check.notes, *left_out_words(stored), *other_words(stored), *unusable]
    return Answer(ifname, parentdev, number, stored.folder, check._replace(notes=notes), results, added, None,
                  () if results else stored.others)


def in_guest_vlan(answer: Answer, style: str, vlan: int) -> Tuple[str, str]:
    """Is it safe for a guest that tags its frames itself? The worst of what holds now counts; why not, in words."""
    found = {(one.guest_vlan.verdict, entry.safe) for entry in answer.check.entries if entry.tested.style == style and not entry.stale
             for one in answer.results[entry.tested.run].styles if one.style == style and one.guest_vlan and one.guest_vlan.vlan == vlan}
    if any(verdict == "lost" for verdict, _ in found):
        return rules.NO, f"the guest's own VLAN {vlan} is lost"
    if ("ok", rules.YES) in found:
        return rules.YES, ""
    return rules.UNKNOWN, f"nothing that holds now proves the guest's own VLAN {vlan}"


def unknown(message: str, hint: str = "") -> Failure:
    return Failure(message, hint=hint, status=EXIT_UNKNOWN)


def failed(ifname: str, parentdev: str, vf: Optional[int], error: Failure, added: served.Served = served.UNKNOWN,
           folder: str = "") -> Answer:
    return Answer(ifname, parentdev, vf, folder, NOTHING._replace(exit_status=error.status), {}, added, error)


def nowhere(name: str) -> Failure:
    return Failure(f"there is no interface or device {clean(name)}", "no-such-interface",
                   "nfprobe --list shows the PFs and VFs of this host.")


def check_name(host: Host, name: str, folder: str, asked: Asked, here: bool = True) -> Answer:
    """About a PF or a VF of a host, by its netdev or its address."""
    pf, vf = host.find(name)
    if pf is None:
        return failed(clean(name), "", None, nowhere(name))
    return check_pf(pf, vf, clean(host.kernel or ""), folder, asked, here, host)


# ---- JSON ----

def entry_json(entry: rules.Standing, read: result.Result) -> Dict[str, Any]:
    tested = entry.tested
    style = next((style for style in read.styles if style.style == tested.style), None)
    return {"start": read.run.start or None, "file": read.file, "vf": tested.vf, "style": tested.style,
            "from": tested.source_name or None, "source": tested.source or None, "verdict": tested.verdict,
            "allowed": bool(style and style.allowed), "reason": tested.reason or None, "multicast": tested.multicast or None,
            "vlan": tested.vlan, "safe": entry.safe, "stale": entry.stale or None,
            "differences": [{"what": d.what, "was": d.was or None, "is": d.now or None} for d in entry.differences]}


def conditions_of(answer: Answer, style: rules.StyleAnswer) -> Tuple[result.Condition, ...]:
    """For guests without a VLAN of their own, as the answer is."""
    read = answer.results.get(style.standing.tested.run) if style.standing else None
    return read.conditions_of(style.style, inside=()) if read else ()


def conditions_json(answer: Answer, style: rules.StyleAnswer) -> List[Dict[str, Any]]:
    return [{"code": one.code, "for": list(one.whom), "words": one.said} for one in conditions_of(answer, style)]


def answer_json(answer: Answer) -> Dict[str, Any]:
    check = answer.check
    styles = [{"style": s.style, "counts": s.counts, "safe": s.safe,
               "verdict": s.standing.tested.verdict if s.standing else None, "why": s.why or None,
               "gap_ms": s.standing.tested.gap_ms or None if s.standing else None,
               "conditions": conditions_json(answer, s)} for s in check.styles]
    document: Dict[str, Any] = {"ifname": clean(answer.ifname) or None, "parentdev": answer.parentdev or None, "vf": answer.vf,
                                "folder": answer.folder or None, "styles": styles, "notes": list(map(str, answer.notes)),
                                "entries_missing": answer.added.missing, "exit": answer.exit_status,
                                "entries": [entry_json(entry, answer.results[entry.tested.run]) for entry in check.entries]}
    if answer.error:
        document["error"] = answer.error.as_json()
    return document


def document_of(answers: Sequence[Answer], status: int, error: Optional[Failure] = None) -> Dict[str, Any]:
    document: Dict[str, Any] = {"schema": SCHEMA, "version": VERSION, "pfs": [answer_json(answer) for answer in answers],
                                "exit": status}
    if error:
        document["error"] = error.as_json()
    return document
