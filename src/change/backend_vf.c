// SPDX-License-Identifier: GPL-2.0-or-later
/* backend_vf.c - any VF of a run: whether it is still idle, a change of its netdev, its entry in
 * the journal, its undo. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "backend.h"
#include "change.h"
#include "guard.h"
#include "journal.h"
#include "klog.h"
#include "settings.h"
#include "undo.h"
#include "vf_state.h"
#include "vfdrv.h"
#include "change/host.h"

struct nfp_change nfp_backend_change(const struct nfp_backend_vf *vf, enum nfp_change_kind kind)
{
	struct nfp_change c = nfp_change_of_link(kind, vf->before.vf, vf->netdev.ifindex,
						 vf->netdev.ifname, NULL);

	c.private_netns = true;
	return c;
}

void nfp_backend_note_look(struct nfp_backend *backend, uint64_t took_ns)
{
	if (took_ns <= NFP_CHEAP_NS)
		backend->cheap = true;
	else
		backend->dear_ns += took_ns;
}

bool nfp_backend_may_look(const struct nfp_backend *backend)
{
	return backend->cheap || backend->dear_ns <= VF_DUMP_BUDGET_NS;
}

const struct nfp_mac *nfp_backend_placeholder_mac(const struct nfp_backend *backend,
						  unsigned int vf)
{
	return &nfp_journal_find_vf(nfp_journal_data(backend->journal), vf)->placeholder_mac;
}

/* The drivers of the VF and the PF are about to write lines of their own. */
static void log_vf(const struct nfp_backend *backend, const struct nfp_vf_state *vf)
{
	const struct nfp_journal_data *data = nfp_journal_data(backend->journal);

	nfp_for_each (v, data->vfs, data->num_vfs)
		if (v->before.vf == vf->vf)
			return;
	nfp_klog(backend->apply.root,
		 "run %s on %s (%s): VF %u (%s) is used from now on, nfprobe %s",
		 backend->config.id, data->head.ifname, data->head.parentdev, vf->vf, vf->parentdev,
		 nfp_version);
}

void nfp_backend_log_end(const struct nfp_backend *backend)
{
	const struct nfp_journal_data *data = nfp_journal_data(backend->journal);
	char vfs[NFP_NOTE_LEN] = "";

	if (backend->config.dry || !data->num_vfs)
		return;
	/* The journal has the VF once for each time that the run takes it. */
	for (size_t i = 0; i < data->num_vfs; i++) {
		size_t k = 0;

		while (data->vfs[k].before.vf != data->vfs[i].before.vf)
			k++;
		if (k == i)
			nfp_appendf(vfs, sizeof(vfs), "%sVF %u", i ? ", " : "",
				    data->vfs[i].before.vf);
	}
	nfp_klog(backend->apply.root, "run %s on %s (%s) is over: it used %s, nfprobe %s",
		 backend->config.id, data->head.ifname, data->head.parentdev, vfs, nfp_version);
}

/* Emits a warning before anything is changed. */
static NFP_PRINTF(2, 3) void emit_before(struct nfp_backend *backend, const char *fmt, ...)
{
	struct nfp_strv *warnings = &backend->warnings;
	size_t told = warnings->n;
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = nfp_vasprintf(fmt, ap);
	va_end(ap);
	nfp_strv_addf(warnings, "%s", text);
	free(text);
	/* The list has each text only once. */
	if (warnings->n > told)
		nfp_emit(&backend->apply.events, &(struct nfp_event) {.what = NFP_EVENT_WARNING,
								      .text = warnings->v[told]});
}

int nfp_backend_check_use(struct nfp_backend *backend, unsigned int vf,
			  struct nfp_vf_info *ret_fresh, struct nfp_err *err)
{
	const struct nfp_vf_info *info = nfp_pf_vf(backend->config.pf, vf);
	const char *pf = backend->apply.pf.ifname;
	int ret;

	if (!info)
		return nfp_err_set(err, -ENODEV, NFP_E_NO_SUCH_VF, "%s has no VF %u", pf, vf);
	*ret_fresh = *info;
	ret = nfp_vf_use_read(backend->apply.root, ret_fresh, err)
		      ?: nfp_vf_check_use(pf, ret_fresh, backend->config.force, err);
	if (!ret && ret_fresh->note[0])
		emit_before(backend, "%s", ret_fresh->note);
	return ret;
}

