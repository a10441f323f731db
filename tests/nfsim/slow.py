# SPDX-License-Identifier: GPL-2.0-or-later
"""The answers that are right for a NIC that acts later than a landing is watched (model.is_slow).

Where its frames land then depends on when it acts, so no answer can be predicted. But every answer must be explicable:
there must be times, within what the prober reports of its steps and what the personality says of its delays, at which the VF's
filter came and went so that the frames landed as reported, in every step. And the verdict must be the one that the manual's rules
give for these landings. The check finds out a prober that makes up a landing, or takes one from another step. A prober that calls
a NIC safe which a longer watch would have shown otherwise is not wrong: it says for how long it watched.

`explain(keys, style, source, steps)`: the first step that no such times explain, or None.
`verdict_of(keys, steps, source)`: what the rules make of the landings, as a model.Answer.
"""

import copy
import dataclasses

import model

SLOP_MS = 300  # a timer of a machine that is short of processors
GRACE_MS = 600  # frames under way are waited for so long at most, after the window
# Keys that bear on times and landings; others would let the kernel refuse steps, which is another matter.
KEYS = ("come", "go", "come_ms", "go_ms", "blip_ms", "arb", "unreg_wire", "unreg_vf", "promisc_owned", "promisc_vf", "zero",
        "no_reset", "bcast_vf", "loss", "dup", "reorder", "delay_us", "seed")


@dataclasses.dataclass(frozen=True)
class Pending:
    """A filter that will come (its address) or go (None), from the earliest to the latest time in ms."""

    mac: object
    low: float
    high: float


class Late(model.Nic):
    """The NIC with its delays: `now` is when an event happens, as (earliest, latest)."""

    def __init__(self, keys):
        super().__init__(keys)
        self.now = (0, 0)
        self.pending = None

    def later(self, mac, delay):
        self.pending = Pending(mac, self.now[0] + delay, self.now[1] + delay + SLOP_MS)

    def fire(self):
        mac, self.pending = self.pending.mac, None
        if mac is None:
            self.filter_off()
        else:
            self.filter_on(mac)

    def come_for(self, mac, delay=None):
        delay = int(self.keys["come_ms"]) if delay is None else delay
        if self.filter == mac:
            self.pending = None
        elif self.pending and self.pending.mac == mac:
            pass
        elif delay:
            self.later(mac, delay)
        else:
            self.pending = None
            self.filter_on(mac)

    def leave(self, delay):
        if self.filter is None:
            self.pending = None
        elif not delay:
            self.pending = None
            self.filter_off()
        elif not (self.pending and self.pending.mac is None):
            self.later(None, delay)

    def blip(self):
        if self.pending and self.pending.mac is None:  # what was about to go, goes for good
            self.fire()
        mac = self.pending.mac if self.pending else self.filter
        if mac is None:
            return False
        self.filter_off()
        self.later(mac, int(self.keys["blip_ms"]))
        return True

    def event(self, name):
        mac = self.vf_mac if name in ("assign", "reset") else self.netdev if name in ("driver", "up") else None
        if name != "clear" and self.vf_mac is None:
            if name == "up":
                self.come_for(self.netdev, 0)
            elif name in ("down", "unplug"):
                self.leave(0)
            return
        if name == "reset" and self.keys["blip_ms"] and self.blip():
            return
        comes, goes = mac is not None and name in self.come, name in self.go
        if goes:
            self.leave(0 if comes else int(self.keys["go_ms"]))
        if comes:
            self.come_for(mac)


@dataclasses.dataclass
class State:
    """A history that explains what was seen so far."""

    nic: Late
    x: str = "X"
    held: bool = False

    def may_have_fired(self, low, high):
        """This one, and one in which what is pending has happened, as far as either is possible between these times."""
        due = self.nic.pending
        if due is None or due.low > high:
            return [self]
        fired = copy.deepcopy(self)
        fired.nic.fire()
        return [fired] if due.high < low else [self, fired]


