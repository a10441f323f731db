// SPDX-License-Identifier: GPL-2.0-or-later
/* apply.c - makes one change: journals it, logs it, checks the VF, then asks the kernel. */
#include "apply.h"
#include "change.h"
#include "guard.h"
#include "journal.h"
#include "settings.h"
#include "vf_state.h"
#include "vfdrv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_packet.h>

int nfp_apply_open(struct nfp_apply *apply, const struct nfp_sysroot *root,
		   const struct nfp_rt_dev *pf, const struct nfp_events *events,
		   struct nfp_err *err)
{
	*apply = (struct nfp_apply)NFP_APPLY_INIT;
	apply->root = root;
	apply->pf = *pf;
	apply->written_ns = nfp_clock_now();
	if (events)
		apply->events = *events;
	return nfp_nl_open(NETLINK_ROUTE, -1, &apply->nl, err);
}

int nfp_apply_private_netns(struct nfp_apply *apply, struct nfp_err *err)
{
	apply->home_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (apply->home_fd < 0)
		return nfp_err_errno(err, -errno, NFP_E_KERNEL,
				     "cannot open this network namespace");
	return nfp_netns_new(&apply->netns_fd, err)
		       ?: nfp_nl_open(NETLINK_ROUTE, apply->netns_fd, &apply->nl_private, err);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void nfp_apply_close(struct nfp_apply *apply)
{
	nfp_nl_close(apply->nl);
	nfp_nl_close(apply->nl_private);
	apply->nl = apply->nl_private = NULL;
	close_fd(&apply->membership_fd[false]);
	close_fd(&apply->membership_fd[true]);
	close_fd(&apply->home_fd);
	close_fd(&apply->netns_fd);
}

struct nfp_busdev nfp_apply_busdev(const struct nfp_apply *apply, const struct nfp_change *change)
{
	return (struct nfp_busdev) {apply->root, change->bus, change->parentdev};
}

/* ---- kinds of more than one request ---- */

static int delete_child(struct nfp_apply *h, int *ifindex, const char *name, struct nfp_err *err)
{
	struct nfp_rt_dev dev = {*ifindex, name};
	int ret = nfp_rt_link_delete(h->nl_private, &dev, err);

	if (!ret || ret == -ENODEV)
		*ifindex = 0;
	return ret == -ENODEV ? 0 : ret;
}

static int add_macvlan(struct nfp_apply *h, const struct nfp_mac *mac, struct nfp_err *err)
{
	struct nfp_rt_dev child = {0, NFP_MACVLAN_CHILD};
	int ret = nfp_rt_add_macvlan(h->nl, &h->pf, NFP_MACVLAN_CHILD, mac, h->nl_private,
				     h->netns_fd, &h->macvlan, err);

	if (ret)
		return ret;
	/* A macvlan adds its address to the filter of the lower device only while it is up. */
	child.ifindex = h->macvlan;
	ret = nfp_rt_link_set_up(h->nl_private, &child, true, err);
	if (ret)
		(void)delete_child(h, &h->macvlan, NFP_MACVLAN_CHILD, NULL);
	return ret;
}

/*
 * Registers the VLAN by a VLAN netdev on a macvlan of the PF: macvlan_vlan_rx_add_vid passes the
 * VLAN on to the PF, and the PF hands no frames to a netdev of its own. Both stay down, so that the
 * macvlan has no address in the PF's filter (macvlan_open). The VLAN netdev goes with the macvlan.
 */
static int add_vlan_netdev(struct nfp_apply *h, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	struct nfp_rt_dev child = {0, NFP_REGISTER_CHILD};
	int ret = nfp_rt_add_macvlan(h->nl, &h->pf, NFP_REGISTER_CHILD, NULL, h->nl_private,
				     h->netns_fd, &h->registers, err);

	if (ret)
		return ret;
	child.ifindex = h->registers;
	ret = nfp_rt_add_vlan(h->nl_private, &child, NFP_REGISTER_VLAN, vlan, h->nl_private,
			      h->netns_fd, NULL, err);
	if (ret)
		(void)delete_child(h, &h->registers, NFP_REGISTER_CHILD, NULL);
	return ret;
}

/* Protocol 0: the socket receives nothing. */
static int open_membership_socket(void *arg)
{
	int *fd = arg;

	*fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	return *fd < 0 ? -errno : 0;
}

static const struct membership {
	unsigned short type;
	const char *what[2]; /* for a message: to take it back, to make it */
} memberships[] = {
	[NFP_CHANGE_UNICAST] = {PACKET_MR_UNICAST, {"remove", "add"}},
	[NFP_CHANGE_PROMISC] = {PACKET_MR_PROMISC,
				{"turn off promiscuous mode of", "turn on promiscuous mode of"}},
	[NFP_CHANGE_ALLMULTI] = {PACKET_MR_ALLMULTI,
				 {"turn off allmulticast of", "turn on allmulticast of"}},
	[NFP_CHANGE_MADDR] = {PACKET_MR_MULTICAST, {"leave", "join"}},
};

/*
 * Uses the membership of a socket, not a flag or a list of the netdev: the kernel ends it with the
 * socket, or with the netdev (packet_notifier in net/packet/af_packet.c). A unicast address goes
 * the way of a macvtap's (dev_uc_add, by packet_dev_mc and macvlan_open), and through no driver's
 * FDB handlers: ice_fdb_del deletes nothing that is permanent.
 */
static int set_membership(struct nfp_apply *h, const struct nfp_change *c, struct nfp_err *err)
{
	const struct membership *m = &memberships[c->kind];
	struct packet_mreq mreq = {.mr_ifindex = c->ifindex, .mr_type = m->type};
	int *fd = &h->membership_fd[c->private_netns];
	struct nfp_mac_text mac = {""};
	int ret = 0;

	if (m->type == PACKET_MR_UNICAST || m->type == PACKET_MR_MULTICAST) {
		mreq.mr_alen = NFP_MAC_LEN;
		memcpy(mreq.mr_address, c->mac.b, NFP_MAC_LEN);
		mac = nfp_mac_str(&c->mac);
	}
	if (*fd < 0)
		ret = nfp_netns_run(c->private_netns ? h->netns_fd : -1, open_membership_socket,
				    fd);
	if (!ret &&
	    setsockopt(*fd, SOL_PACKET, c->value ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP,
		       &mreq, sizeof(mreq)))
		ret = -errno;
	if (!ret)
		return 0;
	return nfp_err_errno(err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
			     "cannot %s %s%s%s", m->what[c->value], mac.text,
			     mac.text[0] ? " on " : "", c->ifname);
}

static int apply_change(struct nfp_apply *h, const struct nfp_change *c, int lock_fd,
			struct nfp_err *err)
{
	struct nfp_nl *nl = c->private_netns ? h->nl_private : h->nl;
	struct nfp_busdev vf = nfp_apply_busdev(h, c);
	struct nfp_rt_dev dev = {c->ifindex, c->ifname};
	struct nfp_vf_attr attr = {.vf = c->vf};

	/* A dry run goes on as if the PF had the child. */
	if (h->dry && c->kind == NFP_CHANGE_VLAN)
		h->vlan_child = c->value;
	if (h->dry)
		return 0;
	if (nfp_change_row(c->kind)->is_attr) {
		nfp_change_to_attr(c, &attr);
		return nfp_rt_vf_set(h->nl, &h->pf, &attr, NFP_CHANGED_ATTR(c->kind), err);
	}
	switch (c->kind) {
	case NFP_CHANGE_VF_UNBIND:
	case NFP_CHANGE_VF_BIND:
		return nfp_vfdrv_bind(&vf, c->name, c->kind == NFP_CHANGE_VF_BIND, lock_fd, err);
	case NFP_CHANGE_VF_OVERRIDE:
		return nfp_vfdrv_set_override(&vf, c->name, lock_fd, err);
	case NFP_CHANGE_VF_RESET:
		return nfp_vfdrv_reset(&vf, lock_fd, err);
	case NFP_CHANGE_PORT_FDB_ADD:
	case NFP_CHANGE_PORT_FDB_DEL:
		return nfp_rt_port_fdb_set(h->nl, &dev, &c->mac, c->kind == NFP_CHANGE_PORT_FDB_ADD,
					   err);
	case NFP_CHANGE_MACVLAN:
		return c->value ? add_macvlan(h, &c->mac, err)
				: delete_child(h, &h->macvlan, NFP_MACVLAN_CHILD, err);
	case NFP_CHANGE_VLAN:
		return c->value ? nfp_rt_add_vlan(h->nl, &h->pf, NFP_VLAN_CHILD, &c->vlan,
						  h->nl_private, h->netns_fd, &h->vlan_child, err)
				: delete_child(h, &h->vlan_child, NFP_VLAN_CHILD, err);
	case NFP_CHANGE_REGISTER:
		return c->value ? add_vlan_netdev(h, &c->vlan, err)
				: delete_child(h, &h->registers, NFP_REGISTER_CHILD, err);
	case NFP_CHANGE_GUEST_VLAN:
		return nfp_rt_add_vlan(nl, &dev, NFP_GUEST_CHILD, &c->vlan, nl, h->netns_fd, NULL,
				       err);
	case NFP_CHANGE_UNICAST:
	case NFP_CHANGE_PROMISC:
	case NFP_CHANGE_ALLMULTI:
	case NFP_CHANGE_MADDR:
		return set_membership(h, c, err);
	case NFP_CHANGE_NETNS_IN:
		return nfp_rt_link_move(h->nl, &dev, h->netns_fd, c->name, err);
	case NFP_CHANGE_NETNS_OUT:
		return nfp_rt_link_move(h->nl_private, &dev, h->home_fd, c->name, err);
	case NFP_CHANGE_LINK_UP:
	case NFP_CHANGE_LINK_DOWN:
		return nfp_rt_link_set_up(nl, &dev, c->kind == NFP_CHANGE_LINK_UP, err);
	case NFP_CHANGE_LINK_NAME:
		return nfp_rt_link_rename(nl, &dev, c->name, err);
	case NFP_CHANGE_LINK_ADDRESS:
		return nfp_rt_link_address(nl, &dev, &c->mac, err);
	case NFP_CHANGE_LINK_SETTING:
		return nfp_setting_set(nl, &dev, c->name, c->text, err);
	default:
		return -EINVAL;
	}
}

/* Journals the change and logs its command. */
static int journal_and_log(struct nfp_apply *h, struct nfp_change *c, struct nfp_err *err)
{
	struct nfp_commands commands;
	char *text;
	int ret = 0;

	if (nfp_change_row(c->kind)->of_pf && !c->private_netns) {
		c->ifindex = h->pf.ifindex;
		snprintf(c->ifname, sizeof(c->ifname), "%s", h->pf.ifname);
	}
	if (h->journal && nfp_change_row(c->kind)->lasts)
		ret = nfp_journal_change(h->journal, c, err);
	if (ret)
		return ret;
	nfp_change_command(c, &commands);
	text = nfp_commands_text(&commands, " && ");
	nfp_emit(&h->events, &(struct nfp_event) {.what = NFP_EVENT_CHANGE, .text = text});
	free(text);
	return 0;
}

static bool writes_to_device(const struct nfp_change *c)
{
	return c->kind == NFP_CHANGE_VF_UNBIND || c->kind == NFP_CHANGE_VF_BIND ||
	       c->kind == NFP_CHANGE_VF_OVERRIDE || c->kind == NFP_CHANGE_VF_RESET;
}

/* Locks, looks, writes: whoever has waited for a lock must look again. */
static int attempt_change(struct nfp_apply *h, struct nfp_guard *guard, const struct nfp_change *c,
			  struct nfp_err *err)
{
	const struct nfp_busdev vf = nfp_apply_busdev(h, c);
	bool child = c->kind == NFP_CHANGE_MACVLAN || c->kind == NFP_CHANGE_VLAN ||
		     c->kind == NFP_CHANGE_REGISTER;
	uint64_t request_ns;
	int lock_fd = -1, ret = 0;

	if (!h->dry && writes_to_device(c))
		ret = nfp_vfdrv_lock(&vf, &lock_fd, err);
	if (!ret && guard)
		ret = nfp_guard_check(h, guard, err);
	if (ret) {
		close_fd(&lock_fd);
		return ret;
	}
	request_ns = nfp_clock_now();
	/*
	 * The kernel also announces a child that comes or goes for the PF (NETDEV_CHANGEUPPER in
	 * rtnetlink_event, net/core/rtnetlink.c).
	 */
	ret = (child ? nfp_guard_drain(h, err) : 0) ?: apply_change(h, c, lock_fd, err);
	close_fd(&lock_fd);
	if (child)
		nfp_guard_forget(h);
	if (nfp_change_row(c->kind)->timed && !h->request_ns)
		h->request_ns = request_ns;
	if (!ret && nfp_change_row(c->kind)->to_vf)
		h->written_ns = nfp_clock_now();
	if (guard)
		nfp_guard_note(h, guard, c, ret);
	return ret;
}

static bool stops(const struct nfp_guard *guard)
{
	return guard && guard->state != NFP_GUARD_OURS;
}

/*
 * True if the driver may give another answer in a moment. A VF may be in reset soon after it was
 * written to, in which case i40e and ice answer EINVAL (i40e_validate_vf,
 * ice_check_vf_ready_for_cfg), whether or not they report the VF meanwhile.
 */
static bool may_pass(const struct nfp_apply *h, const struct nfp_change *c, int ret)
{
	if (ret == -EINVAL)
		return nfp_change_row(c->kind)->is_attr &&
		       nfp_clock_now() < h->written_ns + NFP_INSIST_MS * NFP_NSEC_PER_MSEC;
	/* EEXIST: another run may be about to rename the netdev that has the name. */
	return ret == -EAGAIN || ret == -EBUSY ||
	       (ret == -EEXIST && c->kind == NFP_CHANGE_LINK_NAME);
}

/* The attempts to make one change. */
struct attempts {
	uint64_t begin_ns, end_ns;
	struct nfp_change instead; /* the change that gives the VF the placeholder */
	bool placeholder_journalled;
	bool has_placeholder; /* the VF has the placeholder */
};

/*
 * A driver that refuses to clear an address may accept another one instead. EAGAIN and EBUSY are
 * not about the address, so they count only when time is up.
 */
static bool should_replace(const struct nfp_change *c, const struct attempts *a, int ret,
			   uint64_t now_ns)
{
	return c->placeholder_mac && !a->has_placeholder &&
	       ((ret != -EAGAIN && ret != -EBUSY) || now_ns >= a->end_ns);
}

static int set_placeholder(struct nfp_apply *h, struct nfp_guard *guard, struct attempts *a)
{
	uint64_t now_ns;
	int ret;

	if (!a->placeholder_journalled) {
		ret = journal_and_log(h, &a->instead, NULL);
		if (ret)
			return ret;
		a->placeholder_journalled = true;
	}
	ret = attempt_change(h, guard, &a->instead, NULL);
	if (ret)
		return ret;
	a->has_placeholder = true;
	/* If that has reset the VF, the reset takes no longer than the last one. */
	now_ns = nfp_clock_now();
	a->end_ns = MIN(a->end_ns, now_ns + 2 * (now_ns - a->begin_ns));
	return 0;
}

/*
 * EEXIST: the entry is another process's, and a restore must not delete it. EOPNOTSUPP: the driver
 * lacks the operation (do_setvfinfo in net/core/rtnetlink.c). A change that the guard stopped was
 * not made. A driver that was not unbound, as far as is known, is still the run's. Any other
 * refusal may have had half an effect.
 */
static void void_if_not_made(struct nfp_apply *h, const struct nfp_guard *guard,
			     const struct nfp_change *c, int ret)
{
	bool not_made = ret == -EEXIST || ret == -EOPNOTSUPP || (ret == -EBUSY && stops(guard)) ||
			(ret && c->kind == NFP_CHANGE_VF_UNBIND);

	if (c->seq && h->journal && not_made)
		(void)nfp_journal_note(h->journal,
				       &(struct nfp_journal_note) {"void", .seq = c->seq}, NULL);
}

int nfp_apply_guarded(struct nfp_apply *h, struct nfp_guard *guard, struct nfp_change *c,
		      struct nfp_err *err)
{
	struct attempts a = {.begin_ns = nfp_clock_now(), .instead = *c};
	int ret = journal_and_log(h, c, err);

	if (ret)
		return ret;
	a.end_ns = a.begin_ns;
	if (nfp_change_row(c->kind)->insists)
		a.end_ns += NFP_INSIST_MS * NFP_NSEC_PER_MSEC;
	if (c->placeholder_mac)
		a.instead.mac = *c->placeholder_mac;
	/* Try as long as the driver may give another answer. */
	for (;;) {
		uint64_t request_ns = nfp_clock_now(), now_ns;
		int last = ret = attempt_change(h, guard, c, err);

		now_ns = nfp_clock_now();
		if (!ret || stops(guard))
			break;
		if (should_replace(c, &a, ret, now_ns)) {
			last = set_placeholder(h, guard, &a);
			if (!last)
				continue;
			now_ns = nfp_clock_now();
		}
		if (now_ns >= a.end_ns || !may_pass(h, c, last)) {
			/* A driver may store what it refuses: the last address must be the right
			 * one. */
			if (a.placeholder_journalled && !a.has_placeholder)
				ret = attempt_change(h, guard, c, err);
			break;
		}
		nfp_vf_look_pause(now_ns - request_ns);
	}
	void_if_not_made(h, guard, c, ret);
	return ret && a.has_placeholder && !stops(guard) ? NFP_PLACEHOLDER : ret;
}

/* Returns the run's guard of the VF that the change is made to, or NULL. */
static struct nfp_guard *guard_of_change(const struct nfp_apply *apply,
					 const struct nfp_change *change)
{
	if (!change->of_vf || !nfp_change_row(change->kind)->to_vf)
		return NULL;
	for (size_t i = 0; i < NFP_GUARDS; i++)
		if (apply->watch.guards[i] && apply->watch.guards[i]->is.vf == change->vf)
			return apply->watch.guards[i];
	return NULL;
}

int nfp_apply_change(struct nfp_apply *apply, struct nfp_change *change, struct nfp_err *err)
{
	return nfp_apply_guarded(apply, guard_of_change(apply, change), change, err);
}

int nfp_apply_bind(struct nfp_apply *apply, struct nfp_guard *guard, const struct nfp_vf_state *vf,
		   const char *driver, struct nfp_err *err)
{
	struct nfp_change c = nfp_change_of_vf(vf, NFP_CHANGE_VF_BIND, driver);
	struct nfp_err refusal = {.code = NFP_E_NONE};
	char override[NFP_TEXT_LEN];
	struct nfp_busdev dev = nfp_apply_busdev(apply, &c);
	int ret = nfp_apply_guarded(apply, guard, &c, &refusal);

	if (ret == -ENODEV && !nfp_vfdrv_override(&dev, override, sizeof(override)) &&
	    strcmp(override, driver) != 0) {
		struct nfp_change o = nfp_change_of_vf(vf, NFP_CHANGE_VF_OVERRIDE, driver);

		ret = nfp_apply_guarded(apply, guard, &o, &refusal)
			      ?: nfp_apply_guarded(apply, guard, &c, &refusal);
	}
	/* The override has dealt with this refusal, which is no error of the caller's. */
	if (ret && err)
		*err = refusal;
	return ret;
}
