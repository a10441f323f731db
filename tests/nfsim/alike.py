# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs on NICs, simulated or in memory, and what is true of such a NIC: what a guest meets on it in memory (tests/memnic/truth.h).

    [(case, out)] = in_memory([case])     the JSON of its run there, and of the truth
    differences(case, result, truths)     what a result says otherwise, be it from memory or from nfsim
    is_unclear(case, result, truths)      it says less, and nothing else
"""

import dataclasses
import functools
import json
import os
import subprocess

import lots

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VF, SIBLING, SECOND = 3, 1, 0  # the second is the first that is idle
RATE = 60  # the fewest with which a change is noticed within lots.NOTICED_MS
SETTLE_MS = 300
SLOW_MS = 700  # for personalities of real drivers, whose delays are some 200 ms
LATE_MS = 900  # the settling time of lots that act late
STYLES = ("macvtap", "bridge", "bridge+fdb", "static-bridge", "vf-bridge")  # that are climbed
# Runs with these are refused before they begin, which only a host shows.
REFUSED = {"eswitch", "mgmt", "eswitch_get", "no_vf_config", "no_vf_ops"}


@dataclasses.dataclass
class Case:
    name: str
    keys: dict
    source: str = "wire"
    vlan: int = 0
    settle_ms: int = SETTLE_MS
    mac: str = ""
    style: str = "macvtap,bridge"
    guest_vlan: int = 0
    skip: str = "fix"

    def argv(self, number):
        origin = {"wire": f"nf{number}w", "vf": f"vf:{SIBLING}", "pf": "pf"}[self.source]
        vlan = ["--vlan", str(self.vlan)] if self.vlan else []
        guest = ["--guest-vlan", str(self.guest_vlan)] if self.guest_vlan else []
        mac = ["--mac", self.mac] if self.mac else []
        return [f"nf{number}", "--vf", str(VF), "--from", origin, "--settle", str(self.settle_ms / 1000), "--rate", str(RATE),
                "--style", self.style, *vlan, *guest, *mac, "--json"]

    def is_slow(self):
        """Does the NIC act later than a landing is watched? Then what is said is true for so long only."""
        return lots.acts_after_ms(self.keys) >= self.settle_ms

    def __str__(self):
        """The words that reproduce it: nfprobe's arguments, and the personality."""
        return f"{self.name}: nfprobe {' '.join(self.argv(0)[:-1])}, personality: default {lots.text(self.keys)}"


# ---- in memory ----


@functools.cache
def program():
    """Built first, unless MEMPROBE names it."""
    if "MEMPROBE" not in os.environ:
        apart = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}  # its warning of a jobserver is none of ours
        subprocess.run(["make", "-s", "-C", TOP, "build/tests/memnic/memprobe"], stdout=subprocess.DEVNULL, env=apart, check=True)
    return os.environ.get("MEMPROBE", TOP + "/build/tests/memnic/memprobe")


def memprobe(lines, *options):
    """Memprobe's answer to each line."""
    done = subprocess.run([program(), *options], input="".join(line + "\n" for line in lines), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines), done.stderr
    return answers


def line_of(case):
    return f"{' '.join(Case.argv(case, 0)[3:-1])} --skip={case.skip} -- {lots.text(case.keys)}"


def in_memory(cases):
    """[(case, {"result":, "truth":})]"""
    return list(zip(cases, memprobe([line_of(case) for case in cases], "--truth")))


def truths_of(case, result):
    """The truth about each style that the result has a ladder of, fixes too; of the NIC without what only a host shows: how it refuses,
    waits and reports."""
    keys = dict(case.keys)
    style = ",".join(style["style"] for style in climbed(result["vf"])) or case.style
    while True:
        [(_, out)] = in_memory([dataclasses.replace(case, keys=keys, style=style)])
        if "truth" in out:
            return out["truth"]
        del keys[out["does_not_fit"].partition("=")[0]]


# ---- what is said, what is true ----


def climbed(vf):
    """The styles with a ladder of their own: a pinned one has that of its plain style."""
    return [style for style in vf["styles"] if not style.get("derived")]


def ladder_of(style):
    """The style whose ladder it is: of a fix, that of the fix."""
    return {None: style["style"], "static": "static-bridge"}.get(style.get("fix"), f"{style['style']}+{style.get('fix')}")


def state_of(step):
    """Its name, in a result and in a truth."""
    return step["state"] if "state" in step else step["step"]


def landing(step, kind):
    frames = step["frames"].get(kind) if "frames" in step else step[kind]
    return frames["landing"] if isinstance(frames, dict) else frames


def landings(style, kind, hidden):
    """By step, of those that were made. A switch that knows nothing yet hides `control`; and whether a group that is drawn by lot
    shares a hash there with one that the PF has joined is luck."""
    return {state_of(step): landing(step, kind) for step in style["steps"]
            if step["status"] == "done" and not (hidden and state_of(step) == "control")}


