/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * roles.h - who plays which part in a run: the PF, the VF under test, the source of the frames, and
 * the VFs that help. All of it is pure.
 *
 * The parts follow from the host as it was read, from what is asked for, and from what the wire has
 * said. A source on the wire is known by asking alone: nfp_roles_pick_sender names whom to ask
 * next, and is called again with the answer. src/app reads the host, asks, and opens what the roles
 * says.
 */
#ifndef NFPROBE_ROLES_H
#define NFPROBE_ROLES_H

#include "report/report.h"

/* -- candidate.c: why a netdev cannot send on the wire of a PF -- */

enum nfp_port {
	NFP_PORT_OTHER,
	NFP_PORT_SAME,
	NFP_PORT_UNKNOWN, /* possibly the same; the kernel does not say */
};
/* Does @link, a netdev of hardware, use the same port of the NIC as the PF? */
enum nfp_port nfp_port_shared(const struct nfp_topology *topology, const struct nfp_pf *pf,
			      const struct nfp_link *link);
/*
 * Two PFs with the same number must not be probed at the same time: they share a port, or may, and
 * one that is promiscuous could take what is meant for the other; or they are of one device, which
 * has one lock. @ret_ports: one for each PF of the topology.
 */
void nfp_ports_find(const struct nfp_topology *topology, size_t ret_ports[]);
/* Does @link send through @lower, itself included, as a VLAN, macvlan or bridge does? */
bool nfp_sends_through(const struct nfp_topology *topology, const struct nfp_link *link,
		       const struct nfp_link *lower);
/* The first netdev that @link sends through, itself included, with that relation to the PF's port.
 * NULL: none. */
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
 * Why this netdev cannot be a source on the wire of @pf: 0 when it can, -EXDEV when the only
 * failed check is that it shares the PF's port of the NIC.
 */
int nfp_source_refuse(const struct nfp_topology *topology, const struct nfp_pf *pf,
		      const struct nfp_link *link, struct nfp_err *err);
/*
 * -ENOLINK when @mac, which answered as @name, belongs to a VF of the PF (in a guest, say): its
 * frames would pass for frames from the wire.
 */
int nfp_source_refuse_inside(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const char *name, const struct nfp_mac *mac, struct nfp_err *err);
#define NFP_CANDIDATES_MAX 64
/* The netdevs that auto has send a hello, in order. Returns how many (@max at most). */
size_t nfp_source_candidates(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const struct nfp_link *ret_links[], size_t max);

/* -- roles.c -- */

#define NFP_NEIGHBOURS_ASKED 3 /* by auto; a silent one takes a second */

/* A neighbour that was asked by ARP: at first everybody, then the one that answered alone. */
struct nfp_arp_reply {
	enum nfp_arp_what {
		NFP_ARP_SILENT,
		NFP_ARP_SILENT_ALONE, /* to what is sent to it alone */
		NFP_ARP_TO_SENDER,    /* whatever address a probe names, it answers the sender */
		NFP_ARP_ANSWERS,
		NFP_ARP_ANSWERS_ALL, /* the broadcast address as well */
	} what;
	struct nfp_mac mac;
};

/* The wire and the set-up of VFs have said this since the host was read. Zero: nothing yet. */
struct nfp_found {
	bool asked_netdevs, heard[NFP_CANDIDATES_MAX]; /* those of nfp_roles_netdevs */
	bool asked_peer, peer_answers;
	struct nfp_mac peer; /* the reflector */
	bool have_neighbours;
	struct nfp_neighbours neighbours; /* of the kernel's tables, on the PF's segment */
	struct nfp_arp_reply arp[NFP_NEIGHBOURS_ASKED]; /* those of roles.neighbour, in order */
	size_t num_arp;
	bool no_second; /* the VF that was to send broadcast as well cannot be set up */
};

/* All that the parts follow from. */
struct nfp_roles_input {
	const struct nfp_request *request;
	const struct nfp_topology *topology;
	const struct nfp_pf *pf; /* the one that was named */
	bool net_admin;		 /* without this capability no kernel reports the eswitch mode */
	bool dry;		 /* nobody is asked */
	unsigned int vid;	 /* the VLAN of the VF in the run; 0: none */
	const struct nfp_found *found;
};

enum nfp_query {
	NFP_QUERY_NOBODY,     /* the source is known */
	NFP_QUERY_NETDEVS,    /* those of nfp_roles_netdevs: which does the PF hear? */
	NFP_QUERY_PEER,	      /* is there a reflector with the id? */
	NFP_QUERY_NEIGHBOURS, /* the kernel: which neighbours are on the PF's segment? */
	NFP_QUERY_ARP,	      /* roles.neighbour: does it answer? */
};

/* Each VF is one of the PF's. NULL: nobody plays that part. */
struct nfp_roles {
	/* Set by nfp_roles_pick_vf. */
	bool in_lag;		      /* that is the answer, and nobody is asked for frames */
	bool have_vf;		      /* one was named or found */
	unsigned int number;	      /* of the VF under test */
	const struct nfp_vf_info *vf; /* NULL: the PF has none with that number */
	enum nfp_vf_status status;    /* NFP_VF_PROBED: it may be */

	/* Set by nfp_roles_pick_sender. */
	enum nfp_query query;
	enum nfp_source_id source;	/* the row of nfp_sources */
	const struct nfp_link *link;	/* NFP_SOURCE_NETDEV: it sends; NULL in a dry run */
	struct nfp_neighbour neighbour; /* ARP: it is asked, or answers */
	size_t arp;			/* its answer in found.arp */
	const struct nfp_vf_info
		*sender; /* the source; with NFP_SOURCE_ARP_ALONE, of broadcast too */

	/* Set by nfp_roles_pick_port. */
	const struct nfp_vf_info *port; /* the standby's; NULL: it is the PF */
};

/*
 * Gives the VF under test its part, and checks the PF and whatever is named. 0, or -errno: the run
 * ends. A VF that cannot be probed is no error of that kind: see status, and *why.
 */
int nfp_roles_pick_vf(const struct nfp_roles_input *input, struct nfp_roles *roles,
		      struct nfp_err *why, struct nfp_err *err);
/* The same VF once more, by what the host says now. */
void nfp_roles_pick_vf_again(const struct nfp_roles_input *input, struct nfp_roles *roles,
			     struct nfp_err *why);

/*
 * Names the sender: the one of --from, or the first of nfp_sources that is there. 0: roles.source
 * does; 1: roles.query is to be asked, and its answer noted in input->found; or -errno. *why says
 * why the reflector that auto has asked is no source. Its code is NFP_E_NONE if there is none.
 */
int nfp_roles_pick_sender(const struct nfp_roles_input *input, struct nfp_roles *roles,
			  struct nfp_err *why, struct nfp_err *err);
/* The netdevs that NFP_QUERY_NETDEVS means, in order. Returns how many, NFP_CANDIDATES_MAX at most.
 */
size_t nfp_roles_netdevs(const struct nfp_roles_input *input,
			 const struct nfp_link *ret_links[NFP_CANDIDATES_MAX]);

/* Gives those who help in a ladder of this style their parts. The source may not be known yet. */
void nfp_roles_pick_port(const struct nfp_roles_input *input, enum nfp_style style,
			 struct nfp_roles *roles);

/* -- next.c -- */
/* Proposes what to type next (report.h). @unprivileged: the caller sees neither each eswitch mode
 * nor each user of a VF. */
struct nfp_next nfp_next_command(const struct nfp_pf pfs[], size_t num, bool unprivileged);

#endif
