// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/traffic.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nfprobe/base.h"
#include "traffic_priv.h"

#define SNAPLEN 128
/* Some 9,000 frames, eight seconds at the usual rate. It counts as memory of ours. */
#define BUFFER_BYTES (2U << 20)

/* One rename by udev is usual. */
#define RENAMES_MAX 8

struct nfp_capture {
	pcap_t *pcap;
	int fd;
	uint64_t old_drops; /* from before the filter was in place */
};

struct opening {
	const struct nfp_netdev *netdev;
	const char *filter;
	size_t buffer_bytes;
	struct nfp_err *err;
	pcap_t *pcap;
	bool refused; /* err has the words */
};

/* Error codes of libpcap that say more than its generic one. */
static int errno_of(int status)
{
	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return -EPERM;
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return -ENODEV;
	case PCAP_ERROR_IFACE_NOT_UP:
		return -ENETDOWN;
	default:
		return -EIO;
	}
}

static int refuse(struct opening *opening, int status, const char *what)
{
	const char *why = opening->pcap ? pcap_geterr(opening->pcap) : "";
	int ret = errno_of(status);

	opening->refused = true;
	nfp_err_set(opening->err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
		    "cannot capture on %s: %s: %s", opening->netdev->ifname, what,
		    *why ? why : pcap_statustostr(status));
	return ret;
}

/*
 * The frame as the kernel's filter sees it, by offsets from the start: behind no tag (also when the
 * tag is in metadata), or behind one. libpcap's "vlan" would look into the metadata too and
 * shift what follows it.
 */
void nfp_capture_filter(const struct nfp_frame_id *id, char text[NFP_CAPTURE_FILTER_LEN])
{
	unsigned int word = (unsigned int)id->run[0] << 24 | (unsigned int)id->run[1] << 16 |
			    (unsigned int)id->run[2] << 8 | id->run[3];
	unsigned int magic = (unsigned int)'n' << 24 | 'f' << 16 | 'p' << 8 | 'r';

	snprintf(text, NFP_CAPTURE_FILTER_LEN,
		 "(ether[12:2] = 0x%x and ether[14:4] = 0x%x and ether[22:4] = 0x%x) or "
		 "(ether[16:2] = 0x%x and ether[18:4] = 0x%x and ether[26:4] = 0x%x)",
		 NFP_ETHERTYPE, magic, word, NFP_ETHERTYPE, magic, word);
}

static int set_filter(struct opening *opening)
{
	struct bpf_insn insns[NFP_BPF_MAX];
	struct bpf_program program = {.bf_insns = insns};
	size_t num = 0;
	int status;

	if (nfp_bpf_compile(opening->filter, insns, &num))
		return refuse(opening, PCAP_ERROR, "filter");
	program.bf_len = (unsigned int)num;
	status = pcap_setfilter(opening->pcap, &program);
	return status ? refuse(opening, status, "filter") : 0;
}

/* Without one of them frames would be seen too late, or at a wrong time, and be taken for lost. */
static int set_options(struct opening *opening)
{
	size_t bytes = opening->buffer_bytes ? opening->buffer_bytes : BUFFER_BYTES;
	int status = pcap_set_snaplen(opening->pcap, SNAPLEN);

	if (!status)
		status = pcap_set_promisc(opening->pcap, 0);
	if (!status)
		status = pcap_set_immediate_mode(opening->pcap, 1);
	if (!status)
		status = pcap_set_buffer_size(opening->pcap, (int)bytes);
	if (!status)
		status = pcap_set_tstamp_precision(opening->pcap, PCAP_TSTAMP_PRECISION_NANO);
	return status ? refuse(opening, status, "options") : 0;
}

static int activate(struct opening *opening)
{
	char words[PCAP_ERRBUF_SIZE];
	const int on = 1;
	int status = pcap_activate(opening->pcap);

	if (status < 0)
		return refuse(opening, status, "activate");
	if (pcap_datalink(opening->pcap) != DLT_EN10MB)
		return refuse(opening, PCAP_ERROR, "not an Ethernet device");
	if (pcap_get_tstamp_precision(opening->pcap) != PCAP_TSTAMP_PRECISION_NANO)
		return refuse(opening, PCAP_ERROR, "no timestamps in nanoseconds");
	/* Before Linux 4.20 each frame that leaves is copied, and passed over by libpcap. */
	(void)setsockopt(pcap_fileno(opening->pcap), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
			 sizeof(on));
	status = pcap_setdirection(opening->pcap, PCAP_D_IN);
	if (status)
		return refuse(opening, status, "direction");
	status = pcap_setnonblock(opening->pcap, 1, words);
	return status ? refuse(opening, status, "non-blocking") : 0;
}

static int no_such(struct opening *opening)
{
	opening->refused = true;
	return nfp_err_errno(opening->err, -ENODEV, NFP_E_NO_INTERFACE, "cannot capture on %s",
			     opening->netdev->ifname);
}

