// SPDX-License-Identifier: GPL-2.0-or-later
/* packet.c - frames at one netdev: libpcap captures them, a packet socket sends them. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic_priv.h"

/* ---- capture ---- */

#define SNAPLEN 128
/* Some 9,000 frames, eight seconds at the usual rate. It counts as this process's memory. */
#define BUFFER_BYTES (2U << 20)

struct nfp_capture {
	pcap_t *pcap;
	uint64_t old_drops; /* from before the filter was in place */
	nfp_capture_fn fn;  /* of the drain that is going on */
	void *ctx;	    /* of @fn */
};

struct capture_opening {
	const struct nfp_netdev *netdev;
	const char *filter;
	size_t buffer_bytes;
	bool early;
	struct nfp_err err; /* not set if the network namespace could not be entered */
	pcap_t *pcap;
};

static int refuse_capture(struct capture_opening *opening, int status, const char *what)
{
	const char *why = pcap_geterr(opening->pcap);
	int ret = -EIO;

	/* Error codes of libpcap that say more than its generic one. */
	if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED)
		ret = -EPERM;
	else if (status == PCAP_ERROR_NO_SUCH_DEVICE)
		ret = -ENODEV;
	return nfp_err_set(&opening->err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
			   "cannot capture on %s: %s: %s", opening->netdev->ifname, what,
			   *why ? why : pcap_statustostr(status));
}

/*
 * The frame as the kernel's filter sees it, by offsets from the start: without a tag (also when the
 * tag is in metadata), or with one. libpcap's "vlan" would also look into the metadata, and shift
 * what follows.
 */
void nfp_capture_filter(const struct nfp_frame_id *id, char text[NFP_CAPTURE_FILTER_LEN])
{
	uint32_t magic = get32((const uint8_t *)"nfpr"), word = get32(id->run);

	text[0] = '\0';
	for (unsigned int tag = 0; tag <= 4; tag += 4)
		nfp_appendf(text, NFP_CAPTURE_FILTER_LEN,
			    "%s(ether[%u:2] = 0x%x and ether[%u:4] = 0x%x and ether[%u:4] = 0x%x)",
			    tag ? " or " : "", 12 + tag, NFP_ETHERTYPE, 14 + tag, magic, 22 + tag,
			    word);
}

static int open_loopback(struct capture_opening *opening)
{
	size_t bytes = opening->buffer_bytes ? opening->buffer_bytes : BUFFER_BYTES;
	char text[PCAP_ERRBUF_SIZE] = "";
	struct bpf_program program;
	const int on = 1;
	pcap_t *pcap;
	int status;

	pcap = pcap_create("lo", text);
	opening->pcap = pcap;
	if (!pcap)
		return nfp_err_set(&opening->err, -EIO, NFP_E_KERNEL, "cannot capture on %s: %s",
				   opening->netdev->ifname, text);
	/* Without any of these options frames would be seen too late, or at a wrong time. */
	status = pcap_set_snaplen(pcap, SNAPLEN)
			 ?: pcap_set_promisc(pcap, 0)
			 ?: pcap_set_immediate_mode(pcap, 1)
			 ?: pcap_set_buffer_size(pcap, (int)bytes)
			 ?: pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	if (status)
		return refuse_capture(opening, status, "options");
	status = pcap_activate(pcap);
	if (status == PCAP_ERROR_IFACE_NOT_UP) {
		nfp_err_set(&opening->err, -ENETDOWN, NFP_E_KERNEL,
			    "cannot capture on %s: the loopback of its network namespace is down",
			    opening->netdev->ifname);
		nfp_err_try(&opening->err, "ip link set lo up");
		return -ENETDOWN;
	}
	if (status < 0)
		return refuse_capture(opening, status, "activate");
	if (pcap_get_tstamp_precision(pcap) != PCAP_TSTAMP_PRECISION_NANO)
		return refuse_capture(opening, PCAP_ERROR, "no timestamps in nanoseconds");
	/* Before Linux 4.20 the kernel copies outgoing frames too, and libpcap drops them. */
	(void)setsockopt(pcap_fileno(pcap), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	status = pcap_setdirection(pcap, PCAP_D_IN) ?: pcap_setnonblock(pcap, 1, text);
	if (status)
		return refuse_capture(opening, status, "direction");
	status = pcap_compile(pcap, &program, opening->filter, 1, PCAP_NETMASK_UNKNOWN);
	if (!status) {
		status = pcap_setfilter(pcap, &program);
		pcap_freecode(&program);
	}
	return status ? refuse_capture(opening, status, "filter") : 0;
}

/*
 * libpcap opens by name. It may take the name of a netdev for something else (nfqueue is the
 * firewall's queue 0), udev may give a netdev another name, and libpcap refuses a netdev that is
 * down. So it opens the loopback, whose socket is then bound to the netdev.
 */
static int open_capture(void *arg)
{
	struct capture_opening *opening = arg;
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL),
				 .sll_ifindex = opening->netdev->ifindex};
	struct ifreq lo = {.ifr_name = "lo"};
	int fd, error, ret = 0;
	socklen_t len = sizeof(error), at_len = sizeof(at);

	/* libpcap needs it up; only in a namespace of our own may it be changed. */
	if (opening->netdev->netns_fd >= 0) {
		fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			return -errno;
		ret = ioctl(fd, SIOCGIFFLAGS, &lo);
		if (!ret && !(lo.ifr_flags & IFF_UP)) {
			lo.ifr_flags |= IFF_UP;
			ret = ioctl(fd, SIOCSIFFLAGS, &lo);
		}
		ret = ret ? -errno : 0;
		close(fd);
	}
	ret = ret ?: open_loopback(opening);
	if (ret)
		return ret;
	fd = pcap_fileno(opening->pcap);
	if (bind(fd, (const struct sockaddr *)&at, at_len) ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) ||
	    getsockname(fd, (struct sockaddr *)&at, &at_len))
		error = errno;
	/* The kernel reports once that the netdev is down. */
	else if (error == ENETDOWN && opening->early)
		error = 0;
	if (!error && at.sll_hatype != ARPHRD_ETHER)
		return refuse_capture(opening, PCAP_ERROR, "not an Ethernet device");
	if (error)
		return nfp_err_errno(&opening->err, -error,
				     error == ENODEV ? NFP_E_NO_INTERFACE : NFP_E_KERNEL,
				     "cannot capture on %s", opening->netdev->ifname);
	return 0;
}

