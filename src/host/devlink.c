// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>

#include "attr.h"
#include "ethtool.h"

struct answer {
	char *mode;
	size_t size;
};

int nfp_devlink_parse_eswitch(const struct nlmsghdr *nlh, char *mode, size_t size)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct genlmsghdr));
	const struct nlattr *attr;
	uint16_t value;

	mode[0] = '\0';
	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) != DEVLINK_ATTR_ESWITCH_MODE)
			continue;
		if (!nfp_attr_u16(attr, &value))
			return -EBADMSG;
		if (value == DEVLINK_ESWITCH_MODE_LEGACY)
			snprintf(mode, size, "legacy");
		else if (value == DEVLINK_ESWITCH_MODE_SWITCHDEV)
			snprintf(mode, size, "switchdev");
		else
			snprintf(mode, size, "mode %u", value);
	}
	return 0;
}

static int eswitch_message(const struct nlmsghdr *nlh, void *ctx)
{
	struct answer *answer = ctx;

	return nfp_devlink_parse_eswitch(nlh, answer->mode, answer->size);
}

static int ask(struct nfp_nl *nl, uint16_t family, const char *bus, const char *parentdev,
	       char *mode, size_t size, struct nfp_err *err)
{
	const struct genlmsghdr genl = {.cmd = DEVLINK_CMD_ESWITCH_GET,
					.version = DEVLINK_GENL_VERSION};
	struct answer answer = {mode, size};
	const struct nfp_nl_sink sink = {.message = eswitch_message, .ctx = &answer};
	struct nfp_nl_msg msg;

	nfp_nl_msg_init(&msg, family, 0, &genl, sizeof(genl));
	if (!mnl_attr_put_strz_check(&msg.head, sizeof(msg.room), DEVLINK_ATTR_BUS_NAME, bus) ||
	    !mnl_attr_put_strz_check(&msg.head, sizeof(msg.room), DEVLINK_ATTR_DEV_NAME, parentdev))
		return nfp_err_errno(err, -ENAMETOOLONG, NFP_E_KERNEL, "cannot ask about %s",
				     parentdev);
	return nfp_nl_talk(nl, &msg.head, &sink, err, "read the eswitch mode of %s/%s", bus,
			   parentdev);
}

int nfp_devlink_eswitch(const char *bus, const char *parentdev, char *mode, size_t size,
			struct nfp_err *err)
{
	uint16_t family;
	struct nfp_nl *nl;
	int r;

	mode[0] = '\0';
	r = nfp_nl_open(NETLINK_GENERIC, -1, &nl, err);
	if (r < 0)
		return r;
	r = nfp_nl_genl_family(nl, DEVLINK_GENL_NAME, &family, err);
	if (r == 0)
		r = ask(nl, family, bus, parentdev, mode, size, err);
	nfp_nl_close(nl);
	/* No devlink in the kernel, no devlink of this device, or no eswitch in it. */
	return r == -ENOENT || r == -ENODEV || r == -EOPNOTSUPP ? 0 : r;
}
