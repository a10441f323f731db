// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bpf.c - by recursive descent to a tree, and from the tree to instructions, the last one first: so
 * where a jump goes to is known when it is written.
 */
#include "traffic_priv.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX 48
#define DEPTH_MAX 8
#define ACCEPT	  0x40000 /* bytes of a frame that passes */

enum kind { COMPARE, AND, OR };

struct node {
	enum kind kind;
	uint32_t offset, length, number; /* COMPARE */
	size_t left, right;
};

struct parser {
	const char *at;
	struct node nodes[NODES_MAX];
	size_t num;
	int depth;
};

static int parse_any(struct parser *p, size_t *ret_node);

static bool take(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	while (*p->at == ' ')
		p->at++;
	if (strncmp(p->at, word, len) != 0)
		return false;
	p->at += len;
	return true;
}

static int take_number(struct parser *p, uint32_t *ret_number)
{
	unsigned long value;
	char *end;

	(void)take(p, "");
	if (!isdigit((unsigned char)*p->at))
		return -EINVAL;
	value = strtoul(p->at, &end, 0);
	if (value > UINT32_MAX)
		return -EINVAL;
	p->at = end;
	*ret_number = (uint32_t)value;
	return 0;
}

static int add(struct parser *p, const struct node *node, size_t *ret_node)
{
	if (p->num == NODES_MAX)
		return -EINVAL;
	p->nodes[p->num] = *node;
	*ret_node = p->num++;
	return 0;
}

/* ether[OFFSET:LENGTH] = NUMBER */
static int parse_compare(struct parser *p, size_t *ret_node)
{
	struct node node = {.kind = COMPARE, .length = 1};

	if (!take(p, "ether[") || take_number(p, &node.offset))
		return -EINVAL;
	if (take(p, ":") && take_number(p, &node.length))
		return -EINVAL;
	if (!take(p, "]") || !take(p, "=") || take_number(p, &node.number))
		return -EINVAL;
	if (node.length != 1 && node.length != 2 && node.length != 4)
		return -EINVAL;
	return add(p, &node, ret_node);
}

static int parse_one(struct parser *p, size_t *ret_node)
{
	int ret;

	if (!take(p, "("))
		return parse_compare(p, ret_node);
	if (++p->depth > DEPTH_MAX)
		return -EINVAL;
	ret = parse_any(p, ret_node);
	p->depth--;
	return ret || take(p, ")") ? ret : -EINVAL;
}

static int parse_any(struct parser *p, size_t *ret_node)
{
	struct node node;
	int ret = parse_one(p, &node.left);

	while (!ret) {
		if (take(p, "and "))
			node.kind = AND;
		else if (take(p, "or "))
			node.kind = OR;
		else
			break;
		ret = parse_one(p, &node.right);
		if (!ret)
			ret = add(p, &node, &node.left);
	}
	if (!ret)
		*ret_node = node.left;
	return ret;
}

/* ---- instructions, from the end of the array ---- */

struct writer {
	const struct node *nodes;
	struct bpf_insn insns[NFP_BPF_MAX];
	size_t first; /* what is written begins here */
};

static bool put(struct writer *w, struct bpf_insn insn)
{
	if (w->first == 0)
		return false;
	w->insns[--w->first] = insn;
	return true;
}

static int write_compare(struct writer *w, const struct node *n, size_t yes, size_t no)
{
	uint16_t load = n->length == 1 ? BPF_B : n->length == 2 ? BPF_H : BPF_W;
	size_t after = w->first; /* of the jump that is written next */

	if (yes - after > UINT8_MAX || no - after > UINT8_MAX ||
	    !put(w, (struct bpf_insn) {BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)(yes - after),
				       (uint8_t)(no - after), n->number}) ||
	    !put(w, (struct bpf_insn) {(uint16_t)(BPF_LD | BPF_ABS | load), 0, 0, n->offset}))
		return -EINVAL;
	return 0;
}

/* @yes, @no: the instructions to go on at. Afterwards w->first is the node's entry. */
static int write_node(struct writer *w, size_t number, size_t yes, size_t no)
{
	const struct node *n = &w->nodes[number];
	int ret;

	if (n->kind == COMPARE)
		return write_compare(w, n, yes, no);
	ret = write_node(w, n->right, yes, no);
	if (ret)
		return ret;
	return n->kind == AND ? write_node(w, n->left, w->first, no)
			      : write_node(w, n->left, yes, w->first);
}

int nfp_bpf_compile(const char *text, struct bpf_insn ret_insns[NFP_BPF_MAX], size_t *ret_num)
{
	struct parser p = {.at = text};
	struct writer w = {.nodes = p.nodes, .first = NFP_BPF_MAX};
	size_t root, yes, no;
	int ret = parse_any(&p, &root);

	if (ret || !take(&p, "") || *p.at)
		return -EINVAL;
	(void)put(&w, (struct bpf_insn) {BPF_RET | BPF_K, 0, 0, 0});
	no = w.first;
	(void)put(&w, (struct bpf_insn) {BPF_RET | BPF_K, 0, 0, ACCEPT});
	yes = w.first;
	ret = write_node(&w, root, yes, no);
	if (ret)
		return ret;
	*ret_num = NFP_BPF_MAX - w.first;
	memcpy(ret_insns, w.insns + w.first, *ret_num * sizeof(*ret_insns));
	return 0;
}