ANSWERS = ("claim", "release", "delivery", "requires", "multicast")
OPEN = ("unknown",)
VLAN = ("verdict", "step", "carried", "filters", "works_registered")
LESS = (None, "unproven", "untested", "unknown")


def words(case, style):
    """The words of a result on a style, or the truth about it: on the NIC's filter, whatever a bridge makes of it."""
    vlan = style.get("guest_vlan")
    said = {"verdict": style["filter_verdict"], **{key: style[key] for key in ANSWERS}}
    said["vlan"] = tuple(vlan[key] for key in VLAN) if vlan and case.guest_vlan else None
    said["unasked"] = style.get("all_multicast", False)
    said["unicast"] = landings(style, "unicast", case.keys.get("net_suppress"))
    said["groups"] = landings(style, "multicast", case.keys.get("net_snoop") or case.keys.get("pf_mc") == "hash")
    return said


def unlike(got, true):
    """The keys of which something else is said."""
    if got["verdict"] != true["verdict"]:
        yield "verdict"
    # Where nothing is known, it does not matter of which step.
    if got["vlan"] != true["vlan"] and not (got["vlan"] and true["vlan"] and got["vlan"][0] == true["vlan"][0] == "unproven"):
        yield "vlan"
    if got["verdict"] in OPEN:  # how far the ladder went, and what it made of it, is then nobody's concern
        yield from ("requires",) if got["requires"] else ()
        return
    # A PF that got every group before one was joined was not asked whether its filter has it.
    unasked = got["unasked"] and got["multicast"] == "unproven"
    yield from (key for key in (*ANSWERS, "unicast", "groups") if got[key] != true[key] and not (unasked and key == "multicast"))


def is_less(got, true):
    """Nothing else is said, but not all of it: loss may let no landing hold."""
    if got["verdict"] == "unknown":
        return not got["requires"]
    parts = {key: key in ("verdict", "requires") for key in unlike(got, true)}
    for key in parts.keys() & {"unicast", "groups"}:
        parts[key] = got[key].keys() != true[key].keys() or any(one not in ("mixed", None, true[key][step]) for step, one in got[key].items())
    for key in parts.keys() & {"claim", "release", "delivery", "multicast"}:
        parts[key] = got[key] not in LESS
    if "vlan" in parts:
        facts = zip(got["vlan"][:1] + got["vlan"][2:], true["vlan"][:1] + true["vlan"][2:])
        parts["vlan"] = any(one != other and one not in LESS for one, other in facts)
    return not any(parts.values())


def is_bent(got, truth):
    """Is more, or other, said than is true of a NIC whose network may keep from the run what the NIC does?"""
    if got["verdict"] == "unknown":
        return False
    unheard = {truth["of_unicast"]} if got["multicast"] == "unproven" else set()
    return got["verdict"] not in {truth["filter_verdict"]} | unheard or got["multicast"] not in ("unproven", truth["multicast"])


def told(said):
    steps = "\n".join(f"    {kind}: " + " ".join(f"{step}={one}" for step, one in said[kind].items()) for kind in ("unicast", "groups"))
    return f"{ {key: one for key, one in said.items() if key not in ('unicast', 'groups')} }\n{steps}"


def notes(style):
    """The other remarks of the prober on its steps, for whoever looks into a failure."""
    return "".join(f"\n    {s['state']}: window {s['window_ms']} ms, {s['frames']}, {s['note']}" for s in style["steps"]
                   if s["note"] or {landing(s, "unicast"), landing(s, "multicast")} & {"mixed", None})


# ---- a style ----


def of_landings(case, result):
    """The words that follow from the landings that a result tells of, and from nothing else: [the words of each style]"""
    [answers] = memprobe([json.dumps(result)], "--told")
    return [{**words(case, style), "verdict": answer["filter_verdict"], **{key: answer[key] for key in ANSWERS}}
            for style, answer in zip(climbed(result["vf"]), answers)]


def follows(got, answer):
    return got["verdict"] in OPEN or got["verdict"] == answer["verdict"] and all(got[key] == answer[key] or got[key] in LESS for key in ANSWERS)


HURRIES = ("come_ms", "go_ms", "blip_ms", "vf_sync_ms")
LAST = ("vf-first", "vf-first-up", "vf-first-rewritten", "vf-first-unplug", "vf-first-back", "vf-first-clear")


def is_hurried(case, got, true, answer):
    """In vf-first the PF may have the address before the NIC has made the VF's filter, or taken it away, so that the last six
    states are those of another order. All before is true then, and the answers follow from the landings."""
    def before(said, kind):
        return {step: one for step, one in said[kind].items() if step not in LAST}

    return (any(case.keys.get(key) for key in HURRIES) and got["vlan"] == true["vlan"] and follows(got, answer)
            and all(before(got, kind) == before(true, kind) for kind in ("unicast", "groups")))


