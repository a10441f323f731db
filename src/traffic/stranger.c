// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stranger.c - frames from a test MAC that the run did not send: another station has the address.
 * It listens where the run's own frames would also arrive: at the PF, and at the source.
 */
#include <stdio.h>
#include <stdlib.h>

#include "traffic_priv.h"

#define BUFFER	 (128U << 10)
#define READ_MAX 256U

struct strangers {
	struct nfp_capture *capture[2];
	uint64_t heard;
};

static void hear_stranger(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct strangers *strangers = ctx;

	(void)real_ns;
	strangers->heard += !nfp_announcement_is(data, len) && !nfp_mld_is(data, len);
}

int strangers_open(const struct nfp_stream_config *config, struct strangers **ret_strangers,
		   struct nfp_err *err)
{
	bool apart = config->sender.ifindex && config->sender.ifindex != config->pf.ifindex;
	struct strangers *strangers = nfp_calloc(1, sizeof(*strangers));
	char filter[128];
	int ret;

	/* Test frames of any stream of the run, even tagged, are nfprobe's own. */
	snprintf(filter, sizeof(filter),
		 "ether src %s and ether[12:2] != 0x%x and ether[16:2] != 0x%x",
		 nfp_mac_str(&config->elsewhere).text, NFP_ETHERTYPE, NFP_ETHERTYPE);
	ret = nfp_capture_open(&config->pf, filter, BUFFER, false, &strangers->capture[0], err);
	if (!ret && apart)
		ret = nfp_capture_open(&config->sender, filter, BUFFER, false,
				       &strangers->capture[1], err);
	if (ret)
		strangers_close(strangers);
	else
		*ret_strangers = strangers;
	return ret;
}

void strangers_close(struct strangers *strangers)
{
	if (!strangers)
		return;
	for (size_t i = 0; i < 2; i++)
		nfp_capture_close(strangers->capture[i]);
	free(strangers);
}

uint64_t strangers_heard(struct strangers *strangers)
{
	for (size_t i = 0; i < 2; i++) {
		if (strangers->capture[i])
			(void)nfp_capture_drain(strangers->capture[i], READ_MAX, hear_stranger,
						strangers);
	}
	return strangers->heard;
}
