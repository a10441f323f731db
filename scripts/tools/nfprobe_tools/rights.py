# SPDX-License-Identifier: GPL-2.0-or-later
"""The rights that a tool keeps when it reads what others have written."""

from __future__ import annotations

import os

from . import Failure

# include/uapi/linux/prctl.h, capability.h
PR_SET_NO_NEW_PRIVS = 38
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE, CAP_FOWNER = 1, 3  # a report's folder, and the file that it replaces, may belong to another user
KEPT = 1 << CAP_DAC_OVERRIDE | 1 << CAP_FOWNER


def give_up() -> None:
    """Root keeps the capabilities by which it reads and writes files, and gets none of the others back, by no program that it
    executes either. nfprobe must have been asked before: it needs more. Raises Failure."""
    if os.geteuid() != 0:
        return
    import ctypes  # it takes time, and only root needs it
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    own = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; the upper halves
    if libc.capget(header, own) == 0:
        kept = KEPT & own[1]
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 and libc.capset(header, (ctypes.c_uint32 * 6)(kept, kept)) == 0:
            return
    raise Failure(f"cannot give up privileges: {os.strerror(ctypes.get_errno())}")
