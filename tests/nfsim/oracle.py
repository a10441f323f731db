# SPDX-License-Identifier: GPL-2.0-or-later
"""Judges nfprobe's result of a NIC, simulated or in memory, by the model: `differences(case, out)`."""

import dataclasses

import lots
import model
import slow

VF, SIBLING, SECOND = 3, 1, 0  # the second is the first that is idle
RATE = 60  # the fewest with which a change is noticed within lots.NOTICED_MS
SETTLE_MS = 300
SLOW_MS = 700  # for personalities of real drivers, whose delays are some 200 ms
LATE_MS = 900  # the settling time of lots that act late


@dataclasses.dataclass
class Case:
    name: str
    keys: dict
    source: str = "wire"
    vlan: int = 0
    settle_ms: int = SETTLE_MS
    mac: str = ""
    style: str = "macvtap,bridge"
    multicast: bool = True  # whether the source sends it
    guest_vlan: int = 0
    neighbour: str = "pf"  # of a guest that is elsewhere

    def argv(self, number):
        origin = {"wire": f"nf{number}w", "vf": f"vf:{SIBLING}", "pf": "pf"}[self.source]
        vlan = ["--vlan", str(self.vlan)] if self.vlan else []
        guest = ["--guest-vlan", str(self.guest_vlan)] if self.guest_vlan else []
        mac = ["--mac", self.mac] if self.mac else []
        skip = ["--skip=transmit"] if self.is_slow() else []
        return [f"nf{number}", "--vf", str(VF), "--from", origin, "--settle", str(self.settle_ms / 1000), "--rate", str(RATE),
                "--style", self.style, *vlan, *guest, *skip, *mac, "--json"]

    def is_slow(self):
        return model.is_slow(self.keys, self.settle_ms)

    def __str__(self):
        """The words that reproduce it: nfprobe's arguments, and the personality."""
        return f"{self.name}: nfprobe {' '.join(self.argv(0)[:-1])}, personality: default {lots.text(self.keys)}"


ADVICE = {*model.ADVICE.values(), "pin-at-tap"}
BRIDGES = ("bridge", "bridge+fdb", "vf-bridge")  # which learn


def climbed(vf):
    """The styles with a ladder of their own: a pinned one has that of its plain style."""
    return [style for style in vf["styles"] if not style.get("derived")]


def said(style):
    """The result of nfprobe for a style, in the model's words: what the NIC's filter does, whatever a bridge makes of it."""
    vlan = style.get("guest_vlan")
    return model.Answer(
        landings=tuple((s["step"], s["unicast"]["landing"]) for s in style["steps"] if s["status"] == "done"),
        claim=style["claim"], release=style["release"], verdict=style["filter_verdict"],
        delivery=style["delivery"], requires=frozenset(style["requires"]), multicast=style["multicast"],
        groups=tuple((s["step"], s["multicast"]["landing"]) for s in style["steps"] if s["status"] == "done"),
        vlan=tuple(vlan[key] for key in ("verdict", "step", "carried", "filters", "cured")) if vlan else None,
    )


def fits(groups, allowed_ones):
    """Multicast landed in each step where it may; no wonder, if none is sent."""
    may = dict(allowed_ones)
    return not may or dict(groups).keys() == may.keys() and all(landing in may[step] for step, landing in groups)


def same_in_vlan(got, answer):
    """Where nothing is known, it does not matter of which step."""
    return got == answer or (got and answer and got[0] == answer[0] == "unproven")


def same(got, answer):
    if got.verdict != answer.verdict or not same_in_vlan(got.vlan, answer.vlan):
        return False
    if got.verdict in ("inconclusive", "untestable"):
        return not got.requires  # how far the ladder went, and what it made of it, is then nobody's concern
    apart = {"why": "", "groups": (), "vlan": None, "by_vlan": False}
    return (dataclasses.replace(got, **apart) == dataclasses.replace(answer, **apart)
            and fits(got.groups, answer.groups))


def before(styles, number):
    """The styles before this one: the NIC may remember them, each had its own addresses."""
    return [style["style"] for style in styles[:number]]


def unannounced(case, answer):
    """The answer where its switch knows neither the address nor the group yet in `control`."""
    hidden = {"landings": ("net_suppress", "nowhere"), "groups": ("net_snoop", ("nowhere",))}
    changed = {field: tuple((step, landing if step == "control" else other) for step, other in getattr(answer, field))
               for field, (key, landing) in hidden.items() if case.keys.get(key)}
    return dataclasses.replace(answer, **changed)


