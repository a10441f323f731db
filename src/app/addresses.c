// SPDX-License-Identifier: GPL-2.0-or-later
/* addresses.c - the random addresses of a run: each ladder's own, and the strangers'. */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "run_priv.h"

#define PER_LADDER 4 /* two, and two for the same once more in full */
/* What a ladder leaves in the NIC must not spoil the next; one after so many is another matter. */
#define LADDERS_MAX 16U

static size_t ladders(const struct nfp_run *run)
{
	unsigned int repeat = run->request->repeat;

	if (repeat > LADDERS_MAX)
		return LADDERS_MAX;
	return repeat ? repeat : 1;
}

static bool taken(const struct nfp_run *run, const struct nfp_mac *mac, size_t upto)
{
	for (size_t i = 0; i < run->topology.num_links; i++) {
		if (nfp_mac_equal(&run->topology.links[i].address, mac))
			return true;
	}
	for (size_t i = 0; i < upto; i++) {
		if (nfp_mac_equal(&run->pool[i], mac))
			return true;
	}
	return run->request->have_mac && nfp_mac_equal(&run->request->mac, mac);
}

/* The VF that is probed, where it is one only. */
static const struct nfp_vf_info *only_vf(const struct nfp_run *run)
{
	const struct nfp_vf_info *vf = NULL;
	size_t num = 0;

	for (size_t i = 0; i < run->result->num_vfs; i++) {
		if (run->result->vfs[i].status != NFP_VF_PROBED)
			continue;
		vf = nfp_pf_vf(run->pf, run->result->vfs[i].vf);
		num++;
	}
	return num == 1 ? vf : NULL;
}

int nfp_check_mac(const struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_mac *mac = &run->request->mac;
	char who[NFP_USER_LEN], text[NFP_MAC_STRLEN];
	int ret = run->request->have_mac
			  ? nfp_mac_owner(&run->topology, mac, only_vf(run), who, err)
			  : 0;

	if (ret <= 0)
		return ret;
	nfp_err_set(err, -EADDRINUSE, NFP_E_MAC_IN_USE, "--mac %s: %s has this address already",
		    nfp_mac_str(mac, text), who);
	nfp_err_hint(err,
		     "frames to it would be somebody else's: take an address that nobody has, or "
		     "leave out --mac for random ones");
	return -EADDRINUSE;
}

static int draw(const struct nfp_run *run, size_t upto, struct nfp_mac *ret_mac)
{
	struct nfp_mac mac;

	do {
		if (getrandom(mac.b, sizeof(mac.b), 0) != (ssize_t)sizeof(mac.b))
			return -EIO;
		/* IEEE Std 802-2014, 8.4: bit 1 of the first octet is "local", bit 0 is "group". */
		mac.b[0] = (uint8_t)((mac.b[0] & 0xfcU) | 0x02U);
	} while (taken(run, &mac, upto));
	*ret_mac = mac;
	return 0;
}

int nfp_pool_fill(struct nfp_run *run, struct nfp_err *err)
{
	size_t num = 1 + run->result->num_vfs * NFP_STYLE_COUNT * ladders(run) * PER_LADDER;

	run->pool = nfp_calloc(num, sizeof(*run->pool));
	run->num_pool = num;
	for (size_t i = 0; i < num; i++) {
		int ret = 0;

		if (i > 0 && run->request->have_mac)
			run->pool[i] = run->request->mac;
		else
			ret = draw(run, i, &run->pool[i]);
		if (ret < 0)
			return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot get random numbers");
	}
	return 0;
}

struct nfp_addresses nfp_pool_pick(const struct nfp_run *run, size_t vf_index, enum nfp_style style,
				   unsigned int round, bool in_full)
{
	size_t ladder = (vf_index * NFP_STYLE_COUNT + (size_t)style) * ladders(run) +
			round % ladders(run);
	size_t at = 1 + ladder * PER_LADDER + (in_full ? 2 : 0);

	return (struct nfp_addresses) {.main = run->pool[at], .first = run->pool[at + 1]};
}
