# SPDX-License-Identifier: GPL-2.0-or-later
"""The scripts under test, as modules, and samples of what nfprobe writes."""

import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def script(name):
    return os.path.join(TOP, "scripts", name)


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
    return subprocess.run([sys.executable, script(name), *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, errors="surrogateescape", timeout=120, check=False, **options)


def golden(name):
    with open(os.path.join(TOP, "tests/golden", name), encoding="utf-8") as file:
        return json.load(file)