def silences(style):
    """The deciding steps whose silence the result does not call the NIC's."""
    return {s["step"] for s in style["steps"] if s["step"] in model.DECIDING and s["status"] == "done" and s["fit"] == "unknown"
            and s["unicast"]["landing"] == "nowhere"}


def expected(case, styles, doubts=lambda style: ()):
    """The answers that are allowed for each style. The second style finds what the NIC remembers of the first."""
    answers = [[unannounced(case, answer) for answer in model.expect(case.keys, style["style"], case.source, before(styles, number),
                                                                     case.multicast, bool(case.vlan), bool(case.guest_vlan), doubts(style))]
               for number, style in enumerate(styles)]
    usual = {number: ones[0] for number, ones in enumerate(answers)}
    return [[model.across({**usual, number: one})[number] for one in ones] for number, ones in enumerate(answers)]


def bent(case, styles):
    """(one text for each style of which more, or other, is said than is true of the NIC; the styles of which less is said) of a NIC whose
    network may keep from the run what the NIC does."""
    unheard = dataclasses.replace(case, multicast=False)
    wrong, hidden = [], []
    for style, heard, without, of_the_rest in zip(styles, expected(case, styles), expected(unheard, styles), expected(unheard, styles, silences)):
        got = said(style)
        # A VF that gets the group hears, though nothing else shows it, and though nothing is said of the group itself.
        allowed_ones = heard + without + of_the_rest if got.multicast == "unproven" else heard
        true = [answer for answer in allowed_ones if answer.verdict == got.verdict]
        if got.verdict == "inconclusive":
            hidden += [style] if heard[0].verdict != "inconclusive" else []
        elif not true or got.multicast not in {"unproven", *(answer.multicast for answer in heard)}:
            wrong.append(f"{case}\n  {style['style']} got {told(got)}\n    {style['reason']}{notes(style)}\n"
                         f"  expected {told(heard[0])}, or inconclusive")
    return wrong, hidden


def unclear(got, answer):
    """The result is not this answer, but nothing else either: loss may let no landing hold."""
    if got.verdict == "inconclusive":
        return not got.requires
    wanted, groups = dict(answer.landings), dict(answer.groups)
    if set(dict(got.landings)) != set(wanted):
        return False
    landings = tuple((step, wanted[step] if landing in ("mixed", None) else landing) for step, landing in got.landings)
    landed = tuple((step, min(groups[step]) if landing in ("mixed", None) else landing) for step, landing in got.groups)
    # A part that depends on such a step is then not known either.
    known = {part: getattr(answer, part) for part in ("claim", "release", "delivery") if getattr(got, part) is None}
    if landed != got.groups and got.multicast == "unproven":
        known["multicast"] = answer.multicast
    less = bool(got.vlan and answer.vlan and got.vlan != answer.vlan
                and all(one in (other, "unproven", "unknown") for one, other in zip(got.vlan[:1] + got.vlan[2:], answer.vlan[:1] + answer.vlan[2:])))
    if less:
        known["vlan"] = answer.vlan
    return ((less or (landings, landed) != (got.landings, got.groups))
            and same(dataclasses.replace(got, landings=landings, groups=landed, **known), answer))


def is_restless(case, style):
    """For a NIC that acts late: only a landing that did not hold is unexplained, and the verdict follows from the rest, or is none."""
    step = slow.explain(case.keys, style["style"], case.source, style["steps"])
    landings = {s["step"]: s["unicast"]["landing"] for s in style["steps"]}
    got = said(style)
    none = got.verdict == "inconclusive" and not got.requires
    true = (slow.verdict_of(case.keys, style["steps"], case.source, doubts) for doubts in ((), silences(style)))
    return landings.get(step, "mixed") == "mixed" and (none or any(same(got, answer) for answer in true))


def told(answer):
    landings = " ".join(f"{step}={landing}" for step, landing in answer.landings)
    requires = "+".join(sorted(answer.requires)) or "nothing"
    groups = " ".join(f"{step}={landing if isinstance(landing, (str, type(None))) else '|'.join(sorted(landing))}" for step, landing in answer.groups)
    return (f"{answer.verdict}, claim {answer.claim}, release {answer.release}, delivery {answer.delivery}, "
            f"requires {requires}, multicast {answer.multicast}{f', in its VLAN {answer.vlan}' if answer.vlan else ''}\n"
            f"    {landings}\n    multicast: {groups}")


