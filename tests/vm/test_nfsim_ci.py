# SPDX-License-Identifier: GPL-2.0-or-later
"""The results that a CI host asks for: one beside an earlier one, as JUnit's XML, and as a stream of events."""

import json
import os
import shlex
import subprocess

from probing import valid, validate
from scenario import TOP, check, equal
from simulated import one

EARLY = "come=assign+reset+driver+up go=clear arb=vf"  # the VF has the address from the assignment on
XSD = os.path.join(TOP, "tests/cli/lib/junit.xsd")


RUN = ("nf0", "--vf", "3", "--from", "nf0w", "--style", "bridge", "--settle", "0.2", "--rate", "200")


def run(host, *args):
    return host.nfprobe(*RUN, *args)


def on_terminal(host, locale, *args):
    command = shlex.join(["env", f"LC_ALL={locale}", host.nfprobe_path, *RUN, *args])
    return host.run("script", "-qec", command, "/dev/null")


def test_baseline(host):
    """--baseline, --same, --export junit and --json-stream: what is known does not fail, what got worse does"""
    with one(host, EARLY + " fw_running=1", bound=True) as nic:
        old, new, junit = "/tmp/old.json", "/tmp/new.json", "/tmp/out.xml"
        for _ in range(8):  # a machine that is busy may be slow, in either run, and then a gap is longer
            equal(run(host, f"--json={old}").status, 1, "status without a baseline")
            again = run(host, "--baseline", old, "--same", "--export", f"junit={junit}", "--json-stream", f"--json={new}")
            result = valid(json.loads(host.ok("cat", new)))
            if {d["compared"] for d in result["baseline"]["differences"]} != {"gap"}:
                break
        equal((again.status, result["baseline"]["differences"]), (0, []), "a repetition: " + again.err)
        refused = run(host, "--baseline", old)
        equal(refused.status, 4, "status where nothing could have changed")
        check("driver, firmware and kernel are those of the baseline" in refused.err, refused.err)
        validate(again.out, "nfprobe-event.schema.json", "--lines")
        events = [json.loads(line) for line in again.out.splitlines()]
        style = result["vfs"][0]["styles"][0]
        names = [event["event"] for event in events]
        equal((names[0], names[-1]), ("run", "end"), "first and last event")
        # A landing is streamed before the verdict, which says what is fit.
        unjudged = [{**step, "fit": "unknown"} for step in style["steps"]]
        equal([e["landing"] for e in events if e["event"] == "landing"], unjudged, "landings streamed")
        equal([e["transition"] for e in events if e["event"] == "transition"], style["transitions"], "transitions streamed")
        equal([e["verdict"] for e in events if e["event"] == "verdict"], ["early"], "verdict streamed")
        equal(events[-1]["baseline"], result["baseline"], "baseline in the last event")
        equal((result["exit"], result["baseline"]["worse"]), (0, False), "exit, worse")
        document = host.ok("cat", junit)
        subprocess.run(["xmllint", "--nonet", "--noout", "--schema", XSD, "-"], input=document, text=True, check=True)
        check('failures="0" errors="0"' in document, "what was so before is a failure:\n" + document)

        # New firmware, and now the address does not come back when it is cleared.
        nic.personality(EARLY.replace("go=clear", "go=never") + " fw_running=2")
        worse = on_terminal(host, "C", "--baseline", old, f"--json={new}")
        equal(worse.status, 1, "status of what is worse: " + worse.out)
        check("\n  nobody " in worse.out and worse.out.isascii(), "no timeline in ASCII: " + worse.out)
        differences = valid(json.loads(host.ok("cat", new)))["baseline"]["differences"]
        equal([(d["to"], d["before"], d["now"], d["trend"]) for d in differences if d["compared"] == "landing"][0],
              ("clear", "pf", "nowhere", "worse"), "what got worse")
        equal(run(host, "--baseline", old, "--same").status, 4, "--same with other firmware")
        # Put right: better, though not as a repetition would be.
        nic.personality("default come=up go=down+unplug+clear arb=vf fw_running=2")
        better = on_terminal(host, "C.UTF-8", "--baseline", old)
        equal(better.status, 0, "status of what is better: " + better.out)
        check("nothing is worse" in better.out, better.out)
        check("\u2588\u2588" in better.out, "no timeline in blocks: " + better.out)
