// SPDX-License-Identifier: GPL-2.0-or-later
/* peer.c - the frames between a prober and a reflector (sources.h), and the prober's side. */
#include <errno.h>
#include <string.h>

#include "traffic_priv.h"

#define VERSION	     3
#define GREETING_LEN 8

/* Offsets after the EtherType. */
enum { AT_VERSION = 4, AT_TYPE = 5, AT_LENGTH = 6, AT_RUN = 8, AT_SESSION = 24, AT_SEQ = 32 };

_Static_assert(NFP_SIPHASH_KEY_LEN == NFP_PEER_ID_LEN, "the id is the key");

static const uint8_t magic[4] = {'n', 'f', 'p', 'x'};

/* With no VLAN tag (or one in metadata), or with one. */
const char nfp_peer_filter[] = "(ether[12:2] = 0x88b5 and ether[14:4] = 0x6e667078) or "
			       "(ether[16:2] = 0x88b5 and ether[18:4] = 0x6e667078)";

/* ---- bodies ---- */

/* Returns the length of a body; 0: there is no such type. */
static size_t body_len(uint8_t type)
{
	switch (type) {
	case NFP_PEER_HELLO:
	case NFP_PEER_WELCOME:
		return GREETING_LEN;
	case NFP_PEER_CARRY:
		return NFP_PEER_INNER_LEN;
	default:
		return 0;
	}
}

static void put_body(uint8_t *body, const struct nfp_peer_frame *frame)
{
	if (frame->type == NFP_PEER_CARRY) {
		memcpy(body, frame->inner, NFP_PEER_INNER_LEN);
		return;
	}
	put32(body, frame->rate);
	put32(body + 4, frame->left_s);
}

static void get_body(const uint8_t *body, struct nfp_peer_frame *ret_frame)
{
	if (ret_frame->type == NFP_PEER_CARRY) {
		ret_frame->inner = body;
		return;
	}
	ret_frame->rate = get32(body);
	ret_frame->left_s = get32(body + 4);
}

/* ---- frames ---- */

size_t nfp_peer_build(const struct nfp_peer_id *id, const struct nfp_peer_frame *frame,
		      uint8_t buf[NFP_PEER_LEN_MAX])
{
	size_t start = header_put(buf, &frame->dst, &frame->src, &frame->vlan, NFP_ETHERTYPE);
	uint8_t *at = buf + start;
	size_t end = NFP_PEER_HEADER + body_len((uint8_t)frame->type);

	put_body(at + NFP_PEER_HEADER, frame);
	memcpy(at, magic, sizeof(magic));
	at[AT_VERSION] = VERSION;
	at[AT_TYPE] = (uint8_t)frame->type;
	put16(at + AT_LENGTH, (uint16_t)(end - NFP_PEER_HEADER));
	memcpy(at + AT_RUN, frame->run, NFP_RUN_ID_LEN);
	put64(at + AT_SESSION, frame->session);
	put64(at + AT_SEQ, frame->seq);
	put64(at + end, tag_of(id->b, buf, at, end));
	return start + end + NFP_PEER_TAG;
}

enum nfp_peer_check nfp_peer_parse(const struct nfp_peer_id *id, const uint8_t *data, size_t len,
				   struct nfp_peer_frame *ret_frame)
{
	struct nfp_peer_frame frame = {0};
	size_t start = header_get(data, len, NFP_ETHERTYPE, &frame.dst, &frame.src, &frame.vlan);
	const uint8_t *at = data + start, *body = at + NFP_PEER_HEADER;
	size_t end;

	if (!start || len - start < sizeof(magic) || memcmp(at, magic, sizeof(magic)) != 0)
		return NFP_PEER_FOREIGN;
	if (len - start < NFP_PEER_HEADER || at[AT_VERSION] != VERSION || !body_len(at[AT_TYPE]) ||
	    get16(at + AT_LENGTH) != body_len(at[AT_TYPE]))
		return NFP_PEER_MALFORMED;
	frame.type = (enum nfp_peer_type)at[AT_TYPE];
	end = NFP_PEER_HEADER + body_len(at[AT_TYPE]);
	if (len - start < end + NFP_PEER_TAG)
		return NFP_PEER_MALFORMED;
	if (get64(at + end) != tag_of(id->b, data, at, end))
		return NFP_PEER_OTHER_ID;
	memcpy(frame.run, at + AT_RUN, NFP_RUN_ID_LEN);
	frame.session = get64(at + AT_SESSION);
	frame.seq = get64(at + AT_SEQ);
	get_body(body, &frame);
	/* Only a HELLO has no session yet. */
	if (frame.seq == 0 || nfp_mac_is_multicast(&frame.src) || nfp_mac_is_zero(&frame.src) ||
	    (frame.session == 0) != (frame.type == NFP_PEER_HELLO))
		return NFP_PEER_MALFORMED;
	*ret_frame = frame;
	return NFP_PEER_OURS;
}

