// SPDX-License-Identifier: GPL-2.0-or-later
/* reason.c - the reason of a verdict, in words that an administrator can act on. */
#include <inttypes.h>
#include <stdio.h>

#include "verdict/verdict.h"
#include "judge.h"

/*
 * %p  the PF                       %n  ": " and the note of the step, if it has one
 * %v  the VF's number              %h  what the driver's refusal means, if that is known
 * %s  at what the step comes       %o  in which order the address was assigned, if that matters
 * %t  the style                    %u  until when the VF keeps the address, if that is known
 * %w  who brings the frames: the network, or the NIC alone
 * %d  frames that were dropped     %c  how many frames arrived where
 * %m  the note of the step alone
 * %r  the standby's port, which is the PF or a second VF
 * %|  ends what says why: the rest is what to try
 */
static const char *const sentences[NFP_WHY_COUNT] = {
	[NFP_WHY_NONE] = "",
	[NFP_WHY_STANDBY_UNTESTABLE] =
		"a %t standby gets no frames from inside this NIC even while VF %v does not have "
		"the address, so this source shows nothing%|; try --from with a netdev that "
		"reaches "
		"%p over the wire",
	[NFP_WHY_STANDBY_NO_BROADCAST] =
		"not even broadcast reached %r while only the standby had the address%|; check the "
		"cable, the switch port, the VLAN and --from, then probe again",
	[NFP_WHY_STANDBY_WIRE] =
		"broadcast reached %r, but frames to the standby's address did not, although no VF "
		"had it; its own filter comes first, which may have no room for the address, and "
		"then a switch that suppresses unknown unicast, has port security or inspects ARP "
		"(with --from arp)%|: try without --skip announce, another --from or --mac",
	[NFP_WHY_DROPS] = "the capture lost %d frames %s, so missing frames prove nothing%|; "
			  "try a lower --rate, or a less busy host",
	[NFP_WHY_CARRIER] = "%p lost its carrier %s%n%|; check the link, then probe again",
	[NFP_WHY_CHANGED] = "something else changed the host during the run%|; keep other "
			    "processes off %p and VF %v, then probe again",
	[NFP_WHY_ELSEWHERE] =
		"frames from the address came that this run did not send: another station has it, "
		"and switches send where they heard it last%|; take an address that nobody uses, "
		"or leave --mac out",
	[NFP_WHY_PROMISCUOUS] =
		"%p gets frames that its filter kept from it before: an earlier ladder left it "
		"promiscuous in hardware, as i40e does when a filter is refused, and that hides "
		"what its own filter does%|; undo what was left "
		"behind, then probe with --style %t alone",
	[NFP_WHY_CLAIM] = "VF %v takes the address as soon as it is assigned%u",
	[NFP_WHY_REFUSED] = "%p refuses VF %v the address that the standby holds%|%n%h",
	[NFP_WHY_STEP_SKIPPED] = "the step %s could not be run%n; the verdict depends on it%|: fix "
				 "that, then probe again",
	[NFP_WHY_STEP_REFUSED] = "the step %s was refused%n%h",
	[NFP_WHY_STEP_UNPROVEN] =
		"%s frames to the address did not arrive, but %w was not shown to deliver "
		"them then%n%|; look at the switch (port security, suppression of unknown "
		"unicast, a port that learns slowly), try without --skip announce, or another "
		"--mac "
		"or --from",
	[NFP_WHY_STEP_OUTAGE] =
		"%s frames to the address did not arrive, but that did not happen again: "
		"%w may have paused%n%|; probe again, with a --settle that is longer than "
		"its pauses (a port that forgets or learns slowly, a bond with a dead member), or "
		"from another --from",
	[NFP_WHY_UNSPOKEN] =
		"frames landed where they must, but with --skip announce nobody spoke under the "
		"address, and it is not known whether %p learns from what a guest sends%|: probe "
		"without --skip announce",
	[NFP_WHY_GROUP_UNPROVEN] =
		"the multicast group that the guest joined is lost, but since which step is not "
		"known: %s %w was not shown to deliver it%n%|; look at the switch "
		"(snooping on MLD) and at why the link went away, or try another --from",
	[NFP_WHY_VF_BROADCAST_UNSHOWN] =
		"%s VF %v got unicast to its address but no broadcast, and from this "
		"source broadcast may be missing whatever the VF does%|; try --from with a netdev "
		"or a peer (nfprobe --reflect) on the segment of %p",
	[NFP_WHY_VF_SILENT] =
		"%s VF %v was up but received no frame of any kind, even when the standby "
		"did not hold the address: nothing shows that this VF works%|; check its link "
		"state, VLAN and driver (dmesg), or try another VF or --from",
	[NFP_WHY_CLAIM_MULTICAST] =
		"once the address is assigned to VF %v, %s, the standby no longer gets the "
		"multicast group that it joined, and so IPv6 cannot find it; only multicast is "
		"affected",
	[NFP_WHY_DEAF_MULTICAST] =
		"VF %v is up and gets unicast and broadcast, but not the multicast group that its "
		"netdev joined, and so IPv6 cannot find it; only multicast is affected%|; many "
		"drivers give a VF its groups only when it is trusted (`trust on`, which nfprobe "
		"does not change)",
	[NFP_WHY_STICKY_MULTICAST] =
		"%s the standby no longer gets the multicast group that it joined, and so "
		"IPv6 cannot find it while the guest migrates; only multicast is affected",
	[NFP_WHY_SAFE_BOTH] =
		"while the VF is up the standby gets a copy of every frame; the guest drops it, "
		"and so also loses what arrives between the VF falling silent and its removal",
};

