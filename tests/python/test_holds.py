# SPDX-License-Identifier: GPL-2.0-or-later
"""NFPROBE_HOLDS, which the service has, is what holds for whoever asks by hand."""

import pytest
from test_check import Place, with_gap

from nfprobe_tools import Failure, check_main, holds, report, served, store


@pytest.fixture(name="own")
def own_fixture(tmp_path, monkeypatch):
    """This host, whose own store and settings these are."""
    place = Place(tmp_path)
    program = tmp_path / "nfprobe"
    program.write_text(f"#!/bin/sh\ncat {place.list}\n")
    program.chmod(0o755)
    (tmp_path / "etc").mkdir()
    monkeypatch.setenv("NFPROBE", str(program))
    monkeypatch.delenv(holds.KEY, raising=False)
    monkeypatch.setattr(holds, "CONF", str(tmp_path / "etc/nfprobe.conf"))
    for module, name in ((store, "DIR"), (report, "STORE")):
        monkeypatch.setattr(module, name, str(place.store))
    monkeypatch.setattr(check_main.rights, "give_up", lambda: None)
    monkeypatch.setattr(served, "find", lambda *_: served.UNKNOWN)
    return place


def conf(own, text, name="nfprobe.conf"):
    (own.store.parent / "etc" / name).write_text(text)


def asked(capsys, *args):
    """Status, and what is printed."""
    status = check_main.main(list(args))
    said = capsys.readouterr()
    return status, said.out, said.err


def test_what_holds_for_the_service_holds_by_hand(own, capsys):
    assert asked(capsys, "eth0")[0] == 1  # with a bridge, it is EARLY
    conf(own, '# a remark\nNFPROBE_RUN="--vf any"\nNFPROBE_HOLDS="--style macvtap --max-age 36500"\n')
    for args in ((), ("eth0",), ("0000:01:10.6",)):
        status, said, _ = asked(capsys, *args)
        assert status == 0 and "bridge" not in said
        assert f"by --style macvtap --max-age 36500 (NFPROBE_HOLDS of {holds.CONF})" in said.replace("\n        ", " ")
    # An option that is typed takes the place of the one there, and of no other.
    conf(own, "NFPROBE_HOLDS=--style macvtap --max-age 1\n")
    assert asked(capsys, "eth0")[0] == 3
    assert asked(capsys, "eth0", "--max-age=36500")[0] == 0
    status, said, _ = asked(capsys, "eth0", "--style=bridge")
    assert status == 3 and "older than 1 day" in said


def test_a_pf_has_settings_of_its_own(own, capsys):
    conf(own, "NFPROBE_HOLDS=--style bridge\n")
    conf(own, "NFPROBE_HOLDS='--style macvtap'\n", "eth0.conf")
    assert asked(capsys)[0] == 0
    conf(own, "NFPROBE_HOLDS=\n", "eth0.conf")
    assert asked(capsys)[0] == 1
    conf(own, "NFPROBE_RUN=--vf any\n", "eth0.conf")
    assert "by --style bridge" in asked(capsys)[1]


def test_what_is_required_here_is_required_by_hand_and_of_no_run(own, capsys):
    conf(own, "NFPROBE_HOLDS=--style macvtap --require ipv6\n")
    status, said, _ = asked(capsys, "eth0")
    assert status == 1 and "macvtap NOT SAFE (--require ipv6 not met)" in said
    # Another run would find the same.
    assert asked(capsys, "eth0", "--due=auto")[0] == 0
    assert asked(capsys, "eth0", "--plugin")[0] == 2


def test_a_limit_that_holds_here_is_asked_by_hand_and_of_no_run(own, capsys):
    own.save(with_gap())
    conf(own, "NFPROBE_HOLDS=--style bridge --gap-limit 1000\n")
    status, said, _ = asked(capsys, "eth0")
    assert status == 1 and "bridge NOT SAFE (SLOW: up to 300 s unless it is pinned)" in said
    assert "by --style bridge --gap-limit 1000" in said
    assert asked(capsys, "eth0", "--gap-limit=300000")[0] == 0 and asked(capsys, "eth0", "--due=auto")[0] == 0


def test_the_store_of_another_host_has_other_settings(own, capsys):
    conf(own, "NFPROBE_HOLDS=--style macvtap\n")
    assert asked(capsys, "eth0", f"--host={own.list}")[0] == 1
    assert asked(capsys, "eth0", f"--store={own.store}/.")[0] == 1


@pytest.mark.parametrize("words", ("--style foo", "--max-age x", "--style", "--require nothing", "--require ipv6 --require ipv6"))
def test_what_cannot_be_read_is_no_answer(own, capsys, words):
    """Without a limit that somebody has set, something could be called safe that is not."""
    conf(own, f"NFPROBE_HOLDS={words}\n")
    status, said, err = asked(capsys, "eth0")
    assert (status, said) == (4, "") and f"NFPROBE_HOLDS of {holds.CONF}: " in err


def test_a_folder_in_the_place_of_the_file_is_no_answer(own, capsys):
    (own.store.parent / "etc/nfprobe.conf").mkdir()
    assert asked(capsys, "eth0")[0] == 4


def test_what_only_the_service_passes_on_is_left_out(own, monkeypatch):
    monkeypatch.setenv(holds.KEY, "--store /elsewhere -q --style macvtap")
    assert holds.of_pf("eth0")._replace(words="") == holds.Holds(style=["macvtap"])
    assert holds.of_pf("eth0").words == "--style macvtap (NFPROBE_HOLDS of the environment)"
    with pytest.raises(Failure):
        monkeypatch.setenv(holds.KEY, "--vlan 5000")
        holds.of_pf("eth0")


def test_labels_of_what_is_stored_go_by_it(own, capsys, tmp_path):
    conf(own, "NFPROBE_HOLDS=--style macvtap --require ipv6\n")
    assert report.main(["nfd", "--stored", "-o", str(tmp_path / "labels")]) == 0
    said = (tmp_path / "labels").read_text()
    assert ".macvtap=safe" in said and "bridge" not in said
    conf(own, "NFPROBE_HOLDS=--max-age 1\n")
    assert report.main(["nfd", "--stored", "-o", str(tmp_path / "labels")]) == 0
    assert ".macvtap=safe" not in (tmp_path / "labels").read_text()