ONCE = "vf-first-rewritten"


def without_shown(style, true):
    """The truth without the step that an earlier ladder has shown: so the VF gets its frames there, or it was wrong to leave it out."""
    left_out = any(state_of(step) == ONCE and step["status"] == "skipped" and step["skip_allowed"] for step in style["steps"])
    kinds = {kind: {step: one for step, one in true[kind].items() if step != ONCE or one not in ("vf", "both")} for kind in ("unicast", "groups")}
    return {**true, **kinds} if left_out else true


def style_wrong(case, style, truth):
    """Texts of what is wrong in the answers of a style."""
    got, true = words(case, style), without_shown(style, words(case, truth))
    if is_bent(got, truth) if lots.hinders(case.keys) else list(unlike(got, true)):
        yield f"got {told(got)}\n    {style['reason']}{notes(style)}\n  expected {told(true)}"


def bridge_wrong(case, style, truth):
    """The words on what a bridge makes of a guest that talks."""
    hears = {"itself": truth["uplink_hears_itself"], "vf": truth["uplink_hears_vf"]}
    may_hear = {**hears, "vf": hears["vf"] or int(case.keys.get("promisc_vf", 1))}  # a full table, say, makes any PF promiscuous
    said = {who: style[f"uplink_hears_{who}"] for who in hears}
    if ladder_of(style) == "vf-bridge":
        return
    if any(answer == "yes" and not may_hear[who] or answer == "no" and hears[who] for who, answer in said.items()):
        yield f"the uplink hears {said}, and the NIC reflects {hears}"
    true = "deaf" if hears["itself"] else "safe"
    learns = ladder_of(style) in ("bridge", "bridge+fdb")
    if (style["bridge_verdict"] is not None) != learns or style["bridge_verdict"] not in (None, true, "unknown"):
        yield f"a bridge is {style['bridge_verdict']}, and should be {true}"
    if style["verdict"] == "safe" and style["bridge_verdict"] not in (None, "safe"):
        yield f"safe, although its bridge is {style['bridge_verdict']}"
    has_gap = style["bridge_gap_ms"] is not None
    if has_gap != (style["bridge_verdict"] == "safe" and said["vf"] != "no") or (hears["vf"] and style["bridge_verdict"] == "safe" and not has_gap):
        yield f"it loses what comes for {style['bridge_gap_ms']} ms, and the uplink hears {said}"


# ---- the VF ----

ADVICE = {  # where one style is safe and another is not
    "macvtap": "use-macvtap-standby", "bridge": "use-bridge-standby", "bridge+fdb": "add-filter-entry",
    "static-bridge": "keep-bridge-static", "vf-bridge": "use-second-vf",
}
EVERY_ADVICE = {*ADVICE.values(), "pin-at-tap"}
UNFIT = ("early", "refused", "deaf", "sticky", "slow")


def best_fix(styles, truths):
    """The first fix that serves the guest best, and better than a bridge that is not safe does; in a set."""
    def served(name):
        style = styles.get(name, {"verdict": None, "bridge_verdict": None})
        but_for_group = name in truths and truths[name]["of_unicast"] == "safe" and style["bridge_verdict"] in (None, "safe")
        return {"safe": 2, "deaf": int(but_for_group)}.get(style["verdict"], 0)

    best = max(("bridge", "bridge+fdb", "static-bridge"), key=served)
    return {ADVICE[best]} if best != "bridge" and styles["bridge"]["verdict"] in UNFIT else set()


def vf_wrong(case, vf, truths):
    """The styles decide what the VF requires."""
    styles = {ladder_of(style): style for style in climbed(vf)}
    safe = {ADVICE[name] for name, style in styles.items() if style["verdict"] == "safe"}
    true = safe if len(safe) < len(styles) else set()
    true = true.union(*(style["requires"] for style in styles.values()))
    if "bridge" in styles:
        true |= best_fix(styles, {truth["style"]: truth for truth in truths})
    got = set(vf["requires"])
    if any(style["verdict"] != style["filter_verdict"] for style in climbed(vf)):  # what mends a bridge is no matter of the NIC
        got, true = got - EVERY_ADVICE, true - EVERY_ADVICE
    if got != true:
        yield f"{case}\n  of the VF requires {vf['requires']}, expected {sorted(true)}"
    advice = [word in EVERY_ADVICE for word in vf["requires"]]
    if advice != sorted(advice, reverse=True):
        yield f"{case}\n  the best advice is not the first: {vf['requires']}"


def surely_wrong(case, result, truths):
    """One text for each thing that is wrong, beside the answers of a style."""
    vf = result["vf"]
    for style, truth in zip(climbed(vf), truths):
        yield from (f"{case}\n  {ladder_of(style)} {text}" for text in bridge_wrong(case, style, truth))
    if not lots.hinders(case.keys):
        yield from vf_wrong(case, vf, truths)