/* Returns the step that a reason is about: the judgement's, or the first to which something
 * happened. */
static const struct nfp_step_result *step_behind(const struct nfp_judgement *j,
						 const struct nfp_style_result *style)
{
	const struct nfp_step_result *last = NULL;

	nfp_for_each (step, style->steps, style->num_steps) {
		if ((j->why == NFP_WHY_DROPS && step->drops > 0) ||
		    (j->why == NFP_WHY_CARRIER && step->carrier_lost) ||
		    (j->why == NFP_WHY_CHANGED && step->changed))
			return step;
		if (step->w.status != NFP_STATUS_SKIPPED)
			last = step;
	}
	return j->why == NFP_WHY_STOPPED ? last : nfp_style_step(style, j->step);
}

static bool reached(const struct nfp_step_result *step, enum nfp_kind kind, enum nfp_landing at)
{
	return step && (step->w.landing[kind] == at || step->w.landing[kind] == NFP_LANDING_BOTH);
}

static const char *of_inconclusive(const struct nfp_step_result *step)
{
	if (!step || step->w.status != NFP_STATUS_DONE)
		return "the step %s was not run%n, so nothing is known%|; probe again";
	if (!step->w.count[NFP_KIND_UNICAST].sent || !step->w.count[NFP_KIND_BROADCAST].sent)
		return "no frames could be sent %s; check that the netdev behind --from is "
		       "up and has carrier";
	if (nfp_count_has_loss(&step->w.count[NFP_KIND_UNICAST]) ||
	    nfp_count_has_loss(&step->w.count[NFP_KIND_BROADCAST]))
		return "the step %s shows no clear landing%n: of %c%|; look for loss on the way, "
		       "and "
		       "try a longer --settle or another --from";
	return "the step %s shows no clear landing%n: of %c; none was lost on the way%|: try a "
	       "longer "
	       "--settle";
}

/* @alone: the step in which the VF is up and the standby has let go of the address. */
static const char *of_deaf(enum nfp_reason why, const struct nfp_step_result *step,
			   const struct nfp_step_result *alone)
{
	bool held = why == NFP_WHY_DEAF_WHILE_HELD;
	bool addressed = reached(step, NFP_KIND_UNICAST, NFP_LANDING_VF);

	if (nfp_observe(step).split)
		return held ? "VF %v is up, but while the standby holds the address the NIC shares "
			      "its frames out between %r and VF %v%o: of %c; VF %v receives all as "
			      "soon as the standby releases it"
			    : "VF %v is up, but the NIC shares the frames to its address out "
			      "between %r and VF %v%o: of %c";
	if (held)
		return "VF %v is up but receives nothing while the standby holds the address%o; it "
		       "receives as soon as the standby releases it";
	if (addressed && reached(alone, NFP_KIND_UNICAST, NFP_LANDING_VF) &&
	    nfp_reaches(alone->w.landing[NFP_KIND_BROADCAST], NFP_AT_VF) == NFP_NO)
		return "VF %v is up and works, but never receives broadcast, with or without a "
		       "standby%o: a guest that takes it from its standby (hv_netvsc) works, one "
		       "with net_failover does not";
	return addressed
		       ? "VF %v is up and works, but does not receive broadcast while the standby "
			 "has the address%o"
		       : "VF %v is up and works, but does not receive frames to its address while "
			 "the standby has it%o";
}

