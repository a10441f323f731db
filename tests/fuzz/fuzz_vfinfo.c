// SPDX-License-Identifier: GPL-2.0-or-later
/* Every parser of netlink messages, over bytes from nowhere. */
#include <string.h>
#include <linux/rtnetlink.h>

#include "nfprobe/netlink.h"
#include "fuzz/fuzz.h"

static void check_vfs(const struct nlmsghdr *nlh)
{
	struct nfp_vf_attr *attrs = NULL;
	size_t num = 0, i;

	if (nfp_vfinfo_parse(nlh, &attrs, &num) < 0)
		return;
	for (i = 0; i < num; i++)
		if (attrs[i].vf != i || attrs[i].vlan.vid > 4094 || attrs[i].vlan.qos > 7)
			abort();
	free(attrs);
}

static void check_others(const struct nlmsghdr *nlh)
{
	struct nfp_link link;
	struct nfp_nl_ack ack;
	struct nfp_pf_info info = {0};

	if (nfp_link_parse(nlh, &link) == 0 && link.ifname[0] == '\0')
		abort();
	if (nfp_nl_parse_ack(nlh, &ack) == 0 && (ack.error > 0 || strlen(ack.sentence) > 255))
		abort();
	(void)nfp_devlink_parse_eswitch(nlh, &info);
	nfp_devlink_parse_info(nlh, &info);
	nfp_devlink_name_firmware(&info);
	for (size_t i = 0; i < info.num_fw; i++)
		if (!info.fw[i].name[0] || (!info.fw[i].running[0] && !info.fw[i].stored[0]))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nlmsghdr *nlh;

	/* The socket layer hands out whole headers, and lengths within what was received. */
	if (size < sizeof(*nlh))
		return 0;
	nlh = malloc(size);
	if (!nlh)
		return 0;
	memcpy(nlh, data, size);
	nlh->nlmsg_len = (uint32_t)size;
	check_others(nlh);
	nlh->nlmsg_type = RTM_NEWLINK;
	check_vfs(nlh);
	free(nlh);
	return 0;
}
