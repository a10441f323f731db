# SPDX-License-Identifier: GPL-2.0-or-later
"""A reflector that plays the guest that is elsewhere: of simulated NICs it tells what a second port tells, which is what is true in memory."""

import contextlib
import dataclasses

import test_matrix
from probing import elsewhere
from scenario import check, equal
from simulated import Module
from test_matrix import SETTLE_MS, lots, personalities

NICS = 4  # side by side
LOTS = 40
ID = "00112233445566778899aabbccddee%02x"


@dataclasses.dataclass
class Reflected(test_matrix.Case):
    """Asks the reflector at the other end of the wire of its NIC."""

    settle_ms: int = SETTLE_MS
    style: str = "macvtap"

    def argv(self, number):
        args = super().argv(number)
        args[args.index("--from") + 1] = "peer"
        return [*args, "--id", ID % number]


class Bench(test_matrix.Bench):
    def once(self, number, case):
        self.prepare(number, case)
        return self.host.nfprobe(*case.argv(number), near=True, timeout=test_matrix.PATIENCE_S)


@contextlib.contextmanager
def reflecting(host, number):
    """A host with a reflector at the wire's other end; it is the same there when this is left."""
    netns, netdev = f"far{number}", f"nf{number}w"
    look = ("ip", "-n", netns, "-d", "-j", "link")
    with elsewhere(host, netdev, netns):
        before = [(link["address"], link["promiscuity"]) for link in host.json(*look)]
        reflector = host.begin("ip", "netns", "exec", netns, host.nfprobe_path, "--reflect", netdev, "--guest", "--id", ID % number,
                               "--timeout", 86400)
        check(reflector.wait_for("--from peer:"), f"no line to type: {reflector.stderr.decode()}")
        yield
        reflector.signal(2)
        result = reflector.wait(120)
        equal((result.status, result.err), (0, ""), "the reflector's end")
        equal([(link["address"], link["promiscuity"]) for link in host.json(*look)], before, "what it left")
        equal(host.ok("bridge", "-n", netns, "fdb", "show", "dev", netdev).count("02:"), 0, "addresses that it left")


def judge(host, cases):
    with Module(host, nics=NICS) as module, contextlib.ExitStack() as far:
        rig = Bench(host, module, NICS)
        for number in range(NICS):
            far.enter_context(reflecting(host, number))
        done = rig.run(cases)
        wrong, vague = test_matrix.sort_out(done)
        if vague:
            again = [case for case, _ in vague]
            print("# made again, since they were unclear: " + "\n# ".join(map(str, again)), flush=True)
            wrong_again, vague = test_matrix.sort_out(rig.run(again))
            wrong += wrong_again
        far.close()
        rig.close()
    shown = sum(result.json()["vf"]["neighbours"]["elsewhere"]["verdict"] in ("ok", "lost") for _, result in done if result.status in (0, 1, 3))
    print(f"# {len(cases)} NICs: {shown} shown, {len(wrong)} wrong, {len(vague)} unclear twice", flush=True)
    for _, text in wrong + vague:
        print("# " + text.replace("\n", "\n# "), flush=True)
    check(not wrong and len(vague) <= test_matrix.allowed(cases) and shown * 2 > len(cases), "see above")


def drawn():
    """One of each archetype of drivers, and others by lot."""
    firsts = [next(iter(personalities.of_archetype(number).items())) for number in personalities.ARCHETYPES]
    cases = [Reflected(name, one.keys) for name, one in firsts]
    cases += [Reflected(f"lot {number}", lots.of_module(lots.numbered("guest", number, SETTLE_MS))) for number in range(LOTS)]
    refused = ("mgmt", "eswitch", "eswitch_get", "no_vf_config", "no_vf_ops", "two_ports", "dev_port")
    return [case for case in cases if not case.keys.keys() & set(refused) and not case.is_slow()][:LOTS]


def test_some(host):
    """some NICs: neighbours, by a reflector, are what they are in memory by a second port"""
    judge(host, drawn()[::LOTS // 8])
