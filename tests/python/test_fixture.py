# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-fixture: nothing of a host is left in the bytes, addresses keep their meaning, and no file makes it fail."""

import io
import json
import os
import random
import struct
import time

import pytest
import tool

fixture = tool.load("nfprobe-fixture")
RUN, KEY = bytes(range(1, 17)), bytes(range(16, 0, -1))
X, UNREGISTERED, ASKER, NEIGHBOUR = (bytes.fromhex(mac) for mac in ("3cfdfe000011", "3cfdfe000033", "3cfdfe010203", "3cfdfe040506"))
IPV4, IPV6 = bytes((192, 168, 7, 1)), bytes.fromhex("20010db9000000000700000000abcdef")
SERIAL = b"SN-4711-XYZ"
# None of these in the file may be in what is made of it.
SECRETS = (X, UNREGISTERED, ASKER, NEIGHBOUR, IPV4, IPV6, IPV6[:8], IPV6[13:], SERIAL, b"3c:fd:fe", b"hv3", b"acme", b"secret0", b"ens1f0",
           b"192.168.7.1", b"customer", b"the secret switch", b"/home/", b"br-guest7")


# ---- a recording ----

def frame(dst=X, kind=0, seq=1, tag=None):
    text = b"nfpr\1" + bytes((kind, 0, 0)) + RUN + struct.pack(">QQ", seq, 1000 + seq)
    tag = fixture.siphash(KEY, dst + ASKER + text) if tag is None else tag
    return dst + ASKER + b"\x88\xb5" + text + tag.to_bytes(8, "big")


def arp(op, dst, src, sha, tha, spa, tpa):
    return dst + src + b"\x08\x06" + bytes.fromhex("000108000604") + struct.pack(">H", op) + sha + spa + tha + tpa + bytes(18)


def neighbour(solicits):
    group = bytes.fromhex("ff0200000000000000000001ff") + IPV6[13:]
    src, dst = (bytes(16), group) if solicits else (IPV6, bytes.fromhex("ff020000000000000000000000000001"))
    message = bytes((135 if solicits else 136, 0, 0, 0, 0, 0, 0, 0)) + IPV6
    total = fixture.checksum(src + dst + struct.pack(">II", 24, 58) + message)
    ip = b"\x60\0\0\0" + struct.pack(">HBB", 24, 58, 255) + src + dst + message[:2] + struct.pack(">H", total) + message[4:]
    ends = (b"\x33\x33\xff" + IPV6[13:], ASKER) if solicits else (b"\x33\x33\0\0\0\1", NEIGHBOUR)
    return ends[0] + ends[1] + b"\x81\0\0\7\x86\xdd" + ip


def carried(seq):
    return NEIGHBOUR + ASKER + b"\x88\xb5nfpx\2\3" + bytes(34) + frame(seq=seq) + SERIAL


def attribute(kind, value):
    return fixture.attribute(kind, value)


def link(index, name, vfs=False):
    some = attribute(3, name + b"\0") + attribute(1, ASKER) + attribute(4, struct.pack("<I", 9000)) + attribute(20, SERIAL + b"\0")
    some += attribute(34, SERIAL) + attribute(38, b"p0\0") + attribute(56, b"0000:01:00.0\0")
    if vfs:
        info = attribute(1, struct.pack("<I", 3) + X + bytes(26)) + attribute(4, struct.pack("<II", 3, 1)) + attribute(13, X + bytes(26))
        some += attribute(22, attribute(1, info))
    return message(16, struct.pack("<BxHiII", 0, 1, index, 0, 0) + some)


def message(kind, body, flags=0):
    return struct.pack("<IHHII", 16 + len(body), kind, flags, 99, 4711) + body + bytes(-len(body) % 4)


