// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/netlink.h"

#include <limits.h>
#include <string.h>
#include <libmnl/libmnl.h>

struct nfp_attrs nfp_attrs_of(const struct nlmsghdr *nlh, size_t skip)
{
	size_t len = nlh->nlmsg_len;

	skip = NLMSG_HDRLEN + ((skip + NLMSG_ALIGNTO - 1) & ~(size_t)(NLMSG_ALIGNTO - 1));
	if (len < skip)
		return (struct nfp_attrs) {0};
	return (struct nfp_attrs) {.at = (const char *)nlh + skip, .left = len - skip};
}

struct nfp_attrs nfp_attrs_in(const struct nlattr *nest)
{
	return (struct nfp_attrs) {.at = mnl_attr_get_payload(nest),
				   .left = mnl_attr_get_payload_len(nest)};
}

const struct nlattr *nfp_attrs_next(struct nfp_attrs *it)
{
	const struct nlattr *attr = (const struct nlattr *)it->at;
	size_t step;

	if (!attr || !mnl_attr_ok(attr, it->left > INT_MAX ? INT_MAX : (int)it->left))
		return NULL;
	step = ((size_t)attr->nla_len + NLA_ALIGNTO - 1) & ~(size_t)(NLA_ALIGNTO - 1);
	if (step > it->left)
		step = it->left;
	it->at += step;
	it->left -= step;
	return attr;
}

static bool fetch(const struct nlattr *attr, void *value, size_t size)
{
	if (mnl_attr_get_payload_len(attr) < size)
		return false;
	memcpy(value, mnl_attr_get_payload(attr), size);
	return true;
}

bool nfp_attr_u8(const struct nlattr *attr, uint8_t *ret_value)
{
	return fetch(attr, ret_value, sizeof(*ret_value));
}

bool nfp_attr_u16(const struct nlattr *attr, uint16_t *ret_value)
{
	return fetch(attr, ret_value, sizeof(*ret_value));
}

bool nfp_attr_u32(const struct nlattr *attr, uint32_t *ret_value)
{
	return fetch(attr, ret_value, sizeof(*ret_value));
}

void nfp_attr_copy(const struct nlattr *attr, void *buf, size_t size)
{
	size_t len = mnl_attr_get_payload_len(attr);

	memset(buf, 0, size);
	memcpy(buf, mnl_attr_get_payload(attr), len < size ? len : size);
}

void nfp_attr_str(const struct nlattr *attr, char *buf, size_t size)
{
	size_t len = strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));

	if (len > size - 1)
		len = size - 1;
	memcpy(buf, mnl_attr_get_payload(attr), len);
	buf[len] = '\0';
}