/* Returns the sentence for a verdict that condemns. NULL: there is only one. */
static const char *fault_for(const struct nfp_judgement *j, const struct nfp_style_result *style,
			     const struct nfp_step_result *step)
{
	switch (j->why) {
	case NFP_WHY_CLAIM:
		/* The ladder has seen how long that lasts only in the other order. */
		if (j->step == NFP_STEP_VF_FIRST)
			return "VF %v takes the address as soon as it is assigned, when it is "
			       "assigned before the standby takes it";
		return NULL;
	case NFP_WHY_DEAF_WHILE_HELD:
	case NFP_WHY_DEAF:
		if (j->step == NFP_STEP_VF_FIRST_BACK)
			return "VF %v gets no frames to its address, or no broadcast, once its "
			       "driver comes back without a reset: the guest is deaf after a "
			       "migration that was cancelled";
		if (j->step == NFP_STEP_VF_FIRST_REWRITTEN)
			return "VF %v gets no frames to its address, or no broadcast, once another "
			       "address has come to %p and gone: its driver writes its whole list "
			       "anew, and the guest is deaf";
		return of_deaf(j->why, step, nfp_style_step(style, NFP_STEP_ALONE));
	case NFP_WHY_STICKY:
		if (j->step == NFP_STEP_CLEAR)
			return "the standby is deaf after the address of VF %v has been cleared";
		if (j->step == NFP_STEP_VF_FIRST_CLEAR)
			return "the standby is deaf after the address of VF %v has been cleared "
			       "without a reset";
		if (j->step == NFP_STEP_DETACH)
			return j->release == NFP_RELEASE_CLEAR
				       ? "the standby is deaf again after VF %v has been removed "
					 "and reset, until its address is cleared"
				       : "the standby is deaf again after VF %v has been removed "
					 "and reset";
		return j->step == NFP_STEP_UNPLUG
			       ? "VF %v keeps the address when its driver is gone%u: the standby "
				 "is deaf while the guest migrates"
			       : "VF %v keeps the address when its driver is gone%o: the standby "
				 "is deaf while the guest migrates";
	default:
		return NULL;
	}
}

/* The source is on the wire, and the PF hears it, but not what it sends to the standby. */
static const char *unheard_by_standby(const struct nfp_style_result *style)
{
	const struct nfp_style_row *row = &nfp_styles[style->style];

	/* Frames came while nobody had the address, so the network does deliver them. */
	if (reached(nfp_style_step(style, NFP_STEP_CONTROL), NFP_KIND_UNICAST, NFP_LANDING_PF))
		return "frames to the standby's address reached %r before the standby took it, and "
		       "no longer after: the NIC does that, not the network; some NICs (igb) give "
		       "a promiscuous PF nothing while another VF is up, and such a standby is "
		       "deaf beside them";
	if (row->second_vf)
		return "broadcast reached %r, but frames to the standby's address did not, "
		       "although no VF had it: that VF's own filter comes first, since a VF that "
		       "is not trusted, or whose driver refuses to be promiscuous, gets what is "
		       "its own alone%|; see whether it is trusted, and only then a switch that "
		       "suppresses unknown unicast";
	if (row->promiscuous)
		return "broadcast reached %r, but frames to the standby's address did not, "
		       "although no VF had it; its own filter comes first, since not every driver "
		       "lets it be promiscuous, and then a switch that suppresses unknown "
		       "unicast%|, has port security or inspects ARP (with --from arp): try "
		       "without --skip announce, another --from or --mac";
	return NULL;
}

