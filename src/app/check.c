// SPDX-License-Identifier: GPL-2.0-or-later
/* check.c - --check: what this host is now, beside what was tested. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "run_priv.h"

const char *nfp_store_dir(const struct nfp_request *request)
{
	return request->store ? request->store : NFP_STORE_DIR;
}

/* The VF as it is now. The version of its driver is that of the last entry, since all usually have
 * the same. */
struct vf_now {
	struct nfp_vf_result vf;
	int driver_ret;
};

/* The drivers that entries name, each once; shared with a confined process. */
struct names {
	size_t num;
	char v[NFP_CHECK_DRIVERS][NFP_TEXT_LEN];
};

/*
 * Without a driver, or with one that hands the VF to a guest, the VF is as good as it was: it would
 * be tested with the same driver.
 */
static const char *driver_of(const struct nfp_vf_info *vf, const struct nfp_vf_result *tested)
{
	return vf && vf->driver[0] && nfp_driver(vf->driver)->gives == NFP_GIVES_NOBODY
		       ? vf->driver
		       : tested->driver;
}

static int read_version(const struct nfp_pf *pf, const char *name, char version[NFP_TEXT_LEN])
{
	return nfp_driver_version(nfp_sysroot_default(), pf->bus, name, version, NFP_TEXT_LEN);
}

/* A confined process cannot read it, and has those that were read for it. */
static int find_version(const struct nfp_check_host *host, const char *name,
			char version[NFP_TEXT_LEN])
{
	if (!host->file.others)
		return read_version(&host->pf, name, version);
	for (size_t i = 0; i < host->num_drivers; i++) {
		if (strcmp(host->drivers[i].name, name) != 0)
			continue;
		memcpy(version, host->drivers[i].version, NFP_TEXT_LEN);
		return host->drivers[i].ret;
	}
	return -EPERM;
}

static void read_vf_driver(const struct nfp_check_host *host, const struct nfp_vf_info *vf,
			   const struct nfp_vf_result *tested, struct vf_now *now)
{
	const char *name = driver_of(vf, tested);

	if (now->vf.driver[0] && strcmp(now->vf.driver, name) == 0)
		return;
	snprintf(now->vf.driver, sizeof(now->vf.driver), "%s", name);
	now->driver_ret = find_version(host, name, now->vf.driver_version);
}

/* A VF that is gone is as it was: the number of VFs has changed. */
static void read_vf(const struct nfp_check_host *host, const struct nfp_vf_result *tested,
		    struct vf_now *now)
{
	const struct nfp_vf_info *vf = nfp_pf_vf(&host->pf, tested->vf);

	read_vf_driver(host, vf, tested, now);
	now->vf.trust = vf ? vf->attr.trust : tested->trust;
	now->vf.spoofchk = vf ? vf->attr.spoofchk : tested->spoofchk;
	now->vf.vlan = vf ? vf->attr.vlan : tested->vlan;
}

/* The identity that the VF of an entry would be tested on now. */
static void read_identity(const struct nfp_check_host *host, const char *kernel,
			  const struct nfp_vf_result *tested, struct vf_now *now,
			  struct nfp_identity *ret_identity)
{
	const struct nfp_pf *pf = &host->pf;
	struct nfp_identity *id = ret_identity;

