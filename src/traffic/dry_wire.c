// SPDX-License-Identifier: GPL-2.0-or-later
/* dry_wire.c - a wire that sends nothing, and whose clock jumps: for --dry-run, and to estimate a
 * ladder. */
#include <stdlib.h>
#include <sys/param.h>

#include "traffic_priv.h"

#define TRIP_NS NFP_NSEC_PER_USEC

struct nfp_dry_wire {
	uint64_t *now_ns;
	struct nfp_schedule schedule;
	struct nfp_mac group; /* a group that somebody has joined */
	bool joined;	      /* @group is the plan's */
	uint64_t seq;	      /* of the newest frame */
	bool vf_listens;      /* the VF has a guest */
};

/* A guest gets its frames from the VF if it is there, else from the standby. */
static bool guest_hears(const struct nfp_dry_wire *w, enum nfp_kind kind, enum nfp_receiver at)
{
	bool is_pf = at == NFP_AT_PF;

	if (!is_pf && !w->vf_listens)
		return false;
	switch (nfp_kinds[kind].to) {
	case NFP_TO_X:
		return is_pf != w->vf_listens;
	case NFP_TO_GROUP:
		return w->joined;
	case NFP_TO_UNREGISTERED:
	case NFP_TO_UNJOINED:
		return false;
	case NFP_TO_PF:
		return is_pf && kind != NFP_KIND_VLAN_FREE;
	default:
		return true;
	}
}

static uint64_t now(void *ctx)
{
	const struct nfp_dry_wire *w = ctx;

	return *w->now_ns;
}

static void plan(void *ctx, const struct nfp_plan *plan)
{
	struct nfp_dry_wire *w = ctx;

	w->joined = nfp_mac_equal(&w->group, &plan->group);
	nfp_schedule_start(&w->schedule, plan->rate, *w->now_ns);
}

static int pump(void *ctx, uint64_t until_ns, struct nfp_frame_accounting *accounting,
		struct nfp_err *err)
{
	struct nfp_dry_wire *w = ctx;
	enum nfp_kind kind = 0;
	uint64_t due_ns;
	int ret = 0;

	(void)err;
	*w->now_ns = MAX(*w->now_ns, until_ns);
	while (!ret && (due_ns = nfp_schedule_next(&w->schedule, &kind)) < *w->now_ns) {
		w->schedule.kind[kind].num++;
		ret = nfp_accounting_sent(accounting, ++w->seq, kind, due_ns);
		for (enum nfp_receiver at = 0; at < NFP_RECEIVER_COUNT && !ret; at++) {
			if (guest_hears(w, kind, at))
				(void)nfp_accounting_seen(accounting, w->seq, kind, at,
							  due_ns + TRIP_NS);
		}
	}
	return ret;
}

static int dry_announce(void *ctx, enum nfp_receiver at, const struct nfp_mac *mac,
			struct nfp_err *err)
{
	(void)ctx;
	(void)at;
	(void)mac;
	(void)err;
	return 0;
}

static int dry_report(void *ctx, enum nfp_receiver at, const struct nfp_mac *mac,
		      const struct nfp_mac *group, struct nfp_err *err)
{
	struct nfp_dry_wire *w = ctx;

	w->group = *group;
	w->joined = true;
	return dry_announce(ctx, at, mac, err);
}

static int listen_vf(void *ctx, const struct nfp_netdev *vf, bool early, struct nfp_err *err)
{
	struct nfp_dry_wire *w = ctx;

	(void)early;
	(void)err;
	w->vf_listens = vf;
	return 0;
}

static void stats(void *ctx, struct nfp_wire_stats *ret_stats)
{
	(void)ctx;
	*ret_stats = (struct nfp_wire_stats) {0};
}

struct nfp_dry_wire *nfp_dry_wire_new(uint64_t *now_ns)
{
	struct nfp_dry_wire *w = nfp_calloc(1, sizeof(*w));

	w->now_ns = now_ns;
	return w;
}

void nfp_dry_wire_free(struct nfp_dry_wire *w)
{
	free(w);
}

struct nfp_wire nfp_dry_wire(struct nfp_dry_wire *w)
{
	static const struct nfp_wire_ops ops = {
		.now = now,
		.plan = plan,
		.pump = pump,
		.announce = dry_announce,
		.report = dry_report,
		.listen_vf = listen_vf,
		.stats = stats,
	};

	return (struct nfp_wire) {.ops = &ops, .ctx = w};
}