size_t nfp_peer_reflect(const uint8_t *inner, const struct nfp_vlan *vlan,
			uint8_t buf[NFP_FRAME_LEN_MAX])
{
	const struct nfp_mac *addresses = (const struct nfp_mac *)inner;
	size_t start = header_put(buf, &addresses[0], &addresses[1], vlan, NFP_ETHERTYPE);

	memcpy(buf + start, inner + ADDRESSES_LEN + 2, NFP_FRAME_PAYLOAD);
	return start + NFP_FRAME_PAYLOAD;
}

/* ---- the id as text ---- */

bool nfp_peer_id_parse(const char *text, struct nfp_peer_id *ret_id)
{
	struct nfp_peer_id id = {{0}};

	if (!nfp_hex_parse(text, id.b, sizeof(id.b)) || text[NFP_PEER_ID_STRLEN - 1])
		return false;
	*ret_id = id;
	return true;
}

const char *nfp_peer_id_str(const struct nfp_peer_id *id, char buf[NFP_PEER_ID_STRLEN])
{
	return nfp_hex_str(id->b, sizeof(id->b), buf);
}

/* ---- the prober's side ---- */

struct nfp_peer_link {
	struct nfp_peer_link_config config;
	uint64_t session; /* 0: nobody has answered yet */
	uint64_t seq;	  /* of the last frame to the reflector, one count for the whole run */
	uint64_t before;  /* the last one before the HELLO whose answers count */
};

struct nfp_peer_link *nfp_peer_link_new(const struct nfp_peer_link_config *config)
{
	struct nfp_peer_link *link = nfp_calloc(1, sizeof(*link));

	link->config = *config;
	return link;
}

const struct nfp_peer_link_config *nfp_peer_link_config(const struct nfp_peer_link *link)
{
	return &link->config;
}

void nfp_peer_link_hello(struct nfp_peer_link *link, bool first, struct nfp_packet *ret_packet)
{
	const struct nfp_peer_link_config *config = &link->config;
	struct nfp_peer_frame hello = {
		.dst = nfp_mac_is_zero(&config->mac) ? nfp_mac_broadcast : config->mac,
		.src = config->pf_mac,
		.vlan = config->vlan,
		.type = NFP_PEER_HELLO,
	};

	if (first)
		link->before = link->seq;
	hello.seq = ++link->seq;
	memcpy(hello.run, config->run.run, NFP_RUN_ID_LEN);
	ret_packet->len = nfp_peer_build(&config->id, &hello, ret_packet->data);
}

int nfp_peer_link_welcome(struct nfp_peer_link *link, const uint8_t *data, size_t len,
			  struct nfp_peer_frame *ret_welcome)
{
	const struct nfp_peer_link_config *config = &link->config;
	struct nfp_peer_frame frame;
	bool stale;

	if (nfp_peer_parse(&config->id, data, len, &frame) != NFP_PEER_OURS ||
	    frame.type != NFP_PEER_WELCOME || frame.seq <= link->before || frame.seq > link->seq ||
	    !nfp_mac_equal(&frame.dst, &config->pf_mac) ||
	    memcmp(frame.run, config->run.run, NFP_RUN_ID_LEN) != 0 ||
	    frame.vlan.vid != config->vlan.vid)
		return -ENOMSG;
	if (!nfp_mac_is_zero(&config->mac) && !nfp_mac_equal(&frame.src, &config->mac))
		return -ENOMSG;
	stale = link->session && link->session != frame.session;
	link->config.mac = frame.src;
	link->session = frame.session;
	*ret_welcome = frame;
	return stale ? -ESTALE : 0;
}

/* ---- the codec ---- */

/* The VLAN tag is on the outside: the reflector replies with the tag that arrived there. */
static unsigned int peer_make(void *ctx, const struct nfp_frame *frame,
			      struct nfp_packet packets[NFP_CODEC_PACKETS])
{
	struct nfp_peer_link *link = ctx;
	uint8_t bytes[NFP_FRAME_LEN_MAX];
	struct nfp_frame inner = *frame;
	struct nfp_peer_frame outer = {
		.dst = link->config.mac,
		.src = link->config.pf_mac,
		.vlan = link->config.vlan,
		.type = NFP_PEER_CARRY,
		.session = link->session,
		.seq = ++link->seq,
		.inner = bytes,
	};

	inner.src = link->config.mac;
	inner.vlan = (struct nfp_vlan) {0};
	nfp_frame_build(&link->config.run, &inner, bytes);
	memcpy(outer.run, link->config.run.run, NFP_RUN_ID_LEN);
	packets[0].len = nfp_peer_build(&link->config.id, &outer, packets[0].data);
	return 1;
}

struct nfp_codec nfp_peer_link_codec(struct nfp_peer_link *link)
{
	static const struct nfp_codec_ops ops = {.make = peer_make};

	return (struct nfp_codec) {.ops = &ops, .ctx = link};
}
