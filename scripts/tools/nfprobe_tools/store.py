# SPDX-License-Identifier: GPL-2.0-or-later
"""The results that nfprobe --save keeps on this host, one file for each run: DIR/BUS-DEVICE/START-ID-NUMBER.json."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple, Union

from . import Failure, result, rules
from .files import why

DIR = "/var/lib/nfprobe"
# The newest of a PF that are looked at. Each takes a millisecond. --prune leaves a few, and copes with many.
CHECK_FILES, PRUNE_FILES = 1000, 100_000
DEVICE = re.compile("[a-z]+-[^/]+")
# One that was put there by hand may have no number.
NAME = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})\.([0-9]{3})Z-(?:[0-9a-f]{32}-([0-9]{1,9})\.json|.*)")
NOT_OWN = "another user could have written it"


class Stored(NamedTuple):
    """The files that the store has of a PF, the oldest first."""
    folder: str
    results: List[result.Result]
    unusable: List[result.InputError]
    others: List[result.OtherSchema]
    left_out: int = 0  # older ones that nobody looked at


def is_own(found: os.stat_result, sticky: bool = False) -> bool:
    """Could nobody but root have written it? Root believes nothing else; others may well read what is not theirs. In
    a sticky folder, others can make files but replace none."""
    others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return os.geteuid() != 0 or (found.st_uid == 0 and (not others or (sticky and bool(found.st_mode & stat.S_ISVTX))))


@contextlib.contextmanager
def opened(path: str, flags: int, at: Optional[int] = None) -> Iterator[int]:
    fd = os.open(path, flags | os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=at)
    try:
        yield fd
    finally:
        os.close(fd)


@contextlib.contextmanager
def root_of(path: str) -> Iterator[int]:
    """The folder of the store. Raises OSError, Failure."""
    with opened(path, os.O_DIRECTORY) as fd:
        if not is_own(os.fstat(fd), sticky=True):
            raise Failure(f"cannot use {path}: {NOT_OWN}")
        yield fd


@contextlib.contextmanager
def folder_of(path: str, device: str) -> Iterator[int]:
    """The folder of a PF in the store. A symbolic link could lead to what others have written. Raises OSError, Failure."""
    with root_of(path) as root, opened(device, os.O_DIRECTORY | os.O_NOFOLLOW, root) as fd:
        if not is_own(os.fstat(fd)):
            raise Failure(f"cannot use {path}/{device}: {NOT_OWN}")
        yield fd


def cannot_read(path: str, error: OSError) -> Failure:
    # O_DIRECTORY makes a symbolic link ENOTDIR, not ELOOP.
    return Failure(f"cannot use {path}: {'it is no folder' if error.errno == errno.ENOTDIR else why(error)}")


def read_file(folder: int, name: str, path: str, device: str,
              ladders: bool) -> Tuple[Union[result.Result, result.OtherSchema], os.stat_result]:
    """Raises InputError, FileNotFoundError."""
    try:
        with opened(name, os.O_NOFOLLOW, folder) as fd:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                raise result.InputError(path, "it is not a regular file")
            if not is_own(found):
                raise result.InputError(path, NOT_OWN)
            read = result.load(fd, path, ladders)
    except FileNotFoundError:
        raise
    except result.OtherSchema as other:
        return other, found
    except OSError as error:
        raise result.InputError(path, "it is a symbolic link" if error.errno == errno.ELOOP else why(error)) from None
    if read.pf.parentdev != device.partition("-")[2]:
        raise result.InputError(path, "it belongs to another device")
    return read, found


def names_in(folder: int) -> List[str]:
    """The oldest first, which their names say without that any is read: by their numbers, and those without one by time."""
    # Hidden files are no results, such as one that is being written.
    names = (name for name in os.listdir(folder) if name.endswith(".json") and not name.startswith("."))
    return sorted(names, key=lambda name: (order_of(name).number, name))


def read_folder(folder: int, path: str, device: str, limit: int, ladders: bool = False) -> Tuple[Stored, Dict[str, os.stat_result]]:
    """Returns the newest results in a folder, and, by the path of each that was read, which file it was."""
    names = names_in(folder)
    stored = Stored(path, [], [], [], max(0, len(names) - limit))
    files: Dict[str, os.stat_result] = {}
    for name in names[-limit:]:
        try:
            read, found = read_file(folder, name, f"{path}/{name}", device, ladders)
        except FileNotFoundError:  # another process has pruned it
            continue
        except result.InputError as error:
            stored.unusable.append(error)
            continue
        if isinstance(read, result.OtherSchema):
            stored.others.append(read)
        else:
            stored.results.append(read)
        files[read.file] = found
    return stored, files


def load(path: str, bus: str, parentdev: str, ladders: bool = False) -> Stored:
    """Returns what the store has of a PF; nothing, if there is no folder. @ladders: with those of each style. Raises Failure."""
    device = f"{bus}-{parentdev}"
    folder = f"{path}/{device}"
    if not DEVICE.fullmatch(device):
        raise Failure(f"{folder} is no folder of a PF")
    try:
        with folder_of(path, device) as fd:
            return read_folder(fd, folder, device, CHECK_FILES, ladders)[0]
    except FileNotFoundError:
        return Stored(folder, [], [], [])
    except OSError as error:
        raise cannot_read(folder, error) from None


def order_of(path: str) -> rules.Order:
    """When a run was, by the name of its file, since that may be all that can be read."""
    match = NAME.fullmatch(os.path.basename(path))
    if not match:
        return rules.Order(0, 0)
    *start, number = match.groups()
    return rules.Order(int(number or 0), rules.unix_ms("{}-{}-{}T{}:{}:{}.{}Z".format(*start)))


# ---- pruning ----

def superseded(results: Sequence[result.Result], now_ms: int) -> List[str]:
    """The files all of whose verdicts are superseded. One without any says only that the run failed, until the next."""
    tested = [style for read in results for style in rules.tested_of(read)]
    gone = rules.superseded(tested, now_ms)
    kept = {style.run for style, is_gone in zip(tested, gone) if not is_gone}
    judged = {style.run for style in tested}
    newest = max((rules.order_key(rules.order_of(read), read.file, now_ms) for read in results), default=(0, 0, ""))
    return [read.file for read in results if read.file not in kept and (read.file in judged or read.file != newest[-1])]


def outdated(stored: Stored, now_ms: int) -> List[str]:
    """The files of an earlier schema that are older than a verdict which this version reads."""
    newest = max((rules.order_key(rules.order_of(read), read.file, now_ms) for read in stored.results), default=None)
    return [other.file for other in stored.others if other.schema < result.SCHEMA and newest is not None
            and rules.order_key(order_of(other.file), other.file, now_ms) < newest]


def remove(folder: int, path: str, found: os.stat_result) -> bool:
    """Removes a file, if it is still the one that was read."""
    name = os.path.basename(path)
    try:
        now = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not os.path.samestat(now, found) or now.st_mtime_ns != found.st_mtime_ns:
            return False
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return False
    return True


def prune_folder(path: str, device: str, now_ms: int) -> List[str]:
    """The files that were removed. A result that some supersede, all of them do. Raises Failure, OSError."""
    with folder_of(path, device) as folder:
        stored, files = read_folder(folder, f"{path}/{device}", device, PRUNE_FILES)
        gone = [*superseded(stored.results, now_ms), *outdated(stored, now_ms)]
        return [file for file in gone if remove(folder, file, files[file])]


def prune(path: str, devices: Sequence[str], now_ms: int) -> Tuple[List[str], List[str]]:
    """Removes what is superseded of these devices ("pci-0000:01:00.0"), or of all. The files, and errors as sentences."""
    removed: List[str] = []
    errors: List[str] = []
    try:
        with root_of(path) as root:
            found: Set[str] = {entry.name for entry in os.scandir(root) if entry.is_dir(follow_symlinks=False)}
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [str(cannot_read(path, error))]
    except Failure as error:
        return [], [str(error)]
    for device in sorted(name for name in found if DEVICE.fullmatch(name) and (name in devices or not devices)):
        try:
            removed += prune_folder(path, device, now_ms)
        except Failure as error:
            errors.append(str(error))
        except OSError as error:
            errors.append(f"cannot prune {path}/{device}: {why(error)}")
    return removed, errors
