# SPDX-License-Identifier: GPL-2.0-or-later
"""store.py: which files of --save are believed, and what --prune removes."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import pytest
import tool

from nfprobe_tools import Failure, result, rules, store

DEVICE = "pci-0000:01:00.0"
NOW = rules.unix_ms("2026-11-25T10:00:00.000Z")
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="root alone believes only what root has written")


def document(start="2026-11-20T10:00:00.123Z", number=1, change=lambda document: None):
    found = tool.golden("igb.json")
    found["run"].update(start=start, id=f"{number:032x}")
    for style in found["vf"]["styles"]:
        style["steps"], style["transitions"] = [], []
    change(found)
    return found


def name_of(found):
    return f"{found['run']['start'].replace('-', '').replace(':', '')}-{found['run']['id']}.json"


@pytest.fixture(name="folder")
def folder_fixture(tmp_path):
    """The folder of a PF, in a store."""
    place = tmp_path / "store" / DEVICE
    place.mkdir(parents=True)
    os.chmod(tmp_path / "store", 0o755)
    os.chmod(place, 0o755)
    return place


def save(folder, found=None, mode=0o644):
    found = found or document()
    path = folder / name_of(found)
    path.write_text(json.dumps(found))
    os.chmod(path, mode)
    return path


def load(folder):
    return store.load(str(folder.parent), "pci", "0000:01:00.0")


def why(folder):
    """The reason why the only file cannot be used."""
    stored = load(folder)
    assert not stored.results and len(stored.unusable) == 1
    return stored.unusable[0].why


def test_results_are_read(folder):
    path = save(folder)
    save(folder, document(number=2, start="2026-11-21T10:00:00.123Z"))
    stored = load(folder)
    assert stored.folder == str(folder) and not stored.unusable
    assert [read.run.id for read in stored.results] == [f"{1:032x}", f"{2:032x}"]
    assert stored.results[0].file == str(path)


def test_no_folder_is_no_result(tmp_path, folder):
    assert load(folder) == store.Stored(str(folder), [], [], [])
    assert store.load(str(tmp_path / "none"), "pci", "0000:01:00.0").results == []


@pytest.mark.parametrize("bus,device", [("pci", "a/b"), ("..", ""), ("", "x"), ("pci", "")])
def test_a_name_leads_nowhere_else(folder, bus, device):
    with pytest.raises(Failure):
        store.load(str(folder.parent), bus, device)


def test_what_is_no_result_is_left_out(folder):
    save(folder)
    (folder / ".20261120T100000.123Z-2.json").write_text("{")  # being written
    (folder / "README").write_text("x")
    assert load(folder).unusable == []


@pytest.mark.parametrize("text,words", [
    ("{", "it is damaged, or not JSON"),
    (json.dumps({**document(), "vf": 1}), "it is damaged: vf is not an object"),
    (json.dumps(document(change=lambda d: d["pf"].update(parentdev="0000:02:00.0"))), "it belongs to another device"),
    (json.dumps(document(change=lambda d: d["pf"].update(parentdev=None))), "it belongs to another device"),
])
def test_a_file_that_cannot_be_used_keeps_no_other_from_being_read(folder, text, words):
    path = folder / "20261119T100000.000Z-f.json"
    path.write_text(text)
    os.chmod(path, 0o644)
    assert words in why(folder)
    good = save(folder)
    stored = load(folder)
    assert [read.file for read in stored.results] == [str(good)] and str(path) in str(stored.unusable[0])


def test_of_many_files_the_newest_count(folder, monkeypatch):
    monkeypatch.setattr(store, "CHECK_FILES", 3)
    for number in range(5):
        save(folder, document(f"2026-11-{10 + number}T10:00:00.000Z", number, lambda found: found["vf"].update(vf=number)))
        stored = load(folder)
        assert stored.left_out == max(0, number - 2)
        assert [read.vf.vf for read in stored.results] == list(range(max(0, number - 2), number + 1))


def test_pruning_looks_at_more(folder, monkeypatch):
    monkeypatch.setattr(store, "CHECK_FILES", 3)
    monkeypatch.setattr(store, "PRUNE_FILES", 5)
    for number in range(9):
        save(folder, document(number=number))
    assert len(prune(folder)[0]) == 4  # of the newest five
    assert len(prune(folder)[0]) == 4
    assert [read.run.id for read in load(folder).results] == [f"{8:032x}"]


# ---- who could have written it ----

def test_links_and_what_is_no_file(folder, tmp_path):
    path = save(folder)
    target = tmp_path / "elsewhere.json"
    path.rename(target)
    path.symlink_to(target)
    assert why(folder) == "it is a symbolic link"
    path.unlink()
    os.mkfifo(path, 0o644)
    with tool.in_time(5):
        assert why(folder) == "it is not a regular file"
    path.unlink()
    path.mkdir()
    assert why(folder) == "it is not a regular file"


def test_the_folder_of_a_pf_is_no_link(folder, tmp_path):
    save(folder)
    folder.rename(tmp_path / DEVICE)
    folder.symlink_to(tmp_path / DEVICE)
    with pytest.raises(Failure, match="it is no folder"):
        load(folder)
    assert prune(folder) == ([], [])


@root_only
@pytest.mark.parametrize("mode,uid,believed", [
    (0o644, 0, True), (0o600, 0, True), (0o664, 0, False), (0o646, 0, False), (0o644, 65534, False), (0o444, 65534, False),
])
def test_root_believes_only_what_root_alone_could_have_written(folder, mode, uid, believed):
    path = save(folder)
    os.chown(path, uid, uid)
    os.chmod(path, mode)
    if believed:
        assert len(load(folder).results) == 1
    else:
        assert why(folder) == "another user could have written it"


@root_only
@pytest.mark.parametrize("mode,uid,sticky", [(0o775, 0, False), (0o757, 0, False), (0o755, 65534, False), (0o1777, 0, True)])
def test_the_folders_count_as_well(folder, mode, uid, sticky):
    save(folder)
    for place in (folder, folder.parent):
        os.chown(place, uid, uid)
        os.chmod(place, mode)
        if sticky and place == folder.parent:  # others can make a folder there, but not replace root's
            assert len(load(folder).results) == 1
        else:
            with pytest.raises(Failure, match="another user could have written it"):
                load(folder)
            assert "another user could have written it" in prune(folder)[1][0]
        os.chown(place, 0, 0)
        os.chmod(place, 0o755)


@pytest.fixture(name="public")
def public_fixture():
    """A store that every user may enter: pytest closes its own folders."""
    with tempfile.TemporaryDirectory(prefix="nfprobe-test.") as name:
        place = pathlib.Path(name, "store", DEVICE)
        place.mkdir(parents=True)
        for part in (place, place.parent, place.parent.parent):
            os.chmod(part, 0o755)
        yield place


def as_nobody(code):
    """Runs the code as nobody, and returns what it prints."""
    text = (f"import sys; sys.path.insert(0, {tool.TOOLS!r}); import os; from nfprobe_tools import store\n"
            f"os.setgid(65534); os.setuid(65534)\n{code}")
    return subprocess.check_output([sys.executable, "-B", "-c", text], text=True)


@root_only
def test_another_user_reads_what_is_there(public):
    os.chown(save(public, mode=0o664), 12345, 12345)
    assert as_nobody(f"print(len(store.load({str(public.parent)!r}, 'pci', '0000:01:00.0').results))") == "1\n"


@root_only
def test_why_another_user_cannot_read(public):
    os.chmod(save(public), 0o600)
    read = f"store.load({str(public.parent)!r}, 'pci', '0000:01:00.0')"
    assert as_nobody(f"print({read}.unusable[0].why)") == "Permission denied\n"
    os.chmod(public, 0o700)
    assert as_nobody(f"try: {read}\nexcept Exception as error: print(error)") == f"cannot use {public}: Permission denied\n"


# ---- pruning ----

def prune(folder, *devices):
    return store.prune(str(folder.parent), devices, NOW)


def verdicts(**of_style):
    def change(found):
        vf = found["vf"]
        vf["styles"] = [style for style in vf["styles"] if style["style"] in of_style]
        for style in vf["styles"]:
            style["verdict"] = of_style[style["style"]]
    return change


def at(day, number, change=lambda found: None):
    return document(f"2026-11-{day:02}T10:00:00.000Z", number, change)


def test_what_is_superseded_goes(folder):
    old, new = save(folder, at(1, 1)), save(folder, at(2, 2))
    assert prune(folder) == ([str(old)], [])
    assert sorted(os.listdir(folder)) == [new.name]
    assert prune(folder) == ([], [])


@pytest.mark.parametrize("old,new", [
    (verdicts(macvtap="safe", bridge="early"), verdicts(macvtap="safe")),  # narrower
    (verdicts(macvtap="safe"),  # weaker
     lambda d: (verdicts(macvtap="safe")(d), d["vf"]["styles"][0].update(multicast="untested"))),
])
def test_what_is_narrower_or_weaker_removes_nothing(folder, old, new):
    save(folder, at(1, 1, old))
    save(folder, at(2, 2, new))
    assert prune(folder) == ([], [])


def test_a_run_without_a_verdict_stays_until_the_next(folder):
    failed = [save(folder, at(day, day, lambda found: found.update(vf=None))) for day in (1, 2)]
    assert prune(folder) == ([str(failed[0])], [])
    save(folder, at(3, 3))
    assert prune(folder) == ([str(failed[1])], [])


def test_what_cannot_be_read_stays(folder):
    for name in ("20260101T000000.000Z-1.json", "x.json", ".x.json", "notes.txt"):
        (folder / name).write_text("{")
        os.chmod(folder / name, 0o644)
    save(folder, at(1, 1, lambda found: found["pf"].update(parentdev="0000:02:00.0")))
    kept = sorted(os.listdir(folder))
    new = save(folder, at(2, 2))
    assert prune(folder) == ([], [])
    assert sorted(os.listdir(folder)) == sorted([*kept, new.name])


def test_only_the_devices_that_are_named(folder):
    save(folder, at(1, 1))
    save(folder, at(2, 2))
    assert prune(folder, "pci-0000:02:00.0") == ([], [])
    assert len(prune(folder, DEVICE)[0]) == 1


def test_other_folders_are_not_entered(folder):
    (folder.parent / "lost+found").mkdir()
    (folder.parent / "pci-0000:09:00.0").write_text("x")
    assert prune(folder) == ([], [])
    assert store.prune(str(folder / "none"), [], NOW) == ([], [])
    file = folder.parent / "pci-0000:09:00.0"
    assert store.prune(str(file), [], NOW) == ([], [f"cannot use {file}: it is no folder"])
    os.chmod(folder.parent / "lost+found", 0o777)  # which would be said of the folder of a PF
    assert prune(folder) == ([], [])


@pytest.mark.parametrize("same_time", (False, True))
def test_a_file_that_was_replaced_meanwhile_stays(folder, monkeypatch, same_time):
    old, another = save(folder, at(1, 1)), folder / "another"
    save(folder, at(2, 2))
    was = store.superseded

    def replace(results, now_ms):
        if same_time:
            another.write_text("another")
            time = os.stat(old).st_mtime_ns
            os.utime(another, ns=(time, time))
            os.replace(another, old)
        else:
            old.unlink()
            old.write_text("another")
        return was(results, now_ms)

    monkeypatch.setattr(store, "superseded", replace)
    assert prune(folder) == ([], [])
    assert old.read_text() == "another"


def test_one_that_goes_meanwhile_is_no_error(folder, monkeypatch):
    old = save(folder, at(1, 1))
    save(folder, at(2, 2))
    was = store.superseded
    monkeypatch.setattr(store, "superseded", lambda results, now_ms: (was(results, now_ms), old.unlink())[0])
    assert prune(folder) == ([], [])
    monkeypatch.setattr(store, "superseded", was)
    save(folder, at(1, 1))
    listdir = os.listdir
    monkeypatch.setattr(os, "listdir", lambda fd: [*listdir(fd), "gone.json"])
    assert prune(folder)[1] == []


@pytest.mark.parametrize("schema, number, gone", [
    (4, 1, True), (3, 1, True), (result.SCHEMA + 1, 1, False),  # a later version may be back
    (4, 9, False),  # newer than all that is read
])
def test_what_no_reader_takes_any_more_goes(folder, schema, number, gone):
    """Once a newer verdict is there."""
    kept = save(folder, at(2, 2))
    old = save(folder, {**at(number, number), "schema": schema})
    assert [(other.schema, other.vf) for other in load(folder).others] == [(schema, 3)]
    assert prune(folder) == ([str(old)] if gone else [], []) and kept.exists()
    kept.unlink()
    old = save(folder, {**at(number, number), "schema": schema})
    assert prune(folder) == ([], []) and old.exists()


@root_only
def test_pruning_as_a_user_who_may_not(public):
    save(public, at(1, 1))
    save(public, at(2, 2))
    assert "cannot prune" in as_nobody(f"print(store.prune({str(public.parent)!r}, [], {NOW})[1])")
    assert len(os.listdir(public)) == 2


ID = "00112233445566778899aabbccddeeff"


@pytest.mark.parametrize("name,number,start", [
    ("20261120T100000.123Z-0123.json", 0, "2026-11-20T10:00:00.123Z"), ("x.json", 0, ""), ("20269920T100000.123Z-0.json", 0, ""),
    (f"20261120T100000.123Z-{ID}.json", 0, "2026-11-20T10:00:00.123Z"), ("20261120T100000.123Z-12.json", 0, "2026-11-20T10:00:00.123Z"),
    (f"20261120T100000.123Z-{ID}-12.json", 12, "2026-11-20T10:00:00.123Z"), (f"20269920T100000.123Z-{ID}-12.json", 12, ""),
    (f"20261120T100000.123Z-{ID}-1234567890.json", 0, "2026-11-20T10:00:00.123Z"), (f"{ID}-12.json", 0, "")])
def test_the_name_says_when_it_began(name, number, start):
    assert store.order_of(f"/x/{name}") == (number, rules.unix_ms(start))
