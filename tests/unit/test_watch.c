// SPDX-License-Identifier: GPL-2.0-or-later
/* Where frames stop, by what was counted at each netdev of a way, and what a VF got. */
#include "audit/watch.h"
#include "base/output.h"
#include "harness.h"

#define AT(ifname_, bridge_) .ifname = (ifname_), .bridge = (bridge_)
/* Counts of unicast, broadcast and groups. */
#define TO(u, b, g)   .to = {u, b, g}
#define FROM(u, b, g) .from = {u, b, g}

struct at {
	const char *ifname, *bridge;
	uint64_t to[NFP_HEARD_KINDS], from[NFP_HEARD_KINDS];
	uint64_t late; /* broadcasts that come after the end */
	enum { HEARS, DOWN, DEAF } ear;
	bool any_vlan;
	uint64_t dropped;
};

#define IN_USE                                        \
	.vf = &(const struct nfp_watched_vf)          \
	{                                             \
		.pf = "eth0", .vf = 3, .in_use = true \
	}
#define GIVES(rx_, dropped_, broadcast_, multicast_)                                      \
	.vf = &(const struct nfp_watched_vf)                                              \
	{                                                                                 \
		.pf = "eth0", .vf = 3, .counts = true, .before = {7, 7, 7, 7}, .after = { \
			7 + (rx_),                                                        \
			7 + (dropped_),                                                   \
			7 + (broadcast_),                                                 \
			7 + (multicast_)                                                  \
		}                                                                         \
	}

