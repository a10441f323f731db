/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture.h - hears one run's frames at a netdev: libpcap, direction in, not promiscuous, with the
 * kernel's timestamps. A filter in the kernel lets only frames with our EtherType, magic and the
 * first word of the run id through, so other traffic costs nothing and cannot cause drops. What
 * listens for other frames than a run's brings a filter of its own.
 */
#ifndef NFPROBE_CAPTURE_H
#define NFPROBE_CAPTURE_H

#include "nfprobe/error.h"
#include "nfprobe/wire.h"

struct nfp_capture;

/* One captured frame, a VLAN tag that the NIC took out put back. @real_ns: CLOCK_REALTIME. */
typedef void (*nfp_capture_fn)(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns);

/*
 * Opens in the netdev's namespace; the netdev must be up. It is found by its index, so it may have
 * been renamed. @buffer_bytes: the kernel's ring, 0 for the usual 2 MB.
 */
int nfp_capture_open(const struct nfp_netdev *netdev, const struct nfp_frame_id *id,
		     size_t buffer_bytes, struct nfp_capture **ret_capture, struct nfp_err *err);
/* As nfp_capture_open, for the frames that @filter passes: what bpf.h takes. */
int nfp_capture_open_filter(const struct nfp_netdev *netdev, const char *filter,
			    size_t buffer_bytes, struct nfp_capture **ret_capture,
			    struct nfp_err *err);
/*
 * As nfp_capture_open_filter, for a netdev that may be down still: hears it from the moment it is
 * up. One opened behind that moment is deaf at first, for the kernel takes some 10 ms to make a
 * ring (packet_set_ring() waits for an RCU grace period). libpcap opens nothing that is down, so
 * it is given the loopback of the netdev's namespace, and its socket is bound anew; where
 * @netdev->netns_fd is one, that loopback is set up.
 */
int nfp_capture_open_early(const struct nfp_netdev *netdev, const char *filter, size_t buffer_bytes,
			   struct nfp_capture **ret_capture, struct nfp_err *err);
/* The filter of nfp_capture_open, to be put beside another. */
#define NFP_CAPTURE_FILTER_LEN 256
void nfp_capture_filter(const struct nfp_frame_id *id, char text[NFP_CAPTURE_FILTER_LEN]);
void nfp_capture_close(struct nfp_capture *capture);

/* Readable when frames wait, or when the netdev went down. */
int nfp_capture_fd(const struct nfp_capture *capture);

/*
 * Hands over the frames that wait, without waiting for more, @max at most. Returns their number, or
 * -ENETDOWN when the netdev went down or away: it goes on by itself once the netdev is up again.
 */
int nfp_capture_drain(struct nfp_capture *capture, unsigned int max, nfp_capture_fn fn, void *ctx);

/* Frames that passed the filter and were lost for want of room, since it was opened. */
uint64_t nfp_capture_drops(struct nfp_capture *capture);

#endif
