// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes in the file where libvirt keeps a guest's state: what is taken of them is short text.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "net/domstatus.h"

static void check_word(const char *word, size_t size)
{
	require(strnlen(word, size) < size);
	for (; *word; word++)
		require(*word >= ' ' && *word < 0x7f && !strchr("<>&'\"", *word));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nfp_domstatus status;

	if (!nfp_domstatus_parse((const char *)data, size, &status))
		return 0;
	require(status.state[0] && status.pid >= 0);
	check_word(status.state, sizeof(status.state));
	check_word(status.reason, sizeof(status.reason));
	(void)nfp_domstatus_runs(&status);
	return 0;
}
