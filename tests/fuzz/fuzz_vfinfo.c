// SPDX-License-Identifier: GPL-2.0-or-later
/* Every parser of netlink messages, over bytes from nowhere; and the list of a PF that they
 * describe. */
#include <string.h>
#include <linux/rtnetlink.h>

#include "net/counters.h"
#include "fuzz/render.h"
#include "../../src/net/netlink_priv.h"

/* Takes over the VFs of @pf. */
static void show(const struct nfp_pf *pf)
{
	struct nfp_topology topology = {.num_pfs = 1};
	struct nfp_listing listing;
	struct render r;

	topology.pfs = nfp_calloc(1, sizeof(*topology.pfs));
	topology.pfs[0] = *pf;
	nfp_listing_init(&listing, &topology, -1);
	render_begin(&r);
	for (size_t i = 0; i < RENDER_OPTS; i++) {
		require(nfp_report_list_text(&listing, &render_opts[i], r.out) == 0);
	}
	render_document(&r, nfp_report_list_json(&listing, NULL));
	render_end(&r);
	nfp_listing_fini(&listing);
}

static void check_vfs(const struct nlmsghdr *nlh, struct nfp_pf *pf)
{
	struct nfp_vf_counters counters;
	struct nfp_vf_attr *attrs = NULL;
	size_t num = 0, i;

	(void)nfp_vf_counters_parse(nlh, 0, &counters);
	if (nfp_vfinfo_parse(nlh, &attrs, &num) < 0)
		return;
	for (i = 0; i < num; i++)
		if (attrs[i].vf != i || attrs[i].vlan.vid > 4094 || attrs[i].vlan.qos > 7)
			abort();
	pf->num_vfs = num;
	pf->vfs = nfp_calloc(num, sizeof(*pf->vfs));
	for (i = 0; i < num; i++)
		pf->vfs[i] = (struct nfp_vf_info) {.vf = attrs[i].vf, .attr = attrs[i]};
	free(attrs);
}

static void check_others(const struct nlmsghdr *nlh, struct nfp_pf *pf)
{
	struct nfp_link link;
	struct nfp_nl_ack ack;
	struct nfp_pf_info *info = &pf->info;

	if (nfp_link_parse(nlh, &link) == 0) {
		require(link.ifname[0]);
		memcpy(info->ifname, link.ifname, sizeof(info->ifname));
		memcpy(info->parentdev, link.parentdev, sizeof(info->parentdev));
		memcpy(info->master_kind, link.master_kind, sizeof(info->master_kind));
	}
	if (nfp_nl_parse_ack(nlh, &ack) == 0 && (ack.error > 0 || strlen(ack.sentence) > 255))
		abort();
	(void)nfp_devlink_parse_eswitch(nlh, info);
	nfp_devlink_parse_info(nlh, info);
	nfp_devlink_name_firmware(info);
	for (size_t i = 0; i < info->num_fw; i++)
		if (!info->fw[i].name[0] || (!info->fw[i].running[0] && !info->fw[i].stored[0]))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nfp_pf pf = {.info = {.ifname = "eth0"}};
	struct nlmsghdr *nlh;

	/* The socket layer hands out whole headers, and lengths within what was received. */
	if (size < sizeof(*nlh))
		return 0;
	nlh = malloc(size);
	if (!nlh)
		return 0;
	memcpy(nlh, data, size);
	nlh->nlmsg_len = (uint32_t)size;
	check_others(nlh, &pf);
	nlh->nlmsg_type = RTM_NEWLINK;
	check_vfs(nlh, &pf);
	show(&pf);
	free(nlh);
	return 0;
}