static const struct row {
	const char *name;
	struct at hops[6]; /* from the guest to the wire */
	const struct nfp_watched_vf *vf;
	enum nfp_watch_answer answer;
	const char *text;
	const char *note; /* one of the notes; NULL: whatever they are */
} rows[] = {
	{"a well way",
	 {{AT("vnet0", "br0"), TO(12, 5, 5), FROM(3, 1, 1)},
	  {AT("eth0", "br0"), TO(12, 5, 5), FROM(3, 1, 1)}},
	 .answer = NFP_WATCH_PASSES,
	 .text = "all that came went on"},
	{"a bridge's port",
	 {{AT("vnet0", "br0")}, {AT("eth0", "br0"), TO(0, 12, 0)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "stops between eth0 of br0 and vnet0: 12 came, 0 went on"},
	{"all kinds are one stop",
	 {{AT("vnet0", "br0")}, {AT("eth0", "br0"), TO(6, 6, 6)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "stops between eth0 of br0 and vnet0: 18 came, 0 went on"},
	{"another bridge",
	 {{AT("vnet0", "br1")}, {AT("eth0", "br0"), TO(0, 12, 0)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "stops between eth0 of br0 and vnet0 of br1: 12 came, 0 went on"},
	{"a macvtap",
	 {{AT("macvtap0", "")}, {AT("eth0", ""), TO(5, 0, 0)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "stops between eth0 and macvtap0: 5 came, 0 went on"},
	{"a macvtap with another address",
	 {{AT("macvtap0", ""), TO(0, 9, 9)}, {AT("eth0", ""), TO(12, 9, 9)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "unicast stops between eth0 and macvtap0: 12 came, 0 went on"},
	{"a port without bcast_flood",
	 {{AT("vnet0", "br0"), TO(9, 0, 9)}, {AT("eth0", "br0"), TO(9, 9, 9)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "broadcast stops between eth0 of br0 and vnet0: 9 came, 0 went on"},
	{"two kinds of three",
	 {{AT("vnet0", "br0"), TO(9, 0, 0)}, {AT("eth0", "br0"), TO(9, 9, 5)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "broadcast and groups stop between eth0 of br0 and vnet0: 14 came, 0 went on"},
	{"groups alone",
	 {{AT("vnet0", "br0"), TO(9, 9, 0)}, {AT("eth0", "br0"), TO(9, 9, 5)}},
	 .answer = NFP_WATCH_GROUPS,
	 .text = "groups stop between eth0 of br0 and vnet0: 5 came, 0 went on",
	 .note = "groups that the guest has not joined need not reach it, where a bridge snoops or "
		 "a macvtap filters"},
	{"the second of three hops",
	 {{AT("tap0", "fwbr"), TO(0, 0, 0)},
	  {AT("fwln", "fwbr"), TO(0, 0, 0)},
	  {AT("fwpr", "br0"), TO(0, 7, 0)},
	  {AT("eth0", "br0"), TO(0, 7, 0)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "stops between fwpr of br0 and fwln of fwbr: 7 came, 0 went on"},
	{"the last",
	 {{AT("tap0", "fwbr")},
	  {AT("fwln", "fwbr"), TO(0, 7, 0)},
	  {AT("eth0", "br0"), TO(0, 7, 0)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "stops between fwln of fwbr and tap0: 7 came, 0 went on"},
	{"a hop that cannot be heard lies between",
	 {{AT("tap0", "fwbr")},
	  {AT("fwln", "fwbr"), .ear = DEAF},
	  {AT("eth0", "br0"), TO(0, 7, 0)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "stops between eth0 of br0 and tap0 of fwbr: 7 came, 0 went on",
	 .note = "fwln of fwbr was not listened at: it is"},
	{"a hop that is down",
	 {{AT("macvtap0", "")}, {AT("eth0.5", ""), .ear = DOWN}, {AT("eth0", ""), TO(0, 7, 0)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "stops between eth0 and eth0.5, which is down: 7 came, 0 went on"},
	/* Offloads merge frames, and cut them up again. */
	{"merged frames",
	 {{AT("vnet0", "br0"), TO(3, 5, 0)}, {AT("eth0", "br0"), TO(120, 5, 0)}},
	 .answer = NFP_WATCH_PASSES,
	 .text = "all that came went on"},
	{"one of a thousand is no stop",
	 {{AT("vnet0", "br0"), TO(1, 0, 0)}, {AT("eth0", "br0"), TO(1000, 0, 0)}},
	 .answer = NFP_WATCH_PASSES,
	 .text = "all that came went on"},
	{"frames that are cut up",
	 {{AT("vnet0", "br0"), TO(120, 5, 0)}, {AT("eth0", "br0"), TO(3, 5, 0)}},
	 .answer = NFP_WATCH_PASSES,
	 .text = "all that came went on"},
	{"what comes a moment later has gone on",
	 {{AT("vnet0", "br0"), .late = 6}, {AT("eth0", "br0"), TO(0, 6, 0)}},
	 .answer = NFP_WATCH_PASSES,
	 .text = "all that came went on"},
	{"four are too few",
	 {{AT("vnet0", "br0")}, {AT("eth0", "br0"), TO(0, 4, 0)}},
	 .answer = NFP_WATCH_FEW,
	 .text = "too few frames came: let more be sent to it"},
	{"four of one kind beside those that pass",
	 {{AT("vnet0", "br0"), TO(0, 9, 0)}, {AT("eth0", "br0"), TO(4, 9, 0)}},
	 .answer = NFP_WATCH_FEW,
	 .text = "too few frames came: let more be sent to it"},
	{"four of one kind beside a stop",
	 {{AT("vnet0", "br0")}, {AT("eth0", "br0"), TO(4, 9, 0)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "stops between eth0 of br0 and vnet0: 9 came, 0 went on",
	 .note = "of the rest too few frames came to say anything"},
	{"nothing",
	 {{AT("vnet0", "br0")}, {AT("eth0", "br0")}},
	 .answer = NFP_WATCH_NOTHING,
	 .text = "nothing of it was seen anywhere: let something send to it"},
	{"only what this host sends comes",
	 {{AT("vnet0", "br0"), TO(9, 9, 9)}, {AT("eth0", "br0")}},
	 .answer = NFP_WATCH_INSIDE,
	 .text = "nothing of it came in at eth0: let another host send to it"},
	{"only the guest sends",
	 {{AT("vnet0", "br0"), FROM(9, 9, 9)}, {AT("eth0", "br0"), FROM(9, 9, 9)}},
	 .answer = NFP_WATCH_INSIDE,
	 .text = "nothing of it came in at eth0: let another host send to it"},
	{"one netdev alone",
	 {{AT("vnet0", "br0"), TO(9, 9, 9)}},
	 .answer = NFP_WATCH_ALONE,
	 .text = "not known: fewer than two netdevs of its way could be listened at"},
	{"none",
	 {{AT("vnet0", "br0"), .ear = DEAF}},
	 .answer = NFP_WATCH_ALONE,
	 .text = "not known: fewer than two netdevs of its way could be listened at"},
	/* From the guest. */
	{"a locked port",
	 {{AT("vnet0", "br0"), TO(9, 9, 9), FROM(0, 8, 0)}, {AT("eth0", "br0"), TO(9, 9, 9)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "what comes from the guest stops between vnet0 of br0 and eth0: 8 came, 0 went "
		 "on"},
	{"unicast from the guest may be for this host",
	 {{AT("vnet0", "br0"), TO(9, 9, 9), FROM(80, 2, 0)},
	  {AT("eth0", "br0"), TO(9, 9, 9), FROM(0, 2, 0)}},
	 .answer = NFP_WATCH_PASSES,
	 .text = "all that came went on"},
	{"stops in both directions",
	 {{AT("vnet0", "br0"), FROM(0, 8, 0)}, {AT("eth0", "br0"), TO(0, 9, 0)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "stops between eth0 of br0 and vnet0: 9 came, 0 went on",
	 .note = "what comes from the guest stops between vnet0 of br0 and eth0: 8 came, 0 went "
		 "on"},
	{"groups to the guest and broadcast from it",
	 {{AT("vnet0", "br0"), TO(0, 9, 0), FROM(0, 8, 0)}, {AT("eth0", "br0"), TO(0, 9, 5)}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "what comes from the guest stops between vnet0 of br0 and eth0: 8 came, 0 went on",
	 .note = "groups stop between eth0 of br0 and vnet0: 5 came, 0 went on"},
	/* VLANs. */
	{"broadcasts of other VLANs",
	 {{AT("vnet0", "br0")}, {AT("eth0", "br0"), TO(0, 90, 9), .any_vlan = true}},
	 .answer = NFP_WATCH_VLAN,
	 .text = "not known: broadcasts of other VLANs come to eth0, and no unicast of it",
	 .note = "the guest's VLAN at eth0 of br0 is not known, so that broadcast and groups of "
		 "others count there"},
	{"unicast is the guest's in any VLAN",
	 {{AT("vnet0", "br0")}, {AT("eth0", "br0"), TO(9, 90, 9), .any_vlan = true}},
	 .answer = NFP_WATCH_STOPS,
	 .text = "stops between eth0 of br0 and vnet0: 9 came, 0 went on"},
	/* The VF. */
	{"the guest uses its VF",
	 {{AT("vnet0", "br0"), TO(0, 9, 0)}, {AT("eth0", "br0"), TO(50, 9, 0)}},
	 IN_USE,
	 NFP_WATCH_PASSES,
	 "all that came went on",
	 "the guest uses VF 3, which gets its unicast: broadcast and groups tell of the standby"},
	{"the guest uses its VF, and its standby is cut off",
	 {{AT("vnet0", "br0")}, {AT("eth0", "br0"), TO(0, 9, 0)}},
	 IN_USE,
	 NFP_WATCH_STOPS,
	 "stops between eth0 of br0 and vnet0: 9 came, 0 went on"},
	{"the NIC gives unicast to the VF",
	 {{AT("vnet0", "br0"), TO(0, 9, 0)}, {AT("eth0", "br0"), TO(0, 9, 0)}},
	 GIVES(21, 0, 9, 0),
	 NFP_WATCH_VF,
	 "the NIC gives them to VF 3: 12 came there, 0 at eth0"},
	{"nobody takes them there",
	 {{AT("vnet0", "br0"), TO(0, 9, 0)}, {AT("eth0", "br0"), TO(0, 9, 0)}},
	 GIVES(0, 21, 0, 0),
	 NFP_WATCH_VF,
	 "the NIC gives them to VF 3: 12 came there, 0 at eth0"},
	{"a driver that counts no broadcast",
	 {{AT("vnet0", "br0"), TO(0, 9, 2)}, {AT("eth0", "br0"), TO(0, 9, 2)}},
	 GIVES(11, 0, 0, 0),
	 NFP_WATCH_PASSES,
	 "all that came went on"},
	{"dropped frames are among the received",
	 {{AT("vnet0", "br0"), TO(0, 9, 0)}, {AT("eth0", "br0"), TO(0, 9, 0)}},
	 GIVES(9, 9, 0, 0),
	 NFP_WATCH_PASSES,
	 "all that came went on"},
	{"zeros are no answer",
	 {{AT("vnet0", "br0"), TO(0, 9, 0)}, {AT("eth0", "br0"), TO(0, 9, 0)}},
	 GIVES(0, 0, 0, 0),
	 NFP_WATCH_PASSES,
	 "all that came went on",
	 "no unicast came for it, so that this says nothing of that"},
	{"four more are too few",
	 {{AT("vnet0", "br0"), TO(0, 9, 0)}, {AT("eth0", "br0"), TO(0, 9, 0)}},
	 GIVES(13, 0, 9, 0),
	 NFP_WATCH_PASSES,
	 "all that came went on"},
	{"the PF gets unicast as well",
	 {{AT("vnet0", "br0"), TO(9, 9, 0)}, {AT("eth0", "br0"), TO(9, 9, 0)}},
	 GIVES(21, 0, 9, 0),
	 NFP_WATCH_PASSES,
	 "all that came went on"},
	{"without broadcasts the PF may be cut off",
	 {{AT("vnet0", "br0")}, {AT("eth0", "br0")}},
	 GIVES(21, 0, 0, 0),
	 NFP_WATCH_NOTHING,
	 "nothing of it was seen anywhere: let something send to it"},
	{"the VF has them, and broadcast stops",
	 {{AT("vnet0", "br0")}, {AT("eth0", "br0"), TO(0, 9, 0)}},
	 GIVES(21, 0, 9, 0),
	 NFP_WATCH_STOPS,
	 "stops between eth0 of br0 and vnet0: 9 came, 0 went on",
	 "the NIC gives unicast to VF 3: 12 came there"},
	{"a tap that its guest does not read",
	 {{AT("vnet0", "br0"), TO(12, 0, 0), .dropped = 8}, {AT("eth0", "br0"), TO(12, 0, 0)}},
	 .answer = NFP_WATCH_PASSES,
	 .text = "all that came went on",
	 .note = "vnet0 of br0 dropped 8 frames (tx_dropped), which whoever is behind it did not "
		 "get"},
};

static struct nfp_watched_hop hop_of(const struct at *at)
{
	static const enum nfp_ear ears[] = {NFP_EAR_HEARS, NFP_EAR_DOWN, NFP_EAR_DEAF};
	struct nfp_watched_hop hop = {.ear = ears[at->ear],
				      .any_vlan = at->any_vlan,
				      .have_dropped = true,
				      .dropped = at->dropped};

	snprintf(hop.ifname, sizeof(hop.ifname), "%s", at->ifname);
	snprintf(hop.bridge, sizeof(hop.bridge), "%s", at->bridge);
	snprintf(hop.why, sizeof(hop.why), "it is");
	memcpy(hop.heard.frames[NFP_TO_GUEST], at->to, sizeof(at->to));
	memcpy(hop.heard.frames[NFP_FROM_GUEST], at->from, sizeof(at->from));
	hop.late = hop.heard;
	hop.late.frames[NFP_TO_GUEST][NFP_HEARD_BROADCAST] += at->late;
	return hop;
}

TEST(each_row_has_its_answer)
{
	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_watched_way watch = {.has_vf = row->vf};

		for (const struct at *at = row->hops; at->ifname; at++)
			*nfp_grow(watch.hops, watch.num_hops) = hop_of(at);
		if (row->vf)
			watch.vf = *row->vf;
		nfp_watch_judge(&watch);
		if (watch.answer != row->answer || strcmp(watch.text, row->text) != 0 ||
		    (row->note && !nfp_strv_has(&watch.notes, row->note))) {
			for (size_t i = 0; i < watch.notes.n; i++)
				print_message("note: %s\n", watch.notes.v[i]);
			fail_msg("%s: %s: %s", row->name,
				 nfp_name(&nfp_watch_answer_names, watch.answer), watch.text);
		}
		assert_int_equal(watch.exit_status,
				 row->answer == NFP_WATCH_STOPS || row->answer == NFP_WATCH_VF
					 ? NFP_EXIT_UNSAFE
				 : row->answer == NFP_WATCH_PASSES ||
						 row->answer == NFP_WATCH_GROUPS
					 ? NFP_EXIT_SAFE
					 : NFP_EXIT_UNKNOWN);
		nfp_watch_fini(&watch);
	}
}

/* A guest that was not seen may have the address, and other netdevs. */
TEST(nothing_is_well_where_not_all_was_seen)
{
	struct nfp_watched_way watch = {.num_hops = 0};

	for (const struct at *at = rows[0].hops; at->ifname; at++)
		*nfp_grow(watch.hops, watch.num_hops) = hop_of(at);
	nfp_strv_addf(&watch.unseen, "which guest has the tap of qemu (pid 7)");
	nfp_watch_judge(&watch);
	assert_string_equal(watch.text, "all that came went on, but not all of this host was seen");
	assert_int_equal(watch.exit_status, NFP_EXIT_UNKNOWN);
	assert_true(
		nfp_strv_has(&watch.notes, "not seen: which guest has the tap of qemu (pid 7)"));
	nfp_watch_fini(&watch);
}

int main(void)
{
	return RUN_TESTS(NULL, NULL);
}
