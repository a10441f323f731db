// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any datagram from a netlink socket, as the answer to a question and as a notification: its
 * messages are sorted out, and each is read by every reader. netlink.c is taken in whole, for what
 * it shows to nobody.
 */
#include "../../src/net/netlink.c"

#include "net/netlink.h"
#include "../../src/net/inventory_priv.h"
#include "fuzz/render.h"
#include "../../src/net/netlink_priv.h"

#define SEQ 7 /* that of the question */

static void read_message(const struct nlmsghdr *nlh)
{
	static const struct nfp_mac mac = {{2}};
	struct nfp_port_vlan *vlans = NULL;
	struct nfp_vf_attr *attrs = NULL;
	struct nfp_link link = {.ifindex = 3, .ifname = "eth0"};
	struct nfp_neigh entry = {0};
	struct nfp_netns netns = {.links = &link, .num_links = 1, .entries = &entry};
	char who[NFP_USER_LEN];
	struct nfp_nl_ack ack;
	size_t num = 0;

	require(nlh->nlmsg_type >= NLMSG_MIN_TYPE);
	netns.num_entries = nfp_neigh_parse(nlh, &entry);
	if (nfp_netns_owner(&netns, &mac, NULL, who))
		require(strnlen(who, sizeof(who)) < sizeof(who));
	if (nfp_link_parse(nlh, &link) == 0)
		require(link.ifname[0] && strlen(link.ifname) < sizeof(link.ifname));
	if (nfp_vfinfo_parse(nlh, &attrs, &num) == 0)
		free(attrs);
	num = 0;
	nfp_port_vlans_parse(nlh, &vlans, &num);
	free(vlans);
	(void)nfp_nl_parse_ack(nlh, &ack);
	nfp_nft_chain_parse(nlh, &netns);
	nfp_tc_filter_parse(nlh, &netns);
	nfp_for_each (rules, netns.rules, netns.num_rules)
		require(rules->name[0] && strlen(rules->name) < sizeof(rules->name));
	free(netns.rules);
}

/* The kernel's sentence, behind one of ours. */
static void show(const struct nfp_nl *nl)
{
	struct nfp_err err;

	nfp_err_set(&err, -EINVAL, NFP_E_KERNEL, "the kernel refuses: %s", nl->sentence);
	render_error(&err);
}

static void sort_out(const uint8_t *data, size_t size, bool answer)
{
	struct nfp_nl nl = {.size = size, .buf = malloc(size)};
	const struct nlmsghdr *nlh = NULL;
	struct exchange x = {.seq = SEQ};

	require(nl.buf);
	memcpy(nl.buf, data, size);
	dispatch(&nl, size, answer ? &x : NULL);
	while ((nlh = nfp_nl_next(&nl, nlh, 0))) {
		require((const char *)nlh >= nl.kept);
		require((const char *)nlh + nlh->nlmsg_len <= nl.kept + nl.kept_len);
		read_message(nlh);
	}
	require(x.status <= 0 && strlen(nl.sentence) < sizeof(nl.sentence));
	for (const char *c = nl.sentence; *c; c++)
		require((unsigned char)*c >= 0x20 && *c != 0x7f);
	require(answer || !x.done);
	show(&nl);
	free(nl.buf);
	free(nl.kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	sort_out(data, size, true);
	sort_out(data, size, false);
	return 0;
}
