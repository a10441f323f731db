# SPDX-License-Identifier: GPL-2.0-or-later
"""What nfprobe-report, nfprobe-check and nfprobe-all share. The manual is nfprobe-tools(8). Needs Python 3.9."""

VERSION = "0.2.0"

# As in nfprobe(8).
EXIT_SAFE, EXIT_UNSAFE, EXIT_USAGE, EXIT_UNKNOWN, EXIT_CANNOT, EXIT_NOT_RESTORED = range(6)
