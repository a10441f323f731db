# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated NIC's reports and its behaviour beside filters: attributes, ports, offloads, devices below a VF."""

import json

from scenario import CLOCK, check, equal
from simulated import BROADCAST, MS, UNREGISTERED, X, Y, Module, between, first, one

MACHINE = CLOCK
ZERO = "00:00:00:00:00:00"
SLOW = 60000  # ms that no machine needs; that nothing comes too soon is what is looked at


def test_no_vf_config(host):
    """no_vf_config: rtnetlink has no list of the VFs (enic); get_us: each VF in it takes its time"""
    with one(host, "no_vf_config=1") as nic:
        equal(nic.infos(), None, "list of VFs")
        nic.assign(3, X)
        nic.personality("no_vf_config=0 get_us=200000")
        equal(nic.info(3)["address"], X, "address that was assigned meanwhile")
        nic.reads(clear=True)
        between(4 * 200 * MS, nic.timed("infos"), SLOW * MS, "ns to show four VFs")
        check(nic.reads() in (4, 8), f"times that the driver was asked about one of four VFs: {nic.reads()}")


def test_no_vf_ops(host):
    """no_vf_ops: nothing of a VF is shown or can be set (txgbe, idpf)"""
    with one(host, "no_vf_ops=1") as nic:
        equal(nic.infos(), None, "list of VFs")
        for words in (("mac", X), ("vlan", 5), ("spoofchk", "off"), ("trust", "on"), ("state", "enable"), ("max_tx_rate", 500)):
            check("not supported" in str(nic.refusal("vf", 3, *words)), f"{words} was set")
        nic.personality("no_vf_ops=0")
        nic.assign(3, X)
        equal(nic.info(3)["address"], X, "address")


def test_infiniband(host):
    """infiniband: the type of the PF's netdev"""
    with one(host, "infiniband=1") as nic:
        equal(nic.ip_json("link", "show", "nf0")[0]["link_type"], "infiniband", "type")
        nic.personality("infiniband=0")
        equal(nic.ip_json("link", "show", "nf0")[0]["link_type"], "ether", "type")


def test_repeated_address(host):
    """vf_repeat: an address that another VF has is refused, or taken and shown without a filter; assign_fails: done, and refused"""
    with one(host, "come=assign vf_repeat=EINVAL") as nic:
        nic.assign(1, X)
        check("Invalid" in str(nic.refusal("assign", 3, X)), "it was assigned twice")
        nic.personality("vf_repeat=silent")
        nic.assign(3, X)
        nic.assign(2, Y)
        equal((nic.info(3)["address"], [" on" in line for line in nic.filters() if line.startswith("vf")]), (X, [False, True, True, False]),
              "address shown, filters")
        nic.personality("default come=assign assign_fails=EIO")
        check("Input/output" in str(nic.refusal("assign", 3, UNREGISTERED)), "it was not refused")
        equal(nic.info(3)["address"], UNREGISTERED, "address that was assigned and refused")


def test_reset_of_a_vf(host):
    """vfr_get: in reset a VF is shown, or waited for"""
    with one(host, f"vfr=reset vfr_ms={SLOW} vfr_error=EINVAL vfr_get=shown") as nic:
        nic.assign(3, X)
        nic.reset(3)
        equal(nic.info(3)["address"], X, "address in reset")
        check("Invalid" in str(nic.refusal("assign", 3, Y)), "it was set in reset")
        nic.personality("vfr_get=waits vfr_ms=2000")
        nic.reset(3)
        equal(nic.info(3)["address"], X, "address that was waited for")
        nic.assign(3, Y)


def test_late_address(host):
    """mac_late_ms: a VF's netdev comes with the address zero, and gets another without a notification"""
    with one(host, "mac_late_ms=400") as nic:
        nic.assign(3, X)
        nic.bind(3)
        equal(nic.address(3), ZERO, "address at first")
        nic.noted("vf3", "late address")
        equal(nic.address(3), X, "address then")


def test_blocked_groups(host):
    """uc_blocks_mc: a group that the PF joins is not written while one of its addresses is refused (bnxt)"""
    group = "33:33:ff:00:77:01"
    with one(host, "come=assign arb=vf pf_second=silent uc_blocks_mc=1") as nic:
        nic.assign(3, X)
        nic.hold(X)
        nic.group("pf", True, group)
        equal(nic.landing(group), "nowhere", "landing of the group")
        nic.release(X)
        equal(nic.landing(group), "pf", "landing once the address is gone")


