// SPDX-License-Identifier: GPL-2.0-or-later
/* version.c - which version this is: alone, so that a commit compiles nothing else anew. */
#include "base/base.h"

const char nfp_version[] = NFP_VERSION;
