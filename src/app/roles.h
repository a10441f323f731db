/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * roles.h - the roles in a run: which netdevs are the PF, the VF under test, the source of the
 * frames, and the VFs that help. Pure.
 *
 * The roles follow from the host as it was read, from the request, and from the replies so far.
 * Only the wire can tell whether a netdev is on it: nfp_roles_pick_sender returns the next query,
 * and is called again with the reply. The rest of src/app reads the host, asks, and opens what has
 * a role.
 */
#ifndef NFPROBE_ROLES_H
#define NFPROBE_ROLES_H

#include "report/report.h"

/* -- candidate.c: why a netdev cannot send on the wire of a PF -- */

enum nfp_port {
	NFP_PORT_OTHER,
	NFP_PORT_SAME,
	NFP_PORT_UNKNOWN, /* it may; the kernel does not say */
};
/* Looks whether @link, the netdev of a device, uses the same port of the NIC as the PF. */
enum nfp_port nfp_port_shared(const struct nfp_topology *topology, const struct nfp_pf *pf,
			      const struct nfp_link *link);
/*
 * Numbers the PFs. Two PFs with the same number must not be probed at the same time: they share a
 * port, or may, and one that is promiscuous could take frames for the other; or they are of one
 * device, which has one lock. @ret_ports: one for each PF of the topology.
 */
void nfp_ports_find(const struct nfp_topology *topology, size_t ret_ports[]);
/* Returns the first device that @link sends through, itself included, with that relation to the
 * PF's port. NULL: none. */
const struct nfp_link *nfp_lower_on_port(const struct nfp_topology *topology,
					 const struct nfp_pf *pf, const struct nfp_link *link,
					 enum nfp_port port);
/*
 * Refuses a netdev that is down, without carrier, or a port of a master. @verb: what it cannot do,
 * "send"; @instead: what the user can do, "name another".
 */
int nfp_link_refuse(const struct nfp_link *link, const char *verb, const char *instead,
		    struct nfp_err *err);
/*
 * Checks that this netdev can be a source on the wire of @pf. 0; -EXDEV when its only fault is that
 * it shares the PF's port of the NIC; or another -errno.
 */
int nfp_source_refuse(const struct nfp_topology *topology, const struct nfp_pf *pf,
		      const struct nfp_link *link, struct nfp_err *err);
/*
 * -ENOLINK when @mac, which replied as @name, belongs to a VF of the PF (in a guest, for example):
 * its frames would pass for frames from the wire.
 */
int nfp_source_refuse_inside(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const char *name, const struct nfp_mac *mac, struct nfp_err *err);
#define NFP_CANDIDATES_MAX 64
/* Lists the netdevs from which auto sends a hello, in order. Returns how many (@max at most). */
size_t nfp_source_candidates(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const struct nfp_link *ret_links[], size_t max);

/* -- roles.c -- */

#define NFP_NEIGHBOURS_ASKED 3 /* by auto; a silent neighbour takes a second */

/* How a neighbour answered ARP: at first a broadcast request, then one to it alone. */
struct nfp_arp_reply {
	enum nfp_arp_what {
		NFP_ARP_SILENT,
		NFP_ARP_SILENT_ALONE, /* to a request to it alone */
		NFP_ARP_TO_SENDER,    /* it replies to the sender, whatever address a probe names */
		NFP_ARP_ANSWERS,
		NFP_ARP_ANSWERS_ALL, /* it also replies to the broadcast address */
	} what;
	struct nfp_mac mac;
};

/* The evidence of the wire and of set-up VFs since the host was read. Zero: none yet. */
struct nfp_found {
	bool asked_netdevs, heard[NFP_CANDIDATES_MAX]; /* the netdevs of nfp_roles_netdevs */
	bool asked_peer, peer_answers;
	struct nfp_mac peer; /* the reflector */
	bool have_neighbours;
	struct nfp_neighbours neighbours; /* those of the kernel's tables on the PF's segment */
	struct nfp_arp_reply arp[NFP_NEIGHBOURS_ASKED]; /* the replies of the neighbours in
							   roles.neighbour, in order */
	size_t num_arp;
	bool no_second; /* the VF that was to send broadcast, too, cannot be set up */
};

