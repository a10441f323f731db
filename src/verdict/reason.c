// SPDX-License-Identifier: GPL-2.0-or-later
/* Why, in words that an administrator can act on. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nfprobe/verdict.h"

struct words {
	const struct nfp_judgement *j;
	const struct nfp_style_result *style;
	const struct nfp_step_result *step; /* behind the judgement; NULL: none */
	const char *ifname;
	unsigned int vf;
	char *buf;
	size_t size;
};

static __attribute__((format(printf, 2, 3))) void say(struct words *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->buf, w->size, fmt, ap);
	va_end(ap);
}

static const char *step_name(const struct words *w)
{
	return nfp_step_name(w->j->step);
}

static bool has_note(const struct nfp_step_result *step)
{
	return step && step->note[0];
}

/* The first step of the style with a note for which @wanted holds. */
static const struct nfp_step_result *noted(const struct words *w,
					   bool (*wanted)(const struct nfp_step_result *step))
{
	for (size_t i = 0; i < w->style->num_steps; i++) {
		if (wanted(&w->style->steps[i]))
			return &w->style->steps[i];
	}
	return NULL;
}

static bool lost_carrier(const struct nfp_step_result *step)
{
	return step->carrier_lost;
}

static bool was_changed(const struct nfp_step_result *step)
{
	return step->changed;
}

static bool dropped(const struct nfp_step_result *step)
{
	return step->drops > 0;
}

/* ---- what happened to the run ---- */

static void say_carrier(struct words *w)
{
	const struct nfp_step_result *step = noted(w, lost_carrier);

	say(w, "%s lost its carrier in step %s%s%s; see to the link, then probe again", w->ifname,
	    step ? nfp_step_name(step->step) : "?", has_note(step) ? ": " : "",
	    has_note(step) ? step->note : "");
}

static void say_changed(struct words *w)
{
	const struct nfp_step_result *step = noted(w, was_changed);

	say(w,
	    "something else changed the host during the run%s%s; keep others off %s and VF %u, "
	    "then probe again",
	    has_note(step) ? ": " : "", has_note(step) ? step->note : "", w->ifname, w->vf);
}

static void say_drops(struct words *w)
{
	const struct nfp_step_result *step = noted(w, dropped);

	say(w,
	    "the capture lost %" PRIu64 " frames in step %s, so frames that are missing show "
	    "nothing; try a smaller --rate, or a less busy host",
	    step ? step->drops : 0, step ? nfp_step_name(step->step) : "?");
}

static void say_promiscuous(struct words *w)
{
	say(w,
	    "%s gets frames to addresses that nobody registered, and did not when the run began: "
	    "an "
	    "earlier ladder left it promiscuous in hardware, as i40e does when a filter is "
	    "refused, "
	    "so what its own filter does cannot be told apart; undo what was left behind, then "
	    "probe "
	    "with --style %s alone",
	    w->ifname, nfp_style_label(w->style->style));
}

static void say_early_before(struct words *w)
{
	say(w,
	    "%s gave the address to VF %u as soon as it was assigned, but no more when the style "
	    "was "
	    "probed again: what it does depends on what was before; probe VFs that were not probed "
	    "since the PF's driver was loaded",
	    w->ifname, w->vf);
}

static void say_stopped(struct words *w)
{
	const struct nfp_style_result *style = w->style;
	const struct nfp_step_result *last = NULL;

	for (size_t i = 0; i < style->num_steps; i++) {
		if (style->steps[i].status != NFP_STATUS_SKIPPED)
			last = &style->steps[i];
	}
	if (last)
		say(w,
		    "the run ended early, in or after step %s; let it run to its end (a longer "
		    "--timeout)",
		    nfp_step_name(last->step));
	else
		say(w, "the run ended before its first step; let it run to its end (a longer "
		       "--timeout)");
}

/* ---- the positive controls ---- */

static void say_untestable(struct words *w)
{
	say(w,
	    "a %s standby gets no frames from inside this NIC even while VF %u does not have "
	    "the address, so nothing can be learnt from here; try --from with a netdev that "
	    "reaches %s over the wire",
	    nfp_style_label(w->style->style), w->vf, w->ifname);
}

static void say_standby_no_broadcast(struct words *w)
{
	say(w,
	    "not even broadcast reached %s while only the standby had the address; check cable, "
	    "switch port, VLAN and --from, then probe again",
	    w->ifname);
}

/* They came while nobody had the address, so the network does deliver them. */
static bool control_reached_pf(const struct words *w)
{
	const struct nfp_step_result *control = nfp_style_step(w->style, NFP_STEP_CONTROL);

	return control && (control->landing[NFP_KIND_UNICAST] == NFP_LANDING_PF ||
			   control->landing[NFP_KIND_UNICAST] == NFP_LANDING_BOTH);
}

