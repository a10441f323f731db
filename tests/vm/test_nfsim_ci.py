# SPDX-License-Identifier: GPL-2.0-or-later
"""The results that a CI host asks for: one beside an earlier one, and as a stream of events."""

import json
import shlex

from probing import PACE, valid, validate
from scenario import check, equal
from simulated import one

EARLY = "come=assign+reset+driver+up go=clear arb=vf"  # the VF has the address from the assignment on

RUN = ("nf0", "--vf", "3", "--from", "nf0w", "--style", "bridge", *PACE)


def run(host, *args):
    return host.nfprobe(*RUN, *args)


def on_terminal(host, locale, *args):
    command = shlex.join(["env", f"LC_ALL={locale}", host.nfprobe_path, *RUN, "-v", *args])
    return host.run("script", "-qec", command, "/dev/null")


def test_stream(host):
    """--json-stream has what --json has; a timeline in ASCII and in blocks"""
    with one(host, EARLY + " fw_running=1", bound=True) as nic:
        file = "/tmp/new.json"
        streamed = run(host, "--json-stream", f"--json={file}")
        equal(streamed.status, 1, "status")
        result = valid(json.loads(host.ok("cat", file)))
        validate(streamed.out, "nfprobe-event.schema.json", "--lines")
        events = [json.loads(line) for line in streamed.out.splitlines()]
        style = result["vf"]["styles"][0]
        names = [event["event"] for event in events]
        equal((names[0], names[-1]), ("run", "end"), "first and last event")
        # A landing is streamed before the verdict, which says what is fit.
        unjudged = [{**step, "fit": "unknown"} for step in style["steps"]]
        equal([e["landing"] for e in events if e["event"] == "landing"], unjudged, "landings streamed")
        equal([e["transition"] for e in events if e["event"] == "transition"], style["transitions"], "transitions streamed")
        equal([e["verdict"] for e in events if e["event"] == "verdict"], ["early"], "verdict streamed")

        nic.personality(EARLY.replace("go=clear", "go=never") + " fw_running=2")
        worse = on_terminal(host, "C")
        equal(worse.status, 1, "status: " + worse.out)
        check("\n  nobody " in worse.out and worse.out.isascii(), "no timeline in ASCII: " + worse.out)
        nic.personality("default come=up go=down+unplug+clear arb=vf fw_running=2")
        safe = on_terminal(host, "C.UTF-8")
        equal(safe.status, 0, "status: " + safe.out)
        check("\u2588\u2588" in safe.out, "no timeline in blocks: " + safe.out)
