// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guest.c - finds the guest that was given a VF and has not taken it yet. QEMU hides the primary of
 * a failover pair until the guest's virtio driver has negotiated failover
 * (failover_hide_primary_device in hw/net/virtio-net.c): while the guest boots, when it has just
 * migrated in, and for good if it has no such driver. Until then nothing of the VF is open.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inventory_priv.h"
#include "net/domstatus.h"

#define GUESTS_NS (2 * NFP_NSEC_PER_SEC) /* for the arguments of all guests */

/* HOSTDEV_STATE_DIR, src/hypervisor/virhostdev.h */
#define LIBVIRT_KEEPS "/run/libvirt/hostdevmgr"

/* ---- addresses on the bus ---- */

/* Parses what QEMU takes: [DOMAIN:]BUS:SLOT.FUNCTION (set_pci_host_devaddr in
 * hw/core/qdev-properties-system.c). */
static bool parse_pci(const char *text, struct nfp_pci_place *ret_place)
{
	struct nfp_pci_place p = {.domain = 0};
	int end = 0;

	if (sscanf(text, "%4x:%2x:%2x.%1x%n", &p.domain, &p.bus, &p.slot, &p.function, &end) != 4 ||
	    !end) {
		end = 0;
		p.domain = 0;
		if (sscanf(text, "%2x:%2x.%1x%n", &p.bus, &p.slot, &p.function, &end) != 3 || !end)
			return false;
	}
	if (isxdigit((unsigned char)text[end]) || text[end] == ':' || text[end] == '.')
		return false;
	*ret_place = p;
	return true;
}

static bool is_same_place(const struct nfp_pci_place *a, const struct nfp_pci_place *b)
{
	return a->domain == b->domain && a->bus == b->bus && a->slot == b->slot &&
	       a->function == b->function;
}

const char *nfp_argument_value(const char *arg, const char *at, const char *name)
{
	const char *value = at + strlen(name);

	if (at > arg && (isalnum((unsigned char)at[-1]) || strchr("_-.", at[-1])))
		return NULL;
	if (*value == '=')
		return value + 1;
	if (*value++ != '"')
		return NULL;
	value += strspn(value, " \t\n");
	if (*value++ != ':')
		return NULL;
	value += strspn(value, " \t\n");
	return *value == '"' ? value + 1 : NULL;
}

static void take_host(struct nfp_guests *guests, size_t guest, const char *value)
{
	struct nfp_guest_host host = {.guest = guest};

	if (parse_pci(value, &host.place))
		*nfp_grow(guests->hosts, guests->num_hosts) = host;
}

/* QEMU also takes its folder in sysfs, whose name ends the value. */
static void take_folder(struct nfp_guests *guests, size_t guest, const char *value)
{
	const char *name = value;

	for (const char *c = value; *c && *c != ',' && *c != '"'; c++)
		if (*c == '/')
			name = c + 1;
	take_host(guests, guest, name);
}

static void take_argument(struct nfp_guests *guests, size_t guest, const char *arg)
{
	static const struct {
		const char *name;
		void (*take)(struct nfp_guests *guests, size_t guest, const char *value);
	} properties[] = {{"host", take_host}, {"sysfsdev", take_folder}};

	for (size_t i = 0; i < NFP_NUM(properties); i++) {
		const char *at = arg;

		while ((at = strstr(at, properties[i].name))) {
			const char *value = nfp_argument_value(arg, at, properties[i].name);

			if (value)
				properties[i].take(guests, guest, value);
			at += strlen(properties[i].name);
		}
	}
}

bool nfp_guest_name_parse(const char *arg, char name[NFP_TEXT_LEN])
{
	const char *from = strncmp(arg, "guest=", strlen("guest=")) == 0 ? arg + strlen("guest=")
									 : arg;
	size_t len = 0;

	for (; *from && len < NFP_TEXT_LEN - 1; from++) {
		if (*from == ',' && *++from != ',')
			break;
		name[len++] = *from;
	}
	name[len] = '\0';
	return len > 0;
}

/* Takes the words of a command line, each followed by a zero. */
static void take_arguments(struct nfp_guests *guests, size_t guest, const char *args, size_t len)
{
	const char *before = "";

	for (const char *arg = args; arg < args + len; arg += strlen(arg) + 1) {
		if (strcmp(before, "-name") == 0 && !guests->v[guest].name[0])
			(void)nfp_guest_name_parse(arg, guests->v[guest].name);
		else
			take_argument(guests, guest, arg);
		before = arg;
	}
}