	read_vf(host, tested, now);
	nfp_identity_of(&pf->info, kernel, &now->vf, id);
	/* EMSGSIZE: the kernel cannot list so many VFs, nor could it for the run. */
	if (pf->attrs_errno && pf->attrs_errno != EMSGSIZE) {
		id->readable[NFP_ID_TRUST] = NFP_UNREADABLE;
		id->readable[NFP_ID_SPOOFCHK] = NFP_UNREADABLE;
		id->readable[NFP_ID_VLAN] = NFP_UNREADABLE;
	}
	if (now->driver_ret < 0)
		id->readable[NFP_ID_VF_DRIVER_VERSION] = NFP_UNREADABLE;
	if (pf->versions_errno) {
		id->readable[NFP_ID_FIRMWARE] = NFP_UNREADABLE;
		id->readable[NFP_ID_FIRMWARE_VERSIONS] = NFP_UNREADABLE;
		id->readable[NFP_ID_BOARD] = NFP_UNREADABLE;
		id->readable[NFP_ID_DRIVER_VERSION] = NFP_UNREADABLE;
	}
	/* EOPNOTSUPP: the driver has no modes, which is an answer. */
	if (pf->eswitch_errno && pf->eswitch_errno != EOPNOTSUPP)
		id->readable[NFP_ID_ESWITCH_MODE] = pf->eswitch_errno == EPERM && !host->net_admin
							    ? NFP_NEEDS_PRIVILEGES
							    : NFP_UNREADABLE;
}

static void check_pf(const struct nfp_check_host *host, const struct nfp_check_query *query,
		     struct nfp_check *check)
{
	const struct nfp_store *store = &check->store;
	struct nfp_identity *now = nfp_calloc(store->num, sizeof(*now));
	struct vf_now vf = {.driver_ret = 0};
	struct utsname uts = {.release = ""};

	(void)uname(&uts); /* fails only for a bad address */
	for (size_t i = 0; i < store->num; i++)
		read_identity(host, uts.release, &store->entries[i].vfs[0], &vf, &now[i]);
	nfp_check_store(check, now, query);
	free(now);
}

/* ---- what the libvirt hook has added ---- */

struct served {
	const struct nfp_pf_info *pf;
	struct nfp_rt_dev dev;
	struct nfp_nl *nl;
	struct nfp_check_served *found;
	int list; /* the folder */
	struct nfp_err err;
};

#define RECORD_BYTES (1U << 16) /* the hook writes two pages at most */

/* *ret_guest: of a file of the list, to be freed; NULL: it has none yet, or is gone. A file that
 * another user could have written is not believed. */
