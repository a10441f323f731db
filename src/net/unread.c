// SPDX-License-Identifier: GPL-2.0-or-later
/* unread.c - notes what of the facts could not be read. */
#include "net/facts.h"

#include <stdio.h>

void nfp_facts_unread(struct nfp_facts *facts, const char *pf, const char *needs, const char *fmt,
		      ...)
{
	struct nfp_unread *unread;

	unread = nfp_grow(facts->unread, facts->num_unread);
	snprintf(unread->pf, sizeof(unread->pf), "%s", pf);
	snprintf(unread->needs, sizeof(unread->needs), "%s", needs);
	NFP_VFORMAT(unread->what, sizeof(unread->what), fmt);
}
