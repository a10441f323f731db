// SPDX-License-Identifier: GPL-2.0-or-later
/* backend.c - the real host behind a ladder, from its first change to the last. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "apply.h"
#include "backend.h"
#include "change.h"
#include "guard.h"
#include "journal.h"
#include "undo.h"
#include "vf_state.h"
#include "vfdrv.h"
#include "change/host.h"

/* Reports any error of a restore as NFP_E_RESTORE, whatever its cause. */
static int restore_error(int ret, struct nfp_err *err)
{
	char words[NFP_ERR_MSGLEN / 2];

	if (!ret || !err)
		return ret;
	snprintf(words, sizeof(words), "%.*s", (int)sizeof(words) - 1, err->message);
	nfp_err_set(err, ret, NFP_E_RESTORE, "the host could not be put back as it was: %s", words);
	nfp_err_try(err, "nfprobe --restore");
	return ret;
}

/* ---- open ---- */

static int open_run(struct nfp_backend *backend, struct nfp_err *err)
{
	const struct nfp_backend_config *config = &backend->config;
	const struct nfp_pf_info *info = &config->pf->info;
	const struct nfp_rt_dev pf = {info->ifindex, info->ifname};
	const struct nfp_link *standby_at = nfp_topology_link(config->topology,
							      nfp_standby_netdev(info));
	const struct nfp_vlan none = {.vid = 0};
	struct nfp_apply *apply = &backend->apply;
	struct nfp_journal_head head = {
		.ifindex = info->ifindex,
		.addresses = config->addresses,
		.num_addresses = config->num_addresses,
	};
	int ret = nfp_apply_open(apply, nfp_sysroot_default(), &pf, &config->events, err);

	backend->standby_at =
		standby_at ? (struct nfp_rt_dev) {standby_at->ifindex, standby_at->ifname} : pf;
	/* A restore finds the PF by its bus. */
	if (!ret && !config->pf->bus[0])
		ret = nfp_err_errno(err, -ENOENT, NFP_E_KERNEL, "cannot find the bus of %s",
				    info->ifname);
	apply->dry = config->dry;
	if (!ret && !config->dry) {
		ret = nfp_apply_private_netns(apply, err);
		apply->watch.notify = config->topology->notify;
	}
	snprintf(head.version, sizeof(head.version), "%s", nfp_version);
	snprintf(head.bus, sizeof(head.bus), "%s", config->pf->bus);
	snprintf(head.parentdev, sizeof(head.parentdev), "%s", info->parentdev);
	snprintf(head.ifname, sizeof(head.ifname), "%s", info->ifname);
	ret = ret ?: nfp_backend_pf_read(backend, &backend->pf_start, err);
	ret = ret ?: nfp_boot_id(head.boot, err);
	if (!ret)
		ret = nfp_journal_create(config->dry ? -1 : config->lock->dirfd, &head,
					 &backend->journal, err);
	if (ret)
		return ret;
	apply->journal = backend->journal;
	/* Count from what the run found: a PF that has become promiscuous since must not go
	 * unnoticed. */
	backend->pf_start.link.promiscuity = info->promiscuity;
	ret = nfp_backend_own(backend, true, err);
	if (ret)
		return ret;
	backend->pf_expect = backend->pf_start;
	nfp_backend_note_look(backend, config->pf->vfs_ns);
	return nfp_backend_add_bridge_entries(backend, &none, err);
}

int nfp_backend_open(const struct nfp_backend_config *config, struct nfp_backend **ret_backend,
		     struct nfp_err *err)
{
	struct nfp_strv warnings = {NULL, 0};
	struct nfp_hints left = {NULL, 0};
	struct nfp_backend *backend = nfp_calloc(1, sizeof(*backend));
	struct nfp_err undo = {.code = NFP_E_NONE};
	int ret, undone;

