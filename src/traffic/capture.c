// SPDX-License-Identifier: GPL-2.0-or-later
/* capture.c - libpcap at one netdev. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic_priv.h"

#define SNAPLEN 128
/* Some 9,000 frames, eight seconds at the usual rate. It counts as memory of ours. */
#define BUFFER_BYTES (2U << 20)
/* Frames that are handed over between two looks at the clock. */
#define READ_MAX 1024U
/* One rename by udev is usual. */
#define RENAMES_MAX 8

struct nfp_capture {
	pcap_t *pcap;
	uint64_t old_drops; /* from before the filter was in place */
};

struct opening {
	const struct nfp_netdev *netdev;
	const char *filter;
	size_t buffer_bytes;
	bool early;
	struct nfp_err err; /* of what was refused, but for the network namespace */
	pcap_t *pcap;
};

static int refuse(struct opening *opening, int status, const char *what)
{
	const char *why = opening->pcap ? pcap_geterr(opening->pcap) : "";
	int ret = -EIO;

	/* Error codes of libpcap that say more than its generic one. */
	if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED)
		ret = -EPERM;
	else if (status == PCAP_ERROR_NO_SUCH_DEVICE)
		ret = -ENODEV;
	else if (status == PCAP_ERROR_IFACE_NOT_UP)
		ret = -ENETDOWN;
	return nfp_err_set(&opening->err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
			   "cannot capture on %s: %s: %s", opening->netdev->ifname, what,
			   *why ? why : pcap_statustostr(status));
}

/*
 * The frame as the kernel's filter sees it, by offsets from the start: behind no tag (also when the
 * tag is in metadata), or behind one. libpcap's "vlan" would look into the metadata too and
 * shift what follows it.
 */
void nfp_capture_filter(const struct nfp_frame_id *id, char text[NFP_CAPTURE_FILTER_LEN])
{
	uint32_t magic = get32((const uint8_t *)"nfpr"), word = get32(id->run);

	snprintf(text, NFP_CAPTURE_FILTER_LEN,
		 "(ether[12:2] = 0x%x and ether[14:4] = 0x%x and ether[22:4] = 0x%x) or "
		 "(ether[16:2] = 0x%x and ether[18:4] = 0x%x and ether[26:4] = 0x%x)",
		 NFP_ETHERTYPE, magic, word, NFP_ETHERTYPE, magic, word);
}

/* Without one of these options frames would be seen too late, or at a wrong time. */
static int activate(struct opening *opening)
{
	size_t bytes = opening->buffer_bytes ? opening->buffer_bytes : BUFFER_BYTES;
	pcap_t *pcap = opening->pcap;
	int status;

	if ((status = pcap_set_snaplen(pcap, SNAPLEN)) || (status = pcap_set_promisc(pcap, 0)) ||
	    (status = pcap_set_immediate_mode(pcap, 1)) ||
	    (status = pcap_set_buffer_size(pcap, (int)bytes)) ||
	    (status = pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO)))
		return refuse(opening, status, "options");
	status = pcap_activate(pcap);
	if (status < 0)
		return refuse(opening, status, "activate");
	if (pcap_datalink(pcap) != DLT_EN10MB)
		return refuse(opening, PCAP_ERROR, "not an Ethernet device");
	if (pcap_get_tstamp_precision(pcap) != PCAP_TSTAMP_PRECISION_NANO)
		return refuse(opening, PCAP_ERROR, "no timestamps in nanoseconds");
	return 0;
}

