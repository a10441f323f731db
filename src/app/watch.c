// SPDX-License-Identifier: GPL-2.0-or-later
/* watch.c - --watch: shows where the frames of a guest stop. */
#include "watch.h"

#include <linux/capability.h>
#include <poll.h>
#include <sys/param.h>
#include <unistd.h>

#include "print.h"
#include "rights.h"
#include "supervise.h"

#define LOOK_NS (10 * NFP_NSEC_PER_SEC) /* guests that take longer to find are not seen */

/* Waits until then, or until a signal has come. Returns whether one has. */
static bool wait_until(struct nfp_program *p, uint64_t until_ns)
{
	struct pollfd fd = {.fd = p->signals.fd, .events = POLLIN};

	return nfp_clock_poll(&fd, 1, until_ns) != 0 && nfp_signals_poll(&p->signals) != 0;
}

int nfp_watch_places(struct nfp_program *p, const struct nfp_watch_place *places, size_t num,
		     int pf, struct nfp_watched_way *watch, struct nfp_err *err)
{
	const bool live = nfp_report_is_terminal(STDOUT_FILENO) && !p->request.quiet &&
			  !nfp_request_json_stdout(&p->request);
	struct nfp_watching *watching;
	unsigned int drawn = 0;
	uint64_t now, end_ns;
	int ret = nfp_signals_open(&p->signals);

	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot set up signals");
	ret = nfp_watching_open(places, num, pf, watch, &watching, err);
	if (ret == -EPERM && err->code == NFP_E_PERMISSION)
		nfp_err_hint(err, "To listen takes CAP_NET_RAW, and CAP_SYS_ADMIN in another "
				  "network namespace. Run it as root.");
	if (ret < 0)
		return ret;
	end_ns = nfp_clock_now() + p->request.watch_ns;
	for (bool over = false; !over && (now = nfp_clock_now()) < end_ns;) {
		if (live) {
			nfp_report_resize(&p->out.opts, STDOUT_FILENO);
			drawn = nfp_report_watch_live(watch, drawn, end_ns - now, &p->out.opts,
						      p->out.file);
		}
		over = wait_until(p, MIN(end_ns, now + NFP_NSEC_PER_SEC));
		nfp_watching_count(watching);
	}
	nfp_watching_end(watching);
	nfp_watching_close(watching);
	nfp_report_watch_erase(drawn, p->out.file);
	nfp_watch_judge(watch);
	return 0;
}

static int watch_guest(struct nfp_program *p, struct nfp_watched_way *watch, struct nfp_err *err)
{
	const struct nfp_facts_rights may = {
		.net_admin = nfp_has_capability(CAP_NET_ADMIN),
		.sys_admin = nfp_has_capability(CAP_SYS_ADMIN),
		.sys_ptrace = nfp_has_capability(CAP_SYS_PTRACE),
	};
	struct nfp_watch_found found;
	struct nfp_facts facts;
	int ret = nfp_facts_read(nfp_sysroot_default(), &may, nfp_clock_now() + LOOK_NS, &facts,
				 err);

	if (ret < 0)
		return ret;
	/* The way does not depend on facts about VFs that a PF keeps to itself. */
	nfp_for_each (unread, facts.unread, facts.num_unread)
		if (!unread->pf[0])
			nfp_strv_addf(&watch->unseen, "%s%s%s", unread->what,
				      unread->needs[0] ? ", which needs " : "", unread->needs);
	ret = nfp_watch_find(&facts, p->request.devices.v[0], watch, &found, err);
	nfp_facts_fini(&facts);
	ret = ret ?: nfp_watch_places(p, found.places, found.num, found.pf, watch, err);
	nfp_watch_found_fini(&found);
	return ret;
}

int nfp_way_main(struct nfp_program *p)
{
	struct nfp_watched_way watch = {.ns = 0};
	struct nfp_err err = {0};
	int ret, written = 0;

	if (!p->request.watch_ns)
		return nfp_ways_main(p);
	ret = watch_guest(p, &watch, &err);
	if (ret < 0)
		watch.exit_status = err.code == NFP_E_USAGE ? NFP_EXIT_USAGE : NFP_EXIT_CANNOT;
	if (nfp_print_wants_text(p, ret, &err))
		written = nfp_report_watch_text(&watch, &p->out.opts, p->out.file);
	ret = nfp_print_found(p, nfp_report_watch_json(&watch, &err), written, watch.exit_status);
	nfp_watch_fini(&watch);
	return ret;
}