static int open_named(struct opening *opening, const char *name)
{
	char words[PCAP_ERRBUF_SIZE] = "";
	int ret;

	opening->pcap = pcap_create(name, words);
	if (!opening->pcap) {
		opening->refused = true;
		return nfp_err_set(opening->err, -EIO, NFP_E_KERNEL, "cannot capture on %s: %s",
				   opening->netdev->ifname, words);
	}
	ret = set_options(opening);
	if (!ret)
		ret = activate(opening);
	if (!ret)
		ret = set_filter(opening);
	return ret;
}

static void forget(struct opening *opening)
{
	if (opening->pcap)
		pcap_close(opening->pcap);
	opening->pcap = NULL;
	opening->refused = false;
}

/*
 * libpcap opens by name, but udev renames: what was opened must have had the name before and after,
 * else once more by its new name. Each time the netdev is gone, or somebody has renamed it again.
 */
static int open_here(void *arg)
{
	struct opening *opening = arg;
	unsigned int ifindex = (unsigned int)opening->netdev->ifindex;
	char name[IF_NAMESIZE], then[IF_NAMESIZE];
	int ret, i;

	for (i = 0; i < RENAMES_MAX; i++) {
		if (!if_indextoname(ifindex, name))
			return no_such(opening);
		ret = open_named(opening, name);
		if (if_indextoname(ifindex, then) && !strcmp(name, then))
			return ret;
		forget(opening);
	}
	return no_such(opening);
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

/* That the netdev is down is told once, and no error here. */
static int bind_anew(struct opening *opening)
{
	const struct sockaddr_ll at = {.sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = opening->netdev->ifindex};
	int fd = pcap_fileno(opening->pcap), error;
	socklen_t len = sizeof(error);

	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		return -errno;
	return 0;
}

static int open_early_here(void *arg)
{
	struct opening *opening = arg;
	int ret = opening->netdev->netns_fd < 0 ? 0 : set_loopback_up();

	if (!ret)
		ret = open_named(opening, "lo");
	if (ret)
		return ret;
	ret = bind_anew(opening);
	if (!ret)
		return 0;
	opening->refused = true;
	return nfp_err_errno(opening->err, ret, NFP_E_KERNEL, "cannot capture on %s",
			     opening->netdev->ifname);
}

/* ps_ifdrop counts what the interface itself lost, ours or not, where libpcap knows it. */
static uint64_t count_drops(pcap_t *pcap)
{
	struct pcap_stat stat;

	return pcap_stats(pcap, &stat) ? 0 : (uint64_t)stat.ps_drop + stat.ps_ifdrop;
}

static int refuse_namespace(const struct nfp_netdev *netdev, int ret, struct nfp_err *err)
{
	return nfp_err_errno(err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
			     "cannot enter the network namespace of %s", netdev->ifname);
}

static int open_with(int (*open)(void *arg), const struct nfp_netdev *netdev, const char *filter,
		     size_t buffer_bytes, struct nfp_capture **ret_capture, struct nfp_err *err)
{
	struct opening opening = {
		.netdev = netdev, .filter = filter, .buffer_bytes = buffer_bytes, .err = err};
	struct nfp_capture *capture = nfp_calloc(1, sizeof(*capture));
	int ret;

	if (!capture)
		return nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "cannot capture on %s",
				     netdev->ifname);
	ret = nfp_enter(netdev->netns_fd, open, &opening);
	capture->pcap = opening.pcap;
	if (ret) {
		nfp_capture_close(capture);
		return opening.refused ? ret : refuse_namespace(netdev, ret, err);
	}
	capture->fd = pcap_get_selectable_fd(capture->pcap);
	capture->old_drops = count_drops(capture->pcap);
	*ret_capture = capture;
	return 0;
}

int nfp_capture_open_filter(const struct nfp_netdev *netdev, const char *filter,
			    size_t buffer_bytes, struct nfp_capture **ret_capture,
			    struct nfp_err *err)
{
	return open_with(open_here, netdev, filter, buffer_bytes, ret_capture, err);
}

int nfp_capture_open_early(const struct nfp_netdev *netdev, const char *filter, size_t buffer_bytes,
			   struct nfp_capture **ret_capture, struct nfp_err *err)
{
	return open_with(open_early_here, netdev, filter, buffer_bytes, ret_capture, err);
}

int nfp_capture_open(const struct nfp_netdev *netdev, const struct nfp_frame_id *id,
		     size_t buffer_bytes, struct nfp_capture **ret_capture, struct nfp_err *err)
{
	char filter[NFP_CAPTURE_FILTER_LEN];

	nfp_capture_filter(id, filter);
	return nfp_capture_open_filter(netdev, filter, buffer_bytes, ret_capture, err);
}

void nfp_capture_close(struct nfp_capture *capture)
{
	if (!capture)
		return;
	if (capture->pcap)
		pcap_close(capture->pcap);
	free(capture);
}

int nfp_capture_fd(const struct nfp_capture *capture)
{
	return capture->fd;
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