	backend->config = *config;
	backend->apply = (struct nfp_apply)NFP_APPLY_INIT;
	ret = open_run(backend, err);
	if (!ret) {
		*ret_backend = backend;
		return 0;
	}
	undone = nfp_backend_close(backend, &left, &warnings, &undo);
	nfp_hints_fini(&left);
	nfp_strv_fini(&warnings);
	if (!undone)
		return ret;
	if (undo.code != NFP_E_RESTORE)
		undone = restore_error(undone, &undo);
	if (err)
		*err = undo;
	return undone;
}

/* ---- one VF ---- */

/*
 * Returns the attributes of the first VF, as the topology has them, if no process can have changed
 * them since; else NULL. For a later VF, the run itself has changed VFs.
 */
static const struct nfp_vf_attr *known_attr(struct nfp_backend *backend,
					    const struct nfp_vf_info *info)
{
	struct nfp_apply *h = &backend->apply;

	if (nfp_journal_data(backend->journal)->num_vfs || !h->watch.notify ||
	    nfp_guard_drain(h, NULL) || h->watch.pf_notified || !info->attr.have_mac)
		return NULL;
	return &info->attr;
}

/* Reads the state that is restored. Drivers that never report their VFs leave it unknown. */
static int read_before(struct nfp_backend *backend, const struct nfp_vf_info *info,
		       struct nfp_vf_state *ret_before, struct nfp_err *err)
{
	const struct nfp_apply *h = &backend->apply;
	int ret = nfp_vf_state_read(h, info->vf, info->bus, info->parentdev,
				    known_attr(backend, info), true, ret_before, err);

	if (ret || ret_before->attr.have_mac)
		return ret;
	if (backend->config.force)
		return 0;
	nfp_err_set(err, -ENODATA, NFP_E_UNSUPPORTED,
		    "the driver of %s%s does not report the address and VLAN of VF %u, so they "
		    "could not be put back after the run",
		    backend->apply.pf.ifname,
		    ret_before->attr.never_reported ? ", which reports none of its VFs," : "",
		    info->vf);
	nfp_err_hint(err, "If this VF may lose them, probe it with --force.");
	return -ENODATA;
}

/*
 * A driver that reports none of its VFs may be unable to give them an address (txgbe, idpf and ena
 * lack ndo_set_vf_mac). If the VF has a netdev, an address that changes nothing shows that before
 * anything is unbound. The ladder shows any other refusal.
 */
static int try_assign(struct nfp_backend *backend, struct nfp_err *err)
{
	const struct nfp_vf_state *before = &backend->vf.before;
	struct nfp_change c = nfp_change_of_vf(before, NFP_CHANGE_VF_MAC, NULL);
	struct nfp_err refusal;

	if (!before->attr.never_reported)
		return 0;
	c.mac = before->have_netdev ? before->address : *nfp_backend_placeholder_mac(backend, c.vf);
	if (nfp_apply_change(&backend->apply, &c, &refusal) != -EOPNOTSUPP)
		return 0;
	refusal.code = NFP_E_UNSUPPORTED;
	if (err)
		*err = refusal;
	return -EOPNOTSUPP;
}

int nfp_backend_begin_vf(struct nfp_backend *backend, unsigned int vf, const struct nfp_vlan *vlan,
			 struct nfp_err *err)
{
	struct nfp_apply *apply = &backend->apply;
	struct nfp_backend_vf *v = &backend->vf;
	struct nfp_change set_vlan;
	struct nfp_vf_info info;
	struct nfp_busdev dev = {apply->root, info.bus, info.parentdev};
	bool differs;
	int ret;

