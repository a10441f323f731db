/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jfield.h - fields of a record that is JSON inside: texts are escaped, so that every byte comes
 * back. put: into @object, left out when empty or zero; 0 or -1 (memory). get: an absent field
 * leaves an empty or zero value; -EBADMSG when it is there and is not what it must be.
 */
#ifndef NFPROBE_JFIELD_H
#define NFPROBE_JFIELD_H

#include <jansson.h>

#include "nfprobe/types.h"

int nfp_jput_text(json_t *object, const char *key, const char *text);
int nfp_jput_int(json_t *object, const char *key, json_int_t value);
int nfp_jput_bool(json_t *object, const char *key, bool value);
int nfp_jput_mac(json_t *object, const char *key, const struct nfp_mac *mac);
int nfp_jput_vlan(json_t *object, const char *key, const struct nfp_vlan *vlan);

int nfp_jget_text(const json_t *object, const char *key, char *buf, size_t size);
int nfp_jget_int(const json_t *object, const char *key, json_int_t min, json_int_t max,
		 json_int_t *ret_value);
int nfp_jget_bool(const json_t *object, const char *key, bool *ret_value);
int nfp_jget_mac(const json_t *object, const char *key, struct nfp_mac *ret_mac);
int nfp_jget_vlan(const json_t *object, const char *key, struct nfp_vlan *ret_vlan);

#endif