/* Everything from which the roles follow. */
struct nfp_roles_input {
	const struct nfp_request *request;
	const struct nfp_topology *topology;
	const struct nfp_pf *pf; /* the PF that the user named */
	bool net_admin;	  /* CAP_NET_ADMIN, without which no kernel reports the eswitch mode */
	bool dry;	  /* a dry run asks nobody */
	unsigned int vid; /* the VLAN of the VF in the run; 0: none */
	const struct nfp_found *found;
};

enum nfp_query {
	NFP_QUERY_NOBODY,     /* the source is known */
	NFP_QUERY_NETDEVS,    /* those of nfp_roles_netdevs that the PF hears */
	NFP_QUERY_PEER,	      /* a reflector with the id */
	NFP_QUERY_NEIGHBOURS, /* the neighbours of the kernel's tables on the PF's segment */
	NFP_QUERY_ARP,	      /* an answer of roles.neighbour */
};

/* Each VF is one of the PF's. NULL: no VF has that role. */
struct nfp_roles {
	/* Set by nfp_roles_pick_vf. */
	bool in_lag;	     /* the PF is in a LAG, which is the answer: no frame is needed */
	bool have_vf;	     /* a VF was named or found */
	unsigned int number; /* the number of the VF under test */
	const struct nfp_vf_info *vf; /* NULL: the PF has none with that number */
	enum nfp_vf_status status;    /* NFP_VF_PROBED: it can be probed */

	/* Set by nfp_roles_pick_sender. */
	enum nfp_query query;
	enum nfp_source_id source;	  /* the row of nfp_sources */
	const struct nfp_link *link;	  /* NFP_SOURCE_NETDEV: it sends; NULL in a dry run */
	struct nfp_neighbour neighbour;	  /* for ARP: the one to ask, or the one that answers */
	size_t arp;			  /* the index of its reply in found.arp */
	const struct nfp_vf_info *sender; /* the VF that is the source; with NFP_SOURCE_ARP_ALONE,
					     of broadcast, too */

	/* Set by nfp_roles_pick_port. */
	const struct nfp_vf_info *port; /* the standby's port; NULL: the PF */
};

/*
 * Picks the VF under test, and checks the PF and whatever the user named. 0, or -errno: the run
 * ends. A VF that cannot be probed is not such an error: see status, and *why.
 */
int nfp_roles_pick_vf(const struct nfp_roles_input *input, struct nfp_roles *roles,
		      struct nfp_err *why, struct nfp_err *err);
/* Picks the same VF again, on the host as it is now. */
void nfp_roles_pick_vf_again(const struct nfp_roles_input *input, struct nfp_roles *roles,
			     struct nfp_err *why);

/*
 * Picks the sender: --from, or the first usable row of nfp_sources. 0: roles.source is set; 1: ask
 * roles.query, note the reply in input->found, and call again; or -errno. *why says why the
 * reflector that auto has asked is no source; its code is NFP_E_NONE if there is no reason.
 */
int nfp_roles_pick_sender(const struct nfp_roles_input *input, struct nfp_roles *roles,
			  struct nfp_err *why, struct nfp_err *err);
/* Lists the netdevs of NFP_QUERY_NETDEVS, in order. Returns how many,
 * NFP_CANDIDATES_MAX at most. */
size_t nfp_roles_netdevs(const struct nfp_roles_input *input,
			 const struct nfp_link *ret_links[NFP_CANDIDATES_MAX]);

/* Picks the VF that is the standby's port in a ladder of this style. The source may not be known
 * yet. */
void nfp_roles_pick_port(const struct nfp_roles_input *input, enum nfp_style style,
			 struct nfp_roles *roles);

/* -- next.c -- */
/* Proposes what to type next (report.h). @unprivileged: the caller sees neither each eswitch mode
 * nor each user of a VF. */
struct nfp_next nfp_next_command(const struct nfp_pf pfs[], size_t num, bool unprivileged);

#endif