static void say_standby_wire(struct words *w)
{
	if (control_reached_pf(w)) {
		say(w,
		    "frames to the standby's address reached %s before the standby took it, and "
		    "not any more after: the NIC does that, not the network; some give a "
		    "promiscuous PF nothing while another VF is up (igb): try with the other VFs "
		    "down, and mind that such a standby is deaf beside them",
		    w->ifname);
		return;
	}
	say(w,
	    "broadcast reached %s, but frames to the standby's address did not, although no VF "
	    "had it; a switch that suppresses unknown unicast, has port security or inspects ARP "
	    "(with --from arp), or a full filter table does this: try without --no-announce, "
	    "another --from or --mac",
	    w->ifname);
}

static void say_counts(struct words *w, const char *advice)
{
	const struct nfp_count *u = &w->step->count[NFP_KIND_UNICAST];
	const struct nfp_count *b = &w->step->count[NFP_KIND_BROADCAST];

	say(w,
	    "step %s shows no clear landing%s%s: of %" PRIu64 " frames %" PRIu64
	    " reached the PF and %" PRIu64 " the VF, of %" PRIu64 " broadcasts %" PRIu64
	    " and %" PRIu64 "; %s",
	    step_name(w), has_note(w->step) ? ", " : "", has_note(w->step) ? w->step->note : "",
	    u->sent, u->at[NFP_AT_PF], u->at[NFP_AT_VF], b->sent, b->at[NFP_AT_PF],
	    b->at[NFP_AT_VF], advice);
}

static void say_mixed(struct words *w)
{
	if (!w->step || w->step->status != NFP_STATUS_DONE)
		say(w, "step %s was not made%s%s, so nothing is known; probe again", step_name(w),
		    has_note(w->step) ? ": " : "", has_note(w->step) ? w->step->note : "");
	else if (!w->step->count[NFP_KIND_UNICAST].sent || !w->step->count[NFP_KIND_BROADCAST].sent)
		say(w,
		    "no frames could be sent in step %s; check that the netdev behind --from is "
		    "up and has carrier",
		    step_name(w));
	else
		say_counts(w, "look for loss on the way, and try a longer --settle or another "
			      "--from");
}

/* ---- the steps ---- */

static void say_step_skipped(struct words *w)
{
	say(w, "step %s could not be made%s%s; a verdict needs it: see to that, then probe again",
	    step_name(w), has_note(w->step) ? ": " : "", has_note(w->step) ? w->step->note : "");
}

static const char *hint_of(const struct words *w, const char *otherwise)
{
	return w->step && w->step->hint[0] ? w->step->hint : otherwise;
}

static void say_step_refused(struct words *w)
{
	say(w, "step %s was refused%s%s; %s", step_name(w), has_note(w->step) ? ": " : "",
	    has_note(w->step) ? w->step->note : "",
	    hint_of(w, "the kernel log (dmesg) may say more"));
}

static void say_step_no_broadcast(struct words *w)
{
	say(w,
	    "in step %s broadcast was not received either, so the silence says nothing about "
	    "the address; check link, VLAN and storm control of the switch, then probe again",
	    step_name(w));
}

static void say_vf_broadcast_unshown(struct words *w)
{
	say(w,
	    "in step %s VF %u got what is sent to its address, but no broadcast, and from this "
	    "source broadcast may be missing whatever the VF does; try --from with a netdev or a "
	    "peer (nfprobe --reflect) on the segment of %s",
	    step_name(w), w->vf, w->ifname);
}

static void say_vf_silent(struct words *w)
{
	say(w,
	    "VF %u was up in step %s but got no frame of any kind, even when the standby did "
	    "not hold the address: nothing shows that this VF works; check its link state, "
	    "VLAN and driver (dmesg), or try another VF or --from",
	    w->vf, step_name(w));
}

/* ---- the verdicts that are not safe ---- */

static const char *until(enum nfp_release release)
{
	switch (release) {
	case NFP_RELEASE_DOWN:
		return ", until the VF's netdev is set down";
	case NFP_RELEASE_UNPLUG:
		return ", until the VF's driver is gone";
	case NFP_RELEASE_DETACH:
		return ", and keeps it until the VF is reset";
	case NFP_RELEASE_CLEAR:
		return ", and keeps it until it is cleared";
	case NFP_RELEASE_NEVER:
		return ", and does not give it back even when it is cleared";
	default:
		return "";
	}
}

static void say_claim(struct words *w)
{
	const char *when = "", *how_long = until(w->j->release);

	if (w->j->step == NFP_STEP_REASSIGN)
		when = " a second time";
	/* How long that lasts was seen in the other order only. */
	if (w->j->step == NFP_STEP_VF_FIRST) {
		when = ", when it is assigned before the standby takes it";
		how_long = "";
	}
	say(w, "%s gives the address to VF %u as soon as it is assigned%s%s", w->ifname, w->vf,
	    when, how_long);
}

static void say_refused(struct words *w)
{
	say(w, "%s does not take the address for VF %u while the standby holds it%s%s%s%s",
	    w->ifname, w->vf, has_note(w->step) ? ": " : "", has_note(w->step) ? w->step->note : "",
	    hint_of(w, "")[0] ? "; " : "", hint_of(w, ""));
}