/* ps_ifdrop counts any frames that the interface itself lost, if libpcap knows that. */
static uint64_t count_drops(pcap_t *pcap)
{
	struct pcap_stat stat;

	return pcap_stats(pcap, &stat) ? 0 : (uint64_t)stat.ps_drop + stat.ps_ifdrop;
}

int nfp_capture_open(const struct nfp_netdev *netdev, const char *filter, size_t buffer_bytes,
		     bool early, struct nfp_capture **ret_capture, struct nfp_err *err)
{
	struct capture_opening opening = {
		.netdev = netdev, .filter = filter, .buffer_bytes = buffer_bytes, .early = early};
	int ret = nfp_netns_run(netdev->netns_fd, open_capture, &opening);

	if (ret) {
		if (opening.pcap)
			pcap_close(opening.pcap);
		if (opening.err.code == NFP_E_NONE)
			nfp_err_errno(&opening.err, ret,
				      ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
				      "cannot enter the network namespace of %s", netdev->ifname);
		if (err)
			*err = opening.err;
		return ret;
	}
	*ret_capture = nfp_calloc(1, sizeof(**ret_capture));
	(*ret_capture)->pcap = opening.pcap;
	(*ret_capture)->old_drops = count_drops(opening.pcap);
	return 0;
}

void nfp_capture_close(struct nfp_capture *capture)
{
	if (!capture)
		return;
	pcap_close(capture->pcap);
	free(capture);
}

int nfp_capture_fd(const struct nfp_capture *capture)
{
	return pcap_get_selectable_fd(capture->pcap);
}

/* With nanosecond precision tv_usec holds nanoseconds (pcap_set_tstamp_precision(3PCAP)). */
static void on_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
	const struct nfp_capture *capture = (const struct nfp_capture *)(const void *)user;

	capture->fn(capture->ctx, data, header->caplen,
		    (uint64_t)header->ts.tv_sec * NFP_NSEC_PER_SEC + (uint64_t)header->ts.tv_usec);
}

int nfp_capture_drain(struct nfp_capture *capture, unsigned int max, nfp_capture_fn fn, void *ctx)
{
	int num;

	capture->fn = fn;
	capture->ctx = ctx;
	num = pcap_dispatch(capture->pcap, (int)max, on_packet, (u_char *)(void *)capture);
	return num < 0 ? -EIO : num;
}

uint64_t nfp_capture_drops(struct nfp_capture *capture)
{
	return count_drops(capture->pcap) - capture->old_drops;
}

/* ---- send ---- */

/* Room for a burst after the netdev's queue was stopped: a frame counts as about 800 bytes. */
#define SEND_BUFFER (1 << 20)

#define CHANGES_LEN 24 /* a number */
/*
 * Frames may still be discarded for so long after the carrier is back: the kernel makes the
 * queueing discipline work again a little later (linkwatch_do_dev, net/core/link_watch.c).
 */
#define BACK_NS (50 * NFP_NSEC_PER_MSEC)

