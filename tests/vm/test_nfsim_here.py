# SPDX-License-Identifier: GPL-2.0-or-later
"""A sibling VF that sends to a guest which is here: what reaches it on simulated NICs is what reaches it in memory."""

import dataclasses

import test_matrix
from scenario import check, equal, long
from simulated import Module, one
from test_matrix import SETTLE_MS, alike, lots, one_of_each_archetype

NICS = 4  # side by side
CASES = 40


@dataclasses.dataclass
class Visited(test_matrix.Case):
    """The frames of the run come by the wire, those of its windows from a sibling."""

    style: str = "macvtap,bridge,bridge+fdb"
    elsewhere: bool = False  # the neighbour in memory is the PF

    def argv(self, number):
        return [*super().argv(number), "--neighbour", f"vf:{alike.SIBLING}"]


def drawn():
    """One of each archetype of drivers, and others by lot."""
    cases = [Visited(name, one.keys) for name, one in dict(one_of_each_archetype()).items()]
    cases += [Visited(f"lot {number}", lots.numbered("here", number, SETTLE_MS)) for number in range(CASES)]
    refused = ("mgmt", "eswitch", "eswitch_get", "no_vf_config", "no_vf_ops", "two_ports", "dev_port")
    return [case for case in cases if not case.keys.keys() & set(refused) and not case.is_slow()][:CASES]


def judge(host, cases):
    with Module(host, nics=NICS) as module:
        rig = test_matrix.Bench(host, module, NICS)
        done = rig.run(cases)
        wrong, vague = test_matrix.sort_out(done)
        if vague:
            print("# made again, since they were unclear: " + "\n# ".join(str(case) for case, _ in vague), flush=True)
            wrong_again, vague = test_matrix.sort_out(rig.run([case for case, _ in vague]))
            wrong += wrong_again
        rig.close()
    styles = [style for _, result in done if result.status in (0, 1, 3) for style in result.json()["vf"]["styles"]]
    said = [style["neighbours"]["here"]["verdict"] for style in styles]
    print(f"# {len(cases)} NICs: of {len(said)} styles {said.count('ok')} ok, {said.count('lost')} lost; {len(wrong)} NICs wrong, "
          f"{len(vague)} unclear twice", flush=True)
    for _, text in wrong + vague:
        print("# " + text.replace("\n", "\n# "), flush=True)
    check(not wrong and len(vague) <= test_matrix.allowed(cases), "see above")
    check(said.count("ok") * 4 > len(said) and said.count("lost"), "it shows nothing")


def test_both(host):
    """a NIC that is safe but for what a bridge learns of the guest's VF: in both styles, with neighbours elsewhere and here"""
    with one(host, "come=up go=down+unplug+reset+clear arb=vf", bound=True):
        result = host.nfprobe("nf0", "--vf", 3, "--from", "nf0w", "--neighbour", f"vf:{alike.SIBLING}", "--json", near=True)
    equal(result.status, 1, f"status: {result.err}")
    out = result.json()
    equal([style["verdict"] for style in out["vf"]["styles"][:2]], ["safe", "slow"], "macvtap and bridge")
    equal([out["vf"]["neighbours"][where]["verdict"] for where in ("elsewhere", "here")], ["ok", "ok"], "neighbours")
    return f"{out['run']['duration_ms']} ms"


def test_some(host):
    """some NICs: what a sibling sends to a guest that is here arrives where it does in memory"""
    judge(host, drawn()[::5])


@long
def test_forty(host):
    """forty NICs: one for each archetype of drivers, and others by lot"""
    judge(host, drawn())
