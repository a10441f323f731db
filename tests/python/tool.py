# SPDX-License-Identifier: GPL-2.0-or-later
"""The scripts under test, as modules, and samples of what nfprobe writes."""

import atexit
import contextlib
import copy
import functools
import importlib.machinery
import importlib.util
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOLS = os.path.join(TOP, "scripts/tools")
sys.path[:0] = [TOOLS, os.path.join(TOP, "tests/cli/lib")]  # of the package nfprobe_tools, and of validate.py
sys.dont_write_bytecode = True
import validate  # noqa: E402
from nfprobe_tools import host  # noqa: E402


def script(name):
    tools = os.path.join(TOOLS, name)
    return tools if os.path.exists(tools) else os.path.join(TOP, "scripts", name)


def load(name):
    """A script without an ending as a module."""
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), script(name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


def run(name, *args, **options):
    options.setdefault("env", os.environ)  # what readline, which pytest may load, adds to the environment is not in it
    return subprocess.run([sys.executable, script(name), *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, errors="surrogateescape", timeout=120, check=False, **options)


@contextlib.contextmanager
def in_time(seconds=60):
    """A tool that hangs, whatever it is doing, is a failure."""
    def late(*_):
        raise TimeoutError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def unprintable():
    """The characters that nothing may print."""
    with open(os.path.join(TOP, "tests/unprintable.txt"), encoding="ascii") as file:
        ranges = [line.split() for line in file if not line.startswith("#")]
    return {c for first, last in ranges for c in range(int(first, 16), int(last, 16) + 1)} | {0}


# Names of netdevs, as a guest or a pod may choose them, with which a shell would do something else.
HOSTILE = ("`id`;#", "$(id>&2)", "-x", "it's", '"', "a\\", "*", "~", "#", "##[error]x", "\xe9")


def words_of(command):
    """As shells read them; none is run."""
    subprocess.run(["sh", "-n"], input=os.fsencode(f"{command}\n"), check=True)
    done = subprocess.run(["bash", "-c", "printf '%s\\0' " + command], capture_output=True, check=True)
    assert not done.stderr
    return [word.decode("utf-8", "surrogatepass" if b"\xed\xa0" in word else "surrogateescape") for word in done.stdout.split(b"\0")[:-1]]


# The text that CI systems execute where they print it (src/base/ci_filter.c).
COMMANDS = ("##[set-output name=x]y", "##vso[task.setvariable]x", "::error::x", "section_start:1:x", "SECTION_END:1:x",
            "\xa0::add-mask::x")


def has_command(text):
    return re.search(r"##\[|##vso\[|section_(start|end):|^[^\n!-~]*::", text, re.MULTILINE | re.IGNORECASE)


# The tests in C, as `make` builds them.
PROGRAMS = os.path.dirname(os.path.dirname(os.environ.get("MEMPROBE", os.path.join(TOP, "build/tests/memnic/memprobe"))))


@functools.lru_cache
def documents():
    """The folder with each document that unit/test_golden_formats.c writes: of most, tests/golden has only what is odd in them."""
    # pylint: disable=consider-using-with # it is there until these tests end
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    for program in ("test_golden_formats", "test_golden_text"):
        subprocess.run([os.path.join(PROGRAMS, "unit", program)], cwd=TOP, env={**os.environ, "NFPROBE_JSON_DIR": folder.name},
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)  # it says itself what tests/golden has otherwise
    return folder.name


def golden(name):
    """A document of nfprobe's."""
    with open(os.path.join(documents(), name), encoding="utf-8") as file:
        return json.load(file)


LACKS = {"decided_by": "steps",
         **dict.fromkeys(("filter_verdict", "bus_master_falls", "uplink_hears_vf", "uplink_hears_itself"), "unknown")}


def answers():
    """The documents of the answers of tests/golden/answers.txt, whose samples lack what no answer shows."""
    found = [golden(name) for name in sorted(os.listdir(documents())) if name.startswith("answer-")]
    for style in (style for one in found for style in (one["vf"] or {"styles": ()})["styles"]):
        lacks = {key: word for key, word in LACKS.items() if style[key] == "?"}
        style.update(lacks)
    return found


def places(document):
    """The way to every value of a document; two elements of a list stand for the rest."""
    return [where for where, _ in validate.nodes(document) if where]


def along(document, where, value):
    """A copy, but only of what is on the way there: of a document that nobody changes."""
    found = at = copy.copy(document)
    for key in where[:-1]:
        at[key] = at = copy.copy(at[key])
    at[where[-1]] = value
    return found


def put(document, where, value):
    return along(copy.deepcopy(document), where, value)


def schema(kind):
    return os.path.join(os.path.dirname(PROGRAMS), f"schemas/nfprobe-{kind}.schema.json")


@functools.lru_cache
def validator(kind):
    return validate.validator(schema(kind))


def valid(kind, document):
    """The document holds to its schema, and has no key that the schema does not describe."""
    faults = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator(kind).iter_errors(document)]
    assert not faults, faults


def advice(text, number=1, **more):
    return {"id": f"a{number}", "what": "use", "style": None, "fix": None, "vlan": None, "rank": number, "label": "Do", "sentence": text,
            "moment": "now", "not_before": False, "where": "host", "document": None, "commands": [], "undo": [],
            "fill_in": [], "lasts": None, "hook": False, "tested": {"by": "tested", "states": []}, "costs": None, "cuts_off": None, **more}


def conditions(*styles):
    """That of a macvtap, of each."""
    return [{"id": f"c{number}", "style": style, "fix": None, "vlan": None, "code": "trust-guest-rx-filters", "for": ["ipv6"],
             "without": "lost", "words": "IPv6: set trustGuestRxFilters", "met_by": ["a1"], "shown": "kernel-rule"}
            for number, style in enumerate(styles, 1)]


def unseen(style, number):
    """A VF that an earlier style of the run had used: nothing to bring about."""
    return {**conditions(style)[0], "id": f"c{number}", "code": "unused-vf-unseen", "for": ["all"], "without": "unknown",
            "words": "not seen: a VF that no style before has used", "met_by": [], "shown": "untested"}


def life(style, cells, **more):
    return {"style": style, "fix": None, "vlan": None, "verdict": "safe", "serves": ["ipv4", "ipv6"], "conditions": [], "cells": cells,
            "longest_outage": {"state": "unmeasured", "us": None, "error_us": None, "to": None, "heard_by": None}, **more}


def listed_vf(number, **changes):
    return {"vf": number, "parentdev": f"0000:01:10.{2 * number}", "driver": "igbvf", "driver_version": "6.12.95",
            "net_driver": "igbvf", "net_driver_version": "6.12.95", "hands_over": False, "ifname": None,
            "address": None, "vlan": 0, "trust": False, "spoofchk": True, "use": None, "user": None, **changes}


def listed_pf(*vfs, **changes):
    """That of the golden result."""
    return {**golden("igb.json")["pf"], "bus": "pci", "settle_ms": 1500, "not_with": [], "vfs": list(vfs), **changes}


def listed(*pfs, kernel="6.12.95"):
    """The output of nfprobe --list --json -q."""
    return {"schema": host.SCHEMA, "version": "0.3.0", "kernel": kernel, "pfs": list(pfs), "exit": 0}


def random_of(seed):
    return random.Random(seed)