int nfp_backend_journal_vf(struct nfp_backend *backend, const struct nfp_vf_state *before,
			   bool source, struct nfp_err *err)
{
	struct nfp_journal_vf entry = {.before = *before, .source = source};
	struct nfp_busdev dev = {backend->apply.root, before->bus, before->parentdev};
	const struct nfp_rt_dev netdevs[NFP_VF_NETDEVS] = {
		{before->ifindex, before->ifname}, {before->second_ifindex, before->second}};
	char lost[NFP_REASON_LEN];
	int ret = nfp_mac_random(&entry.placeholder_mac, err);

	for (size_t i = 0; i < NFP_VF_NETDEVS && !ret; i++) {
		if (i && !netdevs[i].ifindex)
			break;
		ret = nfp_settings_read(dev.root, backend->apply.nl, &netdevs[i], i ? NULL : &dev,
					&entry.settings[i], err);
		if (!ret && nfp_settings_forgotten(entry.settings[i], netdevs[i].ifname, lost,
						   sizeof(lost)))
			emit_before(backend, "%s, the netdev of VF %u, loses what was set: %s",
				    netdevs[i].ifname, before->vf, lost);
		if (ret || backend->config.force ||
		    !nfp_settings_lost(entry.settings[i], lost, sizeof(lost)))
			continue;
		ret = nfp_err_set(err, -EBUSY, NFP_E_VF_IN_USE,
				  "%s, the netdev of VF %u of %s, has %s, which would be lost",
				  netdevs[i].ifname, before->vf, backend->apply.pf.ifname, lost);
		nfp_err_hint(err, "Remove it first, or accept the loss with --force.");
	}
	/* A manager that watches the netdev sees it go down, so people are told. */
	if (!ret && before->up)
		emit_before(backend,
			    "%s, the netdev of VF %u, was up: it is set down for the run, and up "
			    "again afterwards",
			    before->ifname, before->vf);
	if (!ret && !backend->config.dry)
		log_vf(backend, before);
	if (!ret)
		ret = nfp_journal_vf(backend->journal, &entry, err);
	for (size_t i = 0; i < NFP_VF_NETDEVS; i++)
		json_decref(entry.settings[i]);
	return ret;
}

struct nfp_undo_ctx nfp_backend_undo_ctx(struct nfp_backend *backend)
{
	/* Failures of an earlier attempt have been reported already. */
	nfp_strv_fini(&backend->report.failed);
	nfp_strv_fini(&backend->report.taken);
	return (struct nfp_undo_ctx) {
		.apply = &backend->apply,
		.journal = backend->journal,
		.report = &backend->report,
	};
}

int nfp_backend_undo_vf(struct nfp_backend *backend, const struct nfp_journal_vf *entry,
			struct nfp_err *err)
{
	struct nfp_undo_ctx u = nfp_backend_undo_ctx(backend);
	unsigned int vf = entry->before.vf;
	struct nfp_guard *guard = NULL;
	int ret;

	/* How a VF is restored depends on its state by then, so a dry run does not show it. */
	if (backend->config.dry)
		return nfp_journal_done(backend->journal, vf, err);
	if (backend->vf.begun && backend->vf.before.vf == vf)
		guard = &backend->vf.guard;
	for (size_t i = 0; i < NFP_SIBLINGS; i++) {
		/* A VF is guarded from its first change on, even if it was not ready in the end. */
		if (!backend->apply.watch.guards[1 + i] || backend->siblings[i].guard.is.vf != vf)
			continue;
		guard = &backend->siblings[i].guard;
		u.away = (struct nfp_rt_dev) {backend->siblings[i].netdev.ifindex,
					      backend->siblings[i].netdev.ifname};
	}
	/* If there is news, a last look tells changes by other processes from those
	 * by the driver. */
	if (guard)
		(void)nfp_guard_look(&backend->apply, guard, NULL);
	if (guard && guard->mac_lost)
		nfp_strv_addf(&backend->warnings,
			      "the driver of %s cleared the address of VF %u when %s: a guest that "
			      "does the same gets another address and loses its failover until the "
			      "host assigns the address again",
			      backend->apply.pf.ifname, vf, guard->mac_lost);
	if (guard && guard->state == NFP_GUARD_TAKEN)
		nfp_journal_mark_kept(backend->journal, vf, guard->what);
	u.external = guard ? guard->external : 0;
	/* Only the PF can say whether it has the pending address by now. */
	if (guard && guard->state == NFP_GUARD_OURS &&
	    (!guard->mac_pending || nfp_mac_is_zero(&guard->is.attr.mac)) && !guard->refused)
		u.attr = &guard->is.attr;
	/* An undo is not journalled, so that it does not fail where /run is full. */
	backend->apply.journal = NULL;
	/* A VF that this run has not written to has nothing to undo, whatever its state. */
	if (!(guard && guard->untouched))
		nfp_undo_vf(&u, entry);
	backend->apply.journal = backend->journal;
	ret = nfp_restore_failed(&backend->report, err);
	/* If this cannot be written, a later restore only has more to check. */
	if (!ret)
		(void)nfp_journal_done(backend->journal, vf, NULL);
	return ret;
}
