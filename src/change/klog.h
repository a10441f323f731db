/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klog.h - a line in the kernel log (/dev/kmsg), or, where that is closed, in syslog (/dev/log), of
 * facility daemon and level notice. A run goes on if neither accepts it.
 */
#ifndef NFPROBE_CHANGE_KLOG_H
#define NFPROBE_CHANGE_KLOG_H

#include "base/base.h"

void nfp_klog(const struct nfp_sysroot *root, const char *fmt, ...) NFP_PRINTF(2, 3);

#endif