DEVLINK = 21
KERNEL = (
    (0, link(3, b"ens1f0", vfs=True)), (0, link(7, b"secret0")), (0, link(9, b"br-guest7")),
    (0, message(2, struct.pack("<i", -95) + struct.pack("<IHHII", 32, 19, 5, 99, 4711) + SERIAL + attribute(1, b"customer db\0"), 0x200)),
    (16, message(16, b"\1\2\0\0" + attribute(1, struct.pack("<H", DEVLINK)) + attribute(2, b"devlink\0"))),
    (16, message(DEVLINK, b"\x33\1\0\0" + attribute(1, b"pci\0") + attribute(2, b"0000:01:00.0\0") + attribute(99, SERIAL + b"\0")
                 + attribute(101, attribute(103, b"fw.mgmt\0") + attribute(104, b"1.2.3\0")))),
    (16, message(33, b"\1\1\0\0" + attribute(2, b"ens1f0\0"))),
    (15, message(16, SERIAL)),
)
FILES = (
    {"path": "/sys/class/net/ens1f0/device", "link": "../../../0000:01:00.0", "errno": 0},
    {"path": "/sys/class/net/secret0/device", "link": "../../../0000:01:10.3", "errno": 0},
    {"path": "/sys/devices/pci0000:00/0000:01:00.0/virtfn3", "link": "../0000:01:10.3", "errno": 0},
    {"path": "/sys/devices/pci0000:00/0000:01:10.3/driver", "link": "../../../bus/pci/drivers/igbvf", "errno": 0},
    {"path": "/sys/devices/pci0000:00/0000:01:00.0/vpd", "read": SERIAL.decode(), "errno": 0},
    {"path": "/sys/class/net/secret0/phys_port_name", "read": "customer", "errno": 0},
    {"path": "/sys/class/net/secret0/ifalias", "write": "192.168.7.1", "errno": 0},
    {"path": "/sys/bus/pci/drivers/igbvf/unbind", "write": "0000:01:10.3", "errno": 0},
    {"path": "/sys/bus/pci/devices/0000:01:10.3/driver_override", "write": "customer%0a", "errno": 0},
    {"path": "/home/acme/driver", "read": "1", "errno": 0},
)
FACTS = {
    "format": 2, "id": RUN.hex(), "key": KEY.hex(), "secret": 4711, "result": {
        "run": {"id": RUN.hex(), "start": "2026-11-02T08:00:00.123Z", "host": "hv3.acme.example", "kernel": "6.12.95-hv3"},
        "pf": {"ifname": "ens1f0", "ifindex": 3, "driver": "igb", "firmware": "1.2.3, 0x80000a4e", "parentdev": "0000:01:00.0",
               "address": "3c:fd:fe:01:02:03", "serial": SERIAL.decode(), "master": "br-guest7"},
        "settings": {"from": "secret0,arp:192.168.7.1,vf:1", "source": "wire", "styles": ["macvtap", "customer"]},
        "vfs": [{"vf": 3, "driver": "igbvf", "styles": [{"style": "macvtap", "verdict": "safe", "reason": "secret0 is deaf"}]}],
        "warnings": ["br-guest7 has customer 192.168.7.1"], "error": {"code": "timeout", "message": "of hv3", "hint": "see /home/x"}}}


def put(kind, fixed, options):
    return fixture.block_of(kind, fixed, options)


def comment(text):
    return (1, text.encode() if isinstance(text, str) else text)


def packet(interface, data, *comments, seq=0, outbound=False):
    head = struct.pack("<IIIII", interface, 0, 1, len(data), len(data)) + data + bytes(-len(data) % 4)
    options = [*map(comment, comments), (2, struct.pack("<I", 2 if outbound else 1))]
    return put(6, head, options + [(5, struct.pack("<Q", seq))] if seq else options)


