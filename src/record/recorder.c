// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <linux/netlink.h>

#include "record_priv.h"

/* Write when the buffer has this much: about a quarter of a second at the default rate. */
#define FLUSH_BYTES (64U << 10)
#define TEXT_LEN    512	 /* of an interface and its filter */
#define SNAPLEN	    128U /* of the captures; test frames are shorter */
/* The room for answers and texts that were read: about a thousand looks at a PF with 64 VFs. */
#define KERNEL_BYTES (16U << 20)
/* .. and for frames that count for nothing, since a neighbour can send any number of them. */
#define FOREIGN_BYTES (16U << 20)
/* Frames at a receiver that are known to have been there; more than are under way. */
#define KNOWN 16384U

struct nfp_recorder {
	struct nfp_outfile *file;
	struct nfp_pcapng_buf buf;
	uint64_t offset_ns; /* of the clock of packets to the wire's */
	uint64_t begin_ns, last_ns;
	char os[NFP_TEXT_LEN];
	struct nfp_recorder_stream stream; /* all zero: no frame was sent */
	char filter[TEXT_LEN];
	struct nfp_mac address; /* X now */
	struct interface *interfaces;
	uint32_t num_interfaces;
	uint32_t now[ROLE_COUNT]; /* the current interface of each role */
	struct nfp_strv comments; /* for the next packet */
	size_t kernel_bytes;	  /* of answers that were written */
	size_t foreign_bytes;	  /* .. and of frames that count for nothing */
	uint64_t known[2][KNOWN]; /* the last sequence number in each place, by receiver */
	/* The answers, reads and frames that the file lacks, because it has reached its limit. */
	uint64_t omitted, omitted_bytes, omitted_from_ns, omitted_to_ns;
	int failed; /* -errno */
	bool reported;
};

/* ---- the file ---- */

static void end_block(struct nfp_recorder *recorder, size_t flush_at)
{
	struct nfp_pcapng_buf *buf = &recorder->buf;

	nfp_pcapng_end(buf);
	if (buf->len < flush_at)
		return;
	if (!recorder->failed)
		recorder->failed = nfp_outfile_add(recorder->file, buf->data, buf->len);
	buf->len = 0;
}

/* Replaces bytes that are not printable ASCII by question marks. */
static void make_plain(char *text)
{
	for (; *text; text++) {
		if (*text < 0x20 || *text > 0x7e)
			*text = '?';
	}
}

