/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The differences between the kernels that the module is built for, from 6.1 on. All else is
 * written for the newest of them.
 */
#ifndef NFSIM_COMPAT_H
#define NFSIM_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/version.h>

/* 5f60d5f6bbc1 ("move asm/unaligned.h to linux/unaligned.h") */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* 6.4 made a bus constant to its devices, drivers and attributes, among others in 75cff725d956
 * ("driver core: bus: mark the struct bus_type for sysfs callbacks as constant"); */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define nfsim_bus_const const
#else
#define nfsim_bus_const
#endif

/* 6.3 a device to its bus's uevent(), in 2a81ada32f0e ("driver core: make struct
 * bus_type.uevent() take a const *"); */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define nfsim_uevent_const const
#else
#define nfsim_uevent_const
#endif

/* 6.11 a driver to its bus's match(), in d69d80484598 ("driver core: have match() callback in
 * struct bus_type take a const *"). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define nfsim_match_const const
#else
#define nfsim_match_const
#endif

/* 908a1d775422 ("hrtimers: Introduce hrtimer_setup() to replace hrtimer_init()"); 6.15 removed the
 * old one. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* 4b42fbc6bd8f ("ndo_fdb_add: Add a parameter to report whether notification was sent"), and
 * likewise of ndo_fdb_del; the kernel sends the notification unless the driver says that it did. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define nfsim_fdb_notified bool *notified,
#else
#define nfsim_fdb_notified
#endif

#endif
