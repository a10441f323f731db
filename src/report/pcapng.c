// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pcapng.c - the run as a pcapng file (draft-ietf-opsawg-pcapng, https://pcapng.com). Every block
 * is
 *
 *   0   4  type           8        body, padded to 32 bits; options (code, length, value) end it
 *   4   4  total length   length-4 4  the total length again
 *
 * in the byte order of the section header's magic; we write little-endian. An option has 16 bits of
 * code, 16 bits of length, and a value padded to 32 bits.
 */
#include "report/report.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#define MAGIC	      0x1a2b3c4dU
#define LINK_ETHERNET 1U
#define INBOUND	      1U
#define OUTBOUND      2U
#define OPTION_MAX    65535U
#define NANOSECONDS   9 /* a power of ten */

/* Write when the buffer has so much: about a quarter of a second at the default rate. */
#define FLUSH_BYTES (64U << 10)
#define FIRST_ROOM  (2 * FLUSH_BYTES)
#define SNAPLEN	    128U /* of the captures; test frames are shorter */
/* Room for frames that do not count, since a neighbour can send any number of them. */
#define FOREIGN_BYTES (16U << 20)
/* Frames that a receiver is known to have seen; more than can be under way. */
#define KNOWN 16384U

enum block_type {
	SECTION = 0x0a0d0d0a,
	INTERFACE = 1,
	STATS = 5,
	PACKET = 6, /* an enhanced packet block */
};

/* Codes of options. All but the first two belong to one type of block. */
enum option_code {
	END = 0,
	COMMENT = 1,
	SECTION_HARDWARE = 2,
	SECTION_OS = 3,
	SECTION_APPL = 4,
	IF_NAME = 2,
	IF_DESCRIPTION = 3,
	IF_MAC = 6,
	IF_TSRESOL = 9,	  /* 1 byte: a power of ten */
	PACKET_FLAGS = 2, /* 32 bits: INBOUND or OUTBOUND */
	PACKET_ID = 5,	  /* 64 bits: the same for a packet at all interfaces */
};

enum role {
	ROLE_SENDER,
	ROLE_PF,
	ROLE_VF,
	ROLE_COUNT,
};

struct interface {
	uint32_t number;	 /* in the order of the blocks */
	char name[NFP_IFNAMSIZ]; /* empty: there is none yet */
	struct nfp_mac mac;
};

struct nfp_recorder {
	struct nfp_outfile *file;
	uint8_t *data; /* what is not written yet */
	size_t len, room;
	size_t block;	    /* where the open block begins */
	uint64_t offset_ns; /* between the clock of packets and the wire's */
	uint64_t last_ns;
	char vf[32];		/* "VF 3" */
	struct nfp_mac address; /* the test MAC now */
	uint32_t num_interfaces;
	struct interface now[ROLE_COUNT]; /* the current one of each role */
	struct nfp_strv comments;	  /* for the next packet */
	size_t foreign_bytes;		  /* of frames that do not count */
	uint64_t known[2][KNOWN];	  /* the last sequence number in each place, by receiver */
	/* Frames that the file lacks, because there was no more room. */
	uint64_t omitted, omitted_from_ns;
	int failed; /* -errno */
	bool reported;
};

/* ---- blocks ---- */

static void put_padded(struct nfp_recorder *recorder, const void *data, size_t len)
{
	size_t padded = (len + 3) & ~(size_t)3;

	while (recorder->room - recorder->len < padded) {
		recorder->room = recorder->room ? 2 * recorder->room : FIRST_ROOM;
		recorder->data = nfp_reallocarray(recorder->data, recorder->room, 1);
	}
	memset(recorder->data + recorder->len, 0, padded);
	if (len)
		memcpy(recorder->data + recorder->len, data, len);
	recorder->len += padded;
}

static void put32(struct nfp_recorder *recorder, uint32_t value)
{
	uint32_t little = htole32(value);

	put_padded(recorder, &little, sizeof(little));
}

static void put_time(struct nfp_recorder *recorder, uint64_t ns)
{
	put32(recorder, (uint32_t)((ns + recorder->offset_ns) >> 32));
	put32(recorder, (uint32_t)(ns + recorder->offset_ns));
}

static void put_option(struct nfp_recorder *recorder, enum option_code code, const void *value,
		       size_t len)
{
	put32(recorder, (uint32_t)len << 16 | code);
	put_padded(recorder, value, len);
}

/* Bytes that are not printable ASCII become question marks. */
static char *make_plain(char *text)
{
	for (char *c = text; *c; c++) {
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
	}
	return text;
}

static void put_text(struct nfp_recorder *recorder, enum option_code code, const char *fmt, ...)
	NFP_PRINTF(3, 4);

static void put_text(struct nfp_recorder *recorder, enum option_code code, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = make_plain(nfp_vasprintf(fmt, ap));
	va_end(ap);
	put_option(recorder, code, text, MIN(strlen(text), OPTION_MAX));
	free(text);
}

