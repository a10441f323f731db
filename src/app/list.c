// SPDX-License-Identifier: GPL-2.0-or-later
/* list.c - --list: what this host has, with everything that identifies what a verdict was about. */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "net/facts.h"
#include "print.h"
#include "run_priv.h"
#include "rights.h"

/* Notes why each of @keys, which ends with NULL, is not known. @number: an errno. */
static void note_unread(json_t **unread, int number, const char *const keys[])
{
	bool lacks = number == EPERM && !nfp_has_capability(CAP_NET_ADMIN);

	*unread = *unread ?: json_object();
	for (size_t i = 0; keys[i]; i++)
		json_object_set_new(*unread, keys[i],
				    json_string(lacks ? NFP_NEEDS_NET_ADMIN : strerror(number)));
}
#define NOTE_UNREAD(unread, number, ...) \
	note_unread(unread, number, (const char *const[]) {__VA_ARGS__, NULL})

/* ---- drivers of VFs; several VFs have the same ---- */

struct version {
	char driver[NFP_TEXT_LEN], version[NFP_TEXT_LEN];
	int ret;
};

static int find_version(struct version *last, const struct nfp_pf *pf, const char *driver,
			char version[NFP_TEXT_LEN])
{
	if (strcmp(last->driver, driver) != 0) {
		snprintf(last->driver, sizeof(last->driver), "%s", driver);
		last->ret = nfp_driver_version(nfp_sysroot_default(), pf->bus, driver,
					       last->version, sizeof(last->version));
	}
	memcpy(version, last->version, NFP_TEXT_LEN);
	return last->ret;
}

/* The VFs of a PF are alike: the driver for those that have none is searched once. */
static void find_net_driver(struct nfp_listed_pf *listed, size_t index)
{
	struct nfp_listed_vf *vf = &listed->vfs[index];
	const struct nfp_vf_info *info = vf->vf;

	if (nfp_is_net_driver(info->driver)) {
		memcpy(vf->net_driver, info->driver, sizeof(vf->net_driver));
		return;
	}
	for (size_t i = 0; i < index; i++) {
		if (nfp_is_net_driver(listed->vfs[i].vf->driver))
			continue;
		memcpy(vf->net_driver, listed->vfs[i].net_driver, sizeof(vf->net_driver));
		return;
	}
	(void)nfp_net_driver_find(nfp_sysroot_default(), listed->pf, info->vf, info->bus,
				  info->parentdev, vf->net_driver, sizeof(vf->net_driver));
}

static void read_drivers(struct nfp_listed_pf *listed)
{
	struct version bound = {.ret = 0}, net = {.ret = 0};

	for (size_t i = 0; i < listed->num_vfs; i++) {
		struct nfp_listed_vf *vf = &listed->vfs[i];
		int ret;

		find_net_driver(listed, i);
		ret = vf->vf->driver[0]
			      ? find_version(&bound, listed->pf, vf->vf->driver, vf->driver_version)
			      : 0;
		if (ret < 0)
			NOTE_UNREAD(&vf->unread, -ret, "driver_version");
		ret = vf->net_driver[0] ? find_version(&net, listed->pf, vf->net_driver,
						       vf->net_driver_version)
					: 0;
		if (ret < 0)
			NOTE_UNREAD(&vf->unread, -ret, "net_driver_version");
	}
}

/* ---- a PF ---- */

/* EMSGSIZE: the kernel cannot list so many VFs, not even for a run, so that nothing is missed. */
static void note_attributes(struct nfp_listed_pf *listed)
{
	int number = listed->pf->attrs_errno;

	for (size_t i = 0; i < listed->num_vfs && !number; i++)
		if (!listed->vfs[i].vf->attr.have_mac)
			NOTE_UNREAD(&listed->vfs[i].unread, EOPNOTSUPP, "address");
	for (size_t i = 0; i < listed->num_vfs && number && number != EMSGSIZE; i++)
		NOTE_UNREAD(&listed->vfs[i].unread, number, "address", "vlan", "trust", "spoofchk",
			    "link_state");
}

static void read_pf(const struct nfp_topology *topology, const size_t ports[],
		    struct nfp_listed_pf *listed)
{
	const struct nfp_pf *pf = listed->pf;
	size_t mine = (size_t)(pf - topology->pfs);
	char driver[NFP_TEXT_LEN] = "";

