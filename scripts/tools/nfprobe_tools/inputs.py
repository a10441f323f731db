# SPDX-License-Identifier: GPL-2.0-or-later
"""The results in files and folders. A file that cannot be read stops no other."""

from __future__ import annotations

import os
import stat
import sys
from typing import Iterator, List, NamedTuple, Sequence, Tuple

from . import EXIT_CANNOT, EXIT_SAFE, worst
from .files import why
from .result import InputError, Result, load

FOLDER_DEPTH = 40
NO_RESULT = "no file in it whose name ends in .json is a result of nfprobe"


class Skipped(NamedTuple):
    file: str
    why: str
    foreign: bool  # it is none of nfprobe's; else nobody knows what it would have said
    status: int = EXIT_CANNOT  # what that comes to


class Inputs:
    """Iterates over the results that are in @paths; "-" is standard input. The list of those that were
    skipped is complete at the end. @ladders: so many of them are read with their steps and transitions."""

    def __init__(self, paths: Sequence[str], ladders: int = sys.maxsize) -> None:
        self.paths, self.ladders = paths, ladders
        self.skipped: List[Skipped] = []
        self.files = 0

    def unread(self) -> int:
        """How many files that should have been results were none."""
        return sum(not skipped.foreign for skipped in self.skipped)

    @property
    def exit_status(self) -> int:
        """The worst that they come to."""
        return worst([EXIT_SAFE, *(skipped.status for skipped in self.skipped if not skipped.foreign)])

    def skip(self, file: str, reason: str, foreign: bool = False, status: int = EXIT_CANNOT) -> None:
        self.skipped.append(Skipped(file, reason, foreign, status))

    def find(self, path: str, depth: int = 0) -> Iterator[Tuple[str, bool]]:
        """Each file to be read, and whether it was named itself: in a folder something else may be there by chance. Devices
        are not opened: that has side effects."""
        try:
            mode = os.stat(path).st_mode
            if stat.S_ISREG(mode) or (stat.S_ISFIFO(mode) and depth == 0):
                yield path, depth == 0
            elif not stat.S_ISDIR(mode):
                self.skip(path, "it is neither a file nor a folder", depth > 0)
            elif depth > FOLDER_DEPTH:
                self.skip(path, "it is in too many folders")
            else:
                for name in sorted(os.listdir(path)):
                    inner = os.path.join(path, name)
                    is_folder = os.path.isdir(inner)
                    # Hidden files are no results, such as one that is being written. A link to a folder may lead back here.
                    if not name.startswith(".") and (not os.path.islink(inner) if is_folder else name.endswith(".json")):
                        yield from self.find(inner, depth + 1)
        except OSError as error:
            self.skip(path, why(error))
        except ValueError:  # a name with a NUL byte
            self.skip(path, "it has an impossible name")

    def read(self, path: str, named: bool) -> Iterator[Result]:
        try:
            result = load(path, ladders=self.files < self.ladders)
        except InputError as error:
            self.skip(error.file, error.why, error.foreign and not named, error.status)
            return
        self.files += 1
        yield result

    def __iter__(self) -> Iterator[Result]:
        for path in self.paths:
            found = self.files + self.unread()
            for file, named in [(path, True)] if path == "-" else self.find(path):
                yield from self.read(file, named)
            # A folder that is named and has nothing is not what was meant, or what should be there is not.
            if self.files + self.unread() == found:
                self.skip(path, NO_RESULT)
