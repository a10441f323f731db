// SPDX-License-Identifier: GPL-2.0-or-later
/* window_tables.c - the rows for what other functions of the NIC send, and for one beside the
 * standby. */
#include "tables_priv.h"

/* ---- any window ---- */

/* The forms of a window, by its sort. */
#define NEAR   0x10U
#define BESIDE 0x20U
#define HERE   0x40U
#define PORT   0x80U
#define INSIDE (NEAR | BESIDE | HERE | PORT)
#define TAGGED (REGISTERED | UNREGISTERED)
#define ASKED  0x100U /* the slot of a sheet in which the PF listened, too */
#define ANY    (TAGGED | INSIDE | SHEET | STEP)

static uint64_t heard(const void *count)
{
	return nfp_count_heard(count);
}

static uint64_t first(const void *at)
{
	(void)at;
	return 0;
}

/* A step of which nothing is demanded, or that was not to be made, has null. */
static uint64_t answer_of_step(const void *at)
{
	const struct nfp_window *step = at;
	bool asked = nfp_ladder[step->step].fit != NFP_FIT_RECORDED && !step->skip_allowed;

	return asked ? step->answer : NFP_UNASKED;
}

static uint64_t is_step_disturbed(const void *at)
{
	const struct nfp_step_result *step = at;

	return step->drops || step->carrier_lost || step->changed;
}

static uint64_t lost(const void *count)
{
	return nfp_count_lost(count);
}

#define SLOT_FIELDS(k)                                                                          \
	FIELD(ENUM, nfp_window, "landing", landing[k], TAGGED | STEP, NULLS, NAMES(landing),    \
	      .except = BIT(NFP_LANDING_NONE)),                                                 \
		FIELD(NUMBER, nfp_window, "sent", count[k].sent, ANY | ASKED),                  \
		FIELD(NUMBER, nfp_window, "heard", count[k], INSIDE, .compute = heard),         \
		FIELD(NUMBER, nfp_window, "heard", count[k].at[NFP_AT_VF], SHEET | ASKED),      \
		FIELD(NUMBER, nfp_window, "pf", count[k].at[NFP_AT_PF], TAGGED | ASKED | STEP), \
		FIELD(NUMBER, nfp_window, "vf", count[k].at[NFP_AT_VF], STEP),                  \
		FIELD(NUMBER, nfp_window, "both", count[k].both, STEP),                         \
		FIELD(NUMBER, nfp_window, "lost", count[k], STEP, .compute = lost),             \
		FIELD(NUMBER, nfp_window, "duplicates", count[k].duplicates, STEP)
