// SPDX-License-Identifier: GPL-2.0-or-later
/* window_tables.c - the rows for what other functions of the NIC send, and for one beside the
 * standby. */
#include "tables_priv.h"

/* ---- any window ---- */

#define TAGGED (REGISTERED | UNREGISTERED)
#define ANY    TAGGED

static uint64_t first(const void *at)
{
	(void)at;
	return 0;
}

#define SLOT_FIELDS(k)                                                                \
	FIELD(ENUM, nfp_window, "landing", landing[k], TAGGED, NULLS, NAMES(landing), \
	      .except = BIT(NFP_LANDING_NONE)),                                       \
		FIELD(NUMBER, nfp_window, "sent", count[k].sent, ANY),                \
		FIELD(NUMBER, nfp_window, "pf", count[k].at[NFP_AT_PF], TAGGED)
#define FRAMES(key_, k, in_) \
	NFP_PART(key_, in_, TABLE(nfp_window, ((const struct nfp_field[]) {SLOT_FIELDS(k)})))

static const struct nfp_field frames_fields[] = {
	FRAMES("unicast", NFP_KIND_UNICAST, TAGGED),
	FRAMES("broadcast", NFP_KIND_BROADCAST, TAGGED),
	FRAMES("multicast", NFP_KIND_MULTICAST, TAGGED),
	FRAMES("vlan_unicast", NFP_KIND_VLAN_UNICAST, TAGGED),
	FRAMES("vlan_broadcast", NFP_KIND_VLAN_BROADCAST, TAGGED),
	FRAMES("vlan_multicast", NFP_KIND_VLAN_MULTICAST, TAGGED),
	FRAMES("vlan_own", NFP_KIND_VLAN_OWN, TAGGED),
	FRAMES("vlan_free", NFP_KIND_VLAN_FREE, TAGGED),
};

static const struct nfp_names registered_names = {(const char *const[]) {"registered"}, 1},
			      unregistered_names = {(const char *const[]) {"unregistered"}, 1};

static const struct nfp_field window_fields[] = {
	FIELD(ENUM, nfp_window, "state", status, REGISTERED, NAMES_OF(registered),
	      .compute = first),
	FIELD(ENUM, nfp_window, "state", status, UNREGISTERED, NAMES_OF(unregistered),
	      .compute = first),
	FIELD(ENUM, nfp_window, "status", status, ANY, NAMES(status)),
	FIELD(ENUM, nfp_window, "answer", answer, ANY, NULLS, NAMES(answer)),
	FIELD(BOOL, nfp_window, "disturbed", disturbed, ANY),
	FIELD(BOOL, nfp_window, "skip_allowed", skip_allowed, ANY),
	FIELD(TEXT, nfp_window, "note", note, ANY, NULLS),
	NFP_PART("frames", ANY, TABLE(nfp_window, frames_fields)),
};
const struct nfp_table nfp_window_table = NFP_TABLE(nfp_window, window_fields);

/* ---- what other functions of the NIC send ---- */

uint64_t nfp_no_answer(const void *at)
{
	(void)at;
	return NFP_UNKNOWN + 1;
}

#define INSIDE_SLOT(key_, k) SLOT(nfp_inside_window, key_, sent[k], heard[k])
#define INSIDE_FIELDS(state_, frames_, ...)                                               \
	FIELD(ENUM, nfp_inside_window, "state", state_, J, NAMES(state_), __VA_ARGS__),   \
		FIELD(ENUM, nfp_inside_window, "status", status, J, NAMES(status)),       \
		FIELD(ENUM, nfp_inside_window, "answer", status, J, NULLS, NAMES(answer), \
		      .compute = answer_inside),                                          \
		FIELD(BOOL, nfp_inside_window, "disturbed", disturbed, J),                \
		FIELD(BOOL, nfp_inside_window, "skip_allowed", skip_allowed, J),          \
		FIELD(TEXT, nfp_inside_window, "note", note, J, NULLS),                   \
		NFP_PART("frames", J, TABLE(nfp_inside_window, frames_))

static uint64_t answer_inside(const void *status)
{
	const struct nfp_inside_window *window =
		(const void *)((const char *)status - offsetof(struct nfp_inside_window, status));

	return window->skip_allowed ? nfp_no_answer(window) : window->arrives;
}

static const struct nfp_field near_frames_fields[] = {
	INSIDE_SLOT("unicast", NFP_SLOT_GUEST),
	INSIDE_SLOT("broadcast", NFP_SLOT_BROADCAST),
	INSIDE_SLOT("unregistered", NFP_SLOT_NOBODY),
};
static const struct nfp_field near_window_fields[] = {
	INSIDE_FIELDS(empty, near_frames_fields, .except = 0)};

#define NEAR_FIELDS(in_)                                                                    \
	FIELD(ENUM, nfp_elsewhere_result, "verdict", verdict, in_, NULLS, NAMES(trait)),    \
		FIELD(BOOL, nfp_elsewhere_result, "other_vf", other_vf, in_),               \
		FIELD(ENUM, nfp_elsewhere_result, "from", from, in_, NULLS, NAMES(empty),   \
		      .except = BIT(NFP_EMPTY_CONTROL)),                                    \
		FIELD(ENUM, nfp_elsewhere_result, "until", until, in_, NULLS, NAMES(empty), \
		      .except = BIT(NFP_EMPTY_CONTROL)),                                    \
		FIELD(TEXT, nfp_elsewhere_result, "note", note, in_, NULLS)
