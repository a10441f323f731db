# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts that nfprobe-report, nfprobe-check and nfprobe-all share, each of which has a manual page. Needs Python 3.9."""

from typing import Dict, Iterable, Optional

VERSION = "0.4.0~dev"  # as scripts/packaging/NEWS says: make install writes the commit as well
PACKAGE_VERSION = VERSION.replace("~dev", ".dev0")  # as PEP 440 has it, for pip
REPORTS_TO = ""  # where reports of cards go: make install writes it here

# As in nfprobe(8).
EXIT_SAFE, EXIT_UNSAFE, EXIT_USAGE, EXIT_UNKNOWN, EXIT_CANNOT, EXIT_NOT_RESTORED = range(6)
WORST_FIRST = (EXIT_NOT_RESTORED, EXIT_CANNOT, EXIT_UNSAFE, EXIT_UNKNOWN, EXIT_SAFE)


def worst(statuses: Iterable[int]) -> int:
    """A status that is none of nfprobe's answers (2, or 128+N of a run that somebody stopped) counts as 4, and so does none at all."""
    found = {status if status in WORST_FIRST else EXIT_CANNOT for status in statuses}
    return next((status for status in WORST_FIRST if status in found), EXIT_CANNOT)


class Failure(Exception):
    """Why a command ends without having done what it was asked for. The text is a sentence."""

    def __init__(self, message: str, code: str = "input", hint: str = "", status: int = EXIT_CANNOT) -> None:
        super().__init__(message)
        self.code, self.hint, self.status = code, hint, status

    def as_json(self) -> Dict[str, Optional[str]]:
        return {"code": self.code, "message": str(self), "hint": self.hint or None}
