# SPDX-License-Identifier: GPL-2.0-or-later
"""What pytest has to know of these tests."""

import json
import os

import pytest
import tool


def pytest_configure(config):
    # The tools heed these, or Python does: with PYTHONUNBUFFERED no output is lost at exit.
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "PYTHONUNBUFFERED"):
        os.environ.pop(name, None)
    config.addinivalue_line("markers", "slow: takes a good part of a second; `make quick` leaves it out")


@pytest.fixture(name="folder")
def a_folder(tmp_path, monkeypatch):
    """The working folder, with a result."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_text(json.dumps(tool.golden("igb.json")))
    return tmp_path
