// SPDX-License-Identifier: GPL-2.0-or-later
/* window_tables.c - the rows for what other functions of the NIC send. */
#include "tables_priv.h"

/* ---- any window ---- */

/* The forms of a window, by its sort. */
#define INSIDE (ELSEWHERE | HERE | PORT)
#define TAGGED (REGISTERED | UNREGISTERED)
#define ANY    (TAGGED | INSIDE | STEP)

static uint64_t heard(const void *count)
{
	return nfp_count_heard(count);
}

static uint64_t first(const void *at)
{
	(void)at;
	return 0;
}

static const struct nfp_step_result *step_of(const void *window)
{
	return (const void *)((const char *)window - offsetof(struct nfp_step_result, w));
}

/* A step of which nothing is demanded, or that was not to be made, has null. */
static uint64_t answer_of_step(const void *window)
{
	const struct nfp_step_result *step = step_of(window);
	bool asked = nfp_ladder[step->step].fit != NFP_FIT_RECORDED && !step->w.skip_allowed;

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

#define SLOT_FIELDS(k)                                                                       \
	FIELD(ENUM, nfp_window, "landing", landing[k], TAGGED | STEP, NULLS, NAMES(landing), \
	      .except = BIT(NFP_LANDING_NONE)),                                              \
		FIELD(NUMBER, nfp_window, "sent", count[k].sent, ANY),                       \
		FIELD(NUMBER, nfp_window, "heard", count[k], INSIDE, .compute = heard),      \
		FIELD(NUMBER, nfp_window, "pf", count[k].at[NFP_AT_PF], TAGGED | STEP),      \
		FIELD(NUMBER, nfp_window, "vf", count[k].at[NFP_AT_VF], STEP),               \
		FIELD(NUMBER, nfp_window, "both", count[k].both, STEP),                      \
		FIELD(NUMBER, nfp_window, "lost", count[k], STEP, .compute = lost),          \
		FIELD(NUMBER, nfp_window, "duplicates", count[k].duplicates, STEP)
#define FRAMES(key_, k, in_, ...)                                                             \
	NFP_PART(key_, in_, TABLE(nfp_window, ((const struct nfp_field[]) {SLOT_FIELDS(k)})), \
		 ##__VA_ARGS__)

/* In the guest's VLAN, and in one of nobody. */
#define VLAN_FRAMES(in_, ...)                                                          \
	FRAMES("vlan_unicast", NFP_KIND_VLAN_UNICAST, in_, ##__VA_ARGS__),             \
		FRAMES("vlan_broadcast", NFP_KIND_VLAN_BROADCAST, in_, ##__VA_ARGS__), \
		FRAMES("vlan_multicast", NFP_KIND_VLAN_MULTICAST, in_, ##__VA_ARGS__), \
		FRAMES("vlan_own", NFP_KIND_VLAN_OWN, in_, ##__VA_ARGS__),             \
		FRAMES("vlan_free", NFP_KIND_VLAN_FREE, in_, ##__VA_ARGS__)

static const struct nfp_field frames_fields[] = {
	FRAMES("unicast", NFP_KIND_UNICAST, TAGGED | INSIDE | STEP),
	FRAMES("broadcast", NFP_KIND_BROADCAST, ANY),
	FRAMES("own", NFP_SLOT_OWN, HERE),
	FRAMES("multicast", NFP_KIND_MULTICAST, TAGGED | STEP),
	FRAMES("unregistered", NFP_KIND_UNREGISTERED, (INSIDE & ~PORT) | STEP),
	FRAMES("entry", NFP_SLOT_ENTRY, HERE),
	FRAMES("all_nodes", NFP_KIND_ALL_NODES, STEP),
	FRAMES("unjoined", NFP_KIND_UNJOINED, STEP),
	VLAN_FRAMES(TAGGED),
	VLAN_FRAMES(STEP, NFP_GIVEN(nfp_window, count[NFP_KIND_VLAN_UNICAST].sent)),
};

static const struct nfp_names registered_names = NFP_NAMES("registered"),
			      unregistered_names = NFP_NAMES("unregistered");

/* The states in which a guest is here, and looked for. */
#define NOT_HERE \
	(~(BIT(NFP_STEP_STANDBY) | BIT(NFP_STEP_UP) | BIT(NFP_STEP_UNPLUG) | BIT(NFP_STEP_DETACH)))

static const struct nfp_field window_fields[] = {
	FIELD(ENUM, nfp_window, "state", state, ELSEWHERE, NAMES(empty)),
	FIELD(ENUM, nfp_window, "state", state, HERE, NAMES(step), .except = NOT_HERE),
	FIELD(ENUM, nfp_window, "state", state, PORT, NAMES(step),
	      .except = ~(BIT(NFP_STEP_STANDBY) | BIT(NFP_STEP_UP))),
	FIELD(ENUM, nfp_window, "state", status, REGISTERED, NAMES_OF(registered),
	      .compute = first),
	FIELD(ENUM, nfp_window, "state", status, UNREGISTERED, NAMES_OF(unregistered),
	      .compute = first),
	FIELD(ENUM, nfp_window, "status", status, ANY, NAMES(status)),
	FIELD(ENUM, nfp_window, "answer", answer, ANY & ~STEP, NULLS, NAMES(answer)),
	FIELD(ENUM, nfp_window, "answer", state, STEP, NULLS, NAMES(answer),
	      .compute = answer_of_step),
	FIELD(BOOL, nfp_window, "disturbed", disturbed, ANY & ~STEP),
	FIELD(BOOL, nfp_window, "disturbed", state, STEP, .compute = is_step_disturbed),
	FIELD(BOOL, nfp_window, "skip_allowed", skip_allowed, ANY),
	FIELD(TEXT, nfp_window, "note", note, ANY, NULLS),
	NFP_PART("frames", ANY, TABLE(nfp_window, frames_fields)),
};
const struct nfp_table nfp_window_table = NFP_TABLE(nfp_window, window_fields);

/* ---- asides ---- */

#define OF_VF 0x200U /* the VF has that of one of its styles */

static const struct nfp_field told_fields[] = {
	FIELD(ENUM, nfp_told, "style", style, OF_VF, NAMES(style)),
	FIELD(ENUM, nfp_told, "verdict", verdict, ELSEWHERE | HERE | VLAN, NULLS, NAMES(trait)),
	FIELD(BOOL, nfp_told, "other_vf", other_vf, ELSEWHERE),
	FIELD(ENUM, nfp_told, "from", from, ELSEWHERE, NULLS, NAMES(empty),
	      .except = BIT(NFP_EMPTY_CONTROL)),
	FIELD(ENUM, nfp_told, "until", until, ELSEWHERE, NULLS, NAMES(empty),
	      .except = BIT(NFP_EMPTY_CONTROL)),
	FIELD(ENUM, nfp_told, "from", from, HERE, NULLS, NAMES(step), .except = NOT_HERE),
	FIELD(ENUM, nfp_told, "until", until, HERE, NULLS, NAMES(step), .except = NOT_HERE),
	FIELD(ENUM, nfp_told, "step", from, VLAN, NULLS, NAMES(step),
	      .except = BIT(NFP_STEP_COUNT)),
	FIELD(TEXT, nfp_told, "note", note, ELSEWHERE | HERE | VLAN, NULLS),
	FIELD(ENUM, nfp_told, "entry", entry, HERE, NULLS, NAMES(trait)),
};
const struct nfp_table nfp_told_table = NFP_TABLE(nfp_told, told_fields);

#define WINDOWS(as_)                                                                            \
	FIELD(ARRAY, nfp_aside, "windows", windows, as_, .table = &nfp_window_table, .as = as_, \
	      NFP_COUNTED(nfp_aside, num_windows))
static const struct nfp_field aside_fields[] = {
	NFP_SPREAD_PART(ELSEWHERE, &nfp_told_table, ELSEWHERE),
	NFP_SPREAD_PART(HERE, &nfp_told_table, HERE),
	FIELD(BOOL, nfp_aside, "reset_cleared", reset_cleared, ELSEWHERE),
	WINDOWS(ELSEWHERE),
	WINDOWS(HERE),
	WINDOWS(PORT),
};
const struct nfp_table nfp_aside_table = NFP_TABLE(nfp_aside, aside_fields);

/* The first ladder alone has the windows of a guest elsewhere. */
static const struct nfp_field neighbours_fields[] = {
	FIELD(OBJECT, nfp_style_result, "elsewhere", elsewhere, J,
	      NFP_KNOWN(nfp_style_result, elsewhere.told.verdict), .table = &nfp_aside_table,
	      .as = ELSEWHERE),
	FIELD(OBJECT, nfp_style_result, "here", here, J,
	      NFP_KNOWN(nfp_style_result, here.told.verdict), .table = &nfp_aside_table,
	      .as = HERE),
	FIELD(OBJECT, nfp_style_result, "port", port, J,
	      NFP_KNOWN(nfp_style_result, port.num_windows), .table = &nfp_aside_table, .as = PORT),
};
static const struct nfp_field vf_neighbours_fields[] = {
	FIELD(OBJECT, nfp_vf_result, "elsewhere", elsewhere, J | END,
	      NFP_KNOWN(nfp_vf_result, elsewhere.verdict), .table = &nfp_told_table,
	      .as = ELSEWHERE),
	FIELD(OBJECT, nfp_vf_result, "here", here, J | END, NFP_KNOWN(nfp_vf_result, here.verdict),
	      .table = &nfp_told_table, .as = HERE | OF_VF),
};
const struct nfp_table nfp_neighbours_table = NFP_TABLE(nfp_style_result, neighbours_fields),
		       nfp_vf_neighbours_table = NFP_TABLE(nfp_vf_result, vf_neighbours_fields);