static int set_filter(struct opening *opening)
{
	char words[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = opening->pcap;
	struct bpf_program program;
	const int on = 1;
	int status;

	/* Before Linux 4.20 each frame that leaves is copied, and passed over by libpcap. */
	(void)setsockopt(pcap_fileno(pcap), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	status = pcap_setdirection(pcap, PCAP_D_IN);
	if (!status)
		status = pcap_setnonblock(pcap, 1, words);
	if (status)
		return refuse(opening, status, "direction");
	status = pcap_compile(pcap, &program, opening->filter, 1, PCAP_NETMASK_UNKNOWN);
	if (!status) {
		status = pcap_setfilter(pcap, &program);
		pcap_freecode(&program);
	}
	return status ? refuse(opening, status, "filter") : 0;
}

static int open_named(struct opening *opening, const char *name)
{
	char words[PCAP_ERRBUF_SIZE] = "";
	int ret;

	opening->pcap = pcap_create(name, words);
	if (!opening->pcap)
		return nfp_err_set(&opening->err, -EIO, NFP_E_KERNEL, "cannot capture on %s: %s",
				   opening->netdev->ifname, words);
	ret = activate(opening);
	return ret ? ret : set_filter(opening);
}

/*
 * libpcap opens by name, but udev renames: what was opened must have had the name before and after,
 * else once more by its new name. Each time the netdev is gone, or somebody has renamed it again.
 */
static int open_by_index(struct opening *opening)
{
	unsigned int ifindex = (unsigned int)opening->netdev->ifindex;
	char name[IF_NAMESIZE], then[IF_NAMESIZE];

	for (int i = 0; i < RENAMES_MAX && if_indextoname(ifindex, name); i++) {
		int ret = open_named(opening, name);

		if (if_indextoname(ifindex, then) && !strcmp(name, then))
			return ret;
		if (opening->pcap)
			pcap_close(opening->pcap);
		opening->pcap = NULL;
	}
	return nfp_err_errno(&opening->err, -ENODEV, NFP_E_NO_INTERFACE, "cannot capture on %s",
			     opening->netdev->ifname);
}

static int set_loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret;

	if (fd < 0)
		return -errno;
	ret = ioctl(fd, SIOCGIFFLAGS, &request);
	if (!ret && !(request.ifr_flags & IFF_UP)) {
		request.ifr_flags |= IFF_UP;
		ret = ioctl(fd, SIOCSIFFLAGS, &request);
	}
	ret = ret ? -errno : 0;
	close(fd);
	return ret;
}

/* By the loopback, bound anew. That the netdev is down is told once, and no error here. */
static int open_early(struct opening *opening)
{
	const struct sockaddr_ll at = {.sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = opening->netdev->ifindex};
	int ret = opening->netdev->netns_fd < 0 ? 0 : set_loopback_up();
	int fd, error;
	socklen_t len = sizeof(error);

	if (!ret)
		ret = open_named(opening, "lo");
	if (ret)
		return ret;
	fd = pcap_fileno(opening->pcap);
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		return nfp_err_errno(&opening->err, -errno, NFP_E_KERNEL, "cannot capture on %s",
				     opening->netdev->ifname);
	return 0;
}

static int open_there(void *arg)
{
	struct opening *opening = arg;

	return opening->early ? open_early(opening) : open_by_index(opening);
}

/* ps_ifdrop counts what the interface itself lost, ours or not, where libpcap knows it. */
static uint64_t count_drops(pcap_t *pcap)
{
	struct pcap_stat stat;

	return pcap_stats(pcap, &stat) ? 0 : (uint64_t)stat.ps_drop + stat.ps_ifdrop;
}

int nfp_capture_open(const struct nfp_netdev *netdev, const char *filter, size_t buffer_bytes,
		     bool early, struct nfp_capture **ret_capture, struct nfp_err *err)
{
	struct opening opening = {
		.netdev = netdev, .filter = filter, .buffer_bytes = buffer_bytes, .early = early};
	int ret = nfp_enter(netdev->netns_fd, open_there, &opening);

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

struct handover {
	nfp_capture_fn fn;
	void *ctx;
};

/* With nanosecond precision tv_usec holds nanoseconds (pcap_set_tstamp_precision(3PCAP)). */
static void hand_over(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
	const struct handover *handover = (const struct handover *)(const void *)user;
	uint64_t real_ns = (uint64_t)header->ts.tv_sec * NFP_NSEC_PER_SEC +
			   (uint64_t)header->ts.tv_usec;

	handover->fn(handover->ctx, data, header->caplen, real_ns);
}

int nfp_capture_drain(struct nfp_capture *capture, unsigned int max, nfp_capture_fn fn, void *ctx)
{
	struct handover handover = {fn, ctx};
	int num = pcap_dispatch(capture->pcap, (int)max, hand_over, (u_char *)(void *)&handover);

	/* libpcap has one code for "went down" and "disappeared", and clears the socket's error. */
	return num < 0 ? -ENETDOWN : num;
}

uint64_t nfp_capture_drops(struct nfp_capture *capture)
{
	return count_drops(capture->pcap) - capture->old_drops;
}

int nfp_capture_listen(struct nfp_capture *capture, const uint64_t *deadline_ns, nfp_capture_fn fn,
		       void *ctx)
{
	do {
		struct pollfd fd = {.fd = nfp_capture_fd(capture), .events = POLLIN};
		int ret = nfp_clock_poll(&fd, 1, *deadline_ns);

		if (ret <= 0)
			return ret;
		ret = nfp_capture_drain(capture, READ_MAX, fn, ctx);
		if (ret < 0)
			return ret;
	} while (nfp_clock_now() < *deadline_ns);
	return 0;
}
