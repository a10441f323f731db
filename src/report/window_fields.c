// SPDX-License-Identifier: GPL-2.0-or-later
/* window_fields.c - the rows for a window, whatever it is about. */
#include "fields_priv.h"

/* The forms of a window, by its kind. */
#define TAGGED (REGISTERED | UNREGISTERED)
#define ANY    (TAGGED | STEP)

static uint64_t first(const void *at)
{
	(void)at;
	return 0;
}

static const struct nfp_step_result *step_of(const void *window)
{
	return (const void *)((const char *)window - offsetof(struct nfp_step_result, w));
}

/* A step that expects no receiver, or that was not to be made, has null. */
static uint64_t answer_of_step(const void *window)
{
	const struct nfp_step_result *step = step_of(window);
	bool asked = nfp_ladder[step->step].expected != NFP_EXPECTED_RECORDED &&
		     !step->w.skip_allowed;

	return asked ? step->w.answer : NFP_UNASKED;
}

static uint64_t is_step_disturbed(const void *window)
{
	const struct nfp_step_result *step = step_of(window);

	return step->drops || step->carrier_lost || step->changed;
}

static uint64_t lost(const void *count)
{
	return nfp_count_lost(count);
}

#define SLOT_FIELDS(k)                                                              \
	FIELD(ENUM, nfp_window, "landing", landing[k], ANY, NULLS, NAMES(landing),  \
	      .except = BIT(NFP_LANDING_NONE)),                                     \
		FIELD(NUMBER, nfp_window, "sent", count[k].sent, ANY),              \
		FIELD(NUMBER, nfp_window, "pf", count[k].at[NFP_AT_PF], ANY),       \
		FIELD(NUMBER, nfp_window, "vf", count[k].at[NFP_AT_VF], STEP),      \
		FIELD(NUMBER, nfp_window, "both", count[k].both, STEP),             \
		FIELD(NUMBER, nfp_window, "lost", count[k], STEP, .compute = lost), \
		FIELD(NUMBER, nfp_window, "duplicates", count[k].duplicates, STEP)
#define FRAMES(key_, k, in_, ...)                                                             \
	NFP_PART(key_, in_, TABLE(nfp_window, ((const struct nfp_field[]) {SLOT_FIELDS(k)})), \
		 ##__VA_ARGS__)

/* In the guest's VLAN, and in one that nobody uses. */
#define VLAN_FRAMES(in_, ...)                                                          \
	FRAMES("vlan_unicast", NFP_KIND_VLAN_UNICAST, in_, ##__VA_ARGS__),             \
		FRAMES("vlan_broadcast", NFP_KIND_VLAN_BROADCAST, in_, ##__VA_ARGS__), \
		FRAMES("vlan_multicast", NFP_KIND_VLAN_MULTICAST, in_, ##__VA_ARGS__), \
		FRAMES("vlan_own", NFP_KIND_VLAN_OWN, in_, ##__VA_ARGS__),             \
		FRAMES("vlan_free", NFP_KIND_VLAN_FREE, in_, ##__VA_ARGS__)

static const struct nfp_field frames_fields[] = {
	FRAMES("unicast", NFP_KIND_UNICAST, ANY),
	FRAMES("broadcast", NFP_KIND_BROADCAST, ANY),
	FRAMES("multicast", NFP_KIND_MULTICAST, ANY),
	FRAMES("unregistered", NFP_KIND_UNREGISTERED, STEP),
	FRAMES("all_nodes", NFP_KIND_ALL_NODES, STEP),
	FRAMES("unjoined", NFP_KIND_UNJOINED, STEP),
	VLAN_FRAMES(TAGGED),
	VLAN_FRAMES(STEP, NFP_GIVEN(nfp_window, count[NFP_KIND_VLAN_UNICAST].sent)),
};

static const struct nfp_names registered_names = NFP_NAMES("registered"),
			      unregistered_names = NFP_NAMES("unregistered");

static const struct nfp_field window_fields[] = {
	FIELD(ENUM, nfp_window, "state", status, REGISTERED, NAMES_OF(registered),
	      .compute = first),
	FIELD(ENUM, nfp_window, "state", status, UNREGISTERED, NAMES_OF(unregistered),
	      .compute = first),
	FIELD(ENUM, nfp_window, "status", status, ANY, NAMES(status)),
	FIELD(ENUM, nfp_window, "answer", answer, TAGGED, NULLS, NAMES(answer)),
	FIELD(ENUM, nfp_window, "answer", status, STEP, NULLS, NAMES(answer),
	      .compute = answer_of_step),
	FIELD(BOOL, nfp_window, "disturbed", disturbed, TAGGED),
	FIELD(BOOL, nfp_window, "disturbed", status, STEP, .compute = is_step_disturbed),
	FIELD(BOOL, nfp_window, "skip_allowed", skip_allowed, ANY),
	FIELD(TEXT, nfp_window, "note", note, ANY, NULLS),
	NFP_PART("frames", ANY, TABLE(nfp_window, frames_fields)),
};
const struct nfp_table nfp_window_table = NFP_TABLE(nfp_window, window_fields);