static int read_guest(struct served *s, const char *name, char **ret_guest)
{
	struct nfp_budget budget = {NFP_BUDGET_BYTES};
	int fd = openat(s->list, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	json_t *record = NULL;
	const char *guest;
	char *text = NULL;
	size_t len = 0;
	int ret = 0;

	*ret_guest = NULL;
	if (fd < 0)
		return errno == ENOENT ? 0
				       : nfp_err_errno(&s->err, -errno, NFP_E_INPUT,
						       "cannot read %s/%s", NFP_HOOK_LIST, name);
	if (!nfp_is_own(fd, S_IFREG))
		ret = nfp_err_set(&s->err, -EPERM, NFP_E_INPUT,
				  "%s/%s belongs to another user, or other users can write to it",
				  NFP_HOOK_LIST, name);
	else if (nfp_read_fd(fd, RECORD_BYTES, &text, &len) == 0)
		record = nfp_json_load(text, len, &budget, NULL);
	close(fd);
	free(text);
	guest = json_string_value(json_object_get(record, "guest"));
	*ret_guest = guest ? nfp_strdup(guest) : NULL;
	json_decref(record);
	return ret;
}

/* A file of the hook's list is called PF-MAC. It has a guest once the hook asks for the entry, and
 * is gone as soon as the entry is. */
static int note_missing(const char *name, void *arg)
{
	struct served *s = arg;
	size_t len = strlen(s->pf->parentdev);
	struct nfp_mac mac;
	bool has = true;
	char *guest;
	int ret;

	if (strncmp(name, s->pf->parentdev, len) != 0 || name[len] != '-' ||
	    !nfp_mac_parse(name + len + 1, &mac))
		return 0;
	ret = nfp_rt_fdb_has(s->nl, &s->dev, NFP_RT_FDB_SELF, &mac, &has, &s->err);
	if (ret < 0 || has)
		return ret;
	ret = read_guest(s, name, &guest);
	s->found->missing += guest != NULL;
	if (guest)
		nfp_strv_addf(
			&s->found->notes,
			"entry missing: guest %s needs its address in the filter of %s, where the "
			"libvirt hook had added it; when libvirtd is restarted, the hook adds it "
			"again; by hand: bridge fdb add %s dev %s self permanent",
			guest, s->pf->ifname, name + len + 1, s->pf->ifname);
	free(guest);
	return ret;
}

/*
 * Only root may read the list, and only if it is root's own: to others, and where the PF has no
 * netdev here, nothing is known. A confined process could open neither the list nor a socket, so
 * this comes before it.
 */
static void find_served(struct nfp_check_host *host)
{
	const struct nfp_pf_info *pf = &host->pf.info;
	struct served s = {.pf = pf, .found = &host->served, .list = -1};
	int ret = geteuid() == 0 ? 0 : -EACCES;

	s.dev = (struct nfp_rt_dev) {(int)if_nametoindex(pf->ifname), pf->ifname};
	if (ret == 0 && !s.dev.ifindex)
		ret = -ENODEV;
	ret = ret ?: nfp_rundir_open(NFP_HOOK_LIST, false, &s.list, &s.err);
	ret = ret ?: nfp_nl_open(NETLINK_ROUTE, -1, NULL, &s.nl, &s.err);
	ret = ret ?: nfp_sysfs_each(nfp_sysroot_default(), note_missing, &s, NFP_HOOK_LIST);
	host->served.known = ret == 0 || ret == -ENOENT;
	if (s.err.message[0])
		nfp_strv_addf(&host->served.notes, "%s", s.err.message);
	nfp_nl_close(s.nl);
	if (s.list >= 0)
		close(s.list);
}

/* The PF that @check is about; nothing is known of it yet. */
static void name_checked(const struct nfp_check_host *host, struct nfp_check *check)
{
	memcpy(check->ifname, host->pf.info.ifname, sizeof(check->ifname));
	memcpy(check->parentdev, host->pf.info.parentdev, sizeof(check->parentdev));
	check->exit_status = NFP_EXIT_INCONCLUSIVE;
}

/* The stored results beside the PF as it is now. @result: as one, if not NULL. */
static int check_store(const struct nfp_check_host *host, struct nfp_check_query *query,
		       struct nfp_check *check, struct nfp_result *result, struct nfp_err *err)
{
	const struct nfp_pf *pf = &host->pf;
	int ret = nfp_store_load(&host->file, &check->store, err);

	query->now_unix_ms = (int64_t)(nfp_clock_real() / NFP_NSEC_PER_MSEC);
	query->settle_needed_ns = nfp_settle_needed(pf->info.driver);
	if (ret < 0)
		return ret;
	snprintf(check->file, sizeof(check->file), "%s", check->store.path);
	check_pf(host, query, check);
	check->entries_known = host->served.known;
	check->entries_missing = host->served.missing;
	for (size_t i = 0; i < host->served.notes.n; i++)
		nfp_strv_addf(&check->notes, "%s", host->served.notes.v[i]);
	if (result)
		nfp_check_result(check, result);
	return 0;
}

/* ---- what a confined process has to be told ---- */

struct naming {
	const struct nfp_check_host *host;
	struct names *names; /* shared */
};

static int name_drivers(void *ctx, bool landlock, struct nfp_err *err)
{
	const struct naming *naming = ctx;
	struct names *names = naming->names;
	struct nfp_store store;

	(void)landlock;
	if (nfp_store_load(&naming->host->file, &store, err) < 0)
		return 0; /* the process that checks it says so */
	for (size_t i = 0; i < store.num && names->num < NFP_CHECK_DRIVERS; i++) {
		const struct nfp_vf_result *tested = &store.entries[i].vfs[0];
		const char *name = driver_of(nfp_pf_vf(&naming->host->pf, tested->vf), tested);
		size_t k = 0;

		while (k < names->num && strcmp(names->v[k], name) != 0)
			k++;
		if (k == names->num)
			snprintf(names->v[names->num++], NFP_TEXT_LEN, "%s", name);
	}
	nfp_store_fini(&store);
	return 0;
}

/* The file's author chooses the words, but they do not lead out of a folder. */
static bool is_driver_name(const char *name)
{
	size_t len = strnlen(name, NFP_TEXT_LEN);

	return len && len < NFP_TEXT_LEN && name[0] != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
		       len;
}

static int read_versions(struct nfp_check_host *host, struct nfp_err *err)
{
	struct naming naming = {.host = host};
	int ret;

	naming.names = mmap(NULL, sizeof(*naming.names), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (naming.names == MAP_FAILED)
		return nfp_err_errno(err, -errno, NFP_E_KERNEL, "cannot share memory");
	ret = nfp_run_confined(name_drivers, &naming, &host->file.fd, 1, err);
	for (size_t i = 0; i < NFP_CHECK_DRIVERS && ret >= 0; i++) {
		struct nfp_check_driver *driver = &host->drivers[host->num_drivers];

		if (!is_driver_name(naming.names->v[i]))
			continue;
		memcpy(driver->name, naming.names->v[i], sizeof(driver->name));
		driver->ret = read_version(&host->pf, driver->name, driver->version);
		host->num_drivers++;
	}
	munmap(naming.names, sizeof(*naming.names));
	return ret < 0 ? ret : 0;
}

/* ---- --check ---- */

int nfp_check_open(const struct nfp_request *request, struct nfp_check_host *ret_host,
		   struct nfp_err *err)
{
	struct nfp_check_host *host = ret_host;
	int ret;

	*host = (struct nfp_check_host) {
		.file = {.fd = -1},
		.net_admin = nfp_has_capability(CAP_NET_ADMIN),
		.no_folder = request->store && access(request->store, F_OK) < 0,
	};
	ret = nfp_pf_read(request->device, &host->pf, &host->vf, err);
	if (ret < 0)
		return ret;
	host->found = true;
	find_served(host);
	ret = nfp_store_open(nfp_store_dir(request), host->pf.bus, host->pf.info.parentdev,
			     &host->file, err);
	return ret == 0 && host->file.others ? read_versions(host, err) : ret;
}

void nfp_check_close(struct nfp_check_host *host)
{
	nfp_store_close(&host->file);
	nfp_strv_fini(&host->served.notes);
	if (host->found)
		free(host->pf.vfs);
}

int nfp_run_check(const struct nfp_request *request, const struct nfp_check_host *host,
		  struct nfp_check *ret_check, struct nfp_result *ret_result, struct nfp_err *err)
{
	struct nfp_check_query query = {
		.vf = host->vf,
		.others = !request->have_styles,
		.vlan = request->have_vlan ? request->vlan.vid : -1,
		.max_age_days = request->max_age_days,
	};
	struct nfp_check *check = ret_check;
	struct nfp_pf_info *info = &ret_result->pf;
	int ret = err->code == NFP_E_NONE ? 0 : -EINVAL;

	*check = (struct nfp_check) {.exit_status = NFP_EXIT_CANNOT};
	nfp_result_init(ret_result);
	if (host->found) {
		name_checked(host, check);
		check->have_vf = query.vf >= 0;
		check->vf = check->have_vf ? (unsigned int)query.vf : 0;
		memcpy(query.styles, request->styles, sizeof(query.styles));
		ret = ret ?: check_store(host, &query, check, ret_result, err);
		if (host->no_folder)
			nfp_strv_addf(&check->notes, "there is no folder %s", request->store);
	}
	if (ret < 0) {
		memcpy(info->ifname, check->ifname, sizeof(info->ifname));
		memcpy(info->parentdev, check->parentdev, sizeof(info->parentdev));
		ret_result->exit_status = check->exit_status;
		ret_result->error = *err;
	}
	/* Without a netdev, programs know the PF by what was typed. */
	if (!info->ifname[0])
		snprintf(info->ifname, sizeof(info->ifname), "%.*s", (int)sizeof(info->ifname) - 1,
			 request->device);
	return ret;
}
