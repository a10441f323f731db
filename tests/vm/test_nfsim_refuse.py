# SPDX-License-Identifier: GPL-2.0-or-later
"""The runs that nfprobe refuses, or does otherwise, because of what a driver reports of itself; on simulated NICs."""

import re

from probing import PACE, changes, probe, refused, style_of, words
from scenario import check, equal, long
from simulated import X, one

VF = 3
QUICK = ("--vf", VF, "--from", "nf0w", *PACE)
FILTER = (*QUICK, "--style", "macvtap")
# Both get it while the VF is up; fit for failover.
BOTH = "come=up go=down+unplug+clear arb=both"


def pf_args(*args):
    return {"pf": "nf0", "code": args[0], "says": args[1], "hint": args[2]}


def note(style, step):
    return next(s["note"] or "" for s in style["steps"] if s["state"] == step)


def made(err, word):
    return [command for command in changes(err) if word in command]


@long
def test_eswitch_unknown(host):
    """a driver with eswitch modes that does not tell its mode is refused; any other error of devlink is a warning"""
    with one(host, BOTH, bound=True) as nic:
        for driver, error in (("mlx5_core", "EPERM"), ("mlx5_core", "EOPNOTSUPP"), ("ice", "EOPNOTSUPP")):
            nic.personality(f"driver={driver} eswitch_get={error}")
            says = ("the eswitch mode of nf0 is unknown", driver, "not permitted" if error == "EPERM" else "not supported")
            refused(host, *FILTER, **pf_args("eswitch-unknown", says, "DPU"))
            equal(host.nfprobe("nf0", *FILTER, "--dry-run").status, 4, "status of --dry-run")
        # One who may not ask devlink is told the same by the kernel.
        plan = host.run("setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
                        host.nfprobe_path, "nf0", *FILTER, "--dry-run")
        check("eswitch" not in plan.err, f"--dry-run without rights: {plan.err}")
        nic.personality("driver=none eswitch_get=EOPNOTSUPP")
        out, _ = probe(host, *FILTER, pf="nf0")
        equal((out["pf"]["eswitch_mode"], out["verdict"]), (None, "safe"), "mode and verdict of a driver without modes")
        check(not any("eswitch" in w for w in out["warnings"]), f"warnings: {out['warnings']}")
        nic.personality("driver=mlx5_core eswitch_get=EBUSY")
        out, _ = probe(host, *FILTER, pf="nf0")
        equal(out["verdict"], "safe", "verdict")
        check(any("read the eswitch mode of nfsim/nfsim0" in w and "legacy mode is assumed" in w for w in out["warnings"]),
              f"warnings: {out['warnings']}")


# An FDB that deletes what is permanent, as Linux itself; one that takes nothing; those that delete only what is not, or nothing.
FDBS = ("fdb_del=permanent", "fdb=EOPNOTSUPP", "fdb_del=static", "fdb_del=none")


def test_fdb(host):
    """whatever the FDB of the PF refuses to add and to delete: the same commands, landings, verdict and status; nothing is left"""
    answers = []
    with one(host, BOTH, bound=True) as nic:
        for fdb in FDBS:
            nic.personality(f"default {BOTH} {fdb}")
            out, err = probe(host, *FILTER, "--mac", X, "--skip=multicast", "-v", pf="nf0")
            steps = [(style["style"], style["verdict"],
                      [(s["state"], s["frames"]["unicast"] and s["frames"]["unicast"]["landing"]) for s in style["steps"]])
                     for style in out["vf"]["styles"]]
            # The address that comes and goes while the VF is up is another one in each run.
            said = [re.sub(f"^(bridge fdb (?:add|del)) (?!{X})[0-9a-f:]{{17}} ", r"\1 ANOTHER ", change) for change in changes(err)]
            answers.append((out["verdict"], steps, said, out["left_behind"], out["warnings"]))
            equal(answers[-1], answers[0], f"the run, {fdb}")
    equal((answers[0][0], answers[0][3]), ("safe", []), "verdict, left behind")
    check(f"bridge fdb add {X} dev nf0 self permanent" in answers[0][2], f"commands: {answers[0][2]}")


def test_full_table(host):
    """no room for the standby's address: the kernel is not told, and the PF became promiscuous in hardware, which is said once"""
    with one(host, f"{BOTH} uc_max=0 uc_full=promisc", bound=True) as nic:
        out, _ = probe(host, *FILTER, pf="nf0")
        style = style_of(out, "macvtap")
        equal(style["verdict"], "safe", "verdict")
        words(note(style, "standby"), "from here on nf0 gets frames to addresses that nobody registered, too", "note of standby")
        equal(sum("that nobody registered" in (s["note"] or "") for s in style["steps"]), 1, "notes")
        equal([w for w in out["warnings"] if "promiscuous" in w], [], "warnings")
        # A PF that does not fall back gets nothing, and is not called safe.
        nic.personality("uc_full=drop")
        out, _ = probe(host, *FILTER, pf="nf0", status=3)
        equal(style_of(out, "macvtap")["verdict"], "unknown", "verdict of a PF that drops them")