	if (pf->num_vfs)
		(void)nfp_net_driver_find(topology->root, pf, pf->vfs[0].vf, pf->bus,
					  pf->vfs[0].parentdev, driver, sizeof(driver));
	listed->settle_ns = nfp_settle_needed(topology->root, pf->bus, pf->info.driver, driver);
	for (size_t i = 0; i < topology->num_pfs; i++) {
		if (i != mine && ports[i] == ports[mine])
			nfp_strv_addf(&listed->not_with, "%s", topology->pfs[i].info.ifname);
	}
	if (!pf->info.ifname[0])
		NOTE_UNREAD(&listed->unread, ENODEV, "l2_fwd_offload");
	if (pf->versions_errno)
		NOTE_UNREAD(&listed->unread, pf->versions_errno, "driver_version", "firmware",
			    "firmware_versions", "board_id");
	/* EOPNOTSUPP: the driver has no modes, which is an answer. */
	if (pf->eswitch_errno && pf->eswitch_errno != EOPNOTSUPP)
		NOTE_UNREAD(&listed->unread, pf->eswitch_errno, "eswitch_mode");
	note_attributes(listed);
	read_drivers(listed);
}

/* Without the VLANs, it is unknown in which VLAN a port of a bridge is. */
static void read_vlans(struct nfp_listing *listing)
{
	const struct nfp_reading how = {.netns_fd = -1};
	struct nfp_netns netns = {.num_links = 0};
	int ret = nfp_netns_read(NFP_SEE_PORT_VLANS, &how, &netns, NULL);

	if (listing->topology.netfilter_errno)
		NOTE_UNREAD(&listing->unread, -listing->topology.netfilter_errno, "netfilter");
	if (ret < 0)
		NOTE_UNREAD(&listing->unread, -ret, "have_vlans");
	else
		nfp_listing_vlans(listing, netns.port_vlans, netns.num_port_vlans);
	nfp_listing_ways(listing, &netns);
	nfp_topology_vepa(&listing->topology, &netns);
	nfp_netns_fini(&netns);
}

static void read_others(struct nfp_listing *listing)
{
	struct nfp_uppers uppers;

	nfp_uppers_read(listing->topology.root, nfp_clock_now() + NFP_UPPERS_NS, &uppers);
	nfp_topology_place(&listing->topology, &uppers);
	nfp_listing_handlers(listing, &uppers);
	nfp_uppers_fini(&uppers);
}

/*
 * Reads what --list shows: the one of request->devices if it is named, and with request->quiet
 * without who uses the VFs. Always fills *ret_listing (end it with nfp_listing_fini), with the exit
 * status. 0 or -errno.
 */
static int read_list(const struct nfp_request *request, struct nfp_listing *ret_listing,
		     struct nfp_err *err)
{
	struct nfp_topology topology = {0};
	struct utsname uts = {.release = ""};
	ssize_t pf = -1;
	int ret = nfp_topology_list(
		nfp_sysroot_default(), request->devices.n ? request->devices.v[0] : "",
		request->quiet ? NFP_READ_VFS : NFP_READ_USERS, 0, &topology, &pf, err);
	size_t *ports = nfp_calloc(topology.num_pfs, sizeof(*ports));

	/* Only a user who may restore a VF can see that there is something to restore. */
	if (!request->quiet)
		(void)nfp_runs_mark(NFP_RUNDIR, &topology, NULL);
	nfp_listing_init(ret_listing, &topology, pf);
	ret_listing->unprivileged = !nfp_has_capability(CAP_NET_ADMIN);
	read_vlans(ret_listing);
	if (request->quiet && ret == 0)
		nfp_listing_handlers(ret_listing, NULL);
	else if (ret == 0)
		read_others(ret_listing);
	if (!request->quiet && nfp_need_namespace(nfp_sysroot_default(), &ret_listing->no_run) == 0)
		(void)nfp_need_host_folder(nfp_sysroot_default(), NFP_RUNDIR, NFP_E_JOURNAL,
					   &ret_listing->no_run);
	ret_listing->exit_status = ret < 0 ? NFP_EXIT_CANNOT : 0;
	(void)uname(&uts); /* fails only for a bad address */
	snprintf(ret_listing->kernel, sizeof(ret_listing->kernel), "%s", uts.release);
	nfp_ports_find(&topology, ports);
	nfp_for_each (listed, ret_listing->pfs, ret_listing->num_pfs)
		read_pf(&ret_listing->topology, ports, listed);
	if (ret_listing->num_pfs)
		ret_listing->next = nfp_next_command(ret_listing->pfs[0].pf, ret_listing->num_pfs,
						     ret_listing->unprivileged);
	free(ports);
	return ret;
}

int nfp_list_main(struct nfp_program *p)
{
	struct nfp_listing listing;
	struct nfp_err err = {0};
	int ret = read_list(&p->request, &listing, &err), written = 0;

	if (nfp_print_wants_text(p, ret, &err))
		written = nfp_report_list_text(&listing, &p->out.opts, p->out.file);
	ret = nfp_print_found(p, nfp_report_list_json(&listing, &err), written,
			      listing.exit_status);
	nfp_listing_fini(&listing);
	return ret;
}