/* ---- processes ---- */

struct guest_scan {
	struct nfp_use_ctx *ctx;
	const struct nfp_sysroot *root;
	struct nfp_guests *to;
	struct nfp_guest *noted; /* owned: as libvirt has them */
	size_t num_noted;
	pid_t *pids; /* owned: those whose arguments are to be read */
	size_t num_pids;
};

static int read_noted(const char *file, void *ctx)
{
	struct guest_scan *s = ctx;
	struct nfp_guest guest = {.is_libvirts = true};

	guest.pid = nfp_domstatus_pid(s->root, file, guest.name);
	if (guest.pid)
		*nfp_grow(s->noted, s->num_noted) = guest;
	return 0;
}

static const struct nfp_guest *noted_of(const struct guest_scan *s, pid_t pid)
{
	nfp_for_each (guest, s->noted, s->num_noted)
		if (guest->pid == pid)
			return guest;
	return NULL;
}

/* Is the program qemu-system-x86_64, qemu-kvm, kvm, or .qemu-system-x86_64-wrapped? A program that
 * has been replaced has " (deleted)" after its name. One that cannot be read may be it. */
static bool runs_qemu(const struct guest_scan *s, pid_t pid)
{
	char name[NFP_TEXT_LEN];
	int ret = nfp_sysfs_link(s->root, name, sizeof(name), "/proc/%d/exe", (int)pid);

	/* It is read without the right to look. */
	if (ret == -EACCES || ret == -EPERM)
		ret = nfp_sysfs_read(s->root, name, sizeof(name), "/proc/%d/comm", (int)pid);
	if (ret)
		return ret == -EACCES || ret == -EPERM;
	return strstr(name, "qemu") || strcmp(name, "kvm") == 0 ||
	       strncmp(name, "kvm ", strlen("kvm ")) == 0;
}

static int scan_process(const char *name, void *ctx)
{
	struct guest_scan *s = ctx;
	const pid_t pid = nfp_pid_of(name);

	if (!pid || pid == getpid())
		return 0;
	if (noted_of(s, pid) || (nfp_may_have_device(s->ctx, pid) && runs_qemu(s, pid)))
		*nfp_grow(s->pids, s->num_pids) = pid;
	return 0;
}

static void take_process(void *ctx, size_t i, const char *args, ssize_t len)
{
	struct guest_scan *s = ctx;
	struct nfp_guests *guests = s->to;
	const pid_t pid = s->pids[i];
	const struct nfp_guest *noted = noted_of(s, pid);

	if (len == -ENOENT || len == -ESRCH) /* it has ended */
		return;
	*nfp_grow(guests->v, guests->n) = noted ? *noted : (struct nfp_guest) {.pid = pid};
	if (len >= 0)
		take_arguments(guests, guests->n - 1, args, (size_t)len);
	else if (!guests->unread)
		guests->unread = pid;
}

static int read_guests(struct nfp_use_ctx *ctx)
{
	struct guest_scan s = {.ctx = ctx, .root = ctx->root, .to = &ctx->guests};
	struct nfp_allowance time = {GUESTS_NS + ctx->extra_ns, ctx->until_ns};
	int ret;

	if (ctx->guests.known)
		return 0;
	(void)nfp_sysfs_each(s.root, read_noted, &s, NFP_DOMSTATUS_DIR);
	ret = nfp_sysfs_each(s.root, scan_process, &s, "/proc");
	nfp_args_each(s.root, s.pids, s.num_pids, &time, take_process, &s);
	free(s.noted);
	free(s.pids);
	ctx->guests.known = ret >= 0;
	return MIN(ret, 0);
}

/* ---- whose a VF is ---- */

static NFP_PRINTF(3, 4) void note_reserved(struct nfp_vf_info *vf, enum nfp_proof proof,
					   const char *fmt, ...)
{
	char user[NFP_USER_LEN];

	NFP_VFORMAT(user, sizeof(user), fmt);
	nfp_vf_use_note_by(vf, NFP_USE_RESERVED, proof, "%s", user);
}

