# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import BinaryIO, Iterator, Optional


def why(error: OSError) -> str:
    return error.strerror or str(error)


def old_mode(name: str, folder: int) -> Optional[int]:
    """The mode that the new file takes from the one it replaces; None: there is none. Raises OSError for what must not be
    replaced. A link is left alone, since who may write to its folder decides where it points."""
    try:
        old = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(old.st_mode):
        raise OSError(errno.ELOOP, "it is a symbolic link: name the file itself")
    if not stat.S_ISREG(old.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file: leave -o out, and let the shell write there")
    if not os.access(name, os.W_OK, dir_fd=folder):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    mode = stat.S_IMODE(old.st_mode) & 0o777
    # The new file belongs to this user: it must not be open to others because that of somebody else was.
    return mode if old.st_uid == os.geteuid() else mode & 0o644


def discard_output() -> None:
    """Drops what standard output still holds: else Python tries again as it exits, complains, and ends with status 120."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


@contextlib.contextmanager
def replacing(path: str) -> Iterator[BinaryIO]:
    """A file that takes the place of @path once the block has ended, unless that raises. Raises OSError."""
    parent, name = os.path.split(path)
    if name in ("", ".", ".."):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    folder = os.open(parent or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    new = f".nfprobe-{os.urandom(8).hex()}"
    made = False
    try:
        mode = old_mode(name, folder)
        new_fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666, dir_fd=folder)
        made = True
        with open(new_fd, "wb") as file:
            if mode is not None:
                os.fchmod(new_fd, mode)
            yield file
            file.flush()
            os.fsync(new_fd)
        os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)
        made = False
        os.fsync(folder)
    finally:
        if made:
            os.unlink(new, dir_fd=folder)
        os.close(folder)
