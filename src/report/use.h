/* SPDX-License-Identifier: GPL-2.0-or-later */
/* use.h - private to src/report: one word for each enum nfp_use, as JSON has it. */
#ifndef NFPROBE_REPORT_USE_H
#define NFPROBE_REPORT_USE_H

#include "nfprobe/inventory.h"

const char *nfp_use_name(enum nfp_use use);

#endif
