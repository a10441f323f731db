# SPDX-License-Identifier: GPL-2.0-or-later
"""What nfprobe-report, nfprobe-check and nfprobe-all share. The manual is nfprobe-tools(8). Needs Python 3.9."""

from typing import Dict, Optional

VERSION = "0.2.0"

# As in nfprobe(8).
EXIT_SAFE, EXIT_UNSAFE, EXIT_USAGE, EXIT_UNKNOWN, EXIT_CANNOT, EXIT_NOT_RESTORED = range(6)


class Failure(Exception):
    """Why a command ends without having done what it was asked for. The text is a sentence."""

    def __init__(self, message: str, code: str = "input", hint: str = "", status: int = EXIT_CANNOT) -> None:
        super().__init__(message)
        self.code, self.hint, self.status = code, hint, status

    def as_json(self) -> Dict[str, Optional[str]]:
        return {"code": self.code, "message": str(self), "hint": self.hint or None}