	*v = (struct nfp_backend_vf) {.vlan = *vlan};
	ret = nfp_backend_check_use(backend, vf, &info, err);
	ret = ret ?: read_before(backend, &info, &v->before, err);
	ret = ret ?: nfp_vfdrv_choose(&dev, backend->config.pf, vf, v->driver, NFP_TEXT_LEN, err);
	if (ret)
		return ret;
	nfp_guard_begin(&v->guard, &v->before, backend->config.force);
	apply->watch.guards[0] = &v->guard;
	backend->pf_expect = backend->pf_start;
	ret = nfp_backend_journal_vf(backend, &v->before, false, err);
	if (ret)
		return ret;
	/* From here on nfp_backend_end_vf or _close has something to undo, even if this fails. */
	v->begun = true;
	ret = try_assign(backend, err)
		      ?: (v->vlan.vid ? nfp_backend_add_bridge_entries(backend, &v->vlan, err) : 0)
		      ?: nfp_backend_add_vlan_child(backend, err)
		      ?: nfp_backend_siblings_in_vlan(backend, &v->vlan, err)
		      ?: nfp_backend_keep_unbound(backend, &v->guard, v->before.driver, err);
	/*
	 * Sets the VLAN before the first step, not with the address: the emulated igb gives the PF
	 * only VLANs that some VF is in, and a VF with a VLAN of its own also has it from the
	 * beginning.
	 */
	set_vlan = nfp_change_of_vf(&v->before, NFP_CHANGE_VF_VLAN, NULL);
	set_vlan.vlan = v->vlan;
	differs = !nfp_vlan_equal(&v->guard.is.attr.vlan, &v->vlan);
	if (!ret && differs)
		ret = nfp_apply_change(apply, &set_vlan, err);
	/* A driver may accept a VLAN and not use it. Without a VLAN nothing is read here: the
	 * assignment of the address looks at what unbinding has done to the VF's attributes. */
	ret = ret ?: nfp_guard_check_attributes(apply, &v->guard, differs, err);
	/* Another process took the VF first: report it as in use, as at the start of a run. */
	if (ret && err && err->code == NFP_E_VF_TAKEN && v->guard.untouched) {
		err->code = NFP_E_VF_IN_USE;
		nfp_err_hint(err, "Choose another VF.");
	}
	return ret;
}

struct nfp_host nfp_backend_host(struct nfp_backend *backend)
{
	return (struct nfp_host) {.ops = &nfp_backend_ops, .ctx = backend};
}

int nfp_backend_reset_vf(struct nfp_backend *backend, struct nfp_err *err)
{
	struct nfp_err kept = {.code = NFP_E_NONE};
	int ret = 0;

	/* An address that stays ends with this process, and the next ladder has another one. */
	if (nfp_backend_remove_standby(backend, &kept)) {
		backend->num_held = 0;
		nfp_strv_addf(&backend->warnings, "%s", kept.message);
	}
	/* The test address is no longer used, so it does not matter who else has it. */
	backend->shared = (struct nfp_mac) {{0}};
	/* A ladder that wrote nothing to the VF has not looked for other users of it. */
	(void)nfp_guard_look(&backend->apply, &backend->vf.guard, NULL);
	if (!nfp_backend_lost_vf(backend))
		ret = nfp_backend_unbind(backend, err);
	if (!ret && backend->vf.assigned && !nfp_backend_lost_vf(backend))
		ret = MIN(nfp_backend_clear(backend, err), 0);
	/*
	 * A change is reported once to each ladder: a PF that another process made promiscuous in
	 * the first taints the second as well.
	 */
	backend->pf_expect = backend->pf_start;
	return nfp_backend_lost_vf(backend) ? 0 : ret;
}

bool nfp_backend_lost_vf(const struct nfp_backend *backend)
{
	bool lost = backend->vf.guard.state != NFP_GUARD_OURS;

	for (size_t i = 0; i < NFP_SIBLINGS; i++)
		lost |= backend->siblings[i].begun &&
			backend->siblings[i].guard.state != NFP_GUARD_OURS;
	return lost;
}

bool nfp_backend_failed_over(const struct nfp_backend *backend)
{
	return backend->failed_over;
}

/* ---- undo ---- */