def test_stations(host):
    """l2-fwd-offload: the standby is a macvlan from the beginning, and is listened to where the NIC hands it its frames"""
    with one(host, f"{BOTH} l2fw=on station_arb=both uc_max=0 uc_full=drop", bound=True) as nic:
        out, err = probe(host, *FILTER, "-v", pf="nf0")
        style = style_of(out, "macvtap")
        rows = {s["state"]: s["frames"]["unicast"]["landing"] for s in style["steps"]}
        equal((rows["control"], rows["standby"], rows["up"], rows["unplug"]), ("nowhere", "pf", "both", "pf"), "landings")
        equal(style["verdict"], "safe", "verdict")
        watched = [s["frames"] for s in style["steps"] if s["frames"]["unicast"]]
        equal({frames["unicast"]["duplicates"] + frames["broadcast"]["duplicates"] for frames in watched}, {0}, "duplicates")
        check(made(err, f"{style['address']} netns nfprobe up type macvlan"), "no macvlan was made")
        # Behind the ladder, all groups are tried as static-bridge has them, with an entry.
        ladder, _, _ = err.partition("+ ip link set nf0 allmulticast on")
        equal(made(ladder, f"bridge fdb add {style['address']}"), [], "FDB entries of its address")
        plan, _, _ = host.nfprobe("nf0", *FILTER, "--dry-run").out.partition("ip link set nf0 allmulticast on")
        example = re.search("test address ([0-9a-f:]+)", plan).group(1)
        check(f"bridge fdb add {example}" not in plan and f"{example} netns nfprobe up type macvlan" in plan, f"--dry-run: {plan}")
        # The VF takes it from the station as soon as it is assigned.
        nic.personality("come=assign+reset+driver+up go=clear station_arb=vf")
        out, _ = probe(host, *FILTER, pf="nf0", status=1)
        equal(style_of(out, "macvtap")["verdict"], "early", "verdict")
        # A driver that refuses a station leaves the address to the PF's list.
        nic.personality(f"default {BOTH} l2fw=on station=EBUSY")
        out, _ = probe(host, *FILTER, pf="nf0")
        equal(style_of(out, "macvtap")["verdict"], "safe", "verdict, no station")
        # On a VLAN a macvtap gets none.
        nic.personality(f"default {BOTH} l2fw=on")
        out, err = probe(host, *FILTER, "--vlan", 100, "-v", pf="nf0")
        equal((style_of(out, "macvtap")["verdict"], made(err, "type macvlan")), ("safe", []), "verdict and macvlans on a VLAN")


def test_slow_driver(host):
    """hns3, where PF and VF act once a second: watched for 3 s by itself; with a shorter --settle it is said"""
    periods = "driver=hns3 pf_sync_ms=1000 vf_sync_ms=1000"
    args = ("--vf", VF, "--from", "nf0w", "--rate", "200", "--style", "macvtap")
    with one(host, f"{BOTH} {periods}", bound=True):
        out, _ = probe(host, *args, pf="nf0")
        equal((out["settings"]["settle_ms"], out["verdict"]), (3000, "safe"), "settling time, verdict")
        check(any("each state is watched for 3 s, since hns3 is slow" in w for w in out["warnings"]), f"warnings: {out['warnings']}")
        shortest = min(s["window_ms"] for s in style_of(out, "macvtap")["steps"] if s["state"] in ("attach", "up", "unplug", "vf-first"))
        check(shortest >= 3000, f"a window of {shortest} ms")
        text = host.nfprobe("nf0", *FILTER)
        words(" ".join(text.out.split()), "Watched for 0.2 s only", "the text")
        words(" ".join(text.err.split()), "--settle is shorter than the 3 s that hns3 needs", "stderr")


# The firmware refuses the PF what a VF has, and the PF then gets all that nobody has, for good.
STICKY = "come=assign+reset+driver+up go=clear arb=both promisc_owned=1 pf_second=silent pf_second_promisc=stays"
LEFT = "nf0 still gets frames to addresses that nobody registered"


def test_promisc_stays(host):
    """a PF that a ladder left promiscuous in hardware (i40e): it is said, and left behind"""
    with one(host, STICKY, bound=True):
        out, _ = probe(host, *FILTER, pf="nf0", left=[LEFT])
        words(note(style_of(out, "macvtap"), "vf-first"), "from here on nf0 gets frames to addresses that nobody registered", "note of vf-first")
        equal(out["verdict"], "safe", "verdict of the ladder in which it began")
        words(out["left_behind"][0]["text"], "set it down and up", "the cure")
        # A run that begins so does not know any better, and claims nothing.
        probe(host, *FILTER, pf="nf0")
