// SPDX-License-Identifier: GPL-2.0-or-later
/* reflect.c - --reflect: forwards test frames for a prober on another host that has the id; and the
 * file with that id. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "print.h"
#include "run_priv.h"
#include "rights.h"

static int read_id(const char *path, struct nfp_peer_id *ret_id, struct nfp_err *err)
{
	char text[NFP_PEER_ID_STRLEN + 2] = "";
	FILE *in = fopen(path, "re");
	struct stat st;
	size_t len;
	int ret = 0;

	if (!in)
		return nfp_err_errno(err, -errno, NFP_E_INPUT, "cannot read the id in %s", path);
	len = fread(text, 1, sizeof(text) - 1, in);
	if (ferror(in))
		ret = nfp_err_errno(err, -errno, NFP_E_INPUT, "cannot read the id in %s", path);
	if (len && text[len - 1] == '\n')
		text[--len] = '\0';
	if (ret == 0 && fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & (S_IROTH | S_IWOTH))) {
		ret = nfp_err_set(err, -EPERM, NFP_E_INPUT,
				  "the id in %s is not secret: every user can read or write it",
				  path);
		nfp_err_hint(err, "Draw another id, and let no other user read it.");
		nfp_err_try(err, "chmod o= %s", path);
	} else if (ret == 0 && (strlen(text) != len || !nfp_peer_id_parse(text, ret_id))) {
		ret = nfp_err_set(err, -EINVAL, NFP_E_INPUT, "there is no id in %s", path);
		nfp_err_hint(err, "It must have %d hex digits, as nfprobe --reflect prints them.",
			     2 * NFP_PEER_ID_LEN);
	}
	fclose(in);
	return ret;
}

int nfp_id_read(struct nfp_request *request, struct nfp_err *err)
{
	return request->id_file ? read_id(request->id_file, &request->id, err) : 0;
}

/*
 * Reflects frames for a run on another host until its time is over or a signal comes; fills
 * *ret_report when this returns 0. Calls @opened once everything is open; if that returns other
 * than 0, the mode ends. Needs only CAP_NET_RAW. Changes nothing. 0 or -errno.
 */
static int run_reflect(const struct nfp_request *request, const struct nfp_signals *signals,
		       int (*opened)(void *ctx, const struct nfp_reflector_config *config),
		       void *ctx, struct nfp_reflector_report *ret_report, struct nfp_err *err)
{
	struct nfp_reflector_config config = {
		.id = request->id,
		.id_file = request->id_file,
		.rate = request->settings.rate,
		.for_ns = request->timeout_ns ? request->timeout_ns : NFP_REFLECT_TIME_NS,
		.stop_fd = signals->fd,
	};
	struct nfp_link link = {0};
	struct nfp_nl *nl = NULL;
	int ret = nfp_nl_open(NETLINK_ROUTE, -1, &nl, err)
			  ?: nfp_link_by_name(nl, request->pf, &link, err);

	nfp_nl_close(nl);
	if (ret == -ENODEV) {
		nfp_err_set(err, ret, NFP_E_NO_INTERFACE, "there is no interface %s", request->pf);
		nfp_err_hint(err, "ip link lists the interfaces.");
	}
	if (ret == 0)
		ret = nfp_link_refuse(&link, "reflect", "name another interface", err);
	if (ret < 0)
		return ret;
	if (!request->have_id && nfp_draw_id(&config.id, sizeof(config.id), err) < 0)
		return -EIO;
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

static int on_opened(void *ctx, const struct nfp_reflector_config *config)
{
	struct nfp_program *p = ctx;
	int ret = nfp_rights_drop_root(&p->stopped);

	if (ret < 0)
		return ret;
	return nfp_report_reflect_start(config, &p->out.opts, p->out.file);
}

int nfp_reflect_main(struct nfp_program *p)
{
	struct nfp_reflector_report report;
	struct nfp_err err = {0};
	int ret;

	/* There is nothing to undo, but a signal that has already come must end it. */
	(void)nfp_sink_wait_longer(&p->out.sink, p->signals.fd);
	ret = run_reflect(&p->request, &p->signals, on_opened, p, &report, &err);
	if (ret < 0) {
		if (p->stopped.code != NFP_E_NONE)
			err = p->stopped;
		if (err.code == NFP_E_NONE)
			nfp_err_set(&err, ret, NFP_E_OUTPUT, "the id could not be written: %s",
				    nfp_sink_strerror(ret));
		nfp_print_error(p, &err);
		return NFP_EXIT_CANNOT;
	}
	return nfp_print_finish(p, nfp_report_reflect_end(&report, &p->out.opts, p->out.file), 0);
}