static void note_guest(struct nfp_vf_info *vf, const struct nfp_guest *guest)
{
	if (NFP_USE_RESERVED > vf->use)
		vf->user_pid = guest->pid;
	note_reserved(vf, NFP_SAID, "guest %s (pid %d), not taken yet",
		      guest->name[0] ? guest->name : "without a name", (int)guest->pid);
}

static bool has_address(const struct nfp_vf_info *vf)
{
	return vf->attr.have_mac && !nfp_mac_is_nobodys(&vf->attr.mac);
}

/* Notes the QEMU whose arguments name the VF. */
static void note_by_arguments(const struct nfp_use_ctx *ctx, struct nfp_vf_info *vf)
{
	const struct nfp_guests *guests = &ctx->guests;
	struct nfp_pci_place place;
	char who[NFP_PROCESS_LEN];

	if (!parse_pci(vf->parentdev, &place))
		return;
	for (int libvirts = 1; libvirts >= 0; libvirts--)
		nfp_for_each (host, guests->hosts, guests->num_hosts)
			if (is_same_place(&host->place, &place) &&
			    guests->v[host->guest].is_libvirts == libvirts)
				note_guest(vf, &guests->v[host->guest]);
	if (guests->unread) {
		nfp_process_name(ctx->root, guests->unread, who);
		note_reserved(vf, NFP_SAID,
			      "%s may be about to take it: its arguments cannot be read", who);
	}
	/* A guest needs the address of its standby on its VF. */
	if (has_address(vf) && !nfp_sees_all_processes(ctx->root))
		note_reserved(vf, NFP_SAID,
			      "a guest may be about to take it: a container sees the host's "
			      "processes only with --pid host (hostPID: true)");
}

/* A macvtap has the address of its guest, and so may a tap. */
static bool is_standby(const struct nfp_link *link, const struct nfp_mac *mac)
{
	const struct nfp_mac tap = nfp_libvirt_tap_mac(mac);

	if (strcmp(link->kind, "macvtap") == 0)
		return nfp_mac_equal(&link->address, mac);
	return strcmp(link->kind, "tun") == 0 &&
	       (nfp_mac_equal(&link->address, mac) || nfp_mac_equal(&link->address, &tap));
}

/* If the host has assigned the VF the address of a standby, that guest is to get it. */
static void note_by_address(const struct nfp_use_ctx *ctx, struct nfp_vf_info *vf)
{
	nfp_for_each (link, ctx->links, ctx->num_links) {
		if (!is_standby(link, &vf->attr.mac))
			continue;
		vf->by_address |= NFP_USE_RESERVED > vf->use;
		/* The address of a macvtap is root's to set, that of a tap its owner's. */
		note_reserved(vf, strcmp(link->kind, "macvtap") == 0 ? NFP_PROMISED : NFP_SAID,
			      "the guest of %s, not taken yet", link->ifname);
	}
}

struct kept {
	const struct nfp_use_ctx *ctx;
	struct nfp_vf_info *vf;
};

/* libvirt saves the state of a VF before it gives it to a guest, in a file called by a netdev of
 * the PF, and keeps the file until it has taken the VF back (virNetDevSaveNetConfig). */
static int note_kept(const char *netdev, void *arg)
{
	struct kept *k = arg;

	if (nfp_sysfs_exists(k->ctx->root, LIBVIRT_KEEPS "/%s_vf%u", netdev, k->vf->vf))
		note_reserved(k->vf, NFP_PROMISED,
			      "a guest of libvirt's (" LIBVIRT_KEEPS "/%s_vf%u), not taken yet",
			      netdev, k->vf->vf);
	return 0;
}

int nfp_guest_find(struct nfp_use_ctx *ctx, const char *driver, struct nfp_vf_info *vf)
{
	struct kept kept = {ctx, vf};
	int ret = 0;

	(void)nfp_sysfs_each(ctx->root, note_kept, &kept, "%s/physfn/net", vf->devpath);
	/* QEMU cannot take a VF that a network driver has. */
	if (vf->use < NFP_USE_RESERVED && !nfp_is_net_driver(driver)) {
		ret = read_guests(ctx);
		note_by_arguments(ctx, vf);
	}
	if (nfp_gives(driver) == NFP_GIVES_VFIO && has_address(vf))
		note_by_address(ctx, vf);
	return ret;
}