#define FRAMES(key_, k, in_, ...)                                                             \
	NFP_PART(key_, in_, TABLE(nfp_window, ((const struct nfp_field[]) {SLOT_FIELDS(k)})), \
		 ##__VA_ARGS__)

/* In the guest's VLAN, and in one of nobody. */
#define VLAN_FRAMES(in_, ...)                                                          \
	FRAMES("vlan_unicast", NFP_SLOT_VLAN_UNICAST, in_, ##__VA_ARGS__),             \
		FRAMES("vlan_broadcast", NFP_SLOT_VLAN_BROADCAST, in_, ##__VA_ARGS__), \
		FRAMES("vlan_multicast", NFP_SLOT_VLAN_MULTICAST, in_, ##__VA_ARGS__), \
		FRAMES("vlan_own", NFP_SLOT_VLAN_OWN, in_, ##__VA_ARGS__),             \
		FRAMES("vlan_free", NFP_SLOT_VLAN_FREE, in_, ##__VA_ARGS__)

static const struct nfp_field frames_fields[] = {
	FRAMES("asked", NFP_SLOT_ASKED, SHEET, .as = ASKED),
	FRAMES("own", NFP_SLOT_OWN, SHEET),
	FRAMES("unicast", NFP_SLOT_UNICAST, TAGGED | INSIDE | STEP),
	FRAMES("broadcast", NFP_SLOT_BROADCAST, ANY),
	FRAMES("own", NFP_SLOT_OWN, HERE),
	FRAMES("multicast", NFP_SLOT_MULTICAST, TAGGED | STEP),
	FRAMES("unregistered", NFP_SLOT_UNREGISTERED, (INSIDE & ~PORT) | STEP),
	FRAMES("entry", NFP_SLOT_ENTRY, HERE),
	FRAMES("all_nodes", NFP_SLOT_ALL_NODES, STEP),
	FRAMES("unjoined", NFP_SLOT_UNJOINED, STEP),
	VLAN_FRAMES(TAGGED),
	VLAN_FRAMES(STEP, NFP_GIVEN(nfp_window, count[NFP_SLOT_VLAN_UNICAST].sent)),
};

static const struct nfp_names registered_names = {(const char *const[]) {"registered"}, 1},
			      unregistered_names = {(const char *const[]) {"unregistered"}, 1};

/* The states in which a guest is here, and looked for. */
#define NOT_HERE \
	(~(BIT(NFP_STEP_STANDBY) | BIT(NFP_STEP_UP) | BIT(NFP_STEP_UNPLUG) | BIT(NFP_STEP_DETACH)))

static const struct nfp_field window_fields[] = {
	FIELD(ENUM, nfp_window, "state", step, STEP, NAMES(step)),
	FIELD(ENUM, nfp_window, "state", empty, NEAR, NAMES(empty)),
	FIELD(ENUM, nfp_window, "state", beside, BESIDE, NAMES(beside)),
	FIELD(ENUM, nfp_window, "state", step, HERE, NAMES(step), .except = NOT_HERE),
	FIELD(ENUM, nfp_window, "state", step, PORT, NAMES(step),
	      .except = ~(BIT(NFP_STEP_STANDBY) | BIT(NFP_STEP_UP))),
	FIELD(ENUM, nfp_window, "state", row, SHEET, NAMES(sheet_row)),
	FIELD(ENUM, nfp_window, "state", status, REGISTERED, NAMES_OF(registered),
	      .compute = first),
	FIELD(ENUM, nfp_window, "state", status, UNREGISTERED, NAMES_OF(unregistered),
	      .compute = first),
	FIELD(ENUM, nfp_window, "status", status, ANY, NAMES(status)),
	FIELD(ENUM, nfp_window, "answer", answer, ANY & ~STEP, NULLS, NAMES(answer)),
	FIELD(ENUM, nfp_window, "answer", step, STEP, NULLS, NAMES(answer),
	      .compute = answer_of_step),
	FIELD(BOOL, nfp_window, "disturbed", disturbed, ANY & ~STEP),
	FIELD(BOOL, nfp_window, "disturbed", step, STEP, .compute = is_step_disturbed),
	FIELD(BOOL, nfp_window, "skip_allowed", skip_allowed, ANY),
	FIELD(TEXT, nfp_window, "note", note, ANY, NULLS),
	NFP_PART("frames", ANY, TABLE(nfp_window, frames_fields)),
};
const struct nfp_table nfp_window_table = NFP_TABLE(nfp_window, window_fields);

/* ---- what other functions of the NIC send ---- */

static const struct nfp_field elsewhere_told_fields[] = {
	FIELD(ENUM, nfp_elsewhere_told, "verdict", verdict, J | END, NULLS, NAMES(trait)),
	FIELD(BOOL, nfp_elsewhere_told, "other_vf", other_vf, J | END),
	FIELD(ENUM, nfp_elsewhere_told, "from", from, J | END, NULLS, NAMES(empty),
	      .except = BIT(NFP_EMPTY_CONTROL)),
	FIELD(ENUM, nfp_elsewhere_told, "until", until, J | END, NULLS, NAMES(empty),
	      .except = BIT(NFP_EMPTY_CONTROL)),
	FIELD(TEXT, nfp_elsewhere_told, "note", note, J | END, NULLS),
};
static const struct nfp_table elsewhere_told_table = NFP_TABLE(nfp_elsewhere_told,
							       elsewhere_told_fields);
static const struct nfp_field near_fields[] = {
	NFP_SPREAD_PART(J, &elsewhere_told_table, J),
	FIELD(BOOL, nfp_elsewhere_result, "reset_cleared", reset_cleared, J),
	FIELD(ARRAY, nfp_elsewhere_result, "windows", windows, J, .table = &nfp_window_table,
	      .as = NEAR, NFP_COUNTED(nfp_elsewhere_result, num_windows)),
};

static const struct nfp_field port_fields[] = {
	FIELD(ARRAY, nfp_port_result, "windows", windows, J, .table = &nfp_window_table, .as = PORT,
	      NFP_COUNTED(nfp_port_result, num_windows)),
};

/* The VF has that of one of its styles. */
static const struct nfp_field here_told_fields[] = {
	FIELD(ENUM, nfp_here_told, "style", style, END, NAMES(style)),
	FIELD(ENUM, nfp_here_told, "verdict", verdict, J | END, NULLS, NAMES(trait)),
	FIELD(ENUM, nfp_here_told, "from", from, J | END, NULLS, NAMES(step), .except = NOT_HERE),
	FIELD(ENUM, nfp_here_told, "until", until, J | END, NULLS, NAMES(step), .except = NOT_HERE),
	FIELD(TEXT, nfp_here_told, "note", note, J | END, NULLS),
	FIELD(ENUM, nfp_here_told, "entry", entry, J | END, NULLS, NAMES(trait)),
};
static const struct nfp_table here_told_table = NFP_TABLE(nfp_here_told, here_told_fields);
static const struct nfp_field here_fields[] = {
	NFP_SPREAD_PART(J, &here_told_table, J),
	FIELD(ARRAY, nfp_here_result, "windows", windows, J, .table = &nfp_window_table, .as = HERE,
	      NFP_COUNTED(nfp_here_result, num_windows)),
};

/* The rows of one ladder, and of the VF. The first ladder alone has the windows of a guest
 * elsewhere. */
static const struct nfp_field neighbours_fields[] = {
	FIELD(OBJECT, nfp_style_result, "elsewhere", elsewhere, J,
	      NFP_KNOWN(nfp_style_result, elsewhere.told.verdict),
	      TABLE(nfp_elsewhere_result, near_fields)),
	FIELD(OBJECT, nfp_style_result, "here", here, J,
	      NFP_KNOWN(nfp_style_result, here.told.verdict), TABLE(nfp_here_result, here_fields)),
	FIELD(OBJECT, nfp_style_result, "port", port, J,
	      NFP_KNOWN(nfp_style_result, port.num_windows), TABLE(nfp_port_result, port_fields)),
};
static const struct nfp_field vf_neighbours_fields[] = {
	FIELD(OBJECT, nfp_vf_result, "elsewhere", elsewhere, J | END,
	      NFP_KNOWN(nfp_vf_result, elsewhere.verdict), .table = &elsewhere_told_table),
	FIELD(OBJECT, nfp_vf_result, "here", here, J | END, NFP_KNOWN(nfp_vf_result, here.verdict),
	      .table = &here_told_table, .as = END),
};
const struct nfp_table nfp_neighbours_table = NFP_TABLE(nfp_style_result, neighbours_fields),
		       nfp_vf_neighbours_table = NFP_TABLE(nfp_vf_result, vf_neighbours_fields);

/* ---- another VF, beside the standby ---- */

static const struct nfp_field beside_fields[] = {
	FIELD(ENUM, nfp_beside_result, "verdict", verdict, J | END, NULLS, NAMES(trait)),
	FIELD(TEXT, nfp_beside_result, "vf", vf, J | END, NULLS),
	FIELD(TEXT, nfp_beside_result, "note", note, J | END, NULLS),
	FIELD(ARRAY, nfp_beside_result, "windows", windows, J, .table = &nfp_window_table,
	      .as = BESIDE, NFP_COUNTED(nfp_beside_result, num_windows)),
};
const struct nfp_table nfp_beside_table = NFP_TABLE(nfp_beside_result, beside_fields);
