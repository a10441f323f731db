// SPDX-License-Identifier: GPL-2.0-or-later
/* Any command line, an argument a line. An accepted value is within its bounds; a refused one has a
 * sentence. */
#include <string.h>

#include "cli/request.h"
#include "fuzz/render.h"

#define ARGS_MAX 24

static void check(const struct nfp_request *r)
{
	require(r->settings.rate >= 1 && r->settings.rate <= 1000000);
	require(!r->settings.settle_ns || r->settings.settle_ns >= NFP_NSEC_PER_SEC / 10);
	require(r->settings.settle_ns <= 60 * NFP_NSEC_PER_SEC);
	require(r->timeout_ns <= 86400 * NFP_NSEC_PER_SEC);
	require(r->settings.vlan.vid <= 4094);
	require(strlen(r->pf) < sizeof(r->pf));
	require(strlen(r->from.ifname) < sizeof(r->from.ifname));
	if (r->mode == NFP_MODE_PROBE)
		require(r->pf[0] && r->any_vf + r->have_vf == 1);
	if (r->mode == NFP_MODE_AUDIT)
		require(!r->pf[0] && !r->any_vf && !r->have_vf && !r->have_mac && !r->have_id &&
			!r->settings.forced);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *argv[ARGS_MAX + 2] = {(char *)(uintptr_t) "nfprobe"};
	struct nfp_request request;
	struct nfp_err err = {.code = NFP_E_NONE};
	int argc = 1, ret;

	require(text);
	memcpy(text, data, size);
	text[size] = '\0';
	for (char *word = text; argc <= ARGS_MAX && word; argc++) {
		char *end = strchr(word, '\n');

		argv[argc] = word;
		if (end)
			*end++ = '\0';
		word = end;
	}
	ret = nfp_request_parse(argc, argv, &request, &err);
	if (ret) {
		require(ret < 0 && err.code == NFP_E_USAGE && err.message[0]);
		render_error(&err);
	} else {
		check(&request);
	}
	nfp_request_fini(&request);
	free(text);
	return 0;
}