def notes(style):
    """The other remarks of the prober on its steps, for whoever looks into a failure."""
    return "".join(f"\n    {s['step']}: window {s['window_ms']} ms, unicast {s['unicast']}, {s['note']}" for s in style["steps"]
                   if s["note"] or {s["unicast"]["landing"], s["multicast"]["landing"]} & {"mixed", None})


def unexplained(case, style):
    """The same of a NIC that acts later than it is watched for."""
    step = slow.explain(case.keys, style["style"], case.source, style["steps"])
    if step:
        yield f"{case}\n  {style['style']}: no time of acting explains step {step}:\n    {told(said(style))}"
    answer = slow.verdict_of(case.keys, style["steps"], case.source)
    if not same(said(style), answer):
        yield f"{case}\n  {style['style']} got {told(said(style))}\n    {style['reason']}{notes(style)}\n  which is {told(answer)}"


def neighbours(case, out):
    """The trait, and those that are allowed: only a netdev on the wire shows anything, and nothing is shown of what the guest
    left if the VF had to be cleared, to tell a silence of the second address from one of the network."""
    vf, source = out["vf"], out["source"]
    style, got = climbed(vf)[0], vf["neighbours"]["elsewhere"]
    windows = windows_of(out)
    on_wire = source["from"].startswith(("nf", "peer:"))
    true = model.neighbours(case.keys, style["style"], case.neighbour) if on_wire else [("unproven", None, None)]
    silent = any(s["step"].startswith("vf-first") and s["unicast"] and s["unicast"]["landing"] == "nowhere" for s in style["steps"])
    cleared = silent and any("the VF was cleared" in (window["note"] or "") for window in windows)
    if cleared:
        true.append(("untested", None, None))
    # A busy machine may leave the last window too little time. When a guest is heard again is not known, either, where that was not seen.
    unseen = {window["state"] for window in windows if cleared and window["status"] == "skipped"}
    if windows and windows[-1].get("disturbed") and windows[-1]["leaves"] == "unknown":
        unseen.add(windows[-1]["state"])
    true += [("lost", since, None) for verdict, since, until in true if until in unseen]
    return (got["verdict"], got["from"], got["until"]), true


def windows_of(out):
    """The windows of a neighbour, which the first ladder has."""
    return climbed(out["vf"])[0]["neighbours"]["elsewhere"].get("windows", [])


def is_near_wrong(case, out):
    got, true = neighbours(case, out)
    return got not in true


def near_told(case, out):
    """With what its windows say, for whoever looks into a failure."""
    got, true = neighbours(case, out)
    return f"{case}\n  neighbours {got}, expected {true[0]}" + "".join(f"\n    {window}" for window in windows_of(out))


def tries_alone(case, styles, number):
    """Because of a pause of the network alone? Then the PF takes the address anew, of which a NIC may make something else."""
    return "alone" in {step for step, _ in said(styles[number]).landings} - {step for step, _ in expected(case, styles)[number][0].landings}


def here_wrong(case, out):
    """One text for each style of which it is said wrongly whether another VF reaches its guest here. Where a network hinders the ladder,
    fewer states may be shown."""
    styles = climbed(out["vf"])
    for number, style in enumerate(styles):
        got = style.get("neighbours", {}).get("here")
        if got is None or got["note"] and not got["windows"]:
            continue
        true = model.here(case.keys, style["style"], case.source, before(styles, number), bool(case.vlan))
        said_here = tuple(got[key] for key in ("verdict", "from", "until", "entry"))
        fewer = got["verdict"] in ("unproven", "untested") or said_here in [(verdict, since, None, entry) for verdict, since, _, entry in true]
        hinders = lots.hinders(case.keys)
        less = fewer and (hinders or style["verdict"] == "inconclusive" or any(window.get("disturbed") for window in got["windows"]))
        if said_here not in true and not less and not (hinders and tries_alone(case, styles, number)):
            yield (f"{case}\n  {style['style']}, here: {said_here}, expected {true[0]}; {got['note']}"
                   + "".join(f"\n    {window}" for window in got["windows"]))


