# SPDX-License-Identifier: GPL-2.0-or-later
"""What reads the results of nfprobe: nfprobe-check, nfprobe-report, nfprobe-all and the libvirt hook share this package."""