def recording(facts=None, frames=None, kernel=KERNEL, files=FILES):
    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    blocks = [put(0x0A0D0D0A, section, [(2, b"hv3.acme.example (x86_64)"), (3, b"Linux 6.12.95"), (4, b"nfprobe 0.2.0"),
                                        comment('nfprobe clock {"offset":"1793868000.123456789"}'), comment("of hv3")])]
    for kind, name, role in ((253, b"netlink", "netlink: what"), (1, b"secret0", "sender: of hv3"), (1, b"ens1f0", "pf: of hv3")):
        options = [(2, name), (3, f"nfprobe {role}".encode()), (6, ASKER), (9, b"\x09"), (11, b"\0host 192.168.7.1")]
        blocks.append(put(1, struct.pack("<HHI", kind, 0, 0), options))
    for family, data in kernel:
        blocks.append(packet(0, struct.pack(">HH", 0, 824) + bytes(10) + struct.pack(">H", family) + data))
    notes = [f"nfprobe sysfs {json.dumps({'time': '1793868000.123456789', **file})}" for file in files]
    notes += ["nfprobe change ip link set ens1f0 vf 3 mac 3c:fd:fe:00:00:11", "nfprobe omitted {}",
              'nfprobe ladder {"vf":3,"style":"macvtap","unicast":"3c:fd:fe:00:00:11","group":"33:33:ff:00:00:11","note":"secret0"}',
              'nfprobe step {"step":"control","address":"3c:fd:fe:00:00:11"}', "somebody was in /home/acme"]
    lldp = b"\x01\x80\xc2\0\0\x0e" + ASKER + b"\x88\xccthe secret switch"
    blocks.append(packet(1, lldp, *notes, outbound=True))
    frames = [frame(), frame(UNREGISTERED, 2, 2), carried(3), neighbour(True), arp(1, NEIGHBOUR, ASKER, X, bytes(6), bytes(4), IPV4),
              arp(2, X, NEIGHBOUR, NEIGHBOUR, X, IPV4, bytes(4)), neighbour(False)] if frames is None else frames
    blocks += [packet(2, data, seq=seq) for seq, data in enumerate(frames, 1)]
    ends = ["nfprobe round {\"steps\":[{\"step\":\"control\",\"errno\":0,\"note\":\"on hv3\"}],\"stopped\":false}",
            "nfprobe facts " + json.dumps(FACTS if facts is None else facts)]
    for interface, wrote in enumerate((len(kernel), 1, len(frames))):
        blocks.append(put(5, struct.pack("<III", interface, 0, 1), [(4, struct.pack("<Q", wrote)), *map(comment, ends)]))
        ends = []
    return b"".join(blocks)


def extract_of(data):
    out = io.BytesIO()
    for _ in fixture.Extract(fixture.Recording(io.BytesIO(data))).run(out):
        pass
    return out.getvalue()


def read_back(data):
    """Comments, and the packets that count by interface."""
    comments, packets = [], {}
    for block in fixture.blocks(io.BytesIO(data)):
        comments += block.comments()
        if block.kind == fixture.PACKET:
            packets.setdefault(block.u32(0), []).append(block.data())
    return comments, packets


def facts_of(comments):
    return json.loads(next(text for text in comments if text.startswith("nfprobe facts "))[len("nfprobe facts "):])


# ---- what is left ----

def test_siphash_is_that_of_the_paper():
    assert fixture.siphash(bytes(range(16)), bytes(range(15))) == 0xA129CA6149BE45E5


def test_nothing_of_the_host_is_left():
    data = recording()
    assert all(secret in data for secret in SECRETS)
    made = extract_of(data)
    assert [secret for secret in SECRETS if secret in made] == []
    assert [secret for secret in SECRETS if secret in extract_of(made)] == []


def test_what_says_nothing_about_a_host_stays():
    comments, packets = read_back(extract_of(recording()))
    facts = facts_of(comments)["result"]
    assert facts["pf"]["driver"] == "igb" and facts["pf"]["firmware"] == "1.2.3, 0x80000a4e" and facts["pf"]["ifindex"] == 3
    assert facts["settings"] == {"from": facts["settings"]["from"], "source": "wire", "styles": ["macvtap"]}
    assert facts["settings"]["from"].endswith(",vf:1") and ",arp:198.18.0." in facts["settings"]["from"]
    assert facts["run"]["kernel"] is None and facts["run"]["start"] == "2026-11-02T08:00:00.123Z"
    assert facts["vfs"][0]["styles"] == [{"style": "macvtap", "verdict": "safe", "reason": None}]
    assert facts["warnings"] == [] and facts["error"] == {"code": "timeout", "message": "(removed)", "hint": None}
    files = [json.loads(text[len("nfprobe sysfs "):]) for text in comments if text.startswith("nfprobe sysfs ")]
    assert [file["path"].rsplit("/", 1)[1] for file in files] == ["device", "device", "virtfn3", "driver", "phys_port_name", "unbind",
                                                                  "driver_override"]
    assert files[3]["link"] == "../../../bus/pci/drivers/igbvf"
    assert len(packets[0]) == 5 and all(b"p0\0" in data and b"0000:01:00.0\0" in data for data in packets[0][:2])
    assert b"devlink\0" in packets[0][3] and b"fw.mgmt\0" in packets[0][4]
    assert 1 not in packets and len(packets[2]) == 7


