/* SPDX-License-Identifier: GPL-2.0-or-later */
/* candidate.h - why a candidate does not get its part: 0, or -errno with the sentence and a hint.
 */
#ifndef NFPROBE_CANDIDATE_H
#define NFPROBE_CANDIDATE_H

#include "roles.h"

/* -- next.c -- */
/* Another run has this PF, or has left a VF of it. */
int nfp_refuse_runs(const struct nfp_pf *pf, struct nfp_err *err);

/* -- candidate.c -- */
/* The netdev that --from names was asked. */
int nfp_refuse_unheard(const struct nfp_roles_input *input, struct nfp_err *err);
/* The reflector. */
int nfp_refuse_peer(const struct nfp_roles_input *input, struct nfp_err *err);
/* A neighbour, by what it said. */
int nfp_refuse_neighbour(const struct nfp_roles_input *input, const struct nfp_neighbour *neighbour,
			 const struct nfp_arp_reply *said, struct nfp_err *err);
/* --from arp, and there is no gateway. */
int nfp_refuse_no_gateway(const struct nfp_roles_input *input, struct nfp_err *err);
/* Nobody whom auto asks is a source, of netdevs @num. */
int nfp_refuse_all(const struct nfp_roles_input *input, size_t num, struct nfp_err *err);

/* -- bond.c -- */
/* The PF's bond is not to bear what the run would do with this VF. */
int nfp_refuse_bonded(const struct nfp_roles_input *input, const struct nfp_roles *roles,
		      struct nfp_err *err);
/* The PF would have to speak to have this source (--from @source). */
int nfp_refuse_asked(const struct nfp_roles_input *input, const char *source, struct nfp_err *err);

#endif
