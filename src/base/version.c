// SPDX-License-Identifier: GPL-2.0-or-later
/* version.c - the version, alone, so that a commit compiles nothing else anew. */
#include "base/base.h"

const char nfp_version[] = NFP_VERSION;
