# SPDX-License-Identifier: GPL-2.0-or-later
"""The tools as pip installs them, where there are no packages and no nfprobe."""

import os
import shutil
import subprocess
import sys

import pytest

import tool
from nfprobe_tools import VERSION

NAMES = ("nfprobe-all", "nfprobe-check", "nfprobe-report")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Without a network, by what Debian has of pip and setuptools; from a copy, since a build leaves files beside its source."""
    folder = tmp_path_factory.mktemp("pip")
    shutil.copytree(tool.TOOLS, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", "--no-index",
                           "--root-user-action=ignore", "--target", folder / "site", folder / "source"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "site"


def run(installed, name, *args):
    env = {**os.environ, "PYTHONPATH": str(installed), "PATH": "/nonexistent"}
    env.pop("NFPROBE", None)
    return subprocess.run([sys.executable, installed / "bin" / name, *map(str, args)], capture_output=True, text=True, env=env, check=False)


@pytest.mark.slow
def test_each_command_runs(installed):
    for name in NAMES:
        done = run(installed, name, "--version")
        assert (done.returncode, done.stdout) == (0, f"{name} {VERSION}\n"), done.stderr


@pytest.mark.slow
def test_results_are_read_without_nfprobe(installed, tmp_path):
    result = os.path.join(tool.TOP, "tests/fixtures/igb/result.json")
    for wanted in ("junit", "nfd", "html", "prometheus"):
        done = run(installed, "nfprobe-report", wanted, result, "-o", tmp_path / wanted)
        assert done.returncode == 0 and (tmp_path / wanted).stat().st_size > 100, done.stderr


@pytest.mark.slow
def test_what_asks_the_host_says_that_there_is_no_nfprobe(installed):
    if any(os.path.exists(f"{folder}/nfprobe") for folder in ("/usr/local/sbin", "/usr/sbin", "/sbin")):
        pytest.skip("there is one")
    for name in ("nfprobe-all", "nfprobe-check"):
        done = run(installed, name)
        assert done.returncode == 4 and "there is no nfprobe in PATH" in done.stderr
