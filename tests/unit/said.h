/* SPDX-License-Identifier: GPL-2.0-or-later */
/* said.h - hints and commands as text, which is valid until the next call. */
#ifndef TESTS_UNIT_SAID_H
#define TESTS_UNIT_SAID_H

#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

/* Takes @text over. */
static inline const char *said(char *text)
{
	static char kept[8192];

	snprintf(kept, sizeof(kept), "%s", text);
	free(text);
	return kept;
}

static inline const char *said_hint(const struct nfp_hint *hint)
{
	return said(nfp_hint_text(hint));
}

/* Returns a line for each. */
static inline const char *said_commands(const struct nfp_commands *commands)
{
	return said(nfp_commands_text(commands, "\n"));
}

#endif
