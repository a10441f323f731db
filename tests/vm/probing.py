# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe in the virtual machine: runs, refusals, what must stay as it was, what was sent."""

import contextlib
import dataclasses
import json
import os
import shlex
import subprocess

import jsonschema
import scenario
import shown
from scenario import PF, TOP, ZERO, check, differences, equal

# As few frames as will do, and as short a wait: by the machine's own clock, which no load of the host stretches.
PACE = ("--settle", "0.2", "--rate", "100")
# Where the landings are not the subject.
QUICK = (*PACE, "--style", "macvtap")

CANNOT = 4

# Holds what its argument is evaluated to until its input ends.
HOLD = r"""
import sys
exec(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


# For `holding`: makes the netdev {} promiscuous, as a capture does.
PROMISC = """
import socket, struct
PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC, SOL_PACKET = 1, 1, 263
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, struct.pack("iHH8s", socket.if_nametoindex("{}"), PACKET_MR_PROMISC, 0, b""))
"""


def come_to(run, at, who):
    """Waits for the change `at`."""
    if not run.wait_for(at, 120):
        result = run.wait(120)
        check(False, f"{who} never came to {at}: {result.status} {result.err}{result.out}")


@contextlib.contextmanager
def standing_still(run, at, among="+ "):
    """The run, which was begun with hold=`at`, stands still: of the lines that begin with `among` (the changes, by -v) that is the last."""
    run.pause()
    try:
        lines = (run.stderr + run.stdout).decode().splitlines()
        last = [line for line in lines if line.startswith(among)][-1]
        check(at in last, f"it is at {last}, behind {at}")
        yield
    finally:
        run.go_on()


def worker(host, pf):
    """The pid of the process that probes: that which was started has forked it."""
    first = host.ok("pgrep", "-f", f"nfprobe {pf} --vf").split()[0]  # not -o: the two have begun in the same tick
    return host.ok("pgrep", "-P", first).strip()


def unlocked(host):
    """Waits until no process has a lock: the child of a run may die a moment after its parent."""
    host.sh("for lock in /run/nfprobe/*[0-9].lock; do flock $lock true; done")


def meddled(run, at, interfere):
    """The run, which has come to the change `at` and is held there, after interfere() was done."""
    with standing_still(run, at):
        interfere()
    return run


def schema(name):
    with open(os.path.join(scenario.SCHEMAS, name), encoding="utf-8") as file:
        document = json.load(file)
    return jsonschema.validators.validator_for(document)(document)


def valid(document, name="nfprobe-result.schema.json"):
    """The document, which the JSON schema that is shipped allows."""
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in schema(name).iter_errors(document)]
    equal(errors, [], "what the JSON schema does not allow")
    return document


def validate(text, name, *options):
    """Checks that the JSON schemas allow a document, several of them, or one that has others within it."""
    command = ("/usr/bin/python3", os.path.join(TOP, "tests/cli/lib/validate.py"), *options,
               os.path.join(scenario.SCHEMAS, name), "/dev/stdin")
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, check=False)
    check(done.returncode == 0, done.stdout)


@contextlib.contextmanager
def unchanged(host):
    """The body leaves the host exactly as it was, seen by other means than nfprobe's own."""
    before = host.state(exact=True)
    yield
    equal(list(differences(before, host.state(exact=True))), [], "what nfprobe left different")


def outcome(result, status):
    """The JSON of a run that ended with this status."""
    check(result.status == status, f"status {result.status} instead of {status}\n{result.err}\n{result.out[-3000:]}")
    out = valid(result.json())
    equal(out["exit"], status, "exit in JSON")
    return out


# igb keeps a note that an administrator has set a VF's address, which it neither shows nor forgets.
BY_THE_PF = "was restored through the PF"


def by_the_pf(host, vf):
    """The traces of a run of a VF without a driver: none where igb has forgotten its address by now, as that of Linux 6.1 does."""
    return [BY_THE_PF] if host.vf_info(vf)["address"] != ZERO else []


RECORDING = "/tmp/run.pcapng"
RESULT = "/tmp/result.json"