def test_forgotten_address(host):
    """forget=mac, forget_notify: the PF shows no address once the VF was set down, and announces it (i40e)"""
    with one(host, "forget=mac forget_on=down forget_notify=1") as nic:
        nic.assign(3, X)
        nic.bind(3)
        nic.up(3)
        equal(nic.info(3)["address"], X, "address while it is up")
        equal(nic.announced("pf", "down", 3), 1, "notifications about the PF")
        equal(nic.info(3)["address"], ZERO, "address when it is down")


def test_forced_promisc_stays(host):
    """pf_second_promisc=stays: a PF whose filter was rejected stays promiscuous until it has fewer of them (i40e)"""
    with one(host, "come=assign arb=vf pf_second=silent pf_second_promisc=stays") as nic:
        groups = [f"33:33:00:00:77:{i:02x}" for i in range(8)]
        for group in groups:
            nic.ip("maddress", "add", group, "dev", "nf0")
        nic.assign(3, X)
        nic.hold(X)
        equal((nic.landing(X), nic.landing(UNREGISTERED)), ("nowhere", "pf"), "landings when it was rejected")
        nic.release(X)
        nic.clear(3)
        equal(nic.landing(UNREGISTERED), "pf", "landing of an unregistered address when it was removed")
        equal(nic.ip_json("-d", "link", "show", "nf0")[0]["promiscuity"], 0, "promiscuity of the netdev")
        nic.promisc("pf", True)
        nic.promisc("pf", False)
        nic.ip("maddress", "del", groups[0], "dev", "nf0")
        equal(nic.landing(UNREGISTERED), "pf", "landing of an unregistered address after promiscuous mode, and with an address less")
        for group in groups[1:]:
            nic.ip("maddress", "del", group, "dev", "nf0")
        equal(nic.landing(UNREGISTERED), "nowhere", "landing of an unregistered address with few addresses left")
        nic.hold(X)
        equal(nic.landing(UNREGISTERED), "nowhere", "landing of an unregistered address when a filter was taken")


def test_periodic(host):
    """pf_sync_ms, vf_sync_ms: tables are written once in so often, the VF's by way of the PF's (hns3)"""
    period = 1000
    with one(host, f"come=driver+up go=unplug arb=vf pf_sync_ms={period}") as nic:
        since = nic.log()[-1][0]
        nic.hold(X)
        equal(nic.landing(UNREGISTERED), "nowhere", "landing of an unregistered address")
        for what, act in (("unicast on", None), ("unicast off", lambda: nic.release(X))):
            if act:
                nic.log(clear=True)
                act()
                since = 0
            nic.noted("pf", what)
            at = first(nic.log(), "pf", what, since) / MS % period
            check(at < period / 2, f"{what}: {at} ms after a turn")
        nic.personality(f"vf_sync_ms={period} pf_sync_ms={2 * period}")
        nic.assign(3, X)
        nic.bind(3)
        nic.noted("vf3", "filter on")
        log = nic.log()
        on = first(log, "vf3", "filter on")
        check(on / MS % (2 * period) < period, f"the VF's filter came {on / MS % (2 * period)} ms after a turn of the PF's")
        check(on > first(log, "vf3", "driver"), "the filter came before the driver")
        equal(nic.landing(X), "nowhere", "landing when it is there")


def test_two_ports(host):
    """two_ports, dev_port: a VF and the PF have two netdevs, told apart by dev_port; one is this wire's (mlx4)"""
    def ports(vf=None):
        device = "/sys/class/net/nf0/device" + (f"/virtfn{vf}" if vf is not None else "")
        names = host.ok("ls", device + "/net").split()
        return {name: int(host.read(f"/sys/class/net/{name}/dev_port")) for name in names}

    with one(host, "come=up go=down arb=vf") as nic:
        for port in (0, 1):
            nic.personality(f"two_ports=1 dev_port={port}")
            nic.assign(3, X)
            nic.bind(3)
            equal(ports(), {"nf0": port, "nf0s": 1 - port}, "the PF's netdevs")
            equal(ports(3), {"nf0v3": port, "nf0v3s": 1 - port}, "the VF's netdevs")
            check(nic.address("nf0v3") == X != nic.address("nf0v3s"), "addresses of the VF's netdevs")
            nic.up("nf0v3s")
            equal(nic.landing(X, also=["nf0v3s"]), "nowhere", "landing while only the other port's is up")
            nic.up(3)
            equal(nic.landing(X, also=["nf0v3s"]), "vf3", "landing while both are up")
            nic.calls(clear=True)
            nic.ip("netns", "add", "nfsim")
            nic.ip("link", "set", "nf0v3s", "netns", "nfsim")
            equal([call[2] for call in nic.calls()], ["stop", "moved"], "calls when it was moved")
            nic.unbind(3)
            nic.ip("netns", "del", "nfsim")
            equal(nic.vf_files(3).count("net"), 0, "netdevs of the VF without a driver")
        links = nic.ip_json("link", "show")
        check(any(len(link.get("vfinfo_list", [])) == 4 for link in links if link["ifname"] == "nf0s"), "the PF's second has no VFs")
        nic.personality("two_ports=0")
        equal(ports(), {"nf0": 1}, "the PF's netdevs, two_ports=0")


