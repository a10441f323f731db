// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crash_guest.c - a guest that is nothing but a driver of igb's VF, as long as it is asked: it
 * boots in a moment where a kernel takes minutes, and never says goodbye. Multiboot, for QEMU's
 * -kernel.
 *
 * "guest: starts"; after a byte on the serial port it drives the VF: "guest: has its VF"; at each
 * further byte it tells how many frames to its own address have come.
 */
#include <stdint.h>

__asm__(".section .multiboot, \"a\"\n"
	".balign 4\n"
	".long 0x1badb002, 0, -0x1badb002\n"
	".text\n"
	".globl _start\n"
	"_start:\n"
	"	mov $stack + 16384, %esp\n"
	"	call guest\n"
	"1:	hlt\n"
	"	jmp 1b\n");

enum {
	COM1 = 0x3f8,
	LINE_STATUS = 5,
	DATA_READY = 0x01,
	CAN_SEND = 0x20,
	PCI_ADDRESS = 0xcf8,
	PCI_DATA = 0xcfc,
	PCI_COMMAND = 4,
	MEMORY_AND_MASTER = 6,
	PCI_BAR0 = 0x10,
	IGB_VF = 0x10ca8086,
};

/* The VF's registers and mailbox (drivers/net/ethernet/intel/igbvf: regs.h, mbx.h, defines.h). */
enum {
	CTRL = 0x0000,
	CTRL_RST = 1 << 26,
	V2PMAILBOX = 0x0c40,
	REQ = 0x01,
	ACK = 0x02,
	VFU = 0x04,
	PFSTS = 0x10,
	RSTI = 0x40,
	VMBMEM = 0x0800,
	VF_RESET = 0x01,
	RDBAL = 0x2800,
	RDBAH = 0x2804,
	RDLEN = 0x2808,
	SRRCTL = 0x280c,
	ONE_BUFFER_OF_2K = 0x02000002,
	RDT = 0x2818,
	RXDCTL = 0x2828,
	ENABLE = 1 << 25,
	DONE = 1,
	RING = 128,
};

static struct {
	uint64_t at, status; /* of the NIC: the header's address; bit 0: DONE */
} ring[RING] __attribute__((aligned(4096)));
static uint8_t frames[RING][2048] __attribute__((aligned(4096)));
char stack[16384];

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port));
}

static uint32_t in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void say(const char *text)
{
	for (; *text; text++) {
		while (!(in8(COM1 + LINE_STATUS) & CAN_SEND))
			;
		out8(COM1, (uint8_t)*text);
	}
}

static uint32_t config(uint32_t device, uint32_t at)
{
	out32(PCI_ADDRESS, 1U << 31 | device << 11 | at);
	return in32(PCI_DATA);
}

/* The VF's registers; NULL: there is no VF. */
static volatile uint32_t *find_vf(void)
{
	for (uint32_t device = 0; device < 32; device++) {
		if (config(device, 0) != IGB_VF)
			continue;
		(void)config(device, PCI_COMMAND);
		out32(PCI_DATA, MEMORY_AND_MASTER);
		return (volatile uint32_t *)(config(device, PCI_BAR0) & ~15U);
	}
	return 0;
}

/* Resets the VF, and has the PF give it its address, as igbvf does first (e1000_reset_hw_vf). */
static void begin(volatile uint32_t *vf, uint8_t ret_mac[6])
{
	uint32_t low, high;

	vf[CTRL / 4] = CTRL_RST;
	while (vf[V2PMAILBOX / 4] & RSTI)
		;
	vf[V2PMAILBOX / 4] = VFU;
	vf[VMBMEM / 4] = VF_RESET;
	vf[V2PMAILBOX / 4] = REQ;
	while (!(vf[V2PMAILBOX / 4] & PFSTS))
		;
	low = vf[VMBMEM / 4 + 1];
	high = vf[VMBMEM / 4 + 2];
	vf[V2PMAILBOX / 4] = ACK;
	for (int i = 0; i < 6; i++)
		ret_mac[i] = (uint8_t)(i < 4 ? low >> 8 * i : high >> 8 * (i - 4));
}

static void listen(volatile uint32_t *vf)
{
	for (int i = 0; i < RING; i++)
		ring[i].at = (uint32_t)frames[i];
	vf[RDBAL / 4] = (uint32_t)ring;
	vf[RDBAH / 4] = 0;
	vf[RDLEN / 4] = sizeof(ring);
	vf[SRRCTL / 4] = ONE_BUFFER_OF_2K;
	vf[RXDCTL / 4] = ENABLE;
	vf[RDT / 4] = RING - 1;
}

/* Counts those that came so far; a machine sends fewer than the ring holds. */
static int heard(const uint8_t mac[6])
{
	int num = 0;

	for (int i = 0; i < RING && (*(volatile uint64_t *)&ring[i].status & DONE); i++) {
		int same = 0;

		for (int k = 0; k < 6; k++)
			same += frames[i][k] == mac[k];
		num += same == 6;
	}
	return num;
}

static void await_byte(void)
{
	while (!(in8(COM1 + LINE_STATUS) & DATA_READY))
		;
	(void)in8(COM1);
}

void guest(void)
{
	char count[] = "guest: heard 000\n";
	volatile uint32_t *vf;
	uint8_t mac[6];

	say("guest: starts\n");
	await_byte();
	vf = find_vf();
	if (!vf) {
		say("guest: no VF\n");
		return;
	}
	begin(vf, mac);
	listen(vf);
	say("guest: has its VF\n");
	for (;;) {
		await_byte();
		for (int i = 0, num = heard(mac); i < 3; i++, num /= 10)
			count[15 - i] = (char)('0' + num % 10);
		say(count);
	}
}