def probe(host, *args, status=0, pf=PF, left=(), up=None, text=None, **parts):
    """A run to its end, after which the host is as it was; its result and what it wrote on stderr.

    `left`: a word of each sentence that left_behind is to have. `up`: a netdev that was up, and had carrier. `text`: the
    name of the file that has its text (shown.py). `parts`: fixes, as of Host.nfprobe.
    """
    with unchanged(host):
        result = host.nfprobe(pf, *args, f"--json={RESULT}" if text else "--json", "--write", RECORDING, **parts)
        if up:  # its driver looks at the cable in its own time
            host.wait_carrier(up)
    if text:
        shown.compare(text, (pf, *args), result)
        result.stdout = host.sh(f"cat {RESULT}; rm {RESULT}").encode()
    out = outcome(result, status)
    host.ok("rm", RECORDING)
    equal(out["restored"], True, "restored")
    behind = [line["text"] for line in out["left_behind"]]
    if host.homes:  # each VF has an address, which only the PF can restore
        behind, left = ([s for s in sentences if BY_THE_PF not in s] for sentences in (behind, left))
    check(len(behind) == len(left) and all(w in s for w, s in zip(left, behind)), f"left_behind is {behind}, not {left}")
    return out, result.err


def forget(host, vf):
    """Takes a VF the address that it was given; its driver draws one at the next bind."""
    host.vf_clear(vf)
    if host.vf_netdev(vf):
        host.vf_unbind(vf)
    host.vf_bind(vf)


def ladder_of(style):
    """The style whose ladder it is: of a fix, that of the fix."""
    return {None: style["style"], "static": "static-bridge"}.get(style["fix"], f"{style['style']}+{style['fix']}")


def line_of(command):
    """For a shell."""
    return shlex.join(command) if isinstance(command, list) else f"echo {shlex.quote(command['write'])} > {shlex.quote(command['to'])}"


def style_of(out, name):
    styles = {ladder_of(s): s for s in out["vf"]["styles"]} if out["vf"] else {}
    check(name in styles, f"no style {name} in {out}")
    return styles[name]


def changes(err):
    """The commands that -v has printed."""
    return [line[2:] for line in err.splitlines() if line.startswith("+ ")]


def words(text, says, what):
    for word in (says,) if isinstance(says, str) else says:
        check(word in text, f"{what} does not say {word!r}: {text}")


def to_try(error):
    """The command that the hint of an error ends with."""
    check(error["hint"]["commands"], f"no command in: {error['hint']}")
    return line_of(error["hint"]["commands"][-1])


def hint_of(error):
    """As it is printed: its text, and each command."""
    said = error["hint"] or {"text": None, "commands": []}
    return " ".join([said["text"] or "", *(f"Try: {line_of(command)}" for command in said["commands"])])


def refused(host, *args, code, says, hint, pf=PF, text=None):
    """A run that cannot begin: status, sentence, hint, JSON; no change is made, not even one that is undone. `text` as of probe."""
    with unchanged(host):
        result = host.nfprobe(pf, *args, "-v", "--json")
    out = outcome(result, CANNOT)
    if text:
        shown.compare(text, (pf, *args), dataclasses.replace(result, stdout=b""))
    equal(changes(result.err), [], "changes made")
    equal(out["error"]["code"], code, f"error code of: {out['error']['message']}")
    words(out["error"]["message"], says, "the sentence")
    words(hint_of(out["error"]), hint, "the hint")
    words(result.err, ("nfprobe: " + out["error"]["message"],), "stderr")
    return out


@contextlib.contextmanager
def elsewhere(host, netdev, netns, address=None, vlan=0):
    """A netdev as a host of its own, in a namespace, without IPv6; the netdev there that has the address, in the VLAN."""
    at = f"{netdev}.{vlan}" if vlan else netdev
    host.sh(f"""ip netns add {netns}; ip link set {netdev} netns {netns}
        ip netns exec {netns} sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip -n {netns} link set lo up; ip -n {netns} link set {netdev} up""")
    try:
        if vlan:
            host.sh(f"ip -n {netns} link add link {netdev} name {at} type vlan id {vlan}; ip -n {netns} link set {at} up")
        if address:
            host.ok("ip", "-n", netns, "address", "add", f"{address}/24", "dev", at)
        yield at
    finally:
        if vlan:
            host.run("ip", "-n", netns, "link", "del", at)
        host.sh(f"ip -n {netns} link set {netdev} netns 1; ip netns del {netns}; ip link set {netdev} up")


@contextlib.contextmanager
def running(host, *argv, ready):
    """A command that runs meanwhile, and ends when its input does."""
    command = host.begin(*argv, stdin=True)
    check(command.wait_for(ready), f"it ended at once: {command.stderr.decode()}")
    try:
        yield command
    finally:
        command.write(b"")
        command.result = command.wait(120)
    equal(command.result.status, 0, f"status of {argv[0]}: {command.result.err}")


@contextlib.contextmanager
def holding(host, statement):
    """Python, run by a process of its own, whose effects last meanwhile."""
    with running(host, "/usr/bin/python3", "-I", "-S", "-c", HOLD, statement, ready="held") as command:
        yield command
