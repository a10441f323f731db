// SPDX-License-Identifier: GPL-2.0-or-later
/* reflect.c - --reflect: forwards test frames for a prober on another host that has the id. */
#include <errno.h>
#include <sys/random.h>

#include "run_priv.h"

int nfp_run_reflect(const struct nfp_request *request, const struct nfp_signals *signals,
		    int (*opened)(void *ctx, const struct nfp_reflector_config *config), void *ctx,
		    struct nfp_reflector_report *ret_report, struct nfp_err *err)
{
	struct nfp_reflector_config config = {
		.id = request->id,
		.id_file = request->id_file,
		.rate = request->rate,
		.for_ns = request->timeout_ns ? request->timeout_ns : NFP_REFLECT_TIME_NS,
		.stop_fd = signals->fd,
	};
	struct nfp_link link;
	struct nfp_nl *nl;
	int ret = nfp_nl_open(NETLINK_ROUTE, -1, &nl, err);

	if (ret < 0)
		return ret;
	ret = nfp_link_by_name(nl, request->pf, &link, err);
	nfp_nl_close(nl);
	if (ret == -ENODEV) {
		nfp_err_set(err, ret, NFP_E_NO_INTERFACE, "there is no interface %s", request->pf);
		nfp_err_hint(err, "ip link lists the interfaces.");
	}
	if (ret == 0)
		ret = nfp_link_refuse(&link, "reflect", "name another interface", err);
	if (ret < 0)
		return ret;
	if (!request->have_id &&
	    getrandom(&config.id, sizeof(config.id), 0) != (ssize_t)sizeof(config.id))
		return nfp_err_errno(err, -EIO, NFP_E_KERNEL, "cannot get random numbers");
	config.netdev = nfp_netdev_named(link.ifindex, link.ifname);
	config.mac = link.address;
	config.deadline_ns = nfp_clock_now() + config.for_ns;
	ret = nfp_reflector_run(&config, opened, ctx, ret_report, err);
	if (ret < 0 && err->code == NFP_E_PERMISSION)
		nfp_err_hint(err,
			     "A reflector needs only CAP_NET_RAW. Run it as root (sudo nfprobe "
			     "--reflect ..).");
	return ret;
}
