// SPDX-License-Identifier: GPL-2.0-or-later
/* live_news.c - has somebody else changed the PF or the VF? */
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "live_priv.h"
#include "nfprobe/vfinfo.h"

int nfp_live_pf_read(struct nfp_live *live, struct nfp_pf_now *ret_pf, struct nfp_err *err)
{
	struct nfp_pf_now now = {.carrier_downs = 0};
	struct nfp_link link;
	int ret = nfp_link_by_ifindex(live->hands.nl, live->hands.pf.ifindex, &link, err);

	if (ret)
		return ret;
	snprintf(now.ifname, sizeof(now.ifname), "%s", link.ifname);
	now.address = link.address;
	now.up = link.flags & IFF_UP;
	now.carrier = link.carrier;
	now.xdp = link.xdp;
	now.master = link.master;
	now.promiscuity = link.promiscuity;
	/* Absent before Linux 4.16: then only the state now is known. */
	(void)nfp_sysfs_number(&now.carrier_downs, "%s/class/net/%s/carrier_down_count",
			       live->hands.root->sys, link.ifname);
	*ret_pf = now;
	return 0;
}

/*
 * Only what we did ourselves is expected: whatever somebody else did in the same moment must still
 * show as a difference.
 */
void nfp_live_expect_promisc(struct nfp_live *live, const struct nfp_pf_now *before,
			     const struct nfp_pf_now *after)
{
	live->pf_expect.promiscuity += after->promiscuity - before->promiscuity;
}

/*
 * A change is told once, but to each ladder: a PF that somebody made promiscuous in the first
 * spoils the second as well.
 */
void nfp_live_expect_afresh(struct nfp_live *live)
{
	struct nfp_vf_attr *expect = &live->vf.expect;
	const struct nfp_vf_attr *before = &live->vf.before.attr;

	live->pf_expect = live->pf_start;
	expect->spoofchk = before->spoofchk;
	expect->trust = before->trust;
	expect->link_state = before->link_state;
}

int nfp_live_learn_vf(struct nfp_live *live, struct nfp_err *err)
{
	struct nfp_vf_attr attr;
	int ret = nfp_vf_attr_read(live->hands.nl, &live->hands.pf, live->vf.before.vf, &attr, err);

	if (ret == -ENODATA)
		return 0;
	if (!ret)
		live->vf.expect.mac = attr.mac;
	return ret;
}

/* ---- comparing ---- */

/* The first change of a call is the one that is told. */
static void __attribute__((format(printf, 2, 3)))
changed(struct nfp_host_news *news, const char *fmt, ...)
{
	va_list ap;

	if (news->changed)
		return;
	news->changed = true;
	va_start(ap, fmt);
	vsnprintf(news->change, sizeof(news->change), fmt, ap);
	va_end(ap);
}

void nfp_live_compare_pf(const struct nfp_live *live, const struct nfp_pf_now *now,
			 struct nfp_host_news *news)
{
	const struct nfp_pf_now *expect = &live->pf_expect;
	const char *pf = live->hands.pf.ifname;
	char mac[NFP_MAC_STRLEN];

	if (!now->up && expect->up)
		changed(news, "%s was set down", pf);
	if (now->master != expect->master)
		changed(news,
			now->master ? "%s was given another master" : "%s has lost its master", pf);
	if (now->promiscuity != expect->promiscuity)
		changed(news, "the promiscuity of %s went from %u to %u", pf, expect->promiscuity,
			now->promiscuity);
	if (now->xdp != expect->xdp)
		changed(news, "an XDP program was %s %s", now->xdp ? "attached to" : "taken off",
			pf);
	if (!nfp_mac_equal(&now->address, &expect->address))
		changed(news, "%s was given the address %s", pf, nfp_mac_str(&now->address, mac));
	news->lasts = news->changed;
}

static void compare_switch(const struct nfp_live *live, const char *what, int expect, int now,
			   struct nfp_host_news *news)
{
	if (expect < 0 || now == expect)
		return;
	changed(news, "%s of VF %u of %s went from %d to %d", what, live->vf.before.vf,
		live->hands.pf.ifname, expect, now);
	news->lasts = true;
}

/* An address does not last: the ladder gives the VF its own. */
void nfp_live_compare_vf(const struct nfp_live *live, const struct nfp_vf_attr *now,
			 struct nfp_host_news *news)
{
	const struct nfp_vf_attr *expect = &live->vf.expect;
	unsigned int vf = live->vf.before.vf;
	const char *pf = live->hands.pf.ifname;
	char a[NFP_MAC_STRLEN], b[NFP_MAC_STRLEN];

