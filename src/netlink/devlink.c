// SPDX-License-Identifier: GPL-2.0-or-later
/* devlink.c - the eswitch mode and the firmware versions of a device. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>

#include "nfprobe/netlink.h"

/* include/net/devlink.h: the version that stands for the whole firmware. */
#define DEVLINK_INFO_VERSION_GENERIC_FW "fw"

struct answer {
	char *mode;
	size_t size;
};

int nfp_devlink_parse_eswitch(const struct nlmsghdr *nlh, char *mode, size_t size)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct genlmsghdr));
	const struct nlattr *attr;
	uint16_t value;

	mode[0] = '\0';
	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) != DEVLINK_ATTR_ESWITCH_MODE)
			continue;
		if (!nfp_attr_u16(attr, &value))
			return -EBADMSG;
		if (value == DEVLINK_ESWITCH_MODE_LEGACY)
			snprintf(mode, size, "legacy");
		else if (value == DEVLINK_ESWITCH_MODE_SWITCHDEV)
			snprintf(mode, size, "switchdev");
		else
			snprintf(mode, size, "mode %u", value);
	}
	return 0;
}

static int eswitch_message(const struct nlmsghdr *nlh, void *ctx)
{
	struct answer *answer = ctx;

	return nfp_devlink_parse_eswitch(nlh, answer->mode, answer->size);
}

/* ---- versions ---- */

static bool is_version(uint16_t type)
{
	return type == DEVLINK_ATTR_INFO_VERSION_RUNNING ||
	       type == DEVLINK_ATTR_INFO_VERSION_STORED;
}

/* The entry of that name, a new one if need be; NULL: there is no room. */
static struct nfp_fw_version *version_named(struct nfp_pf_info *info, const char *name)
{
	for (size_t i = 0; i < info->num_fw; i++) {
		if (strcmp(info->fw[i].name, name) == 0)
			return &info->fw[i];
	}
	if (info->num_fw == NFP_FW_MAX)
		return NULL;
	info->fw[info->num_fw] = (struct nfp_fw_version) {0};
	snprintf(info->fw[info->num_fw].name, sizeof(info->fw[0].name), "%s", name);
	return &info->fw[info->num_fw++];
}

static void take_version(const struct nlattr *nest, struct nfp_pf_info *info)
{
	struct nfp_attrs it = nfp_attrs_in(nest);
	char name[sizeof(info->fw[0].name)] = "", value[sizeof(info->fw[0].running)] = "";
	bool stored = mnl_attr_get_type(nest) == DEVLINK_ATTR_INFO_VERSION_STORED;
	struct nfp_fw_version *version;
	const struct nlattr *attr;

	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) == DEVLINK_ATTR_INFO_VERSION_NAME)
			nfp_attr_str(attr, name, sizeof(name));
		else if (mnl_attr_get_type(attr) == DEVLINK_ATTR_INFO_VERSION_VALUE)
			nfp_attr_str(attr, value, sizeof(value));
	}
	version = name[0] && value[0] ? version_named(info, name) : NULL;
	if (version)
		snprintf(stored ? version->stored : version->running, sizeof(value), "%s", value);
}

int nfp_devlink_parse_info(const struct nlmsghdr *nlh, struct nfp_pf_info *info)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct genlmsghdr));
	const struct nlattr *attr;

	while ((attr = nfp_attrs_next(&it))) {
		if (is_version(mnl_attr_get_type(attr)))
			take_version(attr, info);
	}
	return 0;
}

/*
 * What the driver tells ethtool says more than the version alone (a PSID, say), and is kept if it
 * has the running version in it.
 */
void nfp_devlink_name_firmware(struct nfp_pf_info *info)
{
	size_t used = 0;

	for (size_t i = 0; i < info->num_fw; i++) {
		const struct nfp_fw_version *v = &info->fw[i];

		if (strcmp(v->name, DEVLINK_INFO_VERSION_GENERIC_FW) != 0 || !v->running[0])
			continue;
		if (!strstr(info->firmware, v->running))
			snprintf(info->firmware, sizeof(info->firmware), "%s", v->running);
		return;
	}
	if (info->firmware[0])
		return;
	for (size_t i = 0; i < info->num_fw && used < sizeof(info->firmware); i++) {
		if (info->fw[i].running[0])
			used += (size_t)snprintf(
				info->firmware + used, sizeof(info->firmware) - used, "%s%s %s",
				used ? " " : "", info->fw[i].name, info->fw[i].running);
	}
}

static int info_message(const struct nlmsghdr *nlh, void *ctx)
{
	return nfp_devlink_parse_info(nlh, ctx);
}

/* ---- asking ---- */

/* A question about a device, and who takes the answer. */
struct question {
	uint8_t cmd;
	const char *what; /* in words */
	struct nfp_nl_sink sink;
};

static int ask(struct nfp_nl *nl, uint16_t family, const char *bus, const char *parentdev,
	       const struct question *question, struct nfp_err *err)
{
	const struct genlmsghdr genl = {.cmd = question->cmd, .version = DEVLINK_GENL_VERSION};
	struct nfp_nl_msg msg;

	nfp_nl_msg_init(&msg, family, 0, &genl, sizeof(genl));
	if (!mnl_attr_put_strz_check(&msg.head, sizeof(msg.room), DEVLINK_ATTR_BUS_NAME, bus) ||
	    !mnl_attr_put_strz_check(&msg.head, sizeof(msg.room), DEVLINK_ATTR_DEV_NAME, parentdev))
		return nfp_err_errno(err, -ENAMETOOLONG, NFP_E_KERNEL, "cannot ask about %s",
				     parentdev);
	return nfp_nl_talk(nl, &msg.head, &question->sink, err, "read the %s of %s/%s",
			   question->what, bus, parentdev);
}

static int open_and_ask(const char *bus, const char *parentdev, const struct question *question,
			struct nfp_err *err)
{
	uint16_t family;
	struct nfp_nl *nl;
	int r = nfp_nl_open(NETLINK_GENERIC, -1, &nl, err);

	if (r < 0)
		return r;
	r = nfp_nl_genl_family(nl, DEVLINK_GENL_NAME, &family, err);
	if (r == 0)
		r = ask(nl, family, bus, parentdev, question, err);
	nfp_nl_close(nl);
	/* No devlink in the kernel, or none of this device. */
	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

int nfp_devlink_eswitch(const char *bus, const char *parentdev, char *mode, size_t size,
			struct nfp_err *err)
{
	struct answer answer = {mode, size};
	const struct question question = {
		.cmd = DEVLINK_CMD_ESWITCH_GET,
		.what = "eswitch mode",
		.sink = {.message = eswitch_message, .ctx = &answer},
	};

	mode[0] = '\0';
	return open_and_ask(bus, parentdev, &question, err);
}

int nfp_devlink_firmware(const char *bus, const char *parentdev, struct nfp_pf_info *info,
			 struct nfp_err *err)
{
	const struct question question = {
		.cmd = DEVLINK_CMD_INFO_GET,
		.what = "firmware versions",
		.sink = {.message = info_message, .ctx = info},
	};
	int r;

	info->num_fw = 0;
	r = open_and_ask(bus, parentdev, &question, err);
	if (r == -EOPNOTSUPP)
		r = 0;
	if (r == 0)
		nfp_devlink_name_firmware(info);
	return r;
}
