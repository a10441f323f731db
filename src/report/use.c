// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_priv.h"

const char *nfp_use_name(enum nfp_use use)
{
	switch (use) {
	case NFP_USE_IDLE:
		return "idle";
	case NFP_USE_NETDEV_UP:
		return "netdev-up";
	case NFP_USE_NETDEV:
		return "netdev";
	case NFP_USE_NAMESPACE:
		return "namespace";
	case NFP_USE_VFIO:
		return "vfio";
	case NFP_USE_OTHER:
		return "other";
	case NFP_USE_UNKNOWN:
	default:
		return "unknown";
	}
}
