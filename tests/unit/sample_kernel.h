/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_kernel.h - what a kernel is asked about a PF with four VFs, and what it answers. */
#ifndef TESTS_SAMPLE_KERNEL_H
#define TESTS_SAMPLE_KERNEL_H

#include <errno.h>

#include "memnic/bed.h"
#include "nfprobe/netlink.h"
#include "unit/vfmsg.h"

static inline void sample_message(const struct nfp_observer *observer, unsigned int ms, bool sent,
				  const void *data, size_t len)
{
	const struct nfp_kernel_message message = {
		.ns = MEMNIC_BEGIN_NS + ms * NFP_NSEC_PER_MSEC,
		.protocol = NETLINK_ROUTE,
		.sent = sent,
		.data = data,
		.len = len,
	};

	observer->message(observer->ctx, &message);
}

static inline void sample_file(const struct nfp_observer *observer, enum nfp_file_use use,
			       const char *path, const char *text, int ret)
{
	const struct nfp_kernel_file file = {
		.ns = MEMNIC_BEGIN_NS, .use = use, .path = path, .text = text, .ret = ret};

	observer->file(observer->ctx, &file);
}

/* As nfp_topo_fill_pf reads them. */
static inline void sample_nic(const struct nfp_observer *observer)
{
#define SAMPLE_PF "/sys/devices/pci0000:00/0000:01:00.0"
	static const struct {
		const char *path, *text;
	} files[] = {
		{"/sys/class/net/eth0/device", "../../../0000:01:00.0"},
		{SAMPLE_PF "/subsystem", "../../../bus/pci"},
		{SAMPLE_PF "/driver", "../../../bus/pci/drivers/igb"},
		{SAMPLE_PF "/vendor", "0x8086"},
		{SAMPLE_PF "/device", "0x10c9"},
		{SAMPLE_PF "/sriov_totalvfs", "7"},
		{SAMPLE_PF "/sriov_numvfs", "4"},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		sample_file(observer, files[i].text[0] == '.' ? NFP_FILE_LINK : NFP_FILE_READ,
			    files[i].path, files[i].text, 0);
	for (int vf = 0; vf < 4; vf++) {
		char path[128], text[64];

		snprintf(path, sizeof(path), SAMPLE_PF "/virtfn%d", vf);
		snprintf(text, sizeof(text), "../0000:01:10.%d", vf);
		sample_file(observer, NFP_FILE_LINK, path, text, 0);
		snprintf(path, sizeof(path), "/sys/devices/pci0000:00/0000:01:10.%d/driver", vf);
		sample_file(observer, NFP_FILE_LINK, path,
			    vf ? "../../../bus/pci/drivers/igbvf" : "", vf ? 0 : -ENOENT);
		snprintf(path, sizeof(path), "/sys/devices/pci0000:00/0000:01:10.%d/subsystem", vf);
		sample_file(observer, NFP_FILE_LINK, path, "../../../bus/pci", 0);
	}
}

/* The PF's attributes and those of its VFs: the request, and the answer with its acknowledgement.
 */
static inline void sample_kernel(const struct nfp_observer *observer)
{
	const struct ifinfomsg ifi = {.ifi_index = 3};
	const struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} ack = {.head = {.nlmsg_len = sizeof(ack), .nlmsg_type = NLMSG_ERROR, .nlmsg_seq = 1}};
	struct nfp_nl_msg request;
	struct vfmsg answer;

	sample_file(observer, NFP_FILE_READ, "/sys/class/net/eth0/device/sriov_numvfs", "4", 0);
	sample_nic(observer);
	sample_file(observer, NFP_FILE_READ, "/sys/bus/pci/devices/0000:01:10.3/driver_override",
		    "", -ENOENT);
	nfp_nl_msg_init(&request, RTM_GETLINK, NLM_F_ACK, &ifi, sizeof(ifi));
	request.head.nlmsg_seq = 1;
	mnl_attr_put_u32(&request.head, IFLA_EXT_MASK, RTEXT_FILTER_VF);
	sample_message(observer, 0, true, &request, request.head.nlmsg_len);
	vfmsg_make(&answer, 4, 0);
	sample_message(observer, 1, false, answer.buf, answer.len);
	free(answer.buf);
	sample_message(observer, 2, false, &ack, sizeof(ack));
	sample_file(observer, NFP_FILE_WRITE, "/sys/bus/pci/drivers/igbvf/unbind", "0000:01:10.3",
		    0);
}

#endif