/* Returns the sentence of a reason that has more than one. */
static const char *sentence_for(const struct nfp_judgement *j, const struct nfp_style_result *style,
				const struct nfp_step_result *step)
{
	switch (j->why) {
	case NFP_WHY_STANDBY_WIRE:
		return unheard_by_standby(style) ?: sentences[j->why];
	case NFP_WHY_STANDBY_UNKNOWN:
	case NFP_WHY_STEP_MIXED:
		return of_inconclusive(step);
	case NFP_WHY_CHANGED:
		/* The note says who did what. */
		if (step && step->w.note[0])
			return "%m%|; keep other processes off %p and VF %v, then probe again";
		break;
	case NFP_WHY_STEP_NO_BROADCAST:
		if (step && nfp_reaches(step->w.landing[NFP_KIND_UNICAST],
					nfp_receiver_of(step->step)) == NFP_YES)
			return "%s frames to the address arrived, but broadcast did not: "
			       "of %c%|; check the switch's storm control and the NIC's filters "
			       "for broadcast, then probe again";
		return "%s broadcast did not arrive either, so the silence proves nothing "
		       "about the address%|; check the link, the VLAN and the switch's storm "
		       "control, then probe again";
	case NFP_WHY_STOPPED:
		return step ? "the run ended early, %s or later%|; let it finish (a longer "
			      "--timeout)"
			    : "the run ended before its first step%|; let it finish (a longer "
			      "--timeout)";
	case NFP_WHY_STANDBY_NO_BROADCAST:
		if (nfp_is_inside(style) && j->vepa)
			return "not even broadcast reached %r from inside the NIC while only the "
			       "standby had the address: the NIC's switch is in mode VEPA, in "
			       "which what one function sends reaches another only by a switch "
			       "outside that sends it back%|; set hwmode veb (bridge link), or "
			       "take --from on the wire";
		if (nfp_is_inside(style))
			return "not even broadcast reached %r from inside the NIC while only the "
			       "standby had the address%|; see whether the NIC's own switch is "
			       "off (bridge link: hwmode VEPA), or passes nothing without a "
			       "carrier; no cable and no switch has a part in it";
		/* The PF has heard the source, which was chosen for that. */
		if (nfp_styles[style->style].second_vf)
			return "not even broadcast reached %r while only the standby had the "
			       "address, from a source that %p hears: that VF's link state, VLAN "
			       "and driver come first%|; see ip link show, and dmesg";
		break;
	case NFP_WHY_SAFE:
		if (j->claim == NFP_CLAIM_ASSIGN_UNTIL_RESET)
			return "the standby is deaf from when the address is assigned until the VF "
			       "is reset, before the guest starts";
		return "";
	default:
		break;
	}
	return fault_for(j, style, step) ?: sentences[j->why];
}

static bool serves_standby(const struct nfp_step_result *step)
{
	const struct nfp_observation obs = nfp_observe(step);

	return !step->unsettled && nfp_receives(&obs, NFP_AT_PF) == NFP_YES;
}

static bool gets_neither(const struct nfp_step_result *step, enum nfp_receiver at)
{
	return nfp_reaches(step->w.landing[NFP_KIND_UNICAST], at) == NFP_NO &&
	       nfp_reaches(step->w.landing[NFP_KIND_MULTICAST], at) == NFP_NO;
}

