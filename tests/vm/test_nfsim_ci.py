# SPDX-License-Identifier: GPL-2.0-or-later
"""The result that a CI host asks for as a stream of events."""

import json

from probing import PACE, valid, validate
from scenario import equal
from simulated import one

EARLY = "come=assign+reset+driver+up go=clear arb=vf"  # the VF has the address from the assignment on

RUN = ("nf0", "--vf", "3", "--from", "nf0w", "--style", "bridge", *PACE)


def run(host, *args):
    return host.nfprobe(*RUN, *args)


def test_stream(host):
    """--json-stream has what --json has"""
    with one(host, EARLY, bound=True):
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
        unjudged = [{**step, "answer": step["answer"] and "unknown"} for step in style["steps"]]
        equal([e["landing"] for e in events if e["event"] == "landing"], unjudged, "landings streamed")
        equal([e["transition"] for e in events if e["event"] == "transition"], style["transitions"], "transitions streamed")
        equal([e["verdict"] for e in events if e["event"] == "verdict"], ["early"], "verdict streamed")
