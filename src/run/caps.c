// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/run.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct need {
	unsigned int cap;
	const char *name;
};

static const struct need needs[] = {
	{CAP_NET_ADMIN, "CAP_NET_ADMIN"}, /* VF attributes, FDB, links */
	{CAP_NET_RAW, "CAP_NET_RAW"},	  /* packet sockets */
	{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"}, /* the VF's own network namespace */
};

int nfp_need_capabilities(struct nfp_err *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	char lacking[128] = "";

	memset(data, 0, sizeof(data));
	if (syscall(SYS_capget, &header, data) < 0)
		return nfp_err_errno(err, -errno, NFP_E_PERMISSION,
				     "cannot read this process's capabilities");
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		size_t len = strlen(lacking);

		if (data[CAP_TO_INDEX(needs[i].cap)].effective & CAP_TO_MASK(needs[i].cap))
			continue;
		snprintf(lacking + len, sizeof(lacking) - len, "%s%s", len ? ", " : "",
			 needs[i].name);
	}
	if (!lacking[0])
		return 0;
	nfp_err_set(err, -EPERM, NFP_E_PERMISSION, "nfprobe may not change this host: it lacks %s",
		    lacking);
	nfp_err_hint(err,
		     "run it as root (sudo nfprobe ..); --list and --dry-run need no privileges");
	return -EPERM;
}