	if (!nfp_mac_equal(&now->mac, &expect->mac))
		changed(news, "the address of VF %u of %s went from %s to %s", vf, pf,
			nfp_mac_str(&expect->mac, a), nfp_mac_str(&now->mac, b));
	if (!nfp_vlan_equal(&now->vlan, &expect->vlan)) {
		changed(news, "the VLAN of VF %u of %s went from %u to %u", vf, pf,
			expect->vlan.vid, now->vlan.vid);
		news->lasts = true;
	}
	compare_switch(live, "spoofchk", expect->spoofchk, now->spoofchk, news);
	compare_switch(live, "trust", expect->trust, now->trust, news);
	compare_switch(live, "the link state", expect->link_state, now->link_state, news);
}

static int check_vf_attr(struct nfp_live *live, struct nfp_host_news *news, struct nfp_err *err)
{
	struct nfp_vf_attr now;
	int ret;

	if (!live->vf.expect.have_mac)
		return 0;
	ret = nfp_vf_attr_read(live->hands.nl, &live->hands.pf, live->vf.before.vf, &now, err);
	if (ret == -ENODEV) {
		news->gone = true;
		changed(news, "VF %u of %s was taken away", live->vf.before.vf,
			live->hands.pf.ifname);
		return 0;
	}
	if (ret)
		return ret == -ENODATA ? 0 : ret;
	nfp_live_compare_vf(live, &now, news);
	/* Told once, too. */
	live->vf.expect = now;
	return 0;
}

static void check_driver(struct nfp_live *live, struct nfp_host_news *news)
{
	struct nfp_busdev dev = {live->hands.root, live->vf.before.bus, live->vf.before.parentdev};
	const char *expect = live->vf.bound ? live->vf.driver : "";
	char now[NFP_TEXT];
	int ret = nfp_vfdrv_current(&dev, now, sizeof(now));

	if (ret == -ENODEV)
		news->gone = true;
	if (ret)
		changed(news, "the device of VF %u of %s is no longer there", live->vf.before.vf,
			live->hands.pf.ifname);
	else if (strcmp(now, expect) != 0)
		changed(news, "the driver of VF %u of %s is %s instead of %s", live->vf.before.vf,
			live->hands.pf.ifname, now[0] ? now : "none", expect[0] ? expect : "none");
}

static void check_netdev(struct nfp_live *live, struct nfp_host_news *news)
{
	struct nfp_link link;

	if (live->vf.bound && nfp_link_by_ifindex(live->hands.nl_private, live->vf.netdev.ifindex,
						  &link, NULL) == -ENODEV)
		changed(news, "%s, the netdev of VF %u of %s, was taken away",
			live->vf.netdev.ifname, live->vf.before.vf, live->hands.pf.ifname);
}

/*
 * Only wakes the caller up: what a notification says is read afresh, since it may tell of our own
 * change, and one that was lost would tell nothing.
 */
static int ignore(const struct nlmsghdr *nlh, void *ctx)
{
	(void)nlh;
	(void)ctx;
	return 0;
}

int nfp_live_news(void *ctx, struct nfp_host_news *ret_news, struct nfp_err *err)
{
	const struct nfp_nl_sink sink = {.message = ignore};
	struct nfp_live *live = ctx;
	struct nfp_host_news news = {.carrier = false};
	struct nfp_pf_now pf;
	int ret = nfp_nl_drain(live->notify, &sink, err);

	if (ret < 0)
		return ret;
	ret = nfp_live_pf_read(live, &pf, err);
	if (ret == -ENODEV) {
		news.gone = true;
		changed(&news, "%s is no longer there", live->hands.pf.ifname);
		*ret_news = news;
		return 0;
	}
	if (ret)
		return ret;
	news.carrier = pf.carrier;
	news.carrier_losses = pf.carrier_downs - live->pf_start.carrier_downs;
	nfp_live_compare_pf(live, &pf, &news);
	/* Told once: what is compared next time is how it is now. */
	live->pf_expect = pf;
	if (live->vf.begun) {
		check_driver(live, &news);
		check_netdev(live, &news);
		ret = check_vf_attr(live, &news, err);
	}
	if (!ret)
		*ret_news = news;
	return ret;
}
