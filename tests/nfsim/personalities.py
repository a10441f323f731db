# SPDX-License-Identifier: GPL-2.0-or-later
"""Real drivers as personalities of the simulated NIC: those of tests/drivers.def, which says what they are."""

import dataclasses
import os
import re

TABLE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "drivers.def")
ENTRY = re.compile(r'^(DRIVER|LIKE|SLOW)\(([\w-]+), "?([\w -]+)"?,((?:\s*"[^"]*")+)\)$', re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Personality:
    keys: dict


def read(table=TABLE):
    """(those of the matrix, the slow ones): {name: Personality}"""
    named, slow = {}, {}
    with open(table, encoding="utf-8") as file:
        entries = ENTRY.findall(file.read())
    for kind, name, of, strings in entries:
        words = " ".join(re.findall(r'"([^"]*)"', strings)).split()
        keys = {key: int(value) if value.isdigit() else value for key, value in (word.split("=") for word in words)}
        one = Personality(keys if kind == "DRIVER" else {**named[of].keys, **keys})
        (slow if kind == "SLOW" else named)[name] = one
    return named, slow


def archetypes(table=TABLE):
    """Each way alone, for the NIC in memory: {name: its keys as text}"""
    with open(table, encoding="utf-8") as file:
        return dict(re.findall(r'^ARCHETYPE\(([\w-]+), "[\d ]+",\s*"([^"]*)"\)$', file.read(), re.MULTILINE))


PERSONALITIES, SLOW = read()
ALL = PERSONALITIES | SLOW
