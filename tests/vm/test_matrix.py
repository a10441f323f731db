# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe says of every simulated NIC what a model in another language says (tests/nfsim/model.py)."""

import concurrent.futures
import contextlib
import dataclasses
import queue
import sys

import scenario
from scenario import TOP, check
from simulated import Module

sys.path.insert(0, TOP + "/tests/nfsim")
import lots  # noqa: E402
import model  # noqa: E402
import personalities  # noqa: E402
import slow  # noqa: E402

NICS = 8  # side by side
# A processor of its own speed: however busy the host is, no thread in the machine waits longer for it.
MACHINE = {"thread": "single", "cpus": 1, "icount": "shift=0"}
PATIENCE_S = 3600  # of a run, by the host's clock: that of the machine stands still while the host has no time for it
VF, SIBLING, SECOND = 3, 1, 0  # the second is the first that is idle
RATE = 60  # the fewest with which a change is noticed within lots.NOTICED_MS
SETTLE_MS = 300
SLOW_MS = 700  # for personalities of real drivers, whose delays are some 200 ms


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

    def argv(self, number):
        origin = {"wire": f"nf{number}w", "vf": f"vf:{SIBLING}", "pf": "pf"}[self.source]
        vlan = ["--vlan", str(self.vlan)] if self.vlan else []
        return [f"nf{number}", "--vf", str(VF), "--from", origin, "--settle", str(self.settle_ms / 1000), "--rate", str(RATE),
                "--style", self.style, *vlan, *(["--skip=transmit"] if self.is_slow() else []), *(["--mac", self.mac] if self.mac else []), "--json"]

    def is_slow(self):
        return model.is_slow(self.keys, self.settle_ms)

    def __str__(self):
        """The words that reproduce it: nfprobe's arguments, and the personality."""
        return f"{self.name}: nfprobe {' '.join(self.argv(0)[:-1])}, personality: default {lots.text(self.keys)}"


def said(style):
    """The result of nfprobe for a style, in the model's words."""
    return model.Answer(
        landings=tuple((s["step"], s["unicast"]["landing"]) for s in style["steps"] if s["status"] == "done"),
        claim=style["claim"], release=style["release"], verdict=style["verdict"],
        delivery=style["delivery"], requires=frozenset(style["requires"]), multicast=style["multicast"],
        groups=tuple((s["step"], s["multicast"]["landing"]) for s in style["steps"] if s["status"] == "done"),
    )


def fits(groups, allowed_ones):
    """Multicast landed in each step where it may; no wonder, if none is sent."""
    return not allowed_ones or dict(groups).keys() == dict(allowed_ones).keys() and all(landing in dict(allowed_ones)[step] for step, landing in groups)


