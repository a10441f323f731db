// SPDX-License-Identifier: GPL-2.0-or-later
/* devlink.c - the eswitch mode and the firmware versions of a device. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>

#include "nfprobe/netlink.h"

/* include/net/devlink.h: the version that stands for the whole firmware. */
#define DEVLINK_INFO_VERSION_GENERIC_FW "fw"

int nfp_devlink_parse_eswitch(const struct nlmsghdr *nlh, void *ctx)
{
	const struct nlattr *tb[DEVLINK_ATTR_ESWITCH_MODE + 1];
	struct nfp_pf_info *info = ctx;
	uint16_t value;

	info->eswitch_mode[0] = '\0';
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(struct genlmsghdr)), tb,
			DEVLINK_ATTR_ESWITCH_MODE + 1);
	if (!tb[DEVLINK_ATTR_ESWITCH_MODE])
		return 0;
	if (!nfp_attr_get(tb[DEVLINK_ATTR_ESWITCH_MODE], &value, sizeof(value)))
		return -EBADMSG;
	if (value == DEVLINK_ESWITCH_MODE_LEGACY || value == DEVLINK_ESWITCH_MODE_SWITCHDEV)
		snprintf(info->eswitch_mode, sizeof(info->eswitch_mode), "%s",
			 value == DEVLINK_ESWITCH_MODE_LEGACY ? "legacy" : "switchdev");
	else
		snprintf(info->eswitch_mode, sizeof(info->eswitch_mode), "mode %u", value);
	return 0;
}

int nfp_devlink_parse_info(const struct nlmsghdr *nlh, void *ctx)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct genlmsghdr));
	const struct nlattr *attr, *tb[DEVLINK_ATTR_INFO_VERSION_VALUE + 1];
	struct nfp_pf_info *info = ctx;

	while ((attr = nfp_attrs_next(&it))) {
		bool stored = mnl_attr_get_type(attr) == DEVLINK_ATTR_INFO_VERSION_STORED;
		struct nfp_fw_version new = {0}, *version;
		char value[sizeof(new.running)] = "";
		size_t i = 0;

		if (!stored && mnl_attr_get_type(attr) != DEVLINK_ATTR_INFO_VERSION_RUNNING)
			continue;
		nfp_attrs_table(nfp_attrs_in(attr), tb, DEVLINK_ATTR_INFO_VERSION_VALUE + 1);
		nfp_attr_str(tb[DEVLINK_ATTR_INFO_VERSION_NAME], new.name, sizeof(new.name));
		nfp_attr_str(tb[DEVLINK_ATTR_INFO_VERSION_VALUE], value, sizeof(value));
		while (i < info->num_fw && strcmp(info->fw[i].name, new.name) != 0)
			i++;
		if (!new.name[0] || !value[0] || i == NFP_FW_MAX)
			continue;
		version = &info->fw[i];
		if (i == info->num_fw) {
			*version = new;
			info->num_fw++;
		}
		memcpy(stored ? version->stored : version->running, value, sizeof(value));
	}
	return 0;
}

/*
 * What the driver tells ethtool may say more than the version alone (a PSID, for example), and is
 * kept if it contains the running version.
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

/* 0 also if the kernel has no devlink, or the device none. */
static int devlink_get(const char *bus, const char *parentdev, uint8_t cmd, const char *what,
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

int nfp_devlink_eswitch(const char *bus, const char *parentdev, struct nfp_pf_info *info,
			struct nfp_err *err)
{
	const struct nfp_nl_sink sink = {.message = nfp_devlink_parse_eswitch, .ctx = info};

	info->eswitch_mode[0] = '\0';
	return devlink_get(bus, parentdev, DEVLINK_CMD_ESWITCH_GET, "eswitch mode", &sink, err);
}

int nfp_devlink_firmware(const char *bus, const char *parentdev, struct nfp_pf_info *info,
			 struct nfp_err *err)
{
	const struct nfp_nl_sink sink = {.message = nfp_devlink_parse_info, .ctx = info};
	int r;

	info->num_fw = 0;
	r = devlink_get(bus, parentdev, DEVLINK_CMD_INFO_GET, "firmware versions", &sink, err);
	if (r == -EOPNOTSUPP)
		r = 0;
	if (r == 0)
		nfp_devlink_name_firmware(info);
	return r;
}
