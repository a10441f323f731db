# SPDX-License-Identifier: GPL-2.0-or-later
"""A standby that leaves by another NIC than its VF: what the stored results of both NICs say of it. Pure."""

from __future__ import annotations

from typing import Iterable, Tuple

from . import check, rules
from .host import Pf, Vf
from .result import Result
from .rules import NO, UNKNOWN, YES


def neighbours(answer: check.Answer) -> Tuple[str, str]:
    """Do guests on other VFs of the VF's NIC reach one that is on its standby? In words as well. The worst of what holds now counts."""
    if answer.error:
        return UNKNOWN, str(answer.error)
    found = {}
    for entry in answer.check.entries:
        vf = answer.results[entry.tested.run].vf
        if vf and vf.neighbours and not entry.stale:
            found[vf.neighbours.verdict] = vf.neighbours
    if "lost" in found:
        return NO, f"other VFs are {found['lost'].words()}"
    return (YES, "other VFs are ok") if "ok" in found else (UNKNOWN, "nothing that holds now is stored of other VFs")


def may_send(vf: Vf, mac: str, pf: Pf, kernel: str, results: Iterable[Result]) -> str:
    """May a bridge on this VF send as the guest? Where spoof checking is on, a sheet of this setup tells."""
    if vf.spoofchk is False or vf.address == mac:
        return YES
    of_now = [result for result in results if vf.spoofchk and result.sheet and not check.sheet_changed(result, vf, pf, kernel)]
    answers = [row.answer for result in sorted(of_now, key=lambda one: (rules.order_of(one), one.file))
               for c in (result.sheet.combinations if result.sheet else ()) if c.spoofchk is True and c.trust == vf.trust
               for row in c.rows if row.row == "forged"]
    return next((answer for answer in reversed(answers) if answer != UNKNOWN), UNKNOWN)
