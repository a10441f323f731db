# SPDX-License-Identifier: GPL-2.0-or-later
"""--audit: what users report, as they would meet it: broken, found, mended by the command that is printed, gone."""

import contextlib

from probing import holding, line_of, unchanged, valid
from scenario import PF, WIRE, check, equal, made

FIRST, SECOND = "02:23:00:24:8d:13", "02:23:00:24:8d:14"
CLIENT, SERVER, REMOTE = "192.0.2.1", "192.0.2.2", "192.0.2.3"

SERVE = """
import socket
server = socket.create_server(("192.0.2.2", 80))
print("up", flush=True)
while True:
    client, _ = server.accept()
    client.sendall(b"hello")
    client.close()
"""
FETCH = """
import socket
try:
    print(socket.create_connection(("192.0.2.2", 80), 5).recv(9).decode())
except OSError as error:
    print(error)
"""


def enter(name):
    return ("ip", "netns", "exec", name)


@contextlib.contextmanager
def namespaces(host, *names):
    for name in names:
        host.ok("ip", "netns", "add", name)
    try:
        yield
    finally:
        for name in names:
            host.ok("ip", "netns", "delete", name)


def keep_confirmed(host, name, netdev):
    """An entry that is confirmed counts as such for five to fifteen minutes; the kernel's own default is 15 to 45 seconds."""
    host.ok(*enter(name), "sh", "-c", f"echo 600000 > /proc/sys/net/ipv4/neigh/{netdev}/base_reachable_time_ms")


@contextlib.contextmanager
def vf_in(host, vf, mac, name, address):
    """As the CNI plugin gives a VF to a pod: the PF's driver is told its address, and the netdev moves; it comes back."""
    host.ok("ip", "link", "set", PF, "vf", vf, "mac", mac)
    host.vf_unbind(vf)
    host.vf_bind(vf)
    netdev = host.vf_netdev(vf)
    host.ok("ip", "link", "set", netdev, "netns", name)
    try:
        keep_confirmed(host, name, netdev)
        host.sh(f"ip -n {name} link set {netdev} up; ip -n {name} addr add {address}/24 dev {netdev}")
        host.wait_carrier(netdev, inside=enter(name))
        yield
    finally:
        host.run("ip", "-n", name, "link", "set", netdev, "netns", 1)


def inhabited(host, name):
    """A process is in it, as the pause container is in a pod: what nobody is in counts as left."""
    return holding(host, f"import ctypes, os; ctypes.CDLL(None).setns(os.open('/run/netns/{name}', os.O_RDONLY), 0x40000000)")


def far(host, address, mac=""):
    """Somebody on the wire, in the namespace far."""
    host.sh(f"""ip link add link {WIRE} name far0 {mac and 'address ' + mac} netns far type macvlan mode private
        ip -n far link set far0 up; ip -n far addr add {address}/24 dev far0""")


def home(host, *vfs):
    """As they were; the first free name is that of the first."""
    for vf in vfs:
        host.vf_clear(vf)
        host.vf_unbind(vf)
    for vf in vfs:
        host.vf_bind(vf)


def ping(host, name, address, count=3):
    """(answers, duplicates)"""
    out = host.run(*enter(name), "busybox", "ping", "-c", count, "-W", 1, address).out
    lines = [line for line in out.splitlines() if " bytes from " in line]
    return len([line for line in lines if "DUP" not in line]), len([line for line in lines if "DUP" in line])


def audit(host, status, pf=PF):
    """Its findings, without remarks; nothing is changed by it."""
    with unchanged(host):
        # A machine that stood still for its ten seconds says so, and is asked again.
        for _ in range(3):
            result = host.nfprobe("--audit", pf, "--json")
            text = host.nfprobe("--audit", pf)
            if "no time" not in result.out + text.out + text.err:
                break
    equal((result.status, text.status, result.err), (status, status, ""), f"statuses, stderr of --audit; it says {text.out}{result.out}")
    document = valid(result.json(), "nfprobe-audit.schema.json")
    equal(document["unread"], [], "what was not seen")
    findings = [finding for finding in document["findings"] if not finding["remark"]]
    for finding in findings:
        for command in finding["commands"]:
            check(line_of(command) in text.out, f"the text lacks {command}: {text.out}")
    return findings


