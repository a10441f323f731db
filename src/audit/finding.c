// SPDX-License-Identifier: GPL-2.0-or-later
/* finding.c - a finding, and the functions that it names. */
#include <stdio.h>
#include <string.h>

#include "audit_priv.h"

const struct nfp_names nfp_finding_names = NFP_NAMES(
	"same-address", "idle-address", "bridge-filter", "macvtap-groups", "vlan-netdev",
	"interrupted-run", "being-probed", "vf-address", "vf-link", "filter-left", "bridge-learned",
	"local-entry", "vf-bridge-port", "bond-backup", "left-settings", "vepa", "mtu", "lag",
	"not-forwarding", "stp-delay", "bridge-snoops", "bridge-netfilter");

struct nfp_finding *nfp_finding_add(struct nfp_audit *audit, enum nfp_finding_code code,
				    const struct nfp_pf *pf)
{
	struct nfp_finding *f;

	f = nfp_grow(audit->findings, audit->num_findings);
	*f = (struct nfp_finding) {.code = code};
	memcpy(f->pf, pf->info.ifname, sizeof(f->pf));
	memcpy(f->parentdev, pf->info.parentdev, sizeof(f->parentdev));
	return f;
}

void nfp_finding_name(struct nfp_finding *finding, const struct nfp_paths *paths,
		      const struct nfp_vf_info *vf)
{
	const struct nfp_netns *netns = NULL;
	const struct nfp_link *link = vf ? nfp_vf_netdev(paths->index, vf, NULL, &netns) : NULL;
	struct nfp_named *named;

	named = nfp_grow(finding->functions, finding->num_functions);
	*named = (struct nfp_named) {.is_vf = vf != NULL, .is_pf = vf == NULL};
	if (!vf) {
		memcpy(named->ifname, finding->pf, sizeof(named->ifname));
		return;
	}
	named->vf = vf->vf;
	memcpy(named->user, vf->user, sizeof(named->user));
	if (!link)
		return;
	memcpy(named->ifname, link->ifname, sizeof(named->ifname));
	memcpy(named->netns, netns->name, sizeof(named->netns));
}

const char *nfp_named_text(const struct nfp_named *named, char *buf, size_t size)
{
	if (named->is_pf)
		snprintf(buf, size, "the PF");
	else if (!named->is_vf)
		snprintf(buf, size, "%s%s%s", named->ifname, named->netns[0] ? " in " : "",
			 named->netns);
	else if (!named->user[0])
		snprintf(buf, size, "VF %u (idle)", named->vf);
	else if (named->netns[0])
		snprintf(buf, size, "VF %u (%s in %s)", named->vf, named->ifname, named->netns);
	else
		snprintf(buf, size, "VF %u (%s)", named->vf, named->user);
	return buf;
}

const char *nfp_named_all(const struct nfp_finding *f, char *buf, size_t size)
{
	buf[0] = '\0';
	if (f->num_functions == 1)
		return nfp_named_text(f->functions, buf, size);
	for (size_t i = 0; i < f->num_functions && i < NAMED_MAX; i++)
		nfp_appendf(buf, size, "%sVF %u",
			    i == 0		       ? ""
			    : i + 1 < f->num_functions ? ", "
						       : " and ",
			    f->functions[i].vf);
	if (f->num_functions > NAMED_MAX)
		nfp_appendf(buf, size, " and %zu more", f->num_functions - NAMED_MAX);
	return buf;
}
