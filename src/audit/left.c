// SPDX-License-Identifier: GPL-2.0-or-later
/* left.c - what idle VFs still have of their last user, and what clears it for the next. */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_link.h>

#include "audit_priv.h"

bool nfp_vf_is_spare(const struct nfp_paths *paths, const struct nfp_vf_info *vf)
{
	const struct nfp_link *link = nfp_vf_netdev(paths->index, vf, NULL, NULL);

	return vf->use == NFP_USE_IDLE && vf->trace == NFP_TRACE_NONE &&
	       !(link && link->flags & IFF_UP);
}

/* Returns the setting that the driver gives a new VF, or, if that is not known, that most idle VFs
 * have. -1: neither. */
static int usual_spoofchk(const struct nfp_paths *paths)
{
	int by_driver = nfp_driver(paths->pf->info.driver)->new_spoofchk;
	size_t on = 0, off = 0;

	nfp_for_each (vf, paths->pf->vfs, paths->pf->num_vfs) {
		on += nfp_vf_is_spare(paths, vf) && vf->attr.spoofchk == 1;
		off += nfp_vf_is_spare(paths, vf) && vf->attr.spoofchk == 0;
	}
	return by_driver ? by_driver > 0 : on > off ? 1 : off > on ? 0 : -1;
}

/* Returns how many others have its address, if only spare VFs of this PF do. */
static size_t count_sharing(const struct nfp_paths *paths, const struct nfp_vf_info *vf)
{
	const struct nfp_vfs with = nfp_vfs_with(paths->index, &vf->attr.mac);

	if (nfp_mac_is_nobodys(&vf->attr.mac))
		return 0;
	nfp_for_each (other, with.v, with.n)
		if (other->pf != paths->pf || !nfp_vf_is_spare(paths, other->vf))
			return 0;
	return with.n - 1;
}

enum { VLAN = 1, RATE = 2, TRUST = 4, SPOOFCHK = 8, STATE = 16 };

static unsigned int unusual_of(const struct nfp_vf_attr *attr, int spoofchk)
{
	return (attr->vlan.vid ? VLAN : 0U) | (attr->max_tx_rate || attr->min_tx_rate ? RATE : 0U) |
	       (attr->trust == 1 ? TRUST : 0U) |
	       (attr->spoofchk >= 0 && spoofchk >= 0 && attr->spoofchk != spoofchk ? SPOOFCHK
										   : 0U) |
	       (attr->link_state > IFLA_VF_LINK_STATE_AUTO ? STATE : 0U);
}

struct left {
	char text[NFP_TEXT_LEN]; /* as a list; empty: nothing */
	bool told;
};

static void describe_left(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
			  unsigned int unusual, struct left *left)
{
	const struct nfp_vf_attr *attr = &vf->attr;
	size_t sharing = count_sharing(paths, vf);
	char vlan[32], sharers[64] = "";
	const char *const words[] = {
		unusual & VLAN ? vlan : "",
		unusual & RATE ? "a rate" : "",
		unusual & TRUST ? "trust" : "",
		unusual & SPOOFCHK ? attr->spoofchk ? "spoof check" : "no spoof check" : "",
		!(unusual & STATE)				? ""
		: attr->link_state == IFLA_VF_LINK_STATE_ENABLE ? "a link that is always on"
								: "a link that is disabled",
		sharers,
	};

	snprintf(vlan, sizeof(vlan), "VLAN %u", (unsigned int)attr->vlan.vid);
	if (sharing)
		snprintf(sharers, sizeof(sharers), "%s, which %zu other%s",
			 nfp_mac_str(&attr->mac).text, sharing, sharing == 1 ? " has" : "s have");
	for (size_t i = 0; i < NFP_NUM(words); i++)
		if (words[i][0])
			nfp_appendf(left->text, sizeof(left->text), "%s%s",
				    left->text[0] ? ", " : "", words[i]);
}

static void clear(struct nfp_commands *to, const struct nfp_pf *pf, const struct nfp_vf_info *vf,
		  unsigned int unusual)
{
	nfp_command_add(to, "ip link set %s vf %u", pf->info.ifname, vf->vf);
	if (unusual & VLAN)
		nfp_command_more(to, "vlan 0");
	if (unusual & RATE)
		nfp_command_more(to, "max_tx_rate 0 min_tx_rate 0");
	if (unusual & TRUST)
		nfp_command_more(to, "trust off");
	if (unusual & SPOOFCHK)
		nfp_command_more(to, "spoofchk %s", vf->attr.spoofchk ? "off" : "on");
	if (unusual & STATE)
		nfp_command_more(to, "state auto");
}

/* VFs that have the same are named together. */
static void describe(struct nfp_finding *f, const struct nfp_pf *pf, struct left *left,
		     size_t first)
{
	size_t num = 0;

	nfp_appendf(f->what, sizeof(f->what), "%s", f->what[0] ? "; " : "idle, and not as new: ");
	for (size_t i = first; i < pf->num_vfs; i++) {
		if (left[i].told || strcmp(left[i].text, left[first].text) != 0)
			continue;
		left[i].told = true;
		if (num++ < NAMED_MAX)
			nfp_appendf(f->what, sizeof(f->what), "%sVF %u", num > 1 ? ", " : "",
				    pf->vfs[i].vf);
	}
	if (num > NAMED_MAX)
		nfp_appendf(f->what, sizeof(f->what), " and %zu more", num - NAMED_MAX);
	nfp_appendf(f->what, sizeof(f->what), " (%s)", left[first].text);
}

static bool is_named(const struct nfp_audit *audit, size_t before, size_t end, unsigned int vf)
{
	for (size_t i = before; i < end; i++)
		nfp_for_each (named, audit->findings[i].functions, audit->findings[i].num_functions)
			if (named->is_vf && named->vf == vf)
				return true;
	return false;
}

void nfp_find_left(const struct nfp_paths *paths, size_t before, struct nfp_audit *audit)
{
	const struct nfp_pf *pf = paths->pf;
	struct left *left = nfp_calloc(pf->num_vfs + 1, sizeof(*left));
	int spoofchk = usual_spoofchk(paths);
	const size_t end = audit->num_findings;
	struct nfp_finding *f = NULL;
	unsigned int unusual;
	size_t num = 0;

	for (size_t i = 0; i < pf->num_vfs; i++) {
		left[i].told = true;
		if (!nfp_vf_is_spare(paths, &pf->vfs[i]) || !pf->vfs[i].attr.have_mac ||
		    is_named(audit, before, end, pf->vfs[i].vf))
			continue;
		unusual = unusual_of(&pf->vfs[i].attr, spoofchk);
		describe_left(paths, &pf->vfs[i], unusual, &left[i]);
		left[i].told = !left[i].text[0];
		if (left[i].told)
			continue;
		f = f ?: nfp_finding_add(audit, NFP_FINDING_LEFT_SETTINGS, pf);
		nfp_finding_name(f, paths, &pf->vfs[i]);
		if (unusual && num++ < COMMANDS_MAX)
			clear(&f->commands, pf, &pf->vfs[i], unusual);
	}
	for (size_t i = 0; i < pf->num_vfs && f; i++)
		if (!left[i].told)
			describe(f, pf, left, i);
	free(left);
	if (!f)
		return;
	f->remark = true;
	snprintf(f->why, sizeof(f->why),
		 "the next user of such a VF gets it as well, unless his manager sets it");
	snprintf(f->after, sizeof(f->after),
		 "nobody has set these for a guest that is about to come");
}
