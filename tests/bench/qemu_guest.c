// SPDX-License-Identifier: GPL-2.0-or-later
/* qemu_guest TAP NODE WORD..: a process that has a tap and a node of vfio open, like QEMU, with
 * QEMU's arguments, until its standard input ends. */
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/if_tun.h>

int main(int argc, char **argv)
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int tap = open("/dev/net/tun", O_RDWR);
	char byte;

	if (argc < 3 || tap < 0)
		return 1;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", argv[1]);
	if (ioctl(tap, TUNSETIFF, &ifr) < 0 || open(argv[2], O_RDWR) < 0 ||
	    write(STDOUT_FILENO, "u", 1) != 1)
		return 1;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
