// SPDX-License-Identifier: GPL-2.0-or-later
/* undo_compare.c - reports what still differs at the end, and who changed it. */
#include <stdio.h>
#include <string.h>
#include <linux/netdevice.h>

#include "change.h"
#include "undo.h"
#include "vf_state.h"
#include "change/host.h"

void nfp_restore_report_fini(struct nfp_restore_report *report)
{
	nfp_strv_fini(&report->done);
	nfp_hints_fini(&report->left_behind);
	nfp_strv_fini(&report->others);
	nfp_strv_fini(&report->failed);
	nfp_strv_fini(&report->taken);
	report->found = report->no_interface = report->unsure = false;
}

void nfp_restore_report_add(struct nfp_restore_report *to, struct nfp_restore_report *from)
{
	struct nfp_strv *const into[] = {&to->done, &to->others, &to->failed, &to->taken};
	struct nfp_strv *const lists[] = {&from->done, &from->others, &from->failed, &from->taken};

	for (size_t i = 0; i < NFP_NUM(into); i++)
		for (size_t k = 0; k < lists[i]->n; k++)
			nfp_strv_addf(into[i], "%s", lists[i]->v[k]);
	nfp_hints_add(&to->left_behind, &from->left_behind);
	nfp_restore_report_fini(from);
}

struct compare {
	const struct nfp_undo_state *u;
	struct nfp_restore_report *to;
	char who[NFP_TEXT_LEN]; /* "VF 3 of eth0: ", or empty */
};

static bool differs(const struct compare *c, uint32_t part)
{
	return nfp_undo_whose(c->u, part) != NFP_WHOSE_BEFORE;
}

static const char *or_none(const char *text)
{
	return text[0] ? text : "none";
}

static void report_failed(const struct compare *c, const char *what, const char *was,
			  const char *is)
{
	nfp_strv_addf(&c->to->failed, "%sits %s was %s and is %s", c->who, what, or_none(was),
		      or_none(is));
}

/* Reports a difference that no later run depends on; @back: the change that would undo it. */
static NFP_PRINTF(3, 4) void report_left(const struct compare *c, const struct nfp_change *back,
					 const char *fmt, ...)
{
	char text[NFP_REASON_LEN];

	NFP_VFORMAT(text, sizeof(text), fmt);
	nfp_change_command(back, nfp_hints_addf(&c->to->left_behind, "%s%s", c->who, text));
}

/* Compares the name of one of its netdevs, and whether it is up. */
static void compare_link(const struct compare *c, const char *netdev, const char *was,
			 const char *is, uint32_t name_part, uint32_t down_part)
{
	struct nfp_change name = nfp_change_of_link(NFP_CHANGE_LINK_NAME, 0, 0, is, was);
	struct nfp_change up = nfp_change_of_link(NFP_CHANGE_LINK_UP, 0, 0, is, NULL);

	if (nfp_undo_whose(c->u, name_part) == NFP_WHOSE_OTHERS)
		nfp_strv_addf(&c->to->others,
			      "%sits %s was called %s, but another netdev has that name now: it "
			      "is called %s",
			      c->who, netdev, was, is);
	else if (differs(c, name_part))
		report_left(c, &name, "its %s was called %s and is called %s", netdev, was, is);
	if (differs(c, down_part))
		report_left(c, &up, "its %s %s was up and is down", netdev, is);
}

static void compare_mac(const struct compare *c)
{
	const uint32_t mac = NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC);
	const struct nfp_mac *was = &c->u->before->attr.mac, *is = &c->u->now.attr.mac;
	char a[NFP_VF_ATTR_TEXT], b[NFP_VF_ATTR_TEXT];

	nfp_vf_attr_text(&c->u->before->attr, NFP_VF_ATTR_MAC, a);
	nfp_vf_attr_text(&c->u->now.attr, NFP_VF_ATTR_MAC, b);
	if (!differs(c, mac)) {
		if (c->u->mac_by_pf)
			(void)nfp_hints_addf(
				&c->to->left_behind,
				"%sits address %s was restored through the PF: if no "
				"administrator had set it before, the PF's driver may now "
				"treat it as set by one, and may not let a guest change it "
				"until that driver is reloaded",
				c->who, a);
	} else if (nfp_undo_whose(c->u, mac) == NFP_WHOSE_OTHERS) {
		nfp_strv_addf(
			&c->to->others,
			"%sanother process has given it the address %s (it was %s): left alone",
			c->who, b, a);
	} else if (nfp_mac_is_zero(was) && c->u->cleared && nfp_undo_is_own_mac(c->u, is)) {
		/* bnxt_get_vf_config shows the address that the VF's driver has reported, until
		 * the VFs are created anew. */
		(void)nfp_hints_addf(
			&c->to->left_behind,
			"%sit had no address and has none now, but the driver of the PF "
			"goes on reporting the last one, %s",
			c->who, b);
	} else if (nfp_mac_is_zero(was) && c->u->zero_refused &&
		   (nfp_mac_equal(is, &c->u->placeholder_mac) ||
		    nfp_mac_equal(is, &c->u->before->address))) {
		(void)nfp_hints_addf(&c->to->left_behind,
				     "%sit had no address, but the driver refuses to clear it: its "
				     "address is now %s",
				     c->who, b);
	} else {
		report_failed(c, "address", a, b);
	}
}