static const char *order(const struct words *w)
{
	return w->j->step == NFP_STEP_VF_FIRST_UP || w->j->step == NFP_STEP_VF_FIRST_UNPLUG
		       ? " (when it had the address before the standby)"
		       : "";
}

static void say_deaf_while_held(struct words *w)
{
	say(w,
	    "VF %u is up but gets nothing while the standby holds the address%s; it does as "
	    "soon as the standby lets go",
	    w->vf, order(w));
}

static void say_deaf(struct words *w)
{
	enum nfp_landing unicast = w->step ? w->step->landing[NFP_KIND_UNICAST] : NFP_LANDING_NONE;
	bool at_vf = unicast == NFP_LANDING_VF || unicast == NFP_LANDING_BOTH;

	say(w,
	    "VF %u is up and works, but %s does not reach it while the standby has the "
	    "address%s",
	    w->vf, at_vf ? "broadcast" : "what is sent to its address", order(w));
}

static void say_sticky(struct words *w)
{
	switch (w->j->step) {
	case NFP_STEP_DETACH:
		say(w, "the standby is deaf again once VF %u has been taken away and reset%s",
		    w->vf,
		    w->j->release == NFP_RELEASE_CLEAR ? ", until its address is cleared" : "");
		break;
	case NFP_STEP_CLEAR:
		say(w, "the standby is deaf once the address of VF %u has been cleared", w->vf);
		break;
	default:
		say(w,
		    "VF %u keeps the address when its driver is gone%s%s: the standby is deaf "
		    "while the guest migrates",
		    w->vf, order(w), w->j->step == NFP_STEP_UNPLUG ? until(w->j->release) : "");
	}
}

static void say_safe(struct words *w)
{
	if (w->j->claim == NFP_CLAIM_ASSIGN_UNTIL_RESET)
		say(w, "the standby is deaf from when the address is assigned until the VF is "
		       "reset, before the guest starts");
	else if (w->j->claim == NFP_CLAIM_DRIVER)
		say(w, "the standby is deaf from when the guest's VF driver loads until its netdev "
		       "is up");
	else
		say(w, "%s", "");
}

static void say_safe_both(struct words *w)
{
	say(w, "while the VF is up the standby gets a copy of every frame; the guest drops it");
}

static void say_nothing(struct words *w)
{
	say(w, "%s", "");
}

/* What the landings say, and another witness too. */
static void add_witness(const struct words *w)
{
	size_t used = strlen(w->buf);

	if (!w->step || !w->step->vf_counted || used >= w->size ||
	    (w->j->verdict != NFP_VERDICT_EARLY && w->j->verdict != NFP_VERDICT_STICKY))
		return;
	snprintf(w->buf + used, w->size - used,
		 "; in step %s the NIC itself counted the frames as VF %u's", step_name(w), w->vf);
}

void nfp_reason_text(const struct nfp_judgement *judgement, const struct nfp_style_result *style,
		     const char *ifname, unsigned int vf, char *buf, size_t size)
{
	static void (*const say_why[NFP_WHY_COUNT])(struct words * w) = {
		[NFP_WHY_NONE] = say_nothing,
		[NFP_WHY_STANDBY_UNTESTABLE] = say_untestable,
		[NFP_WHY_STANDBY_NO_BROADCAST] = say_standby_no_broadcast,
		[NFP_WHY_STANDBY_WIRE] = say_standby_wire,
		[NFP_WHY_STANDBY_UNKNOWN] = say_mixed,
		[NFP_WHY_DROPS] = say_drops,
		[NFP_WHY_CARRIER] = say_carrier,
		[NFP_WHY_CHANGED] = say_changed,
		[NFP_WHY_PROMISCUOUS] = say_promiscuous,
		[NFP_WHY_STOPPED] = say_stopped,
		[NFP_WHY_CLAIM] = say_claim,
		[NFP_WHY_REFUSED] = say_refused,
		[NFP_WHY_STEP_SKIPPED] = say_step_skipped,
		[NFP_WHY_STEP_REFUSED] = say_step_refused,
		[NFP_WHY_STEP_MIXED] = say_mixed,
		[NFP_WHY_STEP_NO_BROADCAST] = say_step_no_broadcast,
		[NFP_WHY_VF_BROADCAST_UNSHOWN] = say_vf_broadcast_unshown,
		[NFP_WHY_DEAF_WHILE_HELD] = say_deaf_while_held,
		[NFP_WHY_DEAF] = say_deaf,
		[NFP_WHY_VF_SILENT] = say_vf_silent,
		[NFP_WHY_STICKY] = say_sticky,
		[NFP_WHY_EARLY_BEFORE] = say_early_before,
		[NFP_WHY_SAFE] = say_safe,
		[NFP_WHY_SAFE_BOTH] = say_safe_both,
	};
	struct words w = {
		.j = judgement,
		.style = style,
		.step = nfp_style_step(style, judgement->step),
		.ifname = ifname ? ifname : "the PF",
		.vf = vf,
		.buf = buf,
		.size = size,
	};

	say_why[(unsigned int)judgement->why < NFP_WHY_COUNT ? judgement->why : NFP_WHY_NONE](&w);
	add_witness(&w);
}