def unexplained(case, result):
    """.. of a NIC that acts later than it is watched for: its answers follow from landings that were there."""
    for style, answer in zip(climbed(result["vf"]), of_landings(case, result)):
        got = words(case, style)
        if not follows(got, answer):
            yield f"{case}\n  {ladder_of(style)} got {told(got)}\n    {style['reason']}{notes(style)}\n  and its landings say {told(answer)}"


def differences(case, result, truths):
    """One text for each thing that is wrong."""
    if case.is_slow():
        yield from unexplained(case, result)
        return
    for style, truth, answer in zip(climbed(result["vf"]), truths, of_landings(case, result)):
        if not is_hurried(case, words(case, style), words(case, truth), answer):
            yield from (f"{case}\n  {ladder_of(style)} {text}" for text in style_wrong(case, style, truth))
    yield from surely_wrong(case, result, truths)


def is_unclear(case, result, truths):
    """Does each style say what is true, or less, or what follows from its landings, which are true, or from those of unicast, where its
    group is open: a group that is lost for good may be the network's doing?"""
    pairs = [(words(case, style), without_shown(style, words(case, truth))) for style, truth in zip(climbed(result["vf"]), truths)]
    if case.is_slow() or list(surely_wrong(case, result, truths)):
        return False
    return all(is_less(got, true) or not list(unlike(got, true)) or got["unicast"] == true["unicast"]
               and (follows(got, answer) or (got["verdict"], got["multicast"]) == (truth["of_unicast"], "unproven"))
               for (got, true), answer, truth in zip(pairs, of_landings(case, result), truths))


# ---- cases ----


def slow_enough(keys):
    if int(keys.get("pf_sync_ms", 0)) >= 1000:
        return 3000
    return SLOW_MS if any(key in keys for key in ("come_ms", "go_ms", "blip_ms", "pf_sync_ms")) else SETTLE_MS


def lot(seed, number):
    """Every fourth from another VF, every fifth in a VLAN; one style, or both, one after the other, every third; every tenth slower than
    its settling time."""
    source, vlan = "vf" if number % 4 == 3 else "wire", 100 if number % 5 == 4 else 0
    if number % 10 == 8:
        keys = lots.numbered_slow(seed, number, SETTLE_MS, source)
        return Case(f"{seed}/{number}", keys, source, style=("macvtap", "bridge")[number % 3 == 0])
    style = ("macvtap,bridge", "macvtap", "bridge")[number % 3]
    keys = lots.numbered(seed, number, LATE_MS, source)
    settle_ms = LATE_MS if any(key in keys for key in lots.DELAYS) else SETTLE_MS
    return Case(f"{seed}/{number}", keys, source, vlan, settle_ms, style=style)


def in_vlan(seed, number):
    """A case from the wire of a NIC that filters the guest's VLAN in some way; every tenth with a VLAN from the PF."""
    case = lot(seed, 20 * number)
    keys = case.keys | lots.numbered_tags(seed, number)
    style = ("macvtap,bridge", "macvtap,static-bridge", "bridge,bridge+fdb", "macvtap", "vf-bridge")[number % 5]
    return dataclasses.replace(case, name=f"{seed}/{number} in its VLAN", keys=keys, style=style, guest_vlan=100,
                               vlan=7 if number % 10 == 9 else 0)


def behind_switch(seed, number):
    """A case from the wire, with one style or both, and with a switch that is drawn as well."""
    case = lot(seed, 20 * number)  # neither from a sibling nor in a VLAN nor slower than its settling time
    keys = case.keys | lots.numbered_switch(seed, number)
    # A silence condemns after three settling times: with this one, they are longer than any pause.
    settle_ms = LATE_MS if "net_pause_ms" in keys else case.settle_ms
    style = ("macvtap,bridge", "macvtap", "bridge")[number % 3]
    return dataclasses.replace(case, name=f"{seed}/{number}", keys=keys, settle_ms=settle_ms, style=style)


def learner(seed, number):
    """A case of a NIC whose switch learns, from each source, with all questions, or one of two less."""
    source = ("wire", "vf", "pf")[number % 3]
    keys = lots.numbered(seed, number, LATE_MS, source) | lots.numbered_learner(seed, number)
    keys = {key: value for key, value in keys.items() if key != "loss" and (key, source) not in (("net_suppress", "vf"), ("net_suppress", "pf"))}
    return Case(f"{seed}/{number}, learns", keys, source, settle_ms=LATE_MS, style=("macvtap,bridge", "macvtap", "bridge")[number % 4 % 3],
                skip=("fix", "fix", "fix,announce", "fix,multicast")[number // 3 % 4])