def guid_of(host, vf=3):
    return host.read(f"/sys/class/net/nf0/device/virtfn{vf}/infiniband/nfib0v{vf}/node_guid")


def test_guid(host):
    """rdma, guid: assigning an address, zero too, changes the VF's node GUID; its RDMA device shows it (mlx5)"""
    with one(host, "rdma=1 guid=1") as nic:
        seen = []
        for act in (lambda: None, lambda: nic.assign(3, X), lambda: nic.clear(3)):
            act()
            nic.bind(3)
            equal(host.ok("ls", "/sys/class/infiniband").split(), ["nfib0v3"], "RDMA devices")
            seen.append(guid_of(host))
            nic.unbind(3)
        equal(seen, ["0000:0000:0000:0000", "0200:5eff:fe00:0201", "0000:00ff:fe00:0000"], "node GUIDs")
        equal(host.ok("ls", "/sys/class/infiniband").split(), [], "RDMA devices without a driver")
        nic.bind(3)
        nic.assign(3, X)
        equal(guid_of(host), seen[2], "node GUID of a bound VF: that of its bind")
        nic.unbind(3)
        shown = host.ok("ip", "-d", "link", "show", "nf0")
        check("02:00:5e:ff:fe:00:02:01" in shown, f"the node GUID is not in: {shown}")
        check("not supported" in str(nic.refusal("vf", 3, "node_guid", "00:11:22:33:44:55:66:77")), "a node GUID was set")
        nic.personality("guid=0")
        check("02:00:5e:ff:fe:00:02:01" not in host.ok("ip", "-d", "link", "show", "nf0"), "the node GUID is told, guid=0")


def test_attributes(host):
    """rate, rate_none, rss, vlan_none, no_vlan_proto, enable_ignored, admin: attributes that can be set, and what is shown of them"""
    def shown(*names):
        info = nic.info(3)
        return [info.get(name) for name in names]

    with one(host) as nic:
        check("not supported" in str(nic.refusal("vf", 3, "max_tx_rate", 100)), "a rate was set, rate=0")
        check("not supported" in str(nic.refusal("vf", 3, "query_rss", "on")), "query_rss was set, rss=0")
        nic.personality("rate=1 rss=1 rate_none=25000")
        equal(shown("rate", "query_rss_en"), [{"max_tx": 25000, "min_tx": 0}, False], "rates and RSS of a new VF")
        nic.vf(3, "max_tx_rate", 100, "min_tx_rate", 50)
        nic.vf(3, "query_rss", "on")
        equal(shown("rate", "query_rss_en"), [{"max_tx": 100, "min_tx": 50}, True], "rates and RSS that were set")
        nic.personality("default vlan_none=4095")
        equal(shown("vlan_list"), [[{"vlan": 4095}]], "VLAN of a VF without")
        nic.vlan(3, 7)
        equal(shown("vlan_list"), [[{"vlan": 7}]], "VLAN that was set")
        for none in (4095, 0):
            nic.vlan(3, 7)
            nic.vlan(3, none)
            check("vlan 0" in nic.filters()[4], f"a VLAN when none was set: {nic.filters()[4]}")
            equal(shown("vlan_list"), [[{"vlan": 4095}]], "VLAN shown when none was set")
        nic.personality("default no_vlan_proto=1")
        nic.vlan(3, 7, "802.1ad")
        equal(shown("vlan_list"), [[{"vlan": 7}]], "VLAN of 802.1ad, no_vlan_proto=1")
        nic.personality("no_vlan_proto=0")
        equal(shown("vlan_list"), [[{"vlan": 7, "protocol": "802.1ad"}]], "VLAN of 802.1ad")
        nic.personality("default enable_ignored=1")
        for state, expected in (("disable", "disable"), ("enable", "disable"), ("auto", "auto"), ("enable", "auto")):
            nic.link_state(3, state)
            equal(shown("link_state"), [expected], f"link state after {state}")
        nic.personality("default admin=EPERM rate=1")
        for words in (("vlan", 5), ("spoofchk", "off"), ("trust", "on"), ("state", "enable"), ("max_tx_rate", 500)):
            check("not permitted" in str(nic.refusal("vf", 3, *words)), f"{words} was set, admin=EPERM")
        nic.vlan(3, 0)
        nic.assign(3, X)
        equal(nic.info(3)["address"], X, "address, admin=EPERM")