static void put_number(struct nfp_recorder *recorder, enum option_code code, uint64_t value,
		       size_t size)
{
	uint64_t little = htole64(value);

	put_option(recorder, code, &little, size);
}

static void begin_block(struct nfp_recorder *recorder, enum block_type type)
{
	recorder->block = recorder->len;
	put32(recorder, type);
	put32(recorder, 0); /* the length, filled in at the end */
}

static void end_block(struct nfp_recorder *recorder, size_t flush_at)
{
	uint32_t len;

	put32(recorder, END);
	len = htole32((uint32_t)(recorder->len - recorder->block + sizeof(len)));
	put_padded(recorder, &len, sizeof(len));
	memcpy(recorder->data + recorder->block + 4, &len, sizeof(len));
	if (recorder->len < flush_at)
		return;
	if (!recorder->failed)
		recorder->failed = nfp_outfile_add(recorder->file, recorder->data, recorder->len);
	recorder->len = 0;
}

/* ---- comments ---- */

/* Adds a comment to the next packet. */
static void comment(struct nfp_recorder *recorder, const char *fmt, ...) NFP_PRINTF(2, 3);

static void comment(struct nfp_recorder *recorder, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	nfp_strv_take(&recorder->comments, nfp_vasprintf(fmt, ap));
	va_end(ap);
}

#define SECONDS_LEN 32

/* Writes a time as packets have it. */
static const char *packet_time(const struct nfp_recorder *recorder, uint64_t ns,
			       char buf[SECONDS_LEN])
{
	ns += recorder->offset_ns;
	snprintf(buf, SECONDS_LEN, "%" PRIu64 ".%09u", ns / NFP_NSEC_PER_SEC,
		 (unsigned int)(ns % NFP_NSEC_PER_SEC));
	return buf;
}

static void write_comments(struct nfp_recorder *recorder)
{
	for (size_t i = 0; i < recorder->comments.n; i++)
		put_text(recorder, COMMENT, "%s", recorder->comments.v[i]);
	nfp_strv_fini(&recorder->comments);
}

int nfp_recorder_open(const char *path, const struct nfp_recorder_host *host,
		      struct nfp_recorder **ret_recorder, struct nfp_err *err)
{
	struct nfp_outfile *file;
	struct nfp_recorder *recorder;
	char offset[SECONDS_LEN];
	int ret = nfp_outfile_open(path, &file, err);

	if (ret < 0)
		return ret;
	*ret_recorder = recorder = nfp_calloc(1, sizeof(*recorder));
	recorder->file = file;
	recorder->offset_ns = host->clock.real_ns - host->clock.mono_ns;
	recorder->last_ns = host->clock.mono_ns;

	begin_block(recorder, SECTION);
	put32(recorder, MAGIC);
	put32(recorder, 1); /* version 1.0 */
	/* -1: the length of the section is unknown */
	put32(recorder, UINT32_MAX);
	put32(recorder, UINT32_MAX);
	put_text(recorder, SECTION_HARDWARE, "%s (%s)", host->hostname, host->machine);
	put_text(recorder, SECTION_OS, "Linux %s", host->kernel);
	put_text(recorder, SECTION_APPL, "nfprobe %s", nfp_version);
	comment(recorder,
		"times are CLOCK_MONOTONIC plus %s s, its difference to CLOCK_REALTIME when the "
		"run began; packets are in the order in which they were counted",
		packet_time(recorder, 0, offset));
	write_comments(recorder);
	end_block(recorder, FLUSH_BYTES);
	return 0;
}

/* ---- interfaces ---- */

/* Makes @ifname the interface of @role's packets from now on. */
static void use_interface(struct nfp_recorder *recorder, enum role role, const char *name,
			  const struct nfp_mac *mac, const char *what, const char *more)
{
	const uint8_t resolution = NANOSECONDS;
	struct interface *now = &recorder->now[role];

	if (now->name[0] && nfp_mac_equal(&now->mac, mac) && strcmp(now->name, name) == 0)
		return;
	*now = (struct interface) {.number = recorder->num_interfaces++, .mac = *mac};
	snprintf(now->name, sizeof(now->name), "%s", name);
	begin_block(recorder, INTERFACE);
	put32(recorder, LINK_ETHERNET);			    /* 16 bits, and 16 reserved bits */
	put32(recorder, role == ROLE_SENDER ? 0 : SNAPLEN); /* 0: no limit */
	put_text(recorder, IF_NAME, "%s", name);
	put_text(recorder, IF_DESCRIPTION, "nfprobe %s (%s)", what, more);
	put_option(recorder, IF_MAC, mac->b, NFP_MAC_LEN);
	put_option(recorder, IF_TSRESOL, &resolution, 1);
	end_block(recorder, FLUSH_BYTES);
}

void nfp_recorder_stream(struct nfp_recorder *recorder, const struct nfp_recorder_stream *stream)
{
	snprintf(recorder->vf, sizeof(recorder->vf), "VF %u", stream->vf);
	use_interface(recorder, ROLE_SENDER, stream->sender, &stream->sender_mac,
		      "sender: frames as they are sent", stream->what);
	use_interface(recorder, ROLE_PF, stream->pf, &stream->pf_mac,
		      "pf: the standby: what the PF receives", recorder->vf);
}

