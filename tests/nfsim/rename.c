// SPDX-License-Identifier: GPL-2.0-or-later
/* Renaming a netdev, as udev does: by rtnetlink, since the function is not there for modules. */

#include <linux/net.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "nfsim.h"

static struct sk_buff *nfsim_rename_message(int ifindex, const char *name)
{
	struct sk_buff *message = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	struct ifinfomsg *info;
	struct nlmsghdr *header;

	if (!message)
		return NULL;
	header = nlmsg_put(message, 0, 0, RTM_NEWLINK, sizeof(*info), NLM_F_REQUEST);
	info = nlmsg_data(header);
	memset(info, 0, sizeof(*info));
	info->ifi_index = ifindex;
	if (nla_put_string(message, IFLA_IFNAME, name)) {
		nlmsg_free(message);
		return NULL;
	}
	nlmsg_end(message, header);
	return message;
}

static int nfsim_rename_send(struct net *net, struct sk_buff *message)
{
	struct kvec data = {.iov_base = message->data, .iov_len = message->len};
	/* With an address, it is the sender that must be privileged, and not who opened the socket.
	 */
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct msghdr header = {.msg_name = &kernel, .msg_namelen = sizeof(kernel)};
	struct socket *socket;
	int err;

	err = sock_create_kern(net, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &socket);
	if (err)
		return err;
	err = kernel_sendmsg(socket, &header, &data, 1, data.iov_len);
	sock_release(socket);
	return err < 0 ? err : 0;
}

/*
 * The netdev may be in a namespace that is just going away; then there is nobody to be surprised.
 * udev, whose socket is in the first namespace, does not find a netdev that has left it.
 */
int nfsim_rename(struct net_device *dev, const char *name, bool anywhere)
{
	struct sk_buff *message;
	struct net *net;
	int err = -ENOMEM;

	rcu_read_lock();
	net = maybe_get_net(dev_net(dev));
	rcu_read_unlock();
	if (!net)
		return 0;
	if (!anywhere && !net_eq(net, &init_net)) {
		put_net(net);
		return 0;
	}
	message = nfsim_rename_message(dev->ifindex, name);
	if (message)
		err = nfsim_rename_send(net, message);
	nlmsg_free(message);
	put_net(net);
	return err;
}