def test_forget(host):
    """forget, forget_on: an event sets attributes back that were set before"""
    everything = "spoofchk+trust+rate+rss+link+vlan"

    def state():
        info = nic.info(3)
        return [info["spoofchk"], info["trust"], info["rate"]["max_tx"], info["query_rss_en"], info["link_state"], any(info["vlan_list"])]

    with one(host) as nic:
        for what, event, act in ((everything, "reset", ("reset", 3)), (everything, "assign", ("assign", 3, X)), ("rate", "clear", ("clear", 3)),
                                 ("trust+link", "driver", ("bind", 3)), ("never", "unplug", ("unbind", 3))):
            nic.personality(f"default rate=1 rss=1 forget={what} forget_on={event}")
            nic.spoofchk(3, "off")
            nic.trust(3, "on")
            nic.vf(3, "max_tx_rate", 100)
            nic.vf(3, "query_rss", "on")
            nic.link_state(3, "disable")
            nic.vlan(3, 7)
            before = state()
            equal(before, [False, True, 100, True, "disable", True], "attributes that were set")
            nic.call(*act)
            names = everything.split("+")
            fresh = [True, False, 0, False, "auto", False]
            equal(state(), [new if name in what else old for name, old, new in zip(names, before, fresh)], f"attributes after {event}, forget={what}")


def test_vdpa(host):
    """vdpa: a device below a VF's, made and removed by its file"""
    with one(host) as nic:
        write = lambda text: host.run("sh", "-c", f"echo {text} >/sys/class/net/nf0/device/virtfn3/vdpa").status  # noqa: E731
        equal(write(1), 0, "status")
        check("vdpa3" in nic.vf_files(3), f"no vdpa3 in {nic.vf_files(3)}")
        check(write(1) != 0, "it was made twice")
        nic.bind(3)
        nic.unbind(3)
        equal(write(0), 0, "status")
        check("vdpa3" not in nic.vf_files(3), "vdpa3 is still there")
        equal(write(1), 0, "status")  # and is there when the VFs are taken away


def test_devlink(host):
    """eswitch_get, driver: devlink's answer to who asks for the mode, and the driver that ethtool tells"""
    words = {"EPERM": "not permitted", "EOPNOTSUPP": "not supported", "EBUSY": "busy"}
    with one(host) as nic:
        equal(json.loads(nic.run("devlink", "-j", "dev", "eswitch", "show", "nfsim/nfsim0"))["dev"]["nfsim/nfsim0"]["mode"], "legacy", "mode")
        for error, word in words.items():
            nic.personality(f"eswitch_get={error}")
            said = str(nic.refusal("run", "devlink", "dev", "eswitch", "show", "nfsim/nfsim0"))
            check(word in said, f"the mode was told, eswitch_get={error}: {said}")
        for name, shown in (("mlx5_core", "mlx5_core"), ("none", "nfsim")):
            nic.personality(f"driver={name}")
            check(f"driver: {shown}\n" in host.ok("ethtool", "-i", "nf0"), "driver of the PF")
        check("driver: nfsimwire\n" in host.ok("ethtool", "-i", "nf0w"), "driver of the wire")
        check("Invalid" in str(nic.refusal("personality", "driver=" + 16 * "x")), "a long name was taken")
        equal(nic.personality()["driver"], "none", "driver, as it is read back")