def mend(host, finding):
    for command in finding["commands"]:
        host.sh(line_of(command))


def test_same_address(host):
    """sriov-network-device-plugin 685: the pod before left a VF with the address; pings are answered twice, connections reset"""
    with namespaces(host, "far", "old", "new"):
        far(host, REMOTE)
        with vf_in(host, 1, FIRST, "old", SERVER), vf_in(host, 3, FIRST, "new", SERVER):
            server = host.begin(*enter("new"), "/usr/bin/python3", "-c", SERVE)
            check(server.wait_for("up"), "the server is up")
            answers, twice = ping(host, "far", SERVER)
            check(answers and twice, f"answers: {answers}, twice: {twice}")
            tries = [host.ok(*enter("far"), "/usr/bin/python3", "-c", FETCH).strip() for _ in range(3)]
            check("hello" not in tries, f"connections: {tries}")
            findings = audit(host, 1)
            equal([finding["code"] for finding in findings], ["same-address"], "findings")
            equal([(f["vf"], f["netns"]) for f in findings[0]["functions"]],
                  [(1, "network namespace old"), (3, "network namespace new")], "functions")
            check("network namespace old, where no process is" in findings[0]["after"], f"after: {findings[0]['after']}")
            mend(host, findings[0])
            equal(ping(host, "far", SERVER), (3, 0), "answers, twice")
            equal(host.ok(*enter("far"), "/usr/bin/python3", "-c", FETCH).strip(), "hello", "a connection")
            equal(audit(host, 0), [], "findings")
            server.signal(15)
            server.wait(20)
    home(host, 1, 3)


def test_idle_address(host):
    """the guest has migrated, and the idle VF still has its address: who is on the NIC cannot reach it, until it is taken away"""
    with namespaces(host, "far", "client", "server"):
        with vf_in(host, 1, SECOND, "client", CLIENT):
            with vf_in(host, 3, FIRST, "server", SERVER):
                equal(ping(host, "client", SERVER)[0], 3, "answers before the migration")
                equal(audit(host, 0), [], "findings before the migration")
            far(host, SERVER, FIRST)
            equal(ping(host, "client", SERVER)[0], 0, "answers after it")
            findings = audit(host, 1)
            equal([(f["code"], f["functions"][0]["vf"]) for f in findings], [("idle-address", 3)], "findings")
            check(f"{SERVER} is there for" in findings[0]["what"], f"what: {findings[0]['what']}")
            mend(host, findings[0])
            equal(ping(host, "client", SERVER)[0], 3, "answers when it is mended")
            equal(audit(host, 0), [], "findings when it is mended")
    home(host, 1, 3)


def bridged(host, name, mac, address):
    """A guest on a bridge of the PF, which learns nothing from the wire: this NIC brings back to the PF what the PF has sent to all."""
    return made(host, f"""ip link add br9 type bridge; ip link set {PF} master br9; bridge link set dev {PF} learning off; ip link set br9 up
        ip link add tap9 type veth peer name guest9 address {mac} netns {name}; ip link set tap9 master br9 up
        ip -n {name} link set guest9 up; ip -n {name} addr add {address}/24 dev guest9""",
                f"ip link set {PF} nomaster; ip link delete br9; ip link delete tap9")


def vlan_on(host, name, lower, address, far_address, far_mac):
    """The VLAN 100 of a guest on its netdev; it knows the other one: this NIC brings a PF no broadcast in a VLAN that it alone has."""
    host.sh(f"""ip -n {name} link add link {lower} name {lower}.100 type vlan id 100
        ip -n {name} link set {lower} up; ip -n {name} link set {lower}.100 up; ip -n {name} addr add {address}/24 dev {lower}.100
        ip -n {name} neigh replace {far_address} lladdr {far_mac} dev {lower}.100""")


