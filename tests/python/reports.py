# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of nfprobe-report share: two results, each format of them in memory, and the command."""

import copy
import io
import json
from unittest import mock

import tool
from nfprobe_tools import cases, labels, metrics, page
from nfprobe_tools import result as reading
from nfprobe_tools.subject import subject_of

NOW = 1_764_000_000
IGB, PEER = tool.golden("igb.json"), tool.golden("reflector.json")
FORMATS = {"junit": cases.write_junit, "nfd": labels.write_nfd, "prometheus": metrics.write_prometheus,
           "html": page.write_html}


def parse(document, ladders=True):
    return reading.parse(json.dumps(document).encode(), "x.json", ladders)


def write(name, *documents):
    out = io.BytesIO()
    with mock.patch.object(metrics, "now_s", lambda: NOW), mock.patch.object(labels, "now_ms", lambda: NOW * 1000):
        FORMATS[name]([subject_of(parse(document)) for document in documents], out)
    return out.getvalue().decode()


def changed(base=IGB, **keys):
    return {**copy.deepcopy(base), **keys}


def report(*args, **options):
    done = tool.run("nfprobe-report", *args, **options)
    assert "Traceback" not in done.stderr
    return done


def save(path, document):
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def style(document, number=0):
    return document["vf"]["styles"][number]


def of_schema(number, document=IGB, **more):
    return {**document, "schema": number, **more}


SAID = f"nfprobe-report: cannot use old.json: it has schema 4, and this version reads schema {reading.SCHEMA}: " \
    "nfprobe eth0 --vf 3 --save makes a new one\n"