void nfp_multicast_text(const struct nfp_judgement *judgement, const struct nfp_style_result *style,
			const char *pf, unsigned int vf, char *buf, size_t size)
{
	const struct nfp_judgement *j = judgement;
	char port[NFP_PORT_LEN];
	const char *ifname = nfp_port_name(style, pf, port);
	const struct nfp_step_result *step = nfp_style_step(style, j->multicast_step);
	enum nfp_receiver at = nfp_receiver_of(j->multicast_step);
	const bool inside = nfp_is_inside(style);
	char who[NFP_PORT_LEN];

	buf[0] = '\0';
	if (at == NFP_AT_VF)
		snprintf(who, sizeof(who), "VF %u", vf);
	else
		snprintf(who, sizeof(who), "%s", ifname);
	if (j->multicast == NFP_STATE_LOST)
		snprintf(buf, size, "%s %s does not get the group that it joined",
			 nfp_step_place(j->multicast_step), who);
	if (j->multicast != NFP_STATE_UNPROVEN)
		return;
	if (j->multicast_step == NFP_STEP_COUNT)
		snprintf(buf, size, "the verdict is unknown");
	else if (!step || step->w.status != NFP_STATUS_DONE)
		snprintf(buf, size, "the step %s was not run", nfp_step_place(j->multicast_step));
	else if (style->all_multicast && step->step == NFP_STEP_STANDBY &&
		 reached(step, NFP_KIND_MULTICAST, NFP_LANDING_PF))
		snprintf(
			buf, size,
			"%s gets groups that nobody joined (another process keeps it allmulticast, "
			"say), which hides whether its filter has the group",
			ifname);
	else if (step->step == NFP_STEP_CONTROL)
		snprintf(buf, size,
			 "%s was left promiscuous in hardware, and so may get groups that nobody "
			 "joined",
			 ifname);
	else if (step->step == NFP_STEP_STANDBY &&
		 reached(step, NFP_KIND_MULTICAST, NFP_LANDING_PF))
		snprintf(buf, size, "%s",
			 serves_standby(step)
				 ? "a VF that has sent nothing may get its groups once it does"
				 : "nothing shows that the standby is served");
	else if (step->step != NFP_STEP_STANDBY && gets_neither(step, at))
		snprintf(buf, size, "%s %s gets neither the address nor the group",
			 nfp_step_place(j->multicast_step), who);
	else if (!step->w.count[NFP_KIND_MULTICAST].sent || step->step != NFP_STEP_STANDBY ||
		 step->w.landing[NFP_KIND_MULTICAST] == NFP_LANDING_MIXED)
		snprintf(buf, size, "the step %s shows no clear landing of multicast",
			 nfp_step_place(j->multicast_step));
	else if (reached(step, NFP_KIND_ALL_NODES, NFP_LANDING_PF))
		snprintf(buf, size,
			 "%s got frames to all nodes, but not to the group that the standby "
			 "joined: %sthe NIC%s drops them",
			 ifname, inside ? "" : "a switch that snoops on MLD, or ",
			 inside ? "" : ",");
	else
		snprintf(buf, size, "no multicast reached %s: %sthe NIC does not pass it", ifname,
			 inside ? "" : "the network or ");
}

/* Does the PF lack both the standby's address and its group, though it can hear, and had both? */
static bool lost_both(const struct nfp_style_result *style, const struct nfp_step_result *step)
{
	return reached(nfp_style_step(style, NFP_STEP_STANDBY), NFP_KIND_MULTICAST,
		       NFP_LANDING_PF) &&
	       reached(step, NFP_KIND_BROADCAST, NFP_LANDING_PF) &&
	       !reached(step, NFP_KIND_UNICAST, NFP_LANDING_PF) &&
	       (step->w.landing[NFP_KIND_MULTICAST] == NFP_LANDING_NOWHERE ||
		step->w.landing[NFP_KIND_MULTICAST] == NFP_LANDING_VF);
}

bool nfp_blames_network(enum nfp_reason why)
{
	return why == NFP_WHY_STEP_UNPROVEN || why == NFP_WHY_STEP_OUTAGE ||
	       why == NFP_WHY_STEP_NO_BROADCAST || why == NFP_WHY_GROUP_UNPROVEN;
}

/* Did only the VF announce the address to the switch? */
static bool lacks_announcement(const struct nfp_judgement *j, const struct nfp_style_result *style)
{
	return style->pf_silent && !nfp_is_inside(style) &&
	       (j->why == NFP_WHY_STANDBY_WIRE || j->why == NFP_WHY_STEP_UNPROVEN);
}

/* Some reasons end with the kinds of frames that land apart from the others, or with them. */
static void append_kinds(const struct nfp_judgement *j, const struct nfp_style_result *style,
			 const struct nfp_step_result *step, const char *ifname,
			 char reason[NFP_REASON_LEN])
{
	if ((j->verdict == NFP_VERDICT_EARLY || j->verdict == NFP_VERDICT_STICKY) &&
	    lost_both(style, step))
		nfp_appendf(reason, NFP_REASON_LEN,
			    "; %s the multicast group does not reach %s either: a driver "
			    "that is refused the address may not write the groups that follow "
			    "it, and so both have one cause",
			    nfp_step_place(step->step), ifname);
}

