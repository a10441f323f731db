// SPDX-License-Identifier: GPL-2.0-or-later
/* genl.c - generic netlink: the number of a family by its name. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "nfprobe/netlink.h"

/* Called for the answer to CTRL_CMD_GETFAMILY. */
static int family_message(const struct nlmsghdr *nlh, void *ctx)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct genlmsghdr));
	const struct nlattr *attr;

	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			nfp_attr_u16(attr, ctx);
	}
	return 0;
}

int nfp_nl_genl_family(struct nfp_nl *nl, const char *name, uint16_t *ret_id, struct nfp_err *err)
{
	const struct genlmsghdr genl = {.cmd = CTRL_CMD_GETFAMILY, .version = 1};
	uint16_t id = 0;
	const struct nfp_nl_sink sink = {.message = family_message, .ctx = &id};
	struct nfp_nl_msg msg;
	int r;

	nfp_nl_msg_init(&msg, GENL_ID_CTRL, 0, &genl, sizeof(genl));
	if (!mnl_attr_put_strz_check(&msg.head, sizeof(msg.room), CTRL_ATTR_FAMILY_NAME, name))
		return nfp_err_errno(err, -ENAMETOOLONG, NFP_E_KERNEL, "cannot ask for family %s",
				     name);
	r = nfp_nl_talk(nl, &msg.head, &sink, err, "find the netlink family %s", name);
	if (r < 0)
		return r;
	if (id == 0)
		return nfp_err_set(err, -EBADMSG, NFP_E_KERNEL,
				   "the kernel's answer about netlink family %s lacks its number",
				   name);
	*ret_id = id;
	return 0;
}
