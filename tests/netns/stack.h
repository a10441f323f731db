/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stack.h - another TCP/IP stack than the kernel's, lwIP, as a host on a netdev. */
#ifndef NFPROBE_TESTS_STACK_H
#define NFPROBE_TESTS_STACK_H

#include <stdbool.h>
#include <stdint.h>

struct stack;

/*
 * A host that has @mac and @ip (6 and 4 bytes) and hears and sends by the raw socket @fd, which it
 * takes over. Once in a process: lwIP cannot be ended. NULL: there is no lwIP here.
 */
struct stack *stack_start(int fd, const uint8_t mac[6], const uint8_t ip[4]);
/* How many hosts it has learned the hardware address of. */
unsigned int stack_learned(struct stack *stack);
void stack_stop(struct stack *stack); /* NULL: nothing */

#endif
