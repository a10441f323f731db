# SPDX-License-Identifier: GPL-2.0-or-later
"""Real drivers as personalities of the simulated NIC: those of tests/drivers.def, which says what they are."""

import dataclasses
import os
import re

TABLE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "drivers.def")
ENTRY = re.compile(r'^(DRIVER|LIKE|SLOW)\(([\w-]+), "?([\w -]+)"?,((?:\s*"[^"]*")+)\)$', re.MULTILINE)
ARCHETYPES = range(1, 18)


@dataclasses.dataclass(frozen=True)
class Personality:
    archetypes: tuple
    keys: dict

    def text(self, **more):
        """The text for the NIC's personality file; `more` are keys that differ in this case."""
        words = [f"{key}={value}" for key, value in {**self.keys, **more}.items()]
        return " ".join(["default", *words])


def read(table=TABLE):
    """(those of the matrix, the slow ones): {name: Personality}"""
    named, slow = {}, {}
    with open(table, encoding="utf-8") as file:
        entries = ENTRY.findall(file.read())
    for kind, name, of, strings in entries:
        words = " ".join(re.findall(r'"([^"]*)"', strings)).split()
        keys = {key: int(value) if value.isdigit() else value for key, value in (word.split("=") for word in words)}
        if kind == "DRIVER":
            one = Personality(tuple(map(int, of.split())), keys)
        else:
            one = Personality(named[of].archetypes, {**named[of].keys, **keys})
        (slow if kind == "SLOW" else named)[name] = one
    return named, slow


def archetypes(table=TABLE):
    """Each way alone, for the NIC in memory: {name: its keys as text}"""
    with open(table, encoding="utf-8") as file:
        return dict(re.findall(r'^ARCHETYPE\(([\w-]+), "[\d ]+",\s*"([^"]*)"\)$', file.read(), re.MULTILINE))


PERSONALITIES, SLOW = read()
ALL = PERSONALITIES | SLOW


def of_archetype(number):
    return {name: one for name, one in PERSONALITIES.items() if number in one.archetypes}
