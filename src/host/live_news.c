// SPDX-License-Identifier: GPL-2.0-or-later
/* live_news.c - changes of the PF and the VF by other processes. */
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "live_priv.h"

int nfp_live_pf_read(struct nfp_live *live, struct nfp_pf_now *ret_pf, struct nfp_err *err)
{
	struct nfp_link link;
	int ret = nfp_link_by_ifindex(live->hands.nl, live->hands.pf.ifindex, &link, err);

	if (ret)
		return ret;
	*ret_pf = (struct nfp_pf_now) {
		.address = link.address,
		.up = link.flags & IFF_UP,
		.carrier = link.carrier,
		.xdp = link.xdp,
		.master = link.master,
		.promiscuity = link.promiscuity,
	};
	/* Absent before Linux 4.16: then only the current state is known. */
	(void)nfp_sysfs_number(&ret_pf->carrier_downs, "%s/class/net/%s/carrier_down_count",
			       live->hands.root->sys, link.ifname);
	return 0;
}

/* Expect our own part alone: what another process did in the same moment must still show. */
void nfp_live_expect_promisc(struct nfp_live *live, const struct nfp_pf_now *before,
			     const struct nfp_pf_now *after)
{
	live->pf_expect.promiscuity += after->promiscuity - before->promiscuity;
}

/* Only the first change of a call is reported. */
static void __attribute__((format(printf, 2, 3)))
note_change(struct nfp_host_news *news, const char *fmt, ...)
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
		note_change(news, "%s was set down", pf);
	if (now->master != expect->master)
		note_change(news,
			    now->master ? "%s was given another master" : "%s has lost its master",
			    pf);
	if (now->promiscuity != expect->promiscuity)
		note_change(news, "the promiscuity of %s went from %u to %u", pf,
			    expect->promiscuity, now->promiscuity);
	if (now->xdp != expect->xdp)
		note_change(news, "an XDP program was %s %s",
			    now->xdp ? "attached to" : "taken off", pf);
	if (!nfp_mac_equal(&now->address, &expect->address))
		note_change(news, "%s was given the address %s", pf,
			    nfp_mac_str(&now->address, mac));
	news->lasts = news->changed;
}

/* Does the run still have the VF for itself? */
static int check_guarded_vf(struct nfp_live *live, struct nfp_guard *guard,
			    struct nfp_host_news *news, struct nfp_err *err)
{
	struct nfp_err lost = {.code = NFP_E_NONE};
	int ret = nfp_guard_check(&live->hands, guard, false, &lost);

	news->gone |= ret == -ENODEV;
	news->ended |= ret != -ENODEV && guard->state != NFP_GUARD_OURS;
	if (ret == -ENODEV || guard->state != NFP_GUARD_OURS) {
		note_change(news, "%s", ret == -ENODEV ? lost.message : guard->what);
		return 0;
	}
	if (ret && err)
		*err = lost;
	return ret;
}

int nfp_live_news(void *ctx, struct nfp_host_news *ret_news, struct nfp_err *err)
{
	struct nfp_live *live = ctx;
	struct nfp_host_news news = {.carrier = false};
	struct nfp_pf_now pf;
	int ret = nfp_live_pf_read(live, &pf, err);

	if (ret == -ENODEV) {
		news.gone = true;
		note_change(&news, "%s is no longer there", live->hands.pf.ifname);
		*ret_news = news;
		return 0;
	}
	if (ret)
		return ret;
	news.carrier = pf.carrier;
	news.carrier_losses = pf.carrier_downs - live->pf_start.carrier_downs;
	nfp_live_compare_pf(live, &pf, &news);
	/* Reported once: the next call compares with the state of now. */
	live->pf_expect = pf;
	if (live->vf.begun)
		ret = check_guarded_vf(live, &live->vf.guard, &news, err);
	if (!ret && live->has_source)
		ret = check_guarded_vf(live, &live->source_guard, &news, err);
	if (!ret)
		*ret_news = news;
	return ret;
}