static void compare_attr(const struct compare *c)
{
	const struct nfp_vf_attr *was = &c->u->before->attr, *now = &c->u->now.attr;

	/* The PF reported the VF before. That it does not now says nothing of the VF. */
	if (was->have_mac && !now->have_mac) {
		nfp_strv_addf(&c->to->failed,
			      "%sthe PF's driver no longer reports it, so nfprobe cannot tell "
			      "whether its address and VLAN were restored",
			      c->who);
		return;
	}
	if (!was->have_mac) {
		(void)nfp_hints_addf(&c->to->left_behind,
				     "%sthe PF's driver does not report it, so nfprobe cannot tell "
				     "whether its address and VLAN were restored",
				     c->who);
		return;
	}
	compare_mac(c);
	for (enum nfp_vf_attr_id id = NFP_VF_ATTR_VLAN; id < NFP_VF_ATTR_COUNT; id++) {
		char old[NFP_VF_ATTR_TEXT], new[NFP_VF_ATTR_TEXT];
		enum nfp_whose whose = nfp_undo_whose(c->u, NFP_VF_ATTR_BIT(id));

		if (whose == NFP_WHOSE_BEFORE)
			continue;
		nfp_vf_attr_text(was, id, old);
		nfp_vf_attr_text(now, id, new);
		if (whose == NFP_WHOSE_OTHERS)
			nfp_strv_addf(
				&c->to->others,
				"%sanother process has changed its %s from %s to %s: left alone",
				c->who, nfp_vf_attr_name(id), old, new);
		else
			report_failed(c, nfp_vf_attr_name(id), old, new);
	}
}

static void compare_netdev(const struct compare *c)
{
	const struct nfp_vf_state *was = c->u->before, *is = &c->u->now;
	/* An address that the driver made up is not worth a failure. */
	bool random = was->addr_assign_type == NET_ADDR_RANDOM;
	char moved[NFP_NOTE_LEN];
	struct nfp_strv *failed = &c->to->failed;

	if (!was->have_netdev)
		return;
	if (differs(c, NFP_PART_NETDEV)) {
		nfp_strv_addf(failed, "%sits netdev %s has not come back", c->who, was->ifname);
		return;
	}
	/* compare_mac has reported that another process gave this address to the VF, and so to its
	 * netdev. */
	if (nfp_undo_whose(c->u, NFP_PART_ADDRESS) == NFP_WHOSE_RUN) {
		snprintf(moved, sizeof(moved), "%sthe address of its netdev was %s and is %s",
			 c->who, nfp_mac_str(&was->address).text, nfp_mac_str(&is->address).text);
		if (random)
			(void)nfp_hints_addf(&c->to->left_behind, "%s", moved);
		else
			nfp_strv_addf(failed, "%s", moved);
	}
	compare_link(c, "netdev", was->ifname, is->ifname, NFP_PART_NAME, NFP_PART_DOWN);
	if (differs(c, NFP_PART_SECOND))
		nfp_strv_addf(failed, "%sits second netdev %s has not come back", c->who,
			      was->second);
	compare_link(c, "second netdev", was->second, is->second, NFP_PART_SECOND_NAME,
		     NFP_PART_SECOND_DOWN);
}

/* Compares all but its netdev. @pf NULL: the sentences do not name the VF. */
static struct compare compare_vf(const struct nfp_undo_state *u, const char *pf,
				 struct nfp_restore_report *report)
{
	struct compare c = {u, report, ""};

	if (pf)
		snprintf(c.who, sizeof(c.who), "VF %u of %s: ", u->before->vf, pf);
	if (differs(&c, NFP_PART_DRIVER))
		report_failed(&c, "driver", u->before->driver, u->now.driver);
	if (differs(&c, NFP_PART_OVERRIDE))
		report_failed(&c, "driver_override", u->before->driver_override,
			      u->now.driver_override);
	compare_attr(&c);
	return c;
}

void nfp_undo_compare(const struct nfp_undo_state *u, const char *pf,
		      struct nfp_restore_report *report)
{
	struct compare c = compare_vf(u, pf, report);

	compare_netdev(&c);
}

void nfp_undo_remains(const struct nfp_undo_state *u, char *buf, size_t size)
{
	struct nfp_restore_report report = {.found = false};
	struct nfp_undo_state left = *u;

	/* The change that found the VF taken was planned, and not made: no driver
	 * has refused it. */
	left.cleared = left.zero_refused = false;
	buf[0] = '\0';
	(void)compare_vf(&left, NULL, &report);
	for (size_t i = 0; i < report.failed.n; i++)
		nfp_appendf(buf, size, "%s%s", i ? ", " : "", report.failed.v[i]);
	nfp_restore_report_fini(&report);
}