def test_identity(host):
    """port_id, switch_id, port_name, wire_...: two NICs may pass for two PFs of one port"""
    def identity(name):
        link = host.json("ip", "-d", "-j", "link", "show", name)[0]
        return [link.get(f"phys_{what}") for what in ("port_id", "switch_id", "port_name")]

    with Module(host, nics=2) as module, module.nic("port_id=7 switch_id=9 port_name=1") as nic:
        with module.nic("port_id=7 wire_port_id=8 wire_switch_id=10 wire_port_name=2", number=1):
            equal(identity("nf0"), ["0000000000000007", "0000000000000009", "p1"], "the first PF")
            equal(identity("nf1"), ["0000000000000007", None, None], "the second PF")
            equal(identity("nf0w"), [None] * 3, "the first wire")
            equal(identity("nf1w"), ["0000000000000008", "000000000000000a", "p2"], "the second wire")
            nic.personality("default")
            equal(identity("nf0"), [None] * 3, "the first PF by default")


def test_stations(host):
    """l2fw, station, station_arb: with l2-fwd-offload, a macvlan has a filter of its own, and the PF sees nothing of it (ixgbe)"""
    def child(*words):
        nic.ip("link", "add", "link", "nf0", "name", "mv0", "address", X, "type", "macvlan", "mode", "private")
        nic.ip("link", "set", "mv0", "up")

    def landings(*also):
        return [nic.landing(X, also=also), nic.landing(BROADCAST, also=also)]

    with one(host) as nic:
        check("l2-fwd-offload: off [fixed]" in host.ok("ethtool", "-k", "nf0"), "l2-fwd-offload by default")
        nic.personality("l2fw=off come=assign uc_max=0 uc_full=drop")
        check("l2-fwd-offload: off\n" in host.ok("ethtool", "-k", "nf0"), "l2-fwd-offload, l2fw=off")
        child()
        equal(landings("mv0"), ["nowhere", "mv0+pf"], "landings of unicast and broadcast, the offload off, no room in the unicast list")
        nic.ip("link", "set", "mv0", "down")
        host.ok("ethtool", "-K", "nf0", "l2-fwd-offload", "on")
        nic.ip("link", "set", "mv0", "up")
        equal(landings("mv0"), ["mv0", "mv0+pf"], "landings with a station")
        equal([line for line in nic.filters() if line.startswith("pf")][1:], [line for line in nic.filters() if line.startswith("pf group")],
              "what the PF has beside its address and groups")
        check(host.run("ethtool", "-K", "nf0", "l2-fwd-offload", "off").status != 0, "switched off although it is used")
        nic.bind(3)
        nic.up(3)
        for arb, expected in (("vf", "vf3"), ("pf", "mv0"), ("both", "mv0+vf3"), ("last", "vf3")):
            nic.personality(f"l2fw=on come=assign arb=pf station_arb={arb}")
            nic.assign(3, X)
            equal(nic.landing(X, also=["mv0"]), expected, f"landing, station_arb={arb}")
            nic.clear(3)
        nic.unbind(3)
        nic.ip("link", "set", "mv0", "down")
        nic.personality("station=EBUSY uc_max=2")
        nic.ip("link", "set", "mv0", "up")
        equal(nic.landing(X, also=["mv0"]), "mv0+pf", "landing when a station was refused: the unicast list, seen at the PF")
        nic.ip("link", "del", "mv0")
        child()  # and is there when the module is unloaded


def test_settings(host):
    """a VF's netdev has what ethtool sets, and loses it when it is bound again"""
    sets = (("-G", "rx", "1024", "tx", "2048"), ("-L", "combined", "8"), ("-C", "rx-usecs", "123"),
            ("--set-priv-flags", "nfsim-flag-b", "on"), ("-K", "rx-checksumming", "off"))
    gets = ("-g", "-l", "-c", "--show-priv-flags", "-k")

    def settings():
        return [host.ok("ethtool", get, "nf0v3") for get in gets]

    with one(host) as nic:
        nic.bind(3)
        before = settings()
        for option, *words in sets:
            host.ok("ethtool", option, "nf0v3", *words)
        changed = settings()
        for text, line in zip(changed, ("RX: 1024", "Combined: 8", "rx-usecs: 123", "nfsim-flag-b: on", "rx-checksumming: off")):
            check(line in map(" ".join, map(str.split, text.splitlines())), f"no {line!r} in {text}")
        equal([now == then for now, then in zip(changed, before)], [False] * len(gets), "what is as before")
        equal([call[2:] for call in nic.calls() if call[2] == "ethtool"],
              [["ethtool", "ethtool", word] for word in ("ring", "channels", "coalesce", "priv-flags")], "calls")
        nic.unbind(3)
        nic.bind(3)
        equal(settings(), before, "what ethtool says when it was bound again")
