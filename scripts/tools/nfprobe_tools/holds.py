# SPDX-License-Identifier: GPL-2.0-or-later
"""NFPROBE_HOLDS (nfprobe.conf(5)): which stored results hold on this host, for its service and for whoever asks by hand."""

from __future__ import annotations

import argparse
import os
from typing import NamedTuple, Optional, Sequence, Tuple

from . import EXIT_CANNOT, Failure
from .command import Once, Parser, demand_list, style_list, within
from .files import why
from .text import clean

CONF = os.environ.get("NFPROBE_CONF", "/etc/nfprobe/nfprobe.conf")
KEY = "NFPROBE_HOLDS"
BYTES = 64 << 10  # of a file


class Holds(NamedTuple):
    """The defaults of five options; None, 0 or empty: it has none."""
    style: Optional[Sequence[str]] = None
    vlan: Optional[int] = None
    max_age: int = 0
    require: Sequence[str] = ()
    gap_limit: int = 0
    words: str = ""  # of these, with where they are


def vlan(text: str) -> int:
    return within(text, 0, 4094)


def days(text: str) -> int:
    return within(text, 1, 36500)


def gap_limit(text: str) -> int:
    """As nfprobe takes it."""
    return within(text, 1, 600_000)


def value_in(path: str) -> Optional[str]:
    """The last value in a file whose lines are as in systemd's EnvironmentFile=; None: it has none, or there is no file. Raises Failure."""
    found = None
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read(BYTES).splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Failure(f"cannot read {clean(path)}: {why(error)}", "input", status=EXIT_CANNOT) from None
    for line in lines:
        key, mark, text = line.partition("=")
        if mark and key.strip() == KEY:
            found = text.strip().strip("\"'")
    return found


def value_of(ifname: str) -> Tuple[str, str]:
    """The value for a PF, and where it is: the environment comes first, as the service has it, then what is said of this PF alone."""
    if KEY in os.environ:
        return os.environ[KEY], "the environment"
    own = [os.path.join(os.path.dirname(CONF), f"{ifname}.conf")] if ifname and "/" not in ifname else []
    for path in (*own, CONF):
        value = value_in(path)
        if value is not None:
            return value, path
    return "", ""


class Quiet(Parser):
    """Leaves out what only the service passes on, such as --store."""

    def __init__(self) -> None:
        super().__init__(prog=KEY, add_help=False)
        self.add_argument("--style", type=style_list)
        self.add_argument("--vlan", type=vlan)
        self.add_argument("--max-age", type=days, default=0)
        self.add_argument("--require", type=demand_list, action=Once, default=())
        self.add_argument("--gap-limit", type=gap_limit, default=0)


def of_pf(ifname: str) -> Holds:
    """Raises Failure: whoever takes no notice of a limit may call safe what is not."""
    text, where = value_of(ifname)
    try:
        found: argparse.Namespace = Quiet().parse_known_args(text.split())[0]
    except Failure as failure:
        raise Failure(f"{KEY} of {clean(where)}: {failure}", "input", status=EXIT_CANNOT) from None
    options = [("--style", ",".join(found.style or ())), ("--vlan", "" if found.vlan is None else str(found.vlan)),
               ("--max-age", str(found.max_age or "")), ("--require", ",".join(found.require)),
               ("--gap-limit", str(found.gap_limit or ""))]
    words = " ".join(f"{name} {value}" for name, value in options if value)
    return Holds(found.style, found.vlan, found.max_age, found.require, found.gap_limit,
                 f"{words} ({KEY} of {clean(where)})" if words else "")