def swallowed(host, what):
    """The guest at SERVER hears its VLAN until a VLAN netdev on the PF takes it, and again when that is mended as the audit says."""
    equal(ping(host, "far", SERVER)[0], 3, f"{what}: answers")
    equal(audit(host, 0), [], f"{what}: findings")
    host.sh(f"ip link add link {PF} name old100 type vlan id 100")
    equal(ping(host, "far", SERVER)[0], 0, f"{what}: answers beside a VLAN netdev on the PF that is down")
    findings = audit(host, 1)
    equal([(f["code"], f["vlan"], f["after"]) for f in findings], [("vlan-netdev", 100, "nothing needs old100")], f"{what}: findings")
    mend(host, findings[0])
    equal(ping(host, "far", SERVER)[0], 3, f"{what}: answers when it is mended")
    equal(audit(host, 0), [], f"{what}: findings when it is mended")


def test_vlan_swallowed(host):
    """harvester 4800: a VLAN netdev on the PF takes the VLAN of a macvlan's guest, and that of a bridge's, until it is deleted"""
    with namespaces(host, "far", "server"):
        host.sh(f"ip link add link {WIRE} name far0 address {FIRST} netns far type macvlan mode private")
        vlan_on(host, "far", "far0", REMOTE, SERVER, SECOND)
        host.sh(f"ip link add link {PF} name net1 address {SECOND} netns server type macvlan mode bridge")
        vlan_on(host, "server", "net1", SERVER, REMOTE, FIRST)
        swallowed(host, "a pod on a macvlan")
        host.sh("ip -n server link delete net1")
        with bridged(host, "server", SECOND, "192.0.2.99"):
            host.sh(f"""ip link set br9 type bridge vlan_filtering 1; bridge vlan add vid 100 dev {PF}; bridge vlan add vid 100 dev tap9
                bridge fdb replace {SECOND} dev tap9 master static vlan 100""")
            vlan_on(host, "server", "guest9", SERVER, REMOTE, FIRST)
            swallowed(host, "a guest on a bridge")


def test_vf_address(host):
    """sriov-cni 219, 232: the PF takes its address from a VF in use, or assigns another: the pod is deaf, until it assigns its own"""
    with namespaces(host, "far", "pod"):
        far(host, REMOTE)
        with vf_in(host, 1, FIRST, "pod", SERVER), inhabited(host, "pod"):
            for assigned in ("00:00:00:00:00:00", SECOND):
                equal(ping(host, "far", SERVER)[0], 3, "answers before it")
                equal(audit(host, 0), [], "findings before it")
                host.ok("ip", "link", "set", PF, "vf", 1, "mac", assigned)
                equal(ping(host, "far", SERVER)[0], 0, f"answers with {assigned} assigned")
                findings = audit(host, 1)
                equal([(f["code"], f["address"], [g["vf"] for g in f["functions"]]) for f in findings], [("vf-address", FIRST, [1])],
                      f"findings with {assigned} assigned")
                mend(host, findings[0])
            equal(ping(host, "far", SERVER)[0], 3, "answers when it is mended")
            equal(audit(host, 0), [], "findings when it is mended")
    home(host, 1)


def remarks(host):
    return [finding for finding in host.nfprobe("--audit", PF, "--json").json()["findings"] if finding["remark"]]


def test_bridge_filter(host):
    """hotsos 365: a VF's frames do not reach a guest on a bridge; a remark, mended by the entry"""
    with namespaces(host, "client", "server", "far"):
        far(host, REMOTE)
        with vf_in(host, 1, SECOND, "client", CLIENT), bridged(host, "server", FIRST, SERVER):
            ping(host, "server", REMOTE, 1)  # this NIC gives a PF that is promiscuous alone nothing while a VF is up
            host.sh(f"ip -n client neigh replace {SERVER} lladdr {FIRST} dev $(ip -n client -br link | grep -o '^eth[0-9]*')")
            equal(ping(host, "client", SERVER)[0], 0, "answers")
            equal(audit(host, 0), [], "findings")
            [remark] = [one for one in remarks(host) if one["code"] == "bridge-filter"]
            mend(host, remark)
            equal(ping(host, "client", SERVER)[0], 3, "answers when it is mended")
            equal([one["code"] for one in remarks(host) if one["code"] == "bridge-filter"], [], "remarks when it is mended")
            host.sh(f"bridge fdb del {FIRST} dev {PF}")
    home(host, 1)