def test_addresses_keep_their_meaning():
    _, packets = read_back(extract_of(recording()))
    test, unregistered, to_reflector, solicitation, request, reply, advertisement = packets[2]
    assert test[0] == 0x0E and test[:6] != unregistered[:6] and test[6:12] == unregistered[6:12]
    for data, addresses in ((test, test[:12]), (to_reflector[54:116], to_reflector[54:66])):
        tag = fixture.siphash(KEY, addresses + data[14:54])
        assert data[54:62] == tag.to_bytes(8, "big")
    assert to_reflector[:12] == request[:12] and to_reflector[14:18] == b"nfpx"
    assert request[22:28] == test[:6] == reply[:6] == reply[32:38]
    assert reply[28:32] == request[38:42] != IPV4 and request[28:32] == bytes(4)
    # The solicited node's group is that of the target in all four places.
    target = solicitation[66:82]
    assert target == advertisement[66:82] == advertisement[26:42]
    assert solicitation[:6] == b"\x33\x33\xff" + target[13:] and solicitation[42:58][13:] == target[13:]
    assert advertisement[:6] == b"\x33\x33\0\0\0\1"
    for data in (solicitation, advertisement):
        assert data[12:16] == b"\x81\0\0\7" and fixture.checksum(data[26:58] + struct.pack(">II", 24, 58) + data[58:82]) == 0


def test_a_forged_frame_is_refused():
    with pytest.raises(fixture.Damaged, match="no frame of its run"):
        extract_of(recording(frames=[frame(tag=1)]))


def test_lost_packets_are_still_missed():
    def missing(data):
        wrote = [block.number(fixture.RECEIVED, 8) for block in fixture.blocks(io.BytesIO(data)) if block.kind == fixture.STATS]
        return wrote[2] - len(read_back(data)[1][2])
    data = recording()
    lost = b"".join(block for block in split(data) if frame() not in block)
    assert missing(data) == 0 and missing(extract_of(data)) == 0
    assert missing(lost) == 1 and missing(extract_of(lost)) == 1


def split(data):
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at + 4:at + 8], "little")
        yield data[at:at + length]
        at += length


# ---- any JSON ----

def anything(rng, depth=0):
    keys = [*fixture.FACTS.texts, *fixture.FACTS.parts, *fixture.FACTS.constants, "serial", "path", "a", ""]
    kind = rng.randrange(8 if depth < 5 else 5)
    if kind < 3:
        return "Zq" + rng.choice(("", "x", "/home/", "10.77.66.", "3c:fd:fe:", "\U0001f600", "\0")) + str(rng.randrange(1000))
    if kind == 3:
        return rng.choice((None, True, False, 0, 424242, -1, 1.5, 10 ** 19))
    if kind == 4:
        return rng.choice(("3c:fd:fe:01:02:03", "192.168.7.1", "igb0secret", "safe", "macvtap", "0000:01:00.0"))
    if kind < 7:
        return {rng.choice(keys): anything(rng, depth + 1) for _ in range(rng.randrange(6))}
    return [anything(rng, depth + 1) for _ in range(rng.randrange(4))]


def strings_of(value):
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings_of(part)


def test_of_any_json_only_what_is_allowed_is_left():
    for seed in range(3000):
        rng = random.Random(seed)
        others = fixture.Others()
        others.secrets = {"igb0secret"}
        made = fixture.kept(others, fixture.FACTS, {"result": anything(rng)})
        for text in strings_of(made):
            free = fixture.re.fullmatch(r"n[0-9]+|(vf|arp|peer):.*", text) or text in ("safe", "macvtap", "0000:01:00.0", "(removed)")
            version = fixture.re.fullmatch("Zq[x0-9./a-z:]*", text) or text in ("192.168.7.1", "3c:fd:fe:01:02:03")
            assert free or version or text.startswith(("0e:00:", "198.18.")), (seed, text)
        assert not any(text in ("igb0secret",) for text in strings_of(made)), seed
        json.dumps(made)


# ---- any bytes ----

def mutate(rng, data):
    data = bytearray(data)
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(data) or 1)
        kind = rng.randrange(5)
        if kind == 0 and data:
            data[at] = rng.randrange(256)
        elif kind == 1:
            data[at:at + 4] = struct.pack("<I", rng.choice((0, 1, 4, 12, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)))
        elif kind == 2:
            data = data[:at + 1]
        elif kind == 3:
            del data[at:at + rng.randrange(1, 40)]
        else:
            data[at:at] = data[max(0, at - rng.randrange(200)):at]
    return bytes(data)


