/* SPDX-License-Identifier: GPL-2.0-or-later */
/* candidate.h - why a candidate does not get its role: 0, or -errno with the sentence
 * and a hint. */
#ifndef NFPROBE_CANDIDATE_H
#define NFPROBE_CANDIDATE_H

#include "roles.h"

/* -- next.c -- */
/* Refuses a PF that another run has, or that has a VF which another run left. */
int nfp_refuse_runs(const struct nfp_pf *pf, struct nfp_err *err);

/* -- candidate.c -- */
/* Refuses the netdev that --from names, which the PF did not hear. */
int nfp_refuse_unheard(const struct nfp_roles_input *input, struct nfp_err *err);
/* The reflector. */
int nfp_refuse_peer(const struct nfp_roles_input *input, struct nfp_err *err);
/* Refuses a neighbour, by its reply. */
int nfp_refuse_neighbour(const struct nfp_roles_input *input, const struct nfp_neighbour *neighbour,
			 const struct nfp_arp_reply *said, struct nfp_err *err);
/* Refuses --from arp, since there is no gateway. */
int nfp_refuse_no_gateway(const struct nfp_roles_input *input, struct nfp_err *err);
/* Refuses auto: no source was found among @num netdevs and the others. */
int nfp_refuse_all(const struct nfp_roles_input *input, size_t num, struct nfp_err *err);

/* -- candidate.c: bonds -- */
/* Refuses a VF whose run would harm the PF's bond. */
int nfp_refuse_bonded(const struct nfp_roles_input *input, const struct nfp_roles *roles,
		      struct nfp_err *err);
/* Refuses --from @source, for which the PF would have to send. */
int nfp_refuse_asked(const struct nfp_roles_input *input, const char *source, struct nfp_err *err);

#endif
