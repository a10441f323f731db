/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit_priv.h - shared by the files of this folder. */
#ifndef NFPROBE_AUDIT_AUDIT_PRIV_H
#define NFPROBE_AUDIT_AUDIT_PRIV_H

#include "audit/audit.h"
#include "net/owner.h"

/* -- fix.c -- */

/* Does nobody use the VF, or is its netdev where no process is? */
bool nfp_vf_is_left(const struct nfp_paths *paths, const struct nfp_vf_info *vf);
/*
 * Begin a command of ip(8) or bridge(8), @tool, in that namespace: nfp_command_more adds the rest,
 * before nfp_fix_end. nfp_fix_begin also adds the netdev: @verb is "set" or "delete".
 *
 * A namespace without a name is known by a process in it, whose number may be another's when the
 * command is pasted. So the command enters it only while it has the same inode: find(1) looks and
 * goes in as one command, whose words need no shell.
 */
void nfp_fix_tool(struct nfp_commands *to, const struct nfp_netns *netns, const char *tool);
void nfp_fix_begin(struct nfp_commands *to, const struct nfp_netns *netns,
		   const struct nfp_link *link, const char *verb);
void nfp_fix_end(struct nfp_commands *to, const struct nfp_netns *netns);
/* Adds the commands that take the address from the VF, and what must come first. */
void nfp_fix_vf(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
		const struct nfp_mac *mac, struct nfp_finding *finding);

/* The same for a VF that a process holds and does not use. */
void nfp_fix_at_rest(const struct nfp_pf *pf, const struct nfp_vf_info *vf,
		     struct nfp_finding *finding);

/* -- same.c -- */
/* Returns the tap of the guest with that address, if it leads to the PF through Open vSwitch
 * (hotsos#365), whose tables are not read, so that its VLAN is not known. NULL: none. */
const struct nfp_placed *nfp_tap_in_switch(const struct nfp_paths *paths,
					   const struct nfp_mac *mac);

/* -- finding.c -- */

#define NAMED_MAX    8 /* VFs that one sentence names */
#define COMMANDS_MAX 8 /* guests that the PF's filter lacks, or VFs with one address */

/* Adds a finding. The caller fills in the rest. */
struct nfp_finding *nfp_finding_add(struct nfp_audit *audit, enum nfp_finding_code code,
				    const struct nfp_pf *pf);
void nfp_finding_name(struct nfp_finding *finding, const struct nfp_paths *paths,
		      const struct nfp_vf_info *vf);
/* Writes "VF 4 (net1 in network namespace red)". */
const char *nfp_named_text(const struct nfp_named *named, char *buf, size_t size);
/* The same for a finding that names only VFs, or "VF 1, VF 2 and 60 more". */
const char *nfp_named_all(const struct nfp_finding *finding, char *buf, size_t size);

/* Returns what it costs if the PF sets a VF's address or trust, as a clause that follows another,
 * or "". */
const char *nfp_reset_price(const struct nfp_pf *pf);

/* -- vf.c -- */

/* Is another VF of the PF in use? */
bool nfp_has_other_vf(const struct nfp_paths *paths, const struct nfp_vf_info *but);

/* Does somebody send by the VF now, as far as could be seen? */
bool nfp_vf_is_used(const struct nfp_paths *paths, const struct nfp_vf_info *vf);
/* Adds the findings about VFs. The other nfp_find functions add theirs. */
void nfp_find_vfs(const struct nfp_paths *paths, bool is_legacy, struct nfp_audit *audit);

/* -- left.c -- */

/* Does nobody have the VF, and is it up nowhere? */
bool nfp_vf_is_spare(const struct nfp_paths *paths, const struct nfp_vf_info *vf);
/* Finds the VFs that no finding after @before names. */
void nfp_find_left(const struct nfp_paths *paths, size_t before, struct nfp_audit *audit);

/* -- filter.c -- */
void nfp_find_filter(const struct nfp_paths *paths, struct nfp_audit *audit);

/* -- bridge.c -- */

/* Is the tap the standby of the VF of the same process? Its name of libvirt's says so, or its guest
 * has sent from the VF's address. */
bool nfp_stands_by(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
		   const struct nfp_placed *tap);
/* @before: how many findings there were before this PF's. */
void nfp_find_bridges(const struct nfp_paths *paths, struct nfp_audit *audit);

/* -- same.c, idle.c, vlan_netdev.c, lag.c, vfport.c: each adds its findings -- */
void nfp_find_same(const struct nfp_paths *paths, bool is_legacy, struct nfp_audit *audit);
void nfp_find_idle(const struct nfp_paths *paths, struct nfp_audit *audit);
void nfp_find_vlan_netdevs(const struct nfp_paths *paths, struct nfp_audit *audit);
void nfp_find_lag(const struct nfp_paths *paths, struct nfp_audit *audit);
void nfp_find_vf_ports(const struct nfp_paths *paths, struct nfp_audit *audit);

/* -- guests.c -- */
void nfp_guests_free(struct nfp_guest_way *guests, size_t num);

/* -- way.c: finds where the ways of standbys stop -- */
void nfp_find_ways(const struct nfp_paths *paths, struct nfp_audit *audit);

#endif
