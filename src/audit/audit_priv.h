/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit_priv.h - shared by the files of this folder. */
#ifndef NFPROBE_AUDIT_AUDIT_PRIV_H
#define NFPROBE_AUDIT_AUDIT_PRIV_H

#include "nfprobe/audit.h"

/* -- place.c: where an address is -- */

/* The netdevs and the entries of a host, in the order in which they are looked up. */
struct nfp_index;
struct nfp_index *nfp_index_new(const struct nfp_facts *facts);
void nfp_index_free(struct nfp_index *index);

/* An entry of a table, and the namespace that it is in. */
struct nfp_entry {
	const struct nfp_netns *netns;
	const struct nfp_neigh *entry;
};
/* Entries of one address that are looked at: in a namespace of his own, anybody makes as many as he
 * likes. */
#define NFP_SAME_MAX 256U
/* All entries with this address, those of this namespace first; borrowed. */
const struct nfp_entry *nfp_entries_of(const struct nfp_index *index, const struct nfp_mac *mac,
				       size_t *ret_num);

/* A netdev leads to a function of the PF, in this VLAN. */
struct nfp_way {
	const struct nfp_vf_info *vf; /* NULL: to the PF itself */
	unsigned int vlan;
};

/*
 * The ways of all netdevs to one PF. They are found once, upwards from its functions, and each
 * netdev is looked at once: whoever has a network namespace may stack netdevs in it as he likes.
 */
struct nfp_ways {
	const struct nfp_index *index; /* borrowed, as are @facts and @pf */
	const struct nfp_facts *facts;
	const struct nfp_pf *pf;
	bool *found;		   /* owned: by the number of the netdev */
	struct nfp_way *way;	   /* owned, likewise */
	size_t *queue, begin, end; /* while they are found */
};
void nfp_ways_find(const struct nfp_index *index, const struct nfp_pf *pf,
		   struct nfp_ways *ret_ways);
void nfp_ways_fini(struct nfp_ways *ways);

/* False: the netdev does not lead to the PF. @link is one of netns->links. */
bool nfp_way_find(const struct nfp_ways *ways, const struct nfp_netns *netns,
		  const struct nfp_link *link, struct nfp_way *ret_way);

/* Has an address more entries than are looked at? */
bool nfp_index_is_crowded(const struct nfp_index *index);
/* Borrowed; NULL: there is none. */
const struct nfp_link *nfp_index_link(const struct nfp_index *index, const struct nfp_netns *netns,
				      int ifindex);

/* Has the process this tap or macvtap open? */
bool nfp_process_has(const struct nfp_index *index, int pid, const struct nfp_netns *netns,
		     const struct nfp_link *link);
/* Has any? */
bool nfp_macvtap_is_open(const struct nfp_index *index, const struct nfp_netns *netns,
			 const struct nfp_link *link);

/* An entry of a bridge of this namespace on the PF, whose port is none of the PF's own. */
struct nfp_learned {
	const struct nfp_neigh *entry;
	const struct nfp_link *bridge, *port; /* port: NULL if it has gone */
	bool at_pf;			 /* the port leads to the PF, behind which the network is */
	const struct nfp_vf_info *at_vf; /* the port leads to this VF */
	unsigned int vlan;
};
/* False: it is no such entry, or its age says nothing. */
bool nfp_learned_find(const struct nfp_ways *ways, const struct nfp_neigh *entry,
		      struct nfp_learned *ret_learned);

/* -- mend.c -- */

/* Nobody uses it, or its netdev is where no process is. */
bool nfp_vf_is_left(const struct nfp_facts *facts, const struct nfp_vf_info *vf);
/*
 * A command of ip(8) for a netdev where it is: @verb is "set" or "delete", and nfp_command_more
 * adds what is set, before nfp_mend_end.
 *
 * A namespace without a name is known by a process in it, whose number another may have when the
 * command is pasted. So that is entered only while it has the same inode: find(1), for it looks and
 * goes in as one command, whose words need no shell.
 */
void nfp_mend_begin(struct nfp_commands *to, const struct nfp_netns *netns,
		    const struct nfp_link *link, const char *verb);
void nfp_mend_end(struct nfp_commands *to, const struct nfp_netns *netns);
/* Takes the address from the VF: its commands, and what must come first. */
void nfp_mend_vf(const struct nfp_facts *facts, const struct nfp_pf *pf,
		 const struct nfp_vf_info *vf, const struct nfp_mac *mac,
		 struct nfp_finding *finding);

/* The same of a VF that a process holds and does not use. */
void nfp_mend_at_rest(const struct nfp_pf *pf, const struct nfp_vf_info *vf,
		      struct nfp_finding *finding);

/* -- finding.c -- */

#define COMMANDS_MAX 8 /* of guests that the PF's filter lacks, or VFs with one address */

/* Adds one; the caller fills in the rest. */
struct nfp_finding *nfp_finding_add(struct nfp_audit *audit, enum nfp_finding_code code,
				    const struct nfp_pf *pf);
void nfp_finding_name(struct nfp_finding *finding, const struct nfp_facts *facts,
		      const struct nfp_vf_info *vf);
/* "VF 4 (net1 in network namespace red)" */
const char *nfp_named_text(const struct nfp_named *named, char *buf, size_t size);

/* -- same.c, idle.c, swallowed.c: each adds its findings -- */
void nfp_find_same(const struct nfp_ways *ways, bool is_legacy, struct nfp_audit *audit);
void nfp_find_idle(const struct nfp_ways *ways, struct nfp_audit *audit);
void nfp_find_swallowed(const struct nfp_ways *ways, struct nfp_audit *audit);

#endif
