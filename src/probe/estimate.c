// SPDX-License-Identifier: GPL-2.0-or-later
/* estimate.c - how long a ladder takes if nothing is slow: runs it on a host that does nothing, and
 * on a wire whose clock jumps. */
#include <errno.h>
#include <string.h>
#include <sys/param.h>

#include "probe/probe.h"
#include "traffic/stream.h"

#define ATTACH_NS (2 * NFP_NSEC_PER_SEC) /* a guest starts: reset, driver, carrier */
#define RATE_MOST 100U			 /* more frames decide no sooner */

/* ---- a host that does nothing ---- */

static int still_add_standby(void *ctx, enum nfp_style style, const struct nfp_mac *mac,
			     const struct nfp_mac *group, struct nfp_err *err)
{
	(void)ctx;
	(void)style;
	(void)mac;
	(void)group;
	(void)err;
	return 0;
}

static int make(void *ctx, struct nfp_err *err)
{
	(void)ctx;
	(void)err;
	return 0;
}

static int set(void *ctx, const struct nfp_mac *mac, struct nfp_err *err)
{
	(void)mac;
	return make(ctx, err);
}

static int no_netdev(void *ctx, struct nfp_netdev *ret_netdev)
{
	(void)ctx;
	(void)ret_netdev;
	return -ENODEV;
}

static int up(void *ctx, const struct nfp_mac *group, struct nfp_netdev *ret_netdev,
	      struct nfp_err *err)
{
	*ret_netdev = (struct nfp_netdev) {.netns_fd = -1};
	return set(ctx, group, err);
}

static int carrier(void *ctx, struct nfp_err *err)
{
	uint64_t *now_ns = ctx;

	*now_ns += ATTACH_NS;
	return make(ctx, err);
}

static int changes(void *ctx, struct nfp_external_changes *ret_news, struct nfp_err *err)
{
	*ret_news = (struct nfp_external_changes) {.carrier = true};
	return make(ctx, err);
}

static int vlan(void *ctx, enum nfp_receiver at, uint16_t vid, struct nfp_err *err)
{
	(void)at;
	(void)vid;
	return make(ctx, err);
}

static int swallower(void *ctx, uint16_t vid, char name[NFP_TEXT_LEN], struct nfp_err *err)
{
	(void)name;
	return vlan(ctx, NFP_AT_PF, vid, err);
}

static int no_bus_master(void *ctx)
{
	(void)ctx;
	return -ENODEV;
}

static const struct nfp_host_ops host_ops = {
	.add_standby = still_add_standby,
	.remove_standby = make,
	.entry = set,
	.assign = set,
	.clear = make,
	.reset = make,
	.bind = set,
	.netdev = no_netdev,
	.up = up,
	.carrier = carrier,
	.down = make,
	.unbind = make,
	.changes = changes,
	.vlan = vlan,
	.swallower = swallower,
	.bus_master = no_bus_master,
};

/* ---- what is run on it ---- */

#define WIRES 2

struct still {
	uint64_t now_ns;
	struct nfp_wire wire[WIRES];
	struct nfp_timetable *timetable;
};

static void open_still(struct still *s, const struct nfp_runner_config *config,
		       struct nfp_runner_config *ret_config)
{
	*s = (struct still) {.now_ns = 1};
	for (size_t i = 0; i < WIRES; i++) {
		s->wire[i] = nfp_dry_wire(nfp_dry_wire_new(&s->now_ns));
		s->wire[i].accounting = nfp_accounting_new();
	}
	*ret_config = *config;
	ret_config->host = (struct nfp_host) {&host_ops, &s->now_ns};
	ret_config->wire = s->wire[0];
	ret_config->rate = MIN(config->rate, RATE_MOST);
	ret_config->start_ns = s->now_ns;
	ret_config->deadline_ns = 0;
	ret_config->stop = NULL;
	ret_config->unregistered = NULL;
	ret_config->earlier = NULL;
	ret_config->timetable = NULL;
	ret_config->events = (struct nfp_events) {0};
}

static void close_still(struct still *s)
{
	for (size_t i = 0; i < WIRES; i++) {
		nfp_dry_wire_free(s->wire[i].ctx);
		nfp_accounting_free(s->wire[i].accounting);
	}
}

static void note_step(void *ctx, const struct nfp_event *event)
{
	const struct still *s = ctx;

	if (event->what == NFP_EVENT_STEP)
		s->timetable->begins_ns[event->step] = s->now_ns;
}

void nfp_ladder_estimate(const struct nfp_runner_config *config, struct nfp_timetable *ret_times)
{
	static const struct nfp_mac first = {{0x02, 0, 0, 0, 0, 1}},
				    second = {{0x02, 0, 0, 0, 0, 2}};
	bool same = nfp_mac_equal(&config->address, &config->address_first);
	struct nfp_style_result ignored;
	struct nfp_earlier shown = {0};
	struct nfp_runner_config dry;
	struct still s;

	*ret_times = (struct nfp_timetable) {.all_ns = 0};
	open_still(&s, config, &dry);
	s.timetable = ret_times;
	dry.events = (struct nfp_events) {note_step, &s};
	dry.address = first;
	dry.address_first = same ? first : second;
	if (config->earlier) {
		shown.slow = config->earlier->slow;
		memcpy(shown.resets, config->earlier->resets, sizeof(shown.resets));
		memcpy(shown.passed_ns, config->earlier->passed_ns, sizeof(shown.passed_ns));
	}
	dry.earlier = &shown;
	(void)nfp_ladder_run(&dry, &ignored, NULL);
	ret_times->all_ns = s.now_ns;
	/* A step that was not made takes no time. */
	for (unsigned int step = NFP_STEP_COUNT; step-- > 0;) {
		uint64_t *begins_ns = &ret_times->begins_ns[step];

		if (!*begins_ns)
			*begins_ns = step + 1 < NFP_STEP_COUNT ? begins_ns[1] : s.now_ns;
	}
	close_still(&s);
}