/* For the next packet. */
static void comment(struct nfp_recorder *recorder, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void comment(struct nfp_recorder *recorder, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = nfp_vasprintf(fmt, ap);
	va_end(ap);
	make_plain(text);
	nfp_strv_take(&recorder->comments, text);
}

#define SECONDS_LEN 32

/* A time as packets have it. */
static const char *seconds(const struct nfp_recorder *recorder, uint64_t ns, char buf[SECONDS_LEN])
{
	ns += recorder->offset_ns;
	snprintf(buf, SECONDS_LEN, "%" PRIu64 ".%09u", ns / NFP_NSEC_PER_SEC,
		 (unsigned int)(ns % NFP_NSEC_PER_SEC));
	return buf;
}

static void write_comments(struct nfp_recorder *recorder)
{
	for (size_t i = 0; i < recorder->comments.n; i++)
		nfp_pcapng_text(&recorder->buf, NFP_PCAPNG_COMMENT, recorder->comments.v[i]);
	nfp_strv_fini(&recorder->comments);
}

int nfp_recorder_open(const char *path, const struct nfp_recorder_host *host,
		      struct nfp_recorder **ret_recorder, struct nfp_err *err)
{
	const struct nfp_pcapng_block block = {.type = NFP_PCAPNG_SECTION};
	struct nfp_outfile *file;
	struct nfp_recorder *recorder;
	struct nfp_pcapng_buf *buf;
	char text[TEXT_LEN], offset[SECONDS_LEN];
	int ret = nfp_outfile_open(path, &file, err);

	if (ret < 0)
		return ret;
	*ret_recorder = recorder = nfp_calloc(1, sizeof(*recorder));
	recorder->file = file;
	recorder->offset_ns = host->clock.real_ns - host->clock.mono_ns;
	recorder->begin_ns = recorder->last_ns = host->clock.mono_ns;
	snprintf(recorder->os, sizeof(recorder->os), "Linux %s", host->kernel);
	make_plain(recorder->os);

	buf = &recorder->buf;
	nfp_pcapng_begin(buf, &block);
	snprintf(text, sizeof(text), "%s (%s)", host->hostname, host->machine);
	make_plain(text);
	nfp_pcapng_text(buf, NFP_PCAPNG_SECTION_HARDWARE, text);
	nfp_pcapng_text(buf, NFP_PCAPNG_SECTION_OS, recorder->os);
	nfp_pcapng_text(buf, NFP_PCAPNG_SECTION_APPL, "nfprobe " NFP_VERSION);
	comment(recorder,
		"times are CLOCK_MONOTONIC plus %s s, its difference to CLOCK_REALTIME when the "
		"run began; packets are in the order in which they were counted",
		seconds(recorder, 0, offset));
	write_comments(recorder);
	end_block(recorder, FLUSH_BYTES);
	return 0;
}

/* ---- interfaces ---- */

static void write_interface(struct nfp_recorder *recorder, const struct interface *interface)
{
	static const char *const meanings[ROLE_COUNT] = {
		[ROLE_SENDER] = "sender: frames as they are sent",
		[ROLE_PF] = "pf: the standby: what the PF receives",
		[ROLE_VF] = "vf: what the VF receives",
		[ROLE_KERNEL] = "netlink: what the kernel is asked, and what it answers",
	};
	const struct nfp_recorder_stream *stream = &recorder->stream;
	const bool sends = interface->role == ROLE_SENDER, netlink = interface->role == ROLE_KERNEL;
	const struct nfp_pcapng_block block = {
		.type = NFP_PCAPNG_INTERFACE,
		.link_type = netlink ? NFP_PCAPNG_LINK_NETLINK : NFP_PCAPNG_LINK_ETHERNET,
		.snaplen = sends || netlink ? 0 : SNAPLEN,
	};
	struct nfp_pcapng_buf *buf = &recorder->buf;
	const uint8_t nanoseconds = 9;
	char text[TEXT_LEN], vf[16];

	snprintf(vf, sizeof(vf), "VF %u", stream->vf);
	snprintf(text, sizeof(text), netlink ? "nfprobe %s" : "nfprobe %s (%s)",
		 meanings[interface->role], sends ? stream->what : vf);
	nfp_pcapng_begin(buf, &block);
	nfp_pcapng_text(buf, NFP_PCAPNG_IF_NAME, interface->name);
	nfp_pcapng_text(buf, NFP_PCAPNG_IF_DESCRIPTION, text);
	if (!netlink)
		nfp_pcapng_bytes(buf, NFP_PCAPNG_IF_MAC, interface->mac.b, NFP_MAC_LEN);
	nfp_pcapng_bytes(buf, NFP_PCAPNG_IF_TSRESOL, &nanoseconds, 1);
	if (!sends && !netlink) {
		/* 0: a libpcap filter follows as text */
		int len = snprintf(text, sizeof(text), "%c%s", 0, recorder->filter);

		nfp_pcapng_bytes(buf, NFP_PCAPNG_IF_FILTER, text, (size_t)len);
	}
	nfp_pcapng_text(buf, NFP_PCAPNG_IF_OS, recorder->os);
	end_block(recorder, FLUSH_BYTES);
}

/* From now on packets of @role are at this interface. */
static void use_interface(struct nfp_recorder *recorder, enum role role, const char *name,
			  const struct nfp_mac *mac)
{
	struct interface wanted = {.role = role, .mac = *mac};
	uint32_t i;

	snprintf(wanted.name, sizeof(wanted.name), "%s", name);
	make_plain(wanted.name);
	for (i = 0; i < recorder->num_interfaces; i++) {
		const struct interface *have = &recorder->interfaces[i];

		if (have->role == role && nfp_mac_equal(&have->mac, mac) &&
		    strcmp(have->name, wanted.name) == 0)
			break;
	}
	if (i == INTERFACE_MAX) {
		recorder->failed = -EFBIG;
		return;
	}
	if (i == recorder->num_interfaces) {
		recorder->interfaces = nfp_reallocarray(recorder->interfaces, i + 1,
							sizeof(wanted));
		recorder->interfaces[i] = wanted;
		recorder->num_interfaces++;
		write_interface(recorder, &wanted);
	}
	recorder->now[role] = i;
}

void nfp_recorder_stream(struct nfp_recorder *recorder, const struct nfp_recorder_stream *stream)
{
	recorder->stream = *stream;
	snprintf(recorder->filter, sizeof(recorder->filter), "%s", stream->filter);
	use_interface(recorder, ROLE_SENDER, stream->sender, &stream->sender_mac);
	use_interface(recorder, ROLE_PF, stream->pf, &stream->pf_mac);
}

static void record_listener(void *ctx, const struct nfp_netdev *vf)
{
	struct nfp_recorder *recorder = ctx;

	use_interface(recorder, ROLE_VF, vf->ifname, &recorder->address);
}

/* ---- packets ---- */

/* @seq: of a test frame, else 0. */
static void write_packet(struct nfp_recorder *recorder, const struct nfp_pcapng_block *block,
			 bool outbound, uint64_t seq)
{
	nfp_pcapng_begin(&recorder->buf, block);
	write_comments(recorder);
	nfp_pcapng_number(&recorder->buf, NFP_PCAPNG_PACKET_FLAGS,
			  outbound ? NFP_PCAPNG_OUTBOUND : NFP_PCAPNG_INBOUND, 4);
	if (seq)
		nfp_pcapng_number(&recorder->buf, NFP_PCAPNG_PACKET_ID, seq, 8);
	end_block(recorder, FLUSH_BYTES);
	recorder->interfaces[block->interface].packets++;
	recorder->last_ns = MAX(recorder->last_ns, block->time - recorder->offset_ns);
}

/* Returns true, and counts the omission, if @len more bytes would exceed @max. */
static bool omit(struct nfp_recorder *recorder, size_t *used, size_t max, size_t len, uint64_t ns)
{
	if (*used + len <= max) {
		*used += len;
		return false;
	}
	if (!recorder->omitted++)
		recorder->omitted_from_ns = ns;
	recorder->omitted_bytes += len;
	recorder->omitted_to_ns = ns;
	return true;
}

/* Has the receiver seen this frame before? Only the first time counts. */
static bool is_known(struct nfp_recorder *recorder, const struct nfp_tap_event *tapped)
{
	uint64_t *last = &recorder->known[tapped->at == NFP_AT_VF][tapped->seq % KNOWN];

	if (tapped->seq <= *last)
		return true;
	*last = tapped->seq;
	return false;
}

static void record_frame(void *ctx, const struct nfp_tap_event *tapped)
{
	struct nfp_recorder *recorder = ctx;
	struct nfp_pcapng_block block = {
		.type = NFP_PCAPNG_PACKET,
		.time = tapped->ns + recorder->offset_ns,
		.data = tapped->data,
		.len = (uint32_t)tapped->len,
	};
	bool foreign = tapped->what == NFP_TAP_HEARD || tapped->what == NFP_TAP_AT_SENDER ||
		       (tapped->what == NFP_TAP_SEEN && is_known(recorder, tapped));
	bool outbound = tapped->what == NFP_TAP_SENT || tapped->what == NFP_TAP_OTHER;
	enum role role = ROLE_PF;

	if (recorder->failed)
		return;
	if (tapped->what == NFP_TAP_UNSENT) {
		comment(recorder, "nfprobe unsent %" PRIu64, tapped->seq);
		return;
	}
	if (tapped->what == NFP_TAP_SENT || tapped->what == NFP_TAP_AT_SENDER)
		role = ROLE_SENDER;
	else if (tapped->at == NFP_AT_VF)
		role = ROLE_VF;
	if (foreign &&
	    omit(recorder, &recorder->foreign_bytes, FOREIGN_BYTES, tapped->len, tapped->ns))
		return;
	block.interface = recorder->now[role];
	write_packet(recorder, &block, outbound, tapped->seq);
}

struct nfp_tap nfp_recorder_tap(struct nfp_recorder *recorder)
{
	return (struct nfp_tap) {
		.frame = record_frame, .listens = record_listener, .ctx = recorder};
}

/* ---- what the kernel is asked ---- */

static void comment_omissions(struct nfp_recorder *recorder)
{
	char from[SECONDS_LEN], to[SECONDS_LEN];

	if (recorder->omitted)
		comment(recorder,
			"nfprobe omitted %" PRIu64 " answers, reads and frames of %" PRIu64
			" bytes, from %s to %s",
			recorder->omitted, recorder->omitted_bytes,
			seconds(recorder, recorder->omitted_from_ns, from),
			seconds(recorder, recorder->omitted_to_ns, to));
}

static void record_message(void *ctx, const struct nfp_kernel_message *message)
{
	static const struct nfp_mac none = {{0}};
	struct nfp_recorder *recorder = ctx;
	struct nfp_pcapng_block block = {
		.type = NFP_PCAPNG_PACKET,
		.time = message->ns + recorder->offset_ns,
		.len = (uint32_t)(NFP_PCAPNG_NETLINK_HEAD + message->len),
	};
	uint8_t *packet;

	/* Messages of other protocols are about the sockets of other processes, and stay private.
	 */
	if (recorder->failed ||
	    (message->protocol != NETLINK_ROUTE && message->protocol != NETLINK_GENERIC))
		return;
	if (!message->sent &&
	    omit(recorder, &recorder->kernel_bytes, KERNEL_BYTES, message->len, message->ns))
		return;
	use_interface(recorder, ROLE_KERNEL, "netlink", &none);
	if (recorder->failed)
		return;
	block.interface = recorder->now[ROLE_KERNEL];
	block.data = packet = nfp_malloc(block.len);
	nfp_pcapng_netlink_head((uint16_t)message->protocol, message->sent, packet);
	memcpy(packet + NFP_PCAPNG_NETLINK_HEAD, message->data, message->len);
	write_packet(recorder, &block, message->sent, 0);
	free(packet);
}

static void record_file(void *ctx, const struct nfp_kernel_file *file)
{
	static const char *const uses[] = {
		[NFP_FILE_READ] = "read", [NFP_FILE_WRITE] = "write", [NFP_FILE_LINK] = "link"};
	struct nfp_recorder *recorder = ctx;
	char time[SECONDS_LEN];

	if (recorder->failed || (file->use != NFP_FILE_WRITE &&
				 omit(recorder, &recorder->kernel_bytes, KERNEL_BYTES,
				      strlen(file->path) + strlen(file->text), file->ns)))
		return;
	comment(recorder, "nfprobe %s %s: \"%s\" (%s), at %s", uses[file->use], file->path,
		file->text, strerror(-file->ret), seconds(recorder, file->ns, time));
}

struct nfp_observer nfp_recorder_observer(struct nfp_recorder *recorder)
{
	return (struct nfp_observer) {
		.message = record_message, .file = record_file, .ctx = recorder};
}

/* ---- events ---- */

static void begin_ladder(struct nfp_recorder *recorder, const struct nfp_runner_config *config)
{
	char x[NFP_MAC_STRLEN], first[NFP_MAC_STRLEN], unregistered[NFP_MAC_STRLEN],
		group[NFP_MAC_STRLEN];

	recorder->address = config->address;
	memset(recorder->known, 0, sizeof(recorder->known));
	comment(recorder,
		"nfprobe ladder VF %u, %s, frames from %s: unicast %s, vf-first %s, unregistered "
		"%s, group %s",
		config->vf, nfp_style_name(config->style), config->from,
		nfp_mac_str(&config->address, x), nfp_mac_str(&config->address_first, first),
		nfp_mac_str(&config->unregistered_mac, unregistered),
		config->multicast ? nfp_mac_str(&config->group, group) : "none");
}

void nfp_recorder_event(void *ctx, const struct nfp_event *event)
{
	const char *step = nfp_step_name(event->step);
	char from[SECONDS_LEN], to[SECONDS_LEN], mac[NFP_MAC_STRLEN];
	struct nfp_recorder *recorder = ctx;

	if (!recorder || recorder->failed)
		return;
	switch (event->what) {
	case NFP_EVENT_LADDER:
		begin_ladder(recorder, event->config);
		break;
	case NFP_EVENT_STEP:
		recorder->address = *event->address;
		comment(recorder, "nfprobe step %s, address %s", step,
			nfp_mac_str(event->address, mac));
		break;
	case NFP_EVENT_WATCH:
	case NFP_EVENT_AGAIN:
		comment(recorder, "nfprobe %s %s from %s",
			event->what == NFP_EVENT_WATCH ? "watch" : "again", step,
			seconds(recorder, event->from_ns, from));
		break;
	case NFP_EVENT_WINDOW:
		comment(recorder, "nfprobe window %s from %s to %s", step,
			seconds(recorder, event->from_ns, from),
			seconds(recorder, event->to_ns, to));
		break;
	case NFP_EVENT_JUDGED:
		comment(recorder, "nfprobe end %s", nfp_verdict_name(event->style->verdict));
		break;
	case NFP_EVENT_CHANGE:
		comment(recorder, "nfprobe change %s", event->text);
		break;
	default:
		break;
	}
}

int nfp_recorder_failure(struct nfp_recorder *recorder)
{
	if (!recorder || !recorder->failed || recorder->reported)
		return 0;
	recorder->reported = true;
	return recorder->failed;
}

/* ---- the end ---- */

/* Comments after the last packet are on the statistics of the first interface. */
static void write_stats(struct nfp_recorder *recorder)
{
	uint64_t begin = recorder->begin_ns + recorder->offset_ns;
	uint64_t end = recorder->last_ns + recorder->offset_ns;

	for (uint32_t i = 0; i < recorder->num_interfaces; i++) {
		const struct nfp_pcapng_block block = {
			.type = NFP_PCAPNG_STATS, .interface = i, .time = end};

		nfp_pcapng_begin(&recorder->buf, &block);
		nfp_pcapng_number(&recorder->buf, NFP_PCAPNG_STATS_START, begin << 32 | begin >> 32,
				  8);
		nfp_pcapng_number(&recorder->buf, NFP_PCAPNG_STATS_END, end << 32 | end >> 32, 8);
		nfp_pcapng_number(&recorder->buf, NFP_PCAPNG_STATS_RECEIVED,
				  recorder->interfaces[i].packets, 8);
		if (i == 0) {
			comment_omissions(recorder);
			write_comments(recorder);
		}
		end_block(recorder, i + 1 == recorder->num_interfaces ? 0 : FLUSH_BYTES);
	}
}

int nfp_recorder_close(struct nfp_recorder *recorder, struct nfp_err *err)
{
	int ret = 0;

	if (!recorder)
		return 0;
	if (!recorder->failed)
		write_stats(recorder);
	if (recorder->failed)
		ret = nfp_err_errno(err, recorder->failed, NFP_E_OUTPUT,
				    "cannot write the frames of the run");
	/* A refusal is evidence as well, but not worth the recording of an earlier run. */
	if (ret || !recorder->num_interfaces ||
	    (!recorder->stream.sender && nfp_outfile_replaces(recorder->file)))
		nfp_outfile_discard(recorder->file);
	else
		ret = nfp_outfile_commit(recorder->file, err);
	nfp_strv_fini(&recorder->comments);
	free(recorder->interfaces);
	free(recorder->buf.data);
	free(recorder);
	return ret;
}