static void record_listener(void *ctx, const struct nfp_netdev *vf)
{
	struct nfp_recorder *recorder = ctx;

	use_interface(recorder, ROLE_VF, vf->ifname, &recorder->address, "vf: what the VF receives",
		      recorder->vf);
}

/* ---- packets ---- */

/* Returns true, and counts the omission, if there is no room for @len more bytes. */
static bool omit(struct nfp_recorder *recorder, size_t len, uint64_t ns)
{
	if (recorder->foreign_bytes + len <= FOREIGN_BYTES) {
		recorder->foreign_bytes += len;
		return false;
	}
	if (!recorder->omitted++)
		recorder->omitted_from_ns = ns;
	return true;
}

/* Has the receiver seen this frame before? Only the first time counts. */
static bool was_seen(struct nfp_recorder *recorder, const struct nfp_tap_event *tapped)
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
	bool foreign = tapped->what == NFP_TAP_HEARD || tapped->what == NFP_TAP_AT_SENDER ||
		       (tapped->what == NFP_TAP_SEEN && was_seen(recorder, tapped));
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
	if (foreign && omit(recorder, tapped->len, tapped->ns))
		return;
	begin_block(recorder, PACKET);
	put32(recorder, recorder->now[role].number);
	put_time(recorder, tapped->ns);
	put32(recorder, (uint32_t)tapped->len);
	put32(recorder, (uint32_t)tapped->len); /* on the wire: nothing was cut off */
	put_padded(recorder, tapped->data, tapped->len);
	write_comments(recorder);
	put_number(recorder, PACKET_FLAGS, outbound ? OUTBOUND : INBOUND, 4);
	if (tapped->seq)
		put_number(recorder, PACKET_ID, tapped->seq, 8);
	end_block(recorder, FLUSH_BYTES);
	recorder->last_ns = MAX(recorder->last_ns, tapped->ns);
}

struct nfp_tap nfp_recorder_tap(struct nfp_recorder *recorder)
{
	return (struct nfp_tap) {
		.frame = record_frame, .listens = record_listener, .ctx = recorder};
}

/* ---- events ---- */

static void begin_ladder(struct nfp_recorder *recorder, const struct nfp_runner_config *config)
{
	recorder->address = config->address;
	memset(recorder->known, 0, sizeof(recorder->known));
	comment(recorder,
		"nfprobe ladder VF %u, %s, frames from %s: unicast %s, vf-first %s, unregistered "
		"%s, group %s",
		config->vf, nfp_style_name(config->style), config->from,
		nfp_mac_str(&config->address).text, nfp_mac_str(&config->address_first).text,
		nfp_mac_str(&config->unregistered_mac).text,
		config->multicast ? nfp_mac_str(&config->group).text : "none");
}

void nfp_recorder_event(void *ctx, const struct nfp_event *event)
{
	const char *step = nfp_step_name(event->step);
	char from[SECONDS_LEN], to[SECONDS_LEN];
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
			nfp_mac_str(event->address).text);
		break;
	case NFP_EVENT_WATCH:
	case NFP_EVENT_AGAIN:
		comment(recorder, "nfprobe %s %s from %s",
			event->what == NFP_EVENT_WATCH ? "watch" : "again", step,
			packet_time(recorder, event->from_ns, from));
		break;
	case NFP_EVENT_WINDOW:
		comment(recorder, "nfprobe window %s from %s to %s", step,
			packet_time(recorder, event->from_ns, from),
			packet_time(recorder, event->to_ns, to));
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

/* Puts comments after the last packet on the statistics of the first interface. */
static void write_last_comments(struct nfp_recorder *recorder)
{
	char from[SECONDS_LEN];

	if (recorder->omitted)
		comment(recorder, "nfprobe omitted %" PRIu64 " frames from %s on",
			recorder->omitted, packet_time(recorder, recorder->omitted_from_ns, from));
	begin_block(recorder, STATS);
	put32(recorder, 0);
	put_time(recorder, recorder->last_ns);
	write_comments(recorder);
	end_block(recorder, 0);
}

int nfp_recorder_close(struct nfp_recorder *recorder, struct nfp_err *err)
{
	int ret = 0;

	if (!recorder)
		return 0;
	if (!recorder->failed && recorder->num_interfaces)
		write_last_comments(recorder);
	if (recorder->failed)
		ret = nfp_err_errno(err, recorder->failed, NFP_E_OUTPUT,
				    "cannot write the frames of the run");
	if (ret || !recorder->num_interfaces) /* a run that was refused has no frames */
		nfp_outfile_discard(recorder->file);
	else
		ret = nfp_outfile_commit(recorder->file, err);
	nfp_strv_fini(&recorder->comments);
	free(recorder->data);
	free(recorder);
	return ret;
}