ACTIONS = {
    "control": "", "standby": "hold", "assign": "assign", "attach": "reset", "driver": "bind", "up": "set_up", "alone": "release",
    "down": "set_down", "unplug": "unbind", "detach": "reset", "clear": "clear", "reassign": "assign reset",
    "vf-first": "release rename assign reset hold", "vf-first-up": "bind set_up", "vf-first-unplug": "unbind",
}


def act(state, action, style):
    if action == "hold":
        state.nic.hold(style, state.x)
    elif action == "release":
        state.nic.release(style, state.x)
    elif action == "rename":
        state.x = "Y"
    elif action == "assign":
        state.nic.assign(state.x)
    elif action == "reset":
        if not int(state.nic.keys["no_reset"]):
            state.nic.reset()
    else:
        getattr(state.nic, action)()


def made(states, actions, span, style):
    """The states after these actions, made one after the other within a span of time."""
    for action in actions:
        after = []
        for state in states:
            for one in state.may_have_fired(*span):
                one = copy.deepcopy(one)
                one.nic.now = span
                act(one, action, style)
                after.append(one)
        states = after
    return states


def landing(nic, source, mac):
    return model.Seen(unicast=frozenset(nic.land(source, mac))).landing()


def watched(states, step, source):
    """The states in which frames land as reported, once the state has held."""
    end = step["start_ms"] + step["duration_ms"]
    begin = end - step["window_ms"] - GRACE_MS
    for state in states:
        for one in state.may_have_fired(begin, end):
            got = step["unicast"]["landing"]
            restless = got == "mixed" and state.nic.pending is not None and state.nic.pending.low <= end
            if got is None or restless or landing(one.nic, source, one.x) == got:
                yield one


def explain(keys, style, source, steps):
    states = [State(Late(keys))]
    for step in steps:
        if step["status"] != "done":
            continue
        span = (step["start_ms"], step["start_ms"] + step["duration_ms"] - step["window_ms"])
        states = made(states, ACTIONS[step["step"]].split(), span, style)
        states = list(watched(states, step, source))
        if not states:
            return step["step"]
        if step["step"] == "alone":
            states = made(states, ["hold"], (span[1], step["start_ms"] + step["duration_ms"]), style)
    return None


@dataclasses.dataclass
class Told(model.Seen):
    """The prober's report of what it saw."""

    unclear: bool = False
    multicast_landing: str = None

    def lacks(self, receiver):
        """A landing that is not clear takes nothing from what the other kinds show."""
        return self.multicast_landing not in ("mixed", None) and super().lacks(receiver)

    def multicast_landings(self):
        return frozenset({self.multicast_landing})

    def served(self):
        return None if self.unclear else super().served()

    def vf_gets(self):
        return None if self.unclear else super().vf_gets()


SETS = {"pf": {"pf"}, "vf": {"vf"}, "both": {"pf", "vf"}}


def told(step, leave):
    unicast, broadcast, multicast = (step[kind]["landing"] for kind in ("unicast", "broadcast", "multicast"))
    # A NIC this late looks like a network that had to be told where the address is.
    healed = "arrived only after the address was announced once more" in (step["note"] or "")
    return Told(status=step["status"], unicast=frozenset(SETS.get(unicast, ())), broadcast=frozenset(SETS.get(broadcast, ())),
                multicast=frozenset(SETS.get(multicast, ())), leave=leave and step["status"] == "skipped",
                unclear=step["status"] == "done" and (healed or bool({"mixed", None} & {unicast, broadcast})),
                multicast_landing=multicast)


def verdict_of(keys, steps, source, doubts=()):
    seen = {}
    for step in steps:
        leave = step["step"] in ("attach", "detach") and bool(int(keys.get("no_reset", 0)))
        if step["step"] == "reassign":
            leave = seen["clear"].served() is False
        seen[step["step"]] = told(step, leave)
    answer = model.judge(seen, source, doubts=doubts)
    doubt = any(seen[step].unclear for step in model.DECIDING if step in seen)
    if doubt and answer.verdict not in ("early", "untestable"):
        answer = dataclasses.replace(answer, verdict="inconclusive", requires=frozenset())
    return answer
