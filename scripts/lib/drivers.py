#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds what is said of drivers to their source.

usage: drivers.py TABLE ROWS MANUAL SOURCE VERSION

TABLE is tests/drivers.def, ROWS src/net/drivers.c, MANUAL nfprobe-verdicts(7), SOURCE the folder drivers/net of Linux VERSION. Prints one line for
each fault, and fails if there is one. TABLE says what a row is.
"""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/nfsim"))
import alike  # noqa: E402
import personalities  # noqa: E402

ROW = re.compile(r'^SOURCE\(([\w-]+), "([^"]*)", "([^"]*)",((?:\s*"[^"]*")+)\)$', re.MULTILINE)
GONE = re.compile(r'^GONE\("([^"]*)"\)$', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
NAME = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b(?!\.(?:py|c)\b)")
# A driver with one of these must be in the table.
OPERATION = re.compile(r"\.(ndo_set_vf_mac|ndo_fdb_add|ndo_fdb_del|sriov_configure)\s*=")
DEFINED = re.compile(r"^[a-z_][^;]*?\b([a-z_]\w*)\([^;]*$", re.MULTILINE)
WRITES = re.compile(r'\.name = "([\w-]+)"(?:(?!\.name = )[\s\S])*?\.writes = \{NFP_WRITES_(\w+), "(\w+)"\}')
REWRITES = re.compile(r'\.name = "([\w-]+)"(?:(?!\.name = )[\s\S])*?\.rewrites = "(\w+)"')
ADDS_ONE = re.compile(r'\.name = "([\w-]+)"(?:(?!\.name = )[\s\S])*?\.adds_one = "(\w+)"')
LOOP = re.compile(r"\bfor\b|_for_each_")
# Work that waits for a time, or is made by a task that runs once in a while.
TIMED = re.compile(r"\b(?:mod_timer|queue_delayed_work|schedule_delayed_work|round_jiffies\w*|mod_delayed_work|add_timer)\b")
FACTS = {  # whether the source of a driver has it
    "no-vf-operations": re.compile(r"\.ndo_set_vf_mac\s*="),
    "no-vf-config": re.compile(r"\.ndo_get_vf_config\s*="),
    "no-unicast-filter": re.compile(r"\bIFF_UNICAST_FLT\b"),
}


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def read_source(top):
    """{path of a file below @top: its text}"""
    paths = [os.path.join(folder, name) for folder, _, names in os.walk(top) for name in names if name.endswith((".c", ".h"))]
    return {os.path.relpath(path, top): read(path) for path in paths}


def below(path, place):
    return path == place or path.startswith(place + "/")


def rows_of(table):
    """(names of the manual, places, facts, functions)"""
    for name, places, facts, functions in ROW.findall(table):
        yield name, places.split(), facts.split(), " ".join(re.findall(r'"([^"]*)"', functions)).split()


def row_faults(source, row):
    name, places, facts, functions = row
    for place in places:
        if not any(below(path, place) for path in source):
            yield f"{name}: the source has no {place}"
    text = "\n".join(text for path, text in source.items() if any(below(path, place) for place in places))
    for function in sorted(set(functions) - set(DEFINED.findall(text))):
        yield f"{name}: no function {function} in {' '.join(places)}"
    if name == "none":
        return
    for fact, pattern in FACTS.items():
        if bool(pattern.search(text)) == (fact in facts):
            yield f"{name}: {fact} is {'not ' if fact in facts else ''}true of {' '.join(places)}"


def body_of(function, text):
    """From its head, which begins a line and ends with a brace that does, to the brace that ends it."""
    found = re.search(rf"^[a-z_][^;{{}}]*\b{function}\([^;{{}}]*\n\{{\n(.*?)^\}}", text, re.DOTALL | re.MULTILINE)
    return found and found[1]


def writes_faults(rows, source):
    """Does each function that shows when a driver writes exist, and does one that is said to wait for no timer start none?"""
    read = WRITES.findall(rows)
    if not read:
        yield "no row says when its driver writes"
    for name, when, function in read:
        texts = [text for text in source.values() if function in text]
        bodies = [body for body in (body_of(function, text) for text in texts) if body]
        if not bodies:
            yield f"{name}: no function {function}, which is said to show when it writes"
        for body in bodies if when in ("AT_ONCE", "ANSWERED") else ():
            if TIMED.search(body):
                yield f"{name}: {function} waits for a timer, and is said not to: {TIMED.search(body)[0]}"


def rewrites_faults(rows, source):
    """Does each function that is said to write a whole list anew exist, and go through a list?"""
    read = REWRITES.findall(rows)
    for name, function in ADDS_ONE.findall(rows):
        if not any(body_of(function, text) for text in source.values() if function in text):
            yield f"{name}: no function {function}, which is said to write one address alone"
    if not read:
        yield "no row says which driver writes its whole list anew"
    for name, function in read:
        bodies = [body for body in (body_of(function, text) for text in source.values() if function in text) if body]
        if not bodies:
            yield f"{name}: no function {function}, which is said to write its whole list anew"
        if bodies and not any(LOOP.search(body) for body in bodies):
            yield f"{name}: {function} goes through no list"


def table_faults(table, rows, source):
    known = [place for _, places, _, _ in rows for place in places]
    for path, text in sorted(source.items()):
        operations = sorted(set(OPERATION.findall(text)))
        if operations and not any(below(path, place) for place in known):
            yield f"{path} has {', '.join(operations)}, and no row: a driver that the table lacks"
    gone = {name for names in GONE.findall(table) for name in names.split()}
    named = {name for comment in COMMENT.findall(table) for name in NAME.findall(comment)}
    there = {name for text in source.values() for name in NAME.findall(text)}
    keys = set(re.findall(r"\b([a-z_0-9]+)=", table)) | set(re.findall(r"^\s*\* (\w+):", table, re.MULTILINE))
    for name in sorted(named - there - gone - keys):
        yield f"a comment names {name}, which the source does not have"
    for name in sorted(gone & there):
        yield f"{name} is said to be gone, and the source has it"


def manual_rows(manual):
    """({names}, macvtap, bridge, from) of the table in DRIVERS"""
    table = re.search(r"\.SH DRIVERS\n.*?\n_\n(.*?)\.TE\n", manual, re.DOTALL).group(1)
    for line in re.sub(r"T\{\n(.*?)\nT\}", r"\1", table, flags=re.DOTALL).replace("\\-", "-").splitlines():
        first, *rest = line.split("\t")
        yield [re.sub(r"^older | \(.*", "", name) for name in first.split(", ")], first, *rest


def verdicts_of(drivers):
    """{(driver, style): the verdict of a NIC in memory by its keys}"""
    cases = [alike.Case(name, {key: value for key, value in one.keys.items() if key not in alike.REFUSED}, settle_ms=3000, style=style)
             for name, one in drivers.items() for style in ("macvtap", "bridge")]
    return {(case.name, case.style): out["truth"][0]["filter_verdict"].upper() for case, out in alike.in_memory(cases)}


def manual_faults(manual, rows, version, drivers):
    said, verdicts = set(), verdicts_of(drivers)
    for names, first, *columns in manual_rows(manual):
        said |= set(names)
        if columns[2] not in ("recording", "patch", version):
            yield f"{first}: it says {columns[2]}, and the source is that of Linux {version}"
        if first.startswith("older") or columns[0].startswith(("cannot", "refused", "no VFs")):
            continue
        for name in names:
            driver = name if name in drivers else name.removesuffix("_en")
            for style, column in zip(("macvtap", "bridge"), columns) if driver in drivers else ():
                verdict = verdicts[driver, style]
                if verdict not in column:
                    yield f"{first}: by its keys {name} is {verdict} in the style {style}, not {column}"
    for name in sorted({row[0] for row in rows} - said - {"none"}):
        yield f"{name} has a row in the table, and none in the manual"
    for name in sorted(said - {row[0] for row in rows} - {"switchdev"}):
        yield f"{name} has a row in the manual, and none in the table"
    for name, _, facts, _ in rows:
        cells = [columns for names, _, *columns in manual_rows(manual) if name in names]
        if "no-vf-operations" in facts and any(not cell[0].startswith(("cannot", "no VFs")) for cell in cells):
            yield f"{name} has no operations of VFs, and the manual does not say that it cannot run"


def main():
    table, quirks, manual, folder, version = sys.argv[1:]
    drivers = personalities.read(table)[0]
    table, manual, source = read(table), read(manual), read_source(folder)
    rows = list(rows_of(table))
    faults = [fault for row in rows for fault in row_faults(source, row)]
    faults += [*table_faults(table, rows, source), *writes_faults(read(quirks), source), *rewrites_faults(read(quirks), source),
               *manual_faults(manual, rows, version, drivers)]
    print(*faults, sep="\n", end="\n" if faults else "")
    if not rows or not source:
        print("no row in the table" if source else f"no source in {folder}")
    return 1 if faults or not rows or not source else 0


if __name__ == "__main__":
    sys.exit(main())
