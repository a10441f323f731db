// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/app.h"

int nfp_bisect_exit(int status)
{
	switch (status) {
	case NFP_EXIT_INCONCLUSIVE:
	case NFP_EXIT_CANNOT:
		return NFP_BISECT_SKIP;
	case NFP_EXIT_USAGE:
	case NFP_EXIT_NOT_RESTORED:
		return NFP_BISECT_ABORT + status;
	default:
		return status;
	}
}