/* Moves the notes collected so far into the caller's lists. */
static void move_notes(struct nfp_backend *backend, struct nfp_hints *left_behind,
		       struct nfp_strv *warnings)
{
	struct nfp_strv *const from[] = {&backend->report.others, &backend->warnings};

	nfp_hints_add(left_behind, &backend->report.left_behind);
	nfp_hints_fini(&backend->report.left_behind);
	for (size_t i = 0; i < NFP_NUM(from); i++) {
		for (size_t j = 0; j < from[i]->n; j++)
			nfp_strv_addf(warnings, "%s", from[i]->v[j]);
		nfp_strv_fini(from[i]);
	}
}

int nfp_backend_end_vf(struct nfp_backend *backend, struct nfp_hints *left_behind,
		       struct nfp_strv *warnings, struct nfp_err *err)
{
	const struct nfp_journal_vf *entry;
	int ret;

	if (!backend->vf.begun)
		return 0;
	(void)nfp_backend_remove_standby(backend, NULL);
	entry = nfp_journal_find_vf(nfp_journal_data(backend->journal), backend->vf.before.vf);
	ret = entry ? nfp_backend_undo_vf(backend, entry, err) : 0;
	backend->apply.watch.guards[0] = NULL;
	memset(&backend->vf, 0, sizeof(backend->vf));
	move_notes(backend, left_behind, warnings);
	return ret;
}

/*
 * Restores the PF, the source, and a VF that failed or was never ended. A failure skips nothing,
 * and the first is reported. What cannot be taken back from the PF ends with this process.
 */
static int undo_all(struct nfp_backend *backend, struct nfp_err *err)
{
	const struct nfp_journal_data *data = nfp_journal_data(backend->journal);
	unsigned int promiscuity = backend->pf_start.link.promiscuity;
	struct nfp_undo_ctx u = nfp_backend_undo_ctx(backend);
	struct nfp_pf_now now;
	int ret, next;

	(void)nfp_backend_remove_standby(backend, NULL);
	(void)nfp_backend_own(backend, false, NULL);
	(void)nfp_backend_delete_vlan_child(backend, NULL);
	backend->apply.journal = NULL;
	nfp_undo_bridge(&u);
	backend->apply.journal = backend->journal;
	ret = 0;
	for (size_t i = data->num_vfs; i-- > 0;) {
		next = data->vfs[i].done
			       ? 0
			       : nfp_backend_undo_vf(backend, &data->vfs[i], ret ? NULL : err);
		ret = ret ?: next;
	}
	/* Our part of the PF's promiscuity must be gone. */
	if (!ret && !nfp_backend_pf_read(backend, &now, NULL) &&
	    now.link.promiscuity != promiscuity)
		nfp_strv_addf(&backend->warnings,
			      "the promiscuity of %s was %u and is %u: another process "
			      "has changed it",
			      backend->apply.pf.ifname, promiscuity, now.link.promiscuity);
	next = restore_error(nfp_restore_finish(backend->journal, ret ? NULL : err),
			     ret ? NULL : err);
	return ret ?: next;
}

int nfp_backend_close(struct nfp_backend *backend, struct nfp_hints *left_behind,
		      struct nfp_strv *warnings, struct nfp_err *err)
{
	int ret;

	if (!backend)
		return 0;
	ret = backend->journal && !backend->config.dry ? undo_all(backend, err) : 0;
	if (backend->journal)
		nfp_backend_log_end(backend);
	move_notes(backend, left_behind, warnings);
	nfp_restore_report_fini(&backend->report);
	nfp_journal_free(backend->journal);
	nfp_apply_close(&backend->apply);
	free(backend);
	return ret;
}

int nfp_backend_notify_fd(const struct nfp_backend *backend)
{
	return nfp_nl_fd(backend->apply.watch.notify);
}

const char *nfp_backend_driver(const struct nfp_backend *backend)
{
	return backend->vf.driver;
}
