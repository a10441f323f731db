/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attr.h - walk netlink attributes within a known number of bytes, trusting no length in them.
 */
#ifndef NFPROBE_HOST_ATTR_H
#define NFPROBE_HOST_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>

struct nfp_attrs {
	const char *at;
	size_t left;
};

/* The attributes behind @skip bytes (aligned up) of a message's payload. */
struct nfp_attrs nfp_attrs_of(const struct nlmsghdr *nlh, size_t skip);
/* The attributes inside @nest. */
struct nfp_attrs nfp_attrs_in(const struct nlattr *nest);
/* The next attribute that lies wholly within what is left; NULL at the end. */
const struct nlattr *nfp_attrs_next(struct nfp_attrs *it);

/* Outputs are left alone and false is returned where the payload is too short. */
bool nfp_attr_u8(const struct nlattr *attr, uint8_t *ret_value);
bool nfp_attr_u16(const struct nlattr *attr, uint16_t *ret_value);
bool nfp_attr_u32(const struct nlattr *attr, uint32_t *ret_value);
/* The first @size bytes, or as many as there are; the rest of @buf becomes zero. */
void nfp_attr_copy(const struct nlattr *attr, void *buf, size_t size);
/* A string cut to @size - 1 bytes; it need not be terminated in the message. */
void nfp_attr_str(const struct nlattr *attr, char *buf, size_t size);

#endif