void nfp_reason_text(const struct nfp_judgement *judgement, const struct nfp_style_result *style,
		     const char *ifname, unsigned int vf, char reason[NFP_REASON_LEN],
		     char try[NFP_REASON_LEN])
{
	static const char *const until[NFP_RELEASE_COUNT] = {
		[NFP_RELEASE_UNKNOWN] = "",
		[NFP_RELEASE_UNPLUG] = ", until the VF's driver is gone",
		[NFP_RELEASE_DETACH] = ", and keeps it until the VF is reset",
		[NFP_RELEASE_CLEAR] = ", and keeps it until it is cleared",
		[NFP_RELEASE_NEVER] = ", and does not give it back even when it is cleared",
	};
	static const struct nfp_step_result none = {0};
	const struct nfp_judgement *j = judgement;
	const struct nfp_step_result *step = step_behind(j, style), *s = step ? step : &none;
	const struct nfp_count *u = &s->w.count[NFP_KIND_UNICAST];
	const struct nfp_count *b = &s->w.count[NFP_KIND_BROADCAST];
	char *to = reason;
	bool vf_first = j->step == NFP_STEP_VF_FIRST_UP || j->step == NFP_STEP_VF_FIRST_UNPLUG;
	char port[NFP_PORT_LEN], number[16], drops[24], counts[256],
		note[NFP_NOTE_LEN + 2] = "", hint[NFP_NOTE_LEN + 2] = "";
	const char *const values['z'] = {
		['p'] = ifname,
		['r'] = nfp_port_name(style, ifname, port),
		['v'] = number,
		['s'] = nfp_step_place(step ? step->step : j->step),
		['t'] = nfp_style_name(style->style),
		['n'] = note,
		['m'] = s->w.note,
		['h'] = hint,
		['o'] = vf_first ? " (when it had the address before the standby)" : "",
		['u'] = until[j->release],
		['w'] = nfp_is_inside(style) ? "the NIC" : "the network",
		['d'] = drops,
		['c'] = counts,
	};

	snprintf(number, sizeof(number), "%u", vf);
	snprintf(drops, sizeof(drops), "%" PRIu64, s->drops);
	snprintf(counts, sizeof(counts),
		 "%" PRIu64 " frames %" PRIu64 " reached the PF and %" PRIu64 " the VF, of %" PRIu64
		 " broadcasts %" PRIu64 " and %" PRIu64,
		 u->sent, u->at[NFP_AT_PF], u->at[NFP_AT_VF], b->sent, b->at[NFP_AT_PF],
		 b->at[NFP_AT_VF]);
	if (s->w.note[0])
		snprintf(note, sizeof(note), ": %s", s->w.note);
	if (s->hint[0])
		snprintf(hint, sizeof(hint), "; %s", s->hint);
	else if (j->why == NFP_WHY_STEP_REFUSED)
		snprintf(hint, sizeof(hint), "; the kernel log (dmesg) may say more");
	reason[0] = try[0] = '\0';
	for (const char *p = sentence_for(j, style, step); *p; p++) {
		if (*p == '%' && p[1] == '|') {
			to = try;
			p++;
		} else if (*p == '%')
			nfp_appendf(to, NFP_REASON_LEN, "%s", values[(unsigned char)*++p]);
		else
			nfp_appendf(to, NFP_REASON_LEN, "%c", *p);
	}
	if (try[0] && nfp_is_inside(style) && nfp_blames_network(j->why))
		snprintf(try, NFP_REASON_LEN, "; probe again, or from the wire");
	if (try[0] && lacks_announcement(j, style))
		snprintf(try, NFP_REASON_LEN,
			 "; nothing is announced from %s, a member of a bond: let the switch flood "
			 "unknown unicast to its port, or probe an active member",
			 ifname);
	if (step)
		append_kinds(j, style, step, ifname, reason);
}
