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

int nfp_devlink_parse_eswitch(const struct nlmsghdr *nlh, char *mode, size_t size)
{
	const struct nlattr *tb[DEVLINK_ATTR_ESWITCH_MODE + 1];
	uint16_t value;

	mode[0] = '\0';
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(struct genlmsghdr)), tb,
			DEVLINK_ATTR_ESWITCH_MODE + 1);
	if (!tb[DEVLINK_ATTR_ESWITCH_MODE])
		return 0;
	if (!nfp_attr_get(tb[DEVLINK_ATTR_ESWITCH_MODE], &value, sizeof(value)))
		return -EBADMSG;
	if (value == DEVLINK_ESWITCH_MODE_LEGACY)
		snprintf(mode, size, "legacy");
	else if (value == DEVLINK_ESWITCH_MODE_SWITCHDEV)
		snprintf(mode, size, "switchdev");
	else
		snprintf(mode, size, "mode %u", value);
	return 0;
}

/* ---- versions ---- */

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

void nfp_devlink_parse_info(const struct nlmsghdr *nlh, struct nfp_pf_info *info)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct genlmsghdr));
	const struct nlattr *attr, *tb[DEVLINK_ATTR_INFO_VERSION_VALUE + 1];

	while ((attr = nfp_attrs_next(&it))) {
		bool stored = mnl_attr_get_type(attr) == DEVLINK_ATTR_INFO_VERSION_STORED;
		char name[sizeof(info->fw[0].name)] = "", value[sizeof(info->fw[0].running)] = "";
		struct nfp_fw_version *version;

		if (!stored && mnl_attr_get_type(attr) != DEVLINK_ATTR_INFO_VERSION_RUNNING)
			continue;
		nfp_attrs_table(nfp_attrs_in(attr), tb, DEVLINK_ATTR_INFO_VERSION_VALUE + 1);
		nfp_attr_str(tb[DEVLINK_ATTR_INFO_VERSION_NAME], name, sizeof(name));
		nfp_attr_str(tb[DEVLINK_ATTR_INFO_VERSION_VALUE], value, sizeof(value));
		version = name[0] && value[0] ? version_named(info, name) : NULL;
		if (version)
			memcpy(stored ? version->stored : version->running, value, sizeof(value));
	}
}

/*
 * What the driver tells ethtool says more than the version alone (a PSID, say), and is kept if it
 * has the running version in it.
 */
void nfp_devlink_name_firmware(struct nfp_pf_info *info)
{
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
	for (size_t i = 0; i < info->num_fw; i++) {
		if (info->fw[i].running[0])
			nfp_appendf(info->firmware, sizeof(info->firmware), "%s%s %s",
				    info->firmware[0] ? " " : "", info->fw[i].name,
				    info->fw[i].running);
	}
}

/* ---- asking ---- */

/* Asks @cmd about a device. 0 also where there is no devlink in the kernel, or none of it. */
static int ask(const char *bus, const char *parentdev, uint8_t cmd, const char *what,
	       const struct nfp_nl_sink *sink, struct nfp_err *err)
{
	const struct genlmsghdr genl = {.cmd = cmd, .version = DEVLINK_GENL_VERSION};
	struct nfp_nl_msg msg;
	uint16_t family;
	struct nfp_nl *nl;
	int r = nfp_nl_open(NETLINK_GENERIC, -1, &nl, err);

	if (r < 0)
		return r;
	r = nfp_nl_genl_family(nl, DEVLINK_GENL_NAME, &family, err);
	if (r == 0) {
		nfp_nl_msg_init(&msg, family, 0, &genl, sizeof(genl));
		mnl_attr_put_strz(&msg.head, DEVLINK_ATTR_BUS_NAME, bus);
		mnl_attr_put_strz(&msg.head, DEVLINK_ATTR_DEV_NAME, parentdev);
		r = nfp_nl_talk(nl, &msg.head, sink, err, "read the %s of %s/%s", what, bus,
				parentdev);
	}
	nfp_nl_close(nl);
	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

struct answer {
	char *mode;
	size_t size;
};

static int eswitch_message(const struct nlmsghdr *nlh, void *ctx)
{
	struct answer *answer = ctx;

	return nfp_devlink_parse_eswitch(nlh, answer->mode, answer->size);
}

int nfp_devlink_eswitch(const char *bus, const char *parentdev, char *mode, size_t size,
			struct nfp_err *err)
{
	struct answer answer = {mode, size};
	const struct nfp_nl_sink sink = {.message = eswitch_message, .ctx = &answer};

	mode[0] = '\0';
	return ask(bus, parentdev, DEVLINK_CMD_ESWITCH_GET, "eswitch mode", &sink, err);
}

static int info_message(const struct nlmsghdr *nlh, void *ctx)
{
	nfp_devlink_parse_info(nlh, ctx);
	return 0;
}

int nfp_devlink_firmware(const char *bus, const char *parentdev, struct nfp_pf_info *info,
			 struct nfp_err *err)
{
	const struct nfp_nl_sink sink = {.message = info_message, .ctx = info};
	int r;

	info->num_fw = 0;
	r = ask(bus, parentdev, DEVLINK_CMD_INFO_GET, "firmware versions", &sink, err);
	if (r == -EOPNOTSUPP)
		r = 0;
	if (r == 0)
		nfp_devlink_name_firmware(info);
	return r;
}