def same(got, answer):
    if got.verdict != answer.verdict:
        return False
    if got.verdict in ("inconclusive", "untestable"):
        return not got.requires  # how far the ladder went, and what it made of it, is then nobody's concern
    return (dataclasses.replace(got, why="", groups=()) == dataclasses.replace(answer, why="", groups=())
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


def expected(case, styles):
    """The answers that are allowed for each style. The second style finds what the NIC remembers of the first."""
    answers = [[unannounced(case, answer) for answer in model.expect(case.keys, style["style"], case.source, before(styles, number),
                                                                     case.multicast, bool(case.vlan))]
               for number, style in enumerate(styles)]
    usual = {number: ones[0] for number, ones in enumerate(answers)}
    return [[model.across({**usual, number: one})[number] for one in ones] for number, ones in enumerate(answers)]


def bent(case, styles):
    """(one text for each style of which more, or other, is said than is true of the NIC; the styles of which less is said) of a NIC whose
    network may keep from the run what the NIC does."""
    unheard = dataclasses.replace(case, multicast=False)
    wrong, hidden = [], []
    for style, heard, without in zip(styles, expected(case, styles), expected(unheard, styles)):
        got = said(style)
        true = [answer for answer in (without if got.multicast == "unproven" else heard) if answer.verdict == got.verdict]
        if got.verdict == "inconclusive":
            hidden += [style] if heard[0].verdict != "inconclusive" else []
        elif not true or got.multicast not in {"unproven", *(answer.multicast for answer in heard)}:
            wrong.append(f"{case}\n  {style['style']} got {told(got)}\n    {style['reason']}{notes(style)}\n  expected {told(heard[0])}, or inconclusive")
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
    return ((landings, landed) != (got.landings, got.groups)
            and same(dataclasses.replace(got, landings=landings, groups=landed, **known), answer))


def is_restless(case, style):
    """For a NIC that acts late: only a landing that did not hold is unexplained, and the verdict follows from the rest."""
    step = slow.explain(case.keys, style["style"], case.source, style["steps"])
    landings = {s["step"]: s["unicast"]["landing"] for s in style["steps"]}
    return landings.get(step, "mixed") == "mixed" and same(said(style), slow.verdict_of(case.keys, style["steps"], case.source))


def is_unclear(case, result):
    """Each style as allowed, or unclear."""
    if result.status not in (0, 1, 3) or any(host_differences(case, result)):
        return False
    out = result.json()
    styles = out["vf"]["styles"]
    if case.is_slow():
        return all(is_restless(case, style) for style in styles)
    if is_near_wrong(case, out) and out["vf"]["neighbours"]["elsewhere"]["verdict"] not in ("unproven", "untested"):
        return False
    return all(any(same(said(style), answer) or unclear(said(style), answer) for answer in allowed_ones)
               for style, allowed_ones in zip(styles, expected(case, styles)))


def told(answer):
    landings = " ".join(f"{step}={landing}" for step, landing in answer.landings)
    requires = "+".join(sorted(answer.requires)) or "nothing"
    groups = " ".join(f"{step}={landing if isinstance(landing, (str, type(None))) else '|'.join(sorted(landing))}" for step, landing in answer.groups)
    return (f"{answer.verdict}, claim {answer.claim}, release {answer.release}, delivery {answer.delivery}, "
            f"requires {requires}, multicast {answer.multicast}\n    {landings}\n    multicast: {groups}")


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


def host_differences(case, result):
    """The differences from before, unless the result says that one cannot be undone (an address), or it comes later (rename_ms)."""
    may = ["/pf/vfs/3/1:", "/vfs/1/link/address:"] if '"VF 3 of nf' in result.out.partition('"left_behind"')[2] else []
    may += ["/vfs/1/netdev:", "/vfs/1/link/name:"] if case.keys.get("rename_ms") else []
    for line in getattr(result, "changed", ()):  # others judge runs, too, and compare by themselves
        if not line.startswith(tuple(may)):
            yield f"{case}: the host is not as it was: {line}"


def neighbours(case, out):
    """The trait, and those that are allowed: only a netdev on the wire shows anything, and nothing is shown of what the guest
    left if the VF had to be cleared, to tell a silence of the second address from one of the network."""
    vf, source = out["vf"], out["source"]
    style, got = vf["styles"][0], vf["neighbours"]["elsewhere"]
    windows = windows_of(out)
    true = model.neighbours(case.keys, style["style"]) if source["from"].startswith("nf") else [("unproven", None, None)]
    silent = any(s["step"].startswith("vf-first") and s["unicast"] and s["unicast"]["landing"] == "nowhere" for s in style["steps"])
    cleared = silent and any("the VF was cleared" in (window["note"] or "") for window in windows)
    if cleared:
        true.append(("untested", None, None))
    # A busy machine may leave the last window too little time: from when a guest is heard again is then not known, either.
    if cleared or (windows and windows[-1].get("disturbed") and windows[-1]["leaves"] == "unknown"):
        true += [("lost", since, None) for verdict, since, until in true if until == windows[-1]["state"]]
    return (got["verdict"], got["from"], got["until"]), true


def windows_of(out):
    """The windows of a neighbour, which the first ladder has."""
    return out["vf"]["styles"][0]["neighbours"]["elsewhere"].get("windows", [])


def is_near_wrong(case, out):
    got, true = neighbours(case, out)
    return got not in true


def near_told(case, out):
    """With what its windows say, for whoever looks into a failure."""
    got, true = neighbours(case, out)
    return f"{case}\n  neighbours {got}, expected {true[0]}" + "".join(f"\n    {window}" for window in windows_of(out))


def differences(case, result):
    """One line for each style that is wrong, and for what is not as it was."""
    yield from host_differences(case, result)
    cannot = ("switchdev" if case.keys.get("eswitch") == "switchdev" else "carrier" if case.keys.get("mgmt")
              else "eswitch mode" if case.keys.get("eswitch_get") else "does not report" if case.keys.get("no_vf_config") or case.keys.get("no_vf_ops") else None)
    if cannot:
        if result.status != 4 or cannot not in result.err:
            yield f"{case}: {cannot} was not refused: {result.status}: {result.err.strip()}"
        return
    if result.status not in (0, 1, 3):
        yield f"{case}: status {result.status}: {result.err.strip()}"
        return
    out = result.json()
    vf = out["vf"]
    if case.is_slow():
        for style in vf["styles"]:
            yield from unexplained(case, style)
        return
    hinders = lots.hinders(case.keys)
    if hinders:
        yield from bent(case, vf["styles"])[0]
    elif is_near_wrong(case, out):
        yield near_told(case, out)
    for style, allowed_ones in zip(vf["styles"], () if hinders else expected(case, vf["styles"])):
        got = said(style)
        if style["transmit"] == "dropped" and case.keys.get("pf_spoof", "ok") == "ok":
            yield f"{case}\n  {style['style']}: what the standby sends is said to be dropped"
        if not any(same(got, answer) for answer in allowed_ones):
            yield f"{case}\n  {style['style']} got {told(got)}\n    {style['reason']}{notes(style)}\n  expected {told(allowed_ones[0])}"
    unheard = expected(dataclasses.replace(case, multicast=False), vf["styles"])
    requires = model.requires_of_vf({s["style"]: (s["verdict"], s["requires"]) for s in vf["styles"]},
                                    {s["style"]: {answer.verdict for answer in answers} for s, answers in zip(vf["styles"], unheard)})
    if set(vf["requires"]) != requires:
        yield f"{case}\n  of the VF requires {vf['requires']}, expected {sorted(requires)}"
    advice = [word in model.ADVICE.values() for word in vf["requires"]]
    if advice != sorted(advice, reverse=True):
        yield f"{case}\n  the best advice is not the first: {vf['requires']}"


class Bench:
    """Some simulated NICs that work side by side."""

    def __init__(self, host, module, count=NICS):
        self.host = host
        self.ports = {}
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            self.nics = list(pool.map(lambda number: module.nic("", number=number, bound=True), range(count)))

    def close(self):
        with concurrent.futures.ThreadPoolExecutor(len(self.nics)) as pool:
            list(pool.map(lambda nic: nic.__exit__(None, None, None), self.nics))

    def prepare(self, number, case):
        nic = self.nics[number]
        nic.personality("default")
        for vf in (SECOND, VF):  # which are there already
            nic.trust(vf, "on" if case.keys.get("trust") == "on" else "off")
        nic.personality("default " + lots.text(case.keys))
        ports = [case.keys.get(key) for key in ("two_ports", "dev_port")]
        if self.ports.get(number, [None, None]) != ports:  # a VF that is bound has the netdevs of before
            nic.vfs(0)
            nic.vfs(4)
        self.ports[number] = ports
        nic.down("pf")  # a NIC with a history has forgotten what it knew
        nic.up("pf")
        nic.until("carrier", "pf", not case.keys.get("mgmt"))

    def once(self, number, case):
        """The result of a run, and in `changed` how the host differs afterwards."""
        self.prepare(number, case)
        before = self.nics[number].state()
        self.nics[number].personality(lots.text({key: value for key, value in case.keys.items() if key == "vfr"}))
        result = self.host.nfprobe(*case.argv(number), near=True, timeout=PATIENCE_S)
        result.changed = list(scenario.differences(before, self.nics[number].state()))
        return result

    def run(self, cases):
        """[(case, result)]; each NIC takes the next case when it is free."""
        waiting = queue.SimpleQueue()
        for case in cases:
            waiting.put(case)

        def work(number):
            done = []
            with contextlib.suppress(queue.Empty):
                while True:
                    case = waiting.get_nowait()
                    done.append((case, self.once(number, case)))
            return done

        with concurrent.futures.ThreadPoolExecutor(len(self.nics)) as pool:
            return [done for part in pool.map(work, range(len(self.nics))) for done in part]


@contextlib.contextmanager
def bench(host, count=NICS):
    with Module(host, nics=count) as module:
        rig = Bench(host, module, count)
        yield rig
        rig.close()


def allowed(cases):
    """The number of cases that may be inconclusive without need: one in a hundred."""
    return max(1, len(cases) // 100)


def tell_hidden(done):
    """Prints what was inconclusive because of the network, and why."""
    styles = [(case, style) for case, result in done if lots.hinders(case.keys) and result.status in (0, 1, 3)
              for style in bent(case, result.json()["vf"]["styles"])[1]]
    for case, style in styles:
        print(f"# hidden by its switch: {case}\n#   {style['style']}: {style['reason']}")
    hindered = sum(lots.hinders(case.keys) for case, _ in done)
    if hindered:
        print(f"# {hindered} of them are behind switches that hinder; {len(styles)} of their styles are inconclusive for that", flush=True)


def sort_out(done):
    """(those that are wrong, those that are unclear): [(case, its differences)]."""
    wrong, vague = [], []
    for case, result in done:
        lines = list(differences(case, result))
        if lines:
            (vague if is_unclear(case, result) else wrong).append((case, "\n".join(lines)))
    return wrong, vague


def judge(host, cases):
    """[(case, what is wrong)]; prints how many were right, wrong and inconclusive."""
    with bench(host) as rig:
        done = rig.run(cases)
        wrong, vague = sort_out(done)
        if len(vague) > allowed(cases):  # frames that the machine itself lost leave a landing unclear, but not twice
            again = [case for case, _ in vague]
            print("# made again, since they were unclear: " + "\n# ".join(map(str, again)), flush=True)
            done = [(case, result) for case, result in done if case not in again] + rig.run(again)
            wrong, vague = sort_out(done)
    failed = [case for case, _ in wrong + vague]
    unsure = sum(result.status == 3 and case not in failed for case, result in done)
    slow_ones = sum(case.is_slow() for case, _ in done)
    believed_ones = sum(believed(case, result) for case, result in done)
    for what, some in (("unclear", vague), ("wrong", wrong)):
        for _, text in some:
            print(f"# {what}: " + text.replace("\n", "\n# "), flush=True)
    tell_hidden(done)
    print(f"# {len(cases)} runs: {len(cases) - len(wrong) - len(vague)} right (of which {unsure} rightly inconclusive), "
          f"{len(vague)} unclear that need not be, {len(wrong)} wrong", flush=True)
    if slow_ones:
        print(f"# {slow_ones} of them act later than --settle; {believed_ones} of these are safe for as long as they were watched only",
              flush=True)
    return wrong + (vague if len(vague) > allowed(cases) else [])


def none(wrong):
    check(not wrong, f"{len(wrong)} wrong, or unclear too often: see above")


def believed(case, result):
    """Was a NIC called safe that would have been found out, had it been watched for longer?"""
    if not case.is_slow() or result.status not in (0, 1, 3):
        return False
    style = result.json()["vf"]["styles"][0]
    return style["verdict"] == "safe" and model.expect(case.keys, style["style"], case.source)[0].verdict != "safe"


def slow_enough(keys):
    if int(keys.get("pf_sync_ms", 0)) >= 1000:
        return 3000
    return SLOW_MS if any(key in keys for key in ("come_ms", "go_ms", "blip_ms", "pf_sync_ms")) else SETTLE_MS


def one_of_each_archetype():
    for number in personalities.ARCHETYPES:
        yield next(iter(personalities.of_archetype(number).items()))


def otherwise(host, some):
    ways = (("wire", 100), ("vf", 0), ("pf", 0))
    cases = [Case(name, one.keys, *ways[number % 3], slow_enough(one.keys))
             for number, (name, one) in enumerate(dict(one_of_each_archetype()).items())]
    none(judge(host, cases[some]))


def test_archetypes_otherwise(host):
    """a driver of every other archetype: in a VLAN, from a sibling VF, or from the PF, by turns"""
    otherwise(host, slice(0, None, 2))


@scenario.long
def test_more_archetypes_otherwise(host):
    """the others"""
    otherwise(host, slice(1, None, 2))


def test_groups(host):
    """each way in which a driver treats groups differently from addresses"""
    none(judge(host, [Case(name, one.keys) for name, one in personalities.PERSONALITIES.items() if name.startswith("groups-")]))