def differences(case, out):
    """One text for each style that is wrong, and for what else is wrong of the VF."""
    vf = out["vf"]
    if not case.is_slow():
        yield from here_wrong(case, out)
    if case.is_slow():
        for style in climbed(vf):
            yield from unexplained(case, style)
        return
    hinders = lots.hinders(case.keys)
    if hinders:
        yield from bent(case, climbed(vf))[0]
    elif is_near_wrong(case, out):
        yield near_told(case, out)
    for style, allowed_ones in zip(climbed(vf), () if hinders else expected(case, climbed(vf))):
        got = said(style)
        if style["transmit"] == "dropped" and case.keys.get("pf_spoof", "ok") == "ok":
            yield f"{case}\n  {style['style']}: what the standby sends is said to be dropped"
        if not any(same(got, answer) for answer in allowed_ones):
            yield f"{case}\n  {style['style']} got {told(got)}\n    {style['reason']}{notes(style)}\n  expected {told(allowed_ones[0])}"
    unheard = expected(dataclasses.replace(case, multicast=False), climbed(vf))
    # What a style that loses its group is without that, it is without a VLAN.
    untagged = expected(dataclasses.replace(case, multicast=False, guest_vlan=0), climbed(vf))
    unheard = [plain if s["multicast"] == "lost" else tagged for s, plain, tagged in zip(climbed(vf), untagged, unheard)]
    requires = model.requires_of_vf({s["style"]: (s["verdict"], s["requires"]) for s in climbed(vf)},
                                    {s["style"]: {answer.verdict for answer in answers} for s, answers in zip(climbed(vf), unheard)})
    got = set(vf["requires"])
    if any(s["verdict"] != s["filter_verdict"] for s in climbed(vf)):  # what mends a bridge is no matter of the NIC
        got, requires = got - ADVICE, requires - ADVICE
    if got != requires:
        yield f"{case}\n  of the VF requires {vf['requires']}, expected {sorted(requires)}"
    yield from bridge_wrong(case, vf)
    advice = [word in ADVICE for word in vf["requires"]]
    if advice != sorted(advice, reverse=True):
        yield f"{case}\n  the best advice is not the first: {vf['requires']}"


def bridge_wrong(case, vf):
    """One text for each style of which it is said wrongly what a bridge makes of a guest that talks."""
    for style in vf["styles"]:
        promiscuous = style["style"].startswith("bridge")
        hears = {"itself": int(case.keys.get("loop_pf_pf", 0)),
                 "vf": int(case.keys.get("loop_vf_pf", 1)) or promiscuous and int(case.keys.get("promisc_vf", 1))}
        said_of = {who: style[f"uplink_hears_{who}"] for who in hears}
        may_hear = {**hears, "vf": hears["vf"] or int(case.keys.get("promisc_vf", 1))}  # a full table, say, makes any PF promiscuous
        if style["style"] == "vf-bridge" or not int(case.keys.get("bcast_pf", 1)):
            continue
        if any(answer == "yes" and not may_hear[who] or answer == "no" and hears[who] for who, answer in said_of.items()):
            yield f"{case}\n  {style['style']}: the uplink hears {said_of}, and the NIC reflects {hears}"
        true = "deaf" if hears["itself"] else "slow" if hears["vf"] else "safe"
        if (style["bridge_verdict"] is None) != (style["style"] not in BRIDGES) or style["bridge_verdict"] not in (None, true, "inconclusive"):
            yield f"{case}\n  {style['style']}: a bridge is {style['bridge_verdict']}, and should be {true}"
        if style["verdict"] == "safe" and style["bridge_verdict"] not in (None, "safe"):
            yield f"{case}\n  {style['style']}: safe, although its bridge is {style['bridge_verdict']}"


def is_unclear(case, out):
    """Is each style as allowed, or unclear?"""
    styles = climbed(out["vf"])
    if case.is_slow():
        return all(is_restless(case, style) for style in styles)
    if is_near_wrong(case, out) and out["vf"]["neighbours"]["elsewhere"]["verdict"] not in ("unproven", "untested"):
        return False
    if next(here_wrong(case, out), None):
        return False
    # Which fault is the worst, and what to do about it, follows from the steps that are known.
    return all(any(same(said(style), answer) or unclear(said(style), answer) for answer in allowed_ones)
               or any(same(said(style), answer) for answer in of_the_rest)
               for style, allowed_ones, of_the_rest in zip(styles, expected(case, styles), expected(case, styles, silences)))


def slow_enough(keys):
    if int(keys.get("pf_sync_ms", 0)) >= 1000:
        return 3000
    return SLOW_MS if any(key in keys for key in ("come_ms", "go_ms", "blip_ms", "pf_sync_ms")) else SETTLE_MS


def lot(seed, number):
    """Every fourth from a sibling VF, every fifth in a VLAN; one style, or both, one after the other, every third; every tenth slower than
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
