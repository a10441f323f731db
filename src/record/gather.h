/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gather.h - the first pass over a recording: what no frame shows, wherever in the file it stands.
 */
#ifndef NFPROBE_EVIDENCE_GATHER_H
#define NFPROBE_EVIDENCE_GATHER_H

#include "blocks.h"
#include "nfprobe/traffic.h"
#include "nfprobe/result.h"

struct gathered {
	struct nfp_frame_id id;
	char **rounds; /* facts of all ladders, in their order, as text; owned */
	size_t num_rounds;
};

/*
 * Fills @result with the facts of the run and its VFs. gathered_fini in any case. 0, -EBADMSG when
 * there are none or they are damaged, -ENOMEM, or -errno of the stream.
 */
int gather_facts(struct blocks *blocks, struct nfp_result *result, struct gathered *ret_gathered,
		 struct nfp_err *err);
void gathered_fini(struct gathered *gathered);

#endif
