# SPDX-License-Identifier: GPL-2.0-or-later
"""The PFs in the store, each as a subject of a report. The rules of nfprobe-check decide whether a result still holds."""

from __future__ import annotations

import os
from typing import Dict, List, Optional, Tuple

from . import VERSION, rules
from .check import Answer
from .check_text import Shown, first_line, next_step
from .result import Error, InputError, Life, Pf, Result, Run, Settings, Vf, load
from .subject import Entry, Subject
from .text import clean

NO_RUN = Run("", "", 0, "", "")
NO_PF = Pf("", "", "", "", "", (), 0, 0, 0, 0, "", None, "", None)
NO_SETTINGS = Settings("", 0, None)


def no_result(pf: Pf) -> Result:
    return Result("", VERSION, NO_RUN, pf, NO_SETTINGS, None, None, "", 0, (), (), (), True)


def with_ladders(result: Result, ladders: bool) -> Result:
    """The store is read without; another process may have removed the file since."""
    try:
        return load(result.file) if ladders else result
    except InputError:
        return result


def entry_of(answer: rules.StyleAnswer, result: Result) -> Optional[Entry]:
    tested = answer.standing.tested if answer.standing else None
    style = next((style for style in result.styles if tested and style.style == tested.style), None)
    if tested is None or style is None or result.vf is None:
        return None
    # A stored verdict is neither one that the run allowed nor a fix: what was asked for counts.
    style = style._replace(verdict=tested.verdict, reason=tested.reason, allowed=False, is_fix=not answer.counts)
    if answer.impossible:
        style = style._replace(verdict="not-applicable", decided_by="host", reason=answer.why, is_fix=False)
        return Entry(result, result.vf._replace(error=None), style)
    doubted = answer.standing is not None and (answer.standing.stale or (answer.safe == rules.UNKNOWN and tested.verdict == "safe"))
    vf: Vf = result.vf._replace(error=None)
    return Entry(result, vf, style, answer.why if doubted else "", answer.taken)


def life_of(entries: List[Entry]) -> Tuple[Life, ...]:
    """The rows of the styles whose verdict holds."""
    return tuple([row for entry in entries if not entry.stale for row in entry.result.life if row.style == entry.style.style])


def subject_of_answer(answer: Answer, ladders: bool, own: bool = False) -> Subject:
    """@own: the store is that of this host."""
    if answer.error:
        pf = NO_PF._replace(ifname=clean(answer.ifname), parentdev=answer.parentdev)
        return Subject(no_result(pf), pf.ifname, answer.parentdev, (), answer.exit_status,
                       Error(answer.error.code, str(answer.error), answer.error.hint), True, entries_missing=answer.added.missing)
    read: Dict[str, Result] = {}
    entries: List[Entry] = []
    unstored = []
    again = f": {next_step(answer, Shown(os.path.dirname(answer.folder)))}" if answer.others else ""
    for style in answer.check.styles:
        if style.standing is None:
            unstored.append(f"{style.style}: {style.why}{again}")
        elif style.counts or style.safe != rules.UNKNOWN:
            run = style.standing.tested.run
            if run not in read:
                read[run] = with_ladders(answer.results[run], ladders)
            entry = entry_of(style, read[run])
            entries += [entry] if entry else []
    newest = max(read.values(), key=rules.order_of, default=no_result(NO_PF))
    hold = all(entry.result is newest and not entry.stale for entry in entries)
    head = newest._replace(answer=first_line(answer), life=life_of(entries), advice=newest.advice if hold else (),
                           failover=newest.failover if hold else None, restored=True,
                           error=None, verdict="", warnings=tuple(map(str, answer.notes)), changes_seen=(), left_behind=())
    return Subject(head, clean(answer.ifname), answer.parentdev, tuple(entries), answer.exit_status, None, True, tuple(unstored),
                   answer.added.missing, own)