def test_no_bytes_make_it_fail():
    """NFPROBE_FUZZ_SECONDS and NFPROBE_FUZZ_SEED: for longer, or from there."""
    seed = first = int(os.environ.get("NFPROBE_FUZZ_SEED", time.time_ns()))
    samples, end = [recording(), recording(kernel=(), files=())], time.monotonic() + float(os.environ.get("NFPROBE_FUZZ_SECONDS", "3"))
    while time.monotonic() < end or seed - first < 100:
        seed += 1
        rng = random.Random(seed)
        blocks = list(split(samples[0]))
        if seed % 2:  # inside of a block, whose length stays true
            at = rng.randrange(1, len(blocks))
            inner = mutate(rng, blocks[at][8:-4])[:len(blocks[at]) - 12]
            blocks[at] = blocks[at][:8] + inner + bytes(len(blocks[at]) - 12 - len(inner)) + blocks[at][-4:]
            data = b"".join(blocks)
        else:
            data = mutate(rng, rng.choice(samples))
        try:
            with tool.in_time():
                extract_of(data)
                fixture.kernel_json(fixture.Extract(fixture.Recording(io.BytesIO(data))))
        except fixture.Damaged as error:
            assert str(error), seed
        except Exception:
            print(f"NFPROBE_FUZZ_SEED={seed - 1}: {data!r}")
            raise


def test_no_comment_makes_it_fail():
    deep, long = "[" * 60000, "9" * 5000
    for text in ("nfprobe facts " + deep, "nfprobe facts {\"a\":" + long + "}", "nfprobe round []", "nfprobe sysfs {\"path\":1,\"link\":2}",
                 "nfprobe sysfs {\"path\":\"/sys/a/driver\",\"read\":\"%ff\",\"errno\":\"x\"}", "nfprobe ladder {\"vf\":" + long + "}",
                 "nfprobe facts {}", "nfprobe", "nfprobe  ", "nfprobe watch {\"rate\":\"\u0665\"}"):
        data = recording() + packet(1, b"x", text)
        try:
            extract_of(data)
        except fixture.Damaged as error:
            assert str(error)


# ---- the command ----

def test_the_command(tmp_path):
    run, out = tmp_path / "run.pcapng", tmp_path / "out.pcapng"
    run.write_bytes(recording())
    done = tool.run("nfprobe-fixture", run, out)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert out.read_bytes() == extract_of(recording()) and sorted(os.listdir(tmp_path)) == ["out.pcapng", "run.pcapng"]
    told = json.loads(tool.run("nfprobe-fixture", "--kernel", run).stdout)
    assert (told["ifindex"], told["vf"], len(told["messages"]), told["order"]) == (3, 3, 5, [0, 1, 2, 3, 4])


def test_errors_are_sentences(tmp_path):
    run, none, pipe = tmp_path / "run.pcapng", tmp_path / "none", tmp_path / "pipe"
    run.write_bytes(recording()[:-200])
    os.mkfifo(pipe)
    for args, status, words in (((run, none), 4, "cannot read"), ((none, run), 4, "No such file"), ((pipe, none), 4, "not a regular"),
                                ((tmp_path, none), 4, "not a regular"), ((run,), 2, "EXTRACT"), ((run, run), 2, "is RECORDING"),
                                (("--kernel", run, none), 2, "--kernel"), ((run, tmp_path), 2, "no file"), ((), 2, "usage")):
        done = tool.run("nfprobe-fixture", *args)
        assert (done.returncode, words in done.stderr, "Traceback" in done.stderr) == (status, True, False), (args, done.stderr)
    assert not none.exists()
    for command in tool.COMMANDS:
        done = tool.run("nfprobe-fixture", f"{tmp_path}/\n{command}", none)
        assert done.returncode == 4 and done.stderr.count("\n") == 1 and not tool.has_command(done.stderr)
    run.write_bytes(recording())
    done = tool.run("nfprobe-fixture", run, tmp_path / "no" / "folder")
    assert done.returncode == 4 and done.stderr == f"nfprobe-fixture: cannot write {tmp_path}/no/folder: No such file or directory\n"