static const struct nfp_field near_fields[] = {
	NEAR_FIELDS(J),
	FIELD(BOOL, nfp_elsewhere_result, "reset_cleared", reset_cleared, J),
	FIELD(ARRAY, nfp_elsewhere_result, "windows", windows, J,
	      TABLE(nfp_inside_window, near_window_fields),
	      NFP_COUNTED(nfp_elsewhere_result, num_windows)),
};
static const struct nfp_field vf_near_fields[] = {NEAR_FIELDS(J | END)};

static const struct nfp_field here_frames_fields[] = {
	INSIDE_SLOT("unicast", NFP_SLOT_GUEST), INSIDE_SLOT("broadcast", NFP_SLOT_BROADCAST),
	INSIDE_SLOT("own", NFP_SLOT_OWN),	INSIDE_SLOT("unregistered", NFP_SLOT_NOBODY),
	INSIDE_SLOT("entry", NFP_SLOT_ENTRY),
};
/* The states in which a guest is here, and looked for. */
#define NOT_HERE \
	(~(BIT(NFP_STEP_STANDBY) | BIT(NFP_STEP_UP) | BIT(NFP_STEP_UNPLUG) | BIT(NFP_STEP_DETACH)))
static const struct nfp_field here_window_fields[] = {
	INSIDE_FIELDS(step, here_frames_fields, .except = NOT_HERE)};

static const struct nfp_field port_frames_fields[] = {
	INSIDE_SLOT("unicast", NFP_SLOT_GUEST),
	INSIDE_SLOT("broadcast", NFP_SLOT_BROADCAST),
};
static const struct nfp_field port_window_fields[] = {INSIDE_FIELDS(
	step, port_frames_fields, .except = ~(BIT(NFP_STEP_STANDBY) | BIT(NFP_STEP_UP)))};
static const struct nfp_field port_fields[] = {
	FIELD(ARRAY, nfp_port_result, "windows", windows, J,
	      TABLE(nfp_inside_window, port_window_fields),
	      NFP_COUNTED(nfp_port_result, num_windows)),
};

#define HERE_FIELDS(in_)                                                              \
	FIELD(ENUM, nfp_here_result, "verdict", verdict, in_, NULLS, NAMES(trait)),   \
		FIELD(ENUM, nfp_here_result, "from", from, in_, NULLS, NAMES(step),   \
		      .except = NOT_HERE),                                            \
		FIELD(ENUM, nfp_here_result, "until", until, in_, NULLS, NAMES(step), \
		      .except = NOT_HERE),                                            \
		FIELD(TEXT, nfp_here_result, "note", note, in_, NULLS),               \
		FIELD(ENUM, nfp_here_result, "entry", entry, in_, NULLS, NAMES(trait))
static const struct nfp_field here_fields[] = {
	HERE_FIELDS(J),
	FIELD(ARRAY, nfp_here_result, "windows", windows, J,
	      TABLE(nfp_inside_window, here_window_fields),
	      NFP_COUNTED(nfp_here_result, num_windows)),
};
static const struct nfp_field vf_here_fields[] = {
	FIELD(ENUM, nfp_here_result, "style", style, J | END, NAMES(style)),
	HERE_FIELDS(J | END),
};

/* The rows of one ladder, and of the VF. The first ladder alone has the windows of a guest
 * elsewhere. */
#define NEIGHBOURS_FIELDS(of_, in_, near_, here_)                                          \
	FIELD(OBJECT, of_, "elsewhere", elsewhere, in_, NFP_KNOWN(of_, elsewhere.verdict), \
	      TABLE(nfp_elsewhere_result, near_)),                                         \
		FIELD(OBJECT, of_, "here", here, in_, NFP_KNOWN(of_, here.verdict),        \
		      TABLE(nfp_here_result, here_))
static const struct nfp_field neighbours_fields[] = {
	NEIGHBOURS_FIELDS(nfp_style_result, J, near_fields, here_fields),
	FIELD(OBJECT, nfp_style_result, "port", port, J,
	      NFP_KNOWN(nfp_style_result, port.num_windows), TABLE(nfp_port_result, port_fields)),
};
static const struct nfp_field vf_neighbours_fields[] = {
	NEIGHBOURS_FIELDS(nfp_vf_result, J | END, vf_near_fields, vf_here_fields),
};
const struct nfp_table nfp_neighbours_table = NFP_TABLE(nfp_style_result, neighbours_fields),
		       nfp_vf_neighbours_table = NFP_TABLE(nfp_vf_result, vf_neighbours_fields);

/* ---- another VF, beside the standby ---- */

static const struct nfp_field beside_window_fields[] = {
	INSIDE_FIELDS(beside, near_frames_fields, .except = 0)};
static const struct nfp_field beside_fields[] = {
	FIELD(ENUM, nfp_beside_result, "verdict", verdict, J | END, NULLS, NAMES(trait)),
	FIELD(TEXT, nfp_beside_result, "vf", vf, J | END, NULLS),
	FIELD(TEXT, nfp_beside_result, "note", note, J | END, NULLS),
	FIELD(ARRAY, nfp_beside_result, "windows", windows, J,
	      TABLE(nfp_inside_window, beside_window_fields),
	      NFP_COUNTED(nfp_beside_result, num_windows)),
};
const struct nfp_table nfp_beside_table = NFP_TABLE(nfp_beside_result, beside_fields);