struct nfp_inject {
	int fd;
	int changes_fd;		   /* how often the carrier changed; -1: it is not watched */
	char changes[CHANGES_LEN]; /* as last read from @changes_fd */
	bool carrier;
	uint64_t back_ns;
	struct sockaddr_ll to;
	struct mmsghdr messages[NFP_INJECT_BATCH];
	struct iovec iov[NFP_INJECT_BATCH];
};

/* Protocol 0: the socket receives nothing. */
static int open_send_socket(void *arg)
{
	int size = SEND_BUFFER;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	/* Fails without CAP_NET_ADMIN; the default size is enough then. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	*(int *)arg = fd;
	return 0;
}

static bool read_changes(const struct nfp_inject *inject, char text[CHANGES_LEN])
{
	memset(text, 0, CHANGES_LEN);
	return pread(inject->changes_fd, text, CHANGES_LEN - 1, 0) > 0;
}

void nfp_inject_watch(struct nfp_inject *inject, const struct nfp_netdev *netdev)
{
	const char *name = netdev->ifname;
	char path[128], after[CHANGES_LEN];
	uint64_t ifindex = 0, carrier = 0;

	/* /sys shows the netdevs of one network namespace. */
	(void)nfp_sysfs_number(NULL, &ifindex, "/sys/class/net/%s/ifindex", name);
	if (ifindex != (uint64_t)netdev->ifindex)
		return;
	snprintf(path, sizeof(path), "/sys/class/net/%s/carrier_changes", name);
	inject->changes_fd = open(path, O_RDONLY | O_CLOEXEC);
	do {
		if (inject->changes_fd < 0 || !read_changes(inject, inject->changes))
			return;
		(void)nfp_sysfs_number(NULL, &carrier, "/sys/class/net/%s/carrier", name);
	} while (read_changes(inject, after) && strcmp(after, inject->changes) != 0);
	inject->carrier = carrier;
}

bool nfp_inject_update_carrier(struct nfp_inject *inject)
{
	char now[CHANGES_LEN];

	if (inject->changes_fd < 0)
		return true;
	if (!read_changes(inject, now))
		return false;
	if (strcmp(now, inject->changes) != 0) {
		/* Each change is from on to off or back. */
		if ((strtoull(now, NULL, 10) - strtoull(inject->changes, NULL, 10)) % 2)
			inject->carrier = !inject->carrier;
		memcpy(inject->changes, now, sizeof(now));
		inject->back_ns = nfp_clock_now() + BACK_NS;
	}
	return inject->carrier && nfp_clock_now() >= inject->back_ns;
}

int nfp_inject_open(const struct nfp_netdev *netdev, struct nfp_inject **ret_inject,
		    struct nfp_err *err)
{
	struct nfp_inject *inject;
	int fd = -1, ret = nfp_netns_run(netdev->netns_fd, open_send_socket, &fd);

	if (ret)
		return nfp_err_errno(err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
				     "cannot open a packet socket to send from %s", netdev->ifname);
	inject = nfp_calloc(1, sizeof(*inject));
	inject->fd = fd;
	inject->changes_fd = -1;
	inject->to = (struct sockaddr_ll) {
		.sll_family = AF_PACKET,
		.sll_protocol = 0, /* each frame has it: packet_parse_headers, net/packet */
		.sll_ifindex = netdev->ifindex,
		.sll_halen = ETH_ALEN,
	};
	for (unsigned int i = 0; i < NFP_INJECT_BATCH; i++)
		inject->messages[i].msg_hdr = (struct msghdr) {
			.msg_name = &inject->to,
			.msg_namelen = sizeof(inject->to),
			.msg_iov = &inject->iov[i],
			.msg_iovlen = 1,
		};
	*ret_inject = inject;
	return 0;
}

void nfp_inject_close(struct nfp_inject *inject)
{
	if (!inject)
		return;
	close(inject->fd);
	if (inject->changes_fd >= 0)
		close(inject->changes_fd);
	free(inject);
}

int nfp_inject_send(struct nfp_inject *inject, struct nfp_packet packets[], unsigned int num)
{
	int sent;

	for (unsigned int i = 0; i < num; i++)
		inject->iov[i] = (struct iovec) {packets[i].data, packets[i].len};
	sent = (int)TEMP_FAILURE_RETRY(sendmmsg(inject->fd, inject->messages, num, 0));
	return sent < 0 ? -errno : sent;
}

unsigned int nfp_inject_all(struct nfp_inject *inject, struct nfp_packet packets[],
			    unsigned int num)
{
	unsigned int sent = 0;
	int ret;

	while (sent < num && (ret = nfp_inject_send(inject, packets + sent, num - sent)) > 0)
		sent += (unsigned int)ret;
	return sent;
}
