// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The NIC's own account, in debugfs, nfsim/<device>/:
 *
 *   log       "<ns> <port> <what> [<address>]": events of VFs, changes of the tables
 *   calls     "<ns> <vf> <call> <command> [<argument>]": what was asked of a VF, as it reached the
 *             driver, be it refused or not, and the name of the process; "<n> forgotten" at first,
 *             if there were more than are kept
 *   counters  "<from> <address> <to> <taken> <not taken>": frames by sender, destination and
 *             receiver
 *   reads     how often rtnetlink asked for what the PF knows of a VF (ndo_get_vf_config), each
 *             time under its lock
 *   filters   the tables as they are
 *
 * ns are of CLOCK_MONOTONIC. Writing to log, calls, counters or reads empties it.
 */

#include <linux/ctype.h>
#include <linux/hashtable.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "nfsim.h"

#define NFSIM_NOTES	4096 /* the oldest are forgotten */
#define NFSIM_CALLS	4096
#define NFSIM_COUNTERS	4096 /* more are not counted, and that is said */
#define NFSIM_HASH_BITS 10

struct nfsim_note {
	u64 ns;
	const char *what;
	u16 port;
	bool has_mac;
	u8 mac[ETH_ALEN];
};

struct nfsim_call {
	u64 ns;
	const char *what;
	u16 vf;
	char command[TASK_COMM_LEN];
	char argument[NFSIM_MAX_NAME];
};

struct nfsim_counter {
	struct hlist_node node;
	u16 from, to;
	u8 dst[ETH_ALEN];
	u64 taken, lost;
};

/* Lists that begin with how many entries there were since they were emptied. */
struct nfsim_notes {
	u64 count;
	struct nfsim_note entries[NFSIM_NOTES];
};

struct nfsim_calls {
	u64 count;
	struct nfsim_call entries[NFSIM_CALLS];
};

struct nfsim_counters {
	u64 count, uncounted;
	struct nfsim_counter entries[NFSIM_COUNTERS];
};

struct nfsim_log {
	struct nfsim_notes notes;
	struct nfsim_calls calls;
	struct nfsim_counters counters;
	atomic64_t reads;
	DECLARE_HASHTABLE(table, NFSIM_HASH_BITS); /* of counters */
};

void nfsim_note(struct nfsim_nic *nic, unsigned int port, const char *what, const u8 *mac)
{
	struct nfsim_notes *notes = &nic->log->notes;
	struct nfsim_note *note = &notes->entries[notes->count++ % NFSIM_NOTES];

	note->ns = ktime_get_ns();
	note->what = what;
	note->port = port;
	note->has_mac = mac;
	if (mac)
		ether_addr_copy(note->mac, mac);
}

/* Words do not have blanks. */
static void nfsim_call_word(char *word)
{
	for (; *word; word++)
		if (isspace(*word))
			*word = '_';
}

void nfsim_call(struct nfsim_vf *vf, const char *what, const char *format, ...)
{
	struct nfsim_call call = {.what = what, .vf = (u16)vf->index};
	struct nfsim_calls *calls = &vf->nic->log->calls;
	va_list args;

	va_start(args, format);
	vsnprintf(call.argument, sizeof(call.argument), format, args);
	va_end(args);
	get_task_comm(call.command, current);
	nfsim_call_word(call.argument);
	nfsim_call_word(call.command);
	spin_lock_bh(&vf->nic->lock);
	call.ns = ktime_get_ns();
	calls->entries[calls->count++ % NFSIM_CALLS] = call;
	spin_unlock_bh(&vf->nic->lock);
}

static struct nfsim_counter *nfsim_counter(struct nfsim_log *log, unsigned int from, const u8 *dst,
					   unsigned int to)
{
	u64 key = ether_addr_to_u64(dst) * 0x10001 + from * 0x10000ull + to;
	struct nfsim_counter *counter;

	hash_for_each_possible(log->table, counter, node,
			       key) if (counter->from == from && counter->to == to &&
					ether_addr_equal(counter->dst, dst)) return counter;
	if (log->counters.count == NFSIM_COUNTERS)
		return NULL;
	counter = &log->counters.entries[log->counters.count++];
	*counter = (struct nfsim_counter) {.from = from, .to = to};
	ether_addr_copy(counter->dst, dst);
	hash_add(log->table, &counter->node, key);
	return counter;
}

void nfsim_count(struct nfsim_nic *nic, unsigned int from, const u8 *dst, unsigned int to,
		 bool taken)
{
	struct nfsim_counter *counter = nfsim_counter(nic->log, from, dst, to);

	if (!counter)
		nic->log->counters.uncounted++;
	else if (taken)
		counter->taken++;
	else
		counter->lost++;
}

void nfsim_read(struct nfsim_nic *nic)
{
	atomic64_inc(&nic->log->reads);
}

static const char *nfsim_port_name(unsigned int port, char name[8])
{
	switch (port) {
	case NFSIM_PF:
		return "pf";
	case NFSIM_WIRE:
		return "wire";
	case NFSIM_NOWHERE:
		return "nowhere";
	}
	snprintf(name, 8, "vf%u", port);
	return name;
}

/* A reader gets a copy of the entries in use: the switch does not wait for it. */
static void *nfsim_copy(struct nfsim_nic *nic, const u64 *list, size_t size, size_t head,
			size_t entry)
{
	void *copy = kvmalloc(size, GFP_KERNEL);

	if (!copy)
		return NULL;
	spin_lock_bh(&nic->lock);
	memcpy(copy, list, head + min_t(u64, *list, (size - head) / entry) * entry);
	spin_unlock_bh(&nic->lock);
	return copy;
}

#define NFSIM_COPY(nic, list)                                                                \
	nfsim_copy(nic, &(list)->count, sizeof(*(list)), offsetof(typeof(*(list)), entries), \
		   sizeof((list)->entries[0]))

static int nfsim_log_show(struct seq_file *file, void *unused)
{
	struct nfsim_nic *nic = file->private;
	struct nfsim_notes *notes = NFSIM_COPY(nic, &nic->log->notes);
	const struct nfsim_note *note;
	char name[8];
	u64 i;

	if (!notes)
		return -ENOMEM;
	for (i = notes->count > NFSIM_NOTES ? notes->count - NFSIM_NOTES : 0; i < notes->count;
	     i++) {
		note = &notes->entries[i % NFSIM_NOTES];
		seq_printf(file, "%llu %s %s", note->ns, nfsim_port_name(note->port, name),
			   note->what);
		if (note->has_mac)
			seq_printf(file, " %pM", note->mac);
		seq_putc(file, '\n');
	}
	kvfree(notes);
	return 0;
}

static int nfsim_calls_show(struct seq_file *file, void *unused)
{
	struct nfsim_nic *nic = file->private;
	struct nfsim_calls *calls = NFSIM_COPY(nic, &nic->log->calls);
	const struct nfsim_call *call;
	u64 i = 0;

	if (!calls)
		return -ENOMEM;
	if (calls->count > NFSIM_CALLS) {
		i = calls->count - NFSIM_CALLS;
		seq_printf(file, "%llu forgotten\n", i);
	}
	for (; i < calls->count; i++) {
		call = &calls->entries[i % NFSIM_CALLS];
		seq_printf(file, "%llu vf%u %s %s%s%s\n", call->ns, call->vf, call->what,
			   call->command, *call->argument ? " " : "", call->argument);
	}
	kvfree(calls);
	return 0;
}

static int nfsim_counters_show(struct seq_file *file, void *unused)
{
	struct nfsim_nic *nic = file->private;
	struct nfsim_counters *counters = NFSIM_COPY(nic, &nic->log->counters);
	const struct nfsim_counter *counter;
	char from[8], to[8];
	u64 i;

	if (!counters)
		return -ENOMEM;
	for (i = 0; i < counters->count; i++) {
		counter = &counters->entries[i];
		seq_printf(file, "%s %pM %s %llu %llu\n", nfsim_port_name(counter->from, from),
			   counter->dst, nfsim_port_name(counter->to, to), counter->taken,
			   counter->lost);
	}
	if (counters->uncounted)
		seq_printf(file, "%llu frames more\n", counters->uncounted);
	kvfree(counters);
	return 0;
}

static int nfsim_reads_show(struct seq_file *file, void *unused)
{
	struct nfsim_nic *nic = file->private;

	seq_printf(file, "%lld\n", atomic64_read(&nic->log->reads));
	return 0;
}

static void nfsim_filters_show_vf(struct seq_file *file, const struct nfsim_vf *vf)
{
	seq_printf(file, "vf%u %pM %s", vf->index,
		   vf->filter.on ? vf->filter.mac : vf->filter.coming,
		   vf->filter.on	? "on"
		   : vf->filter.refused ? "refused"
					: "off");
	if (vf->filter.off_ns)
		seq_puts(file, " pending-off");
	if (vf->filter.on_ns)
		seq_puts(file, " pending-on");
	seq_printf(file, " assigned %pM%s vlan %u%s%s%s\n", vf->mac_set ? vf->mac : vf->reported,
		   vf->mac_set ? " by-pf" : "", vf->vlan, vf->up ? " up" : "",
		   vf->carrier ? " carrier" : "", vf->allmulti ? " allmulticast" : "");
}

static void nfsim_filters_show_groups(struct seq_file *file, unsigned int port,
				      const struct core_joined *groups)
{
	char buffer[8];
	const char *name = nfsim_port_name(port, buffer);
	unsigned int i;

	for (i = 0; i < groups->num; i++)
		seq_printf(file, "%s group %pM %s\n", name, groups->list[i].mac,
			   groups->list[i].dead ? "dead" : "on");
}

/* Under the lock: the file's buffer was allocated before, and grows outside of this function. */
static int nfsim_filters_show(struct seq_file *file, void *unused)
{
	struct nfsim_nic *nic = file->private;
	unsigned int i;

	spin_lock_bh(&nic->lock);
	seq_printf(file, "pf %pM on%s%s%s%s\n", nic->pf_mac, nic->pf_up ? " up" : "",
		   nic->pf_promisc ? " promisc" : "", nic->pf_forced ? " forced" : "",
		   nic->pf_groups.all ? " allmulticast" : "");
	for (i = 0; i < nic->uc.num; i++)
		seq_printf(file, "pf %pM %s\n", nic->uc.list[i].mac,
			   nic->uc.list[i].dead ? "dead" : "on");
	for (i = 0; i < NFSIM_MAX_VFS; i++)
		if (nic->vfs[i])
			nfsim_filters_show_vf(file, nic->vfs[i]);
	nfsim_filters_show_groups(file, NFSIM_PF, &nic->pf_groups.joined);
	for (i = 1; i < VLAN_N_VID; i++)
		if (core_vids_has(nic->pf_vids[0].on, i))
			seq_printf(file, "pf vlan %u\n", i);
	for (i = 0; i < NFSIM_MAX_VFS; i++)
		if (nic->vfs[i])
			nfsim_filters_show_groups(file, i, &nic->vfs[i]->groups.joined);
	spin_unlock_bh(&nic->lock);
	return 0;
}

static struct nfsim_nic *nfsim_file_nic(struct file *file)
{
	return ((struct seq_file *)file->private_data)->private;
}

static ssize_t nfsim_log_write(struct file *file, const char __user *text, size_t count, loff_t *at)
{
	struct nfsim_nic *nic = nfsim_file_nic(file);

	spin_lock_bh(&nic->lock);
	nic->log->notes.count = 0;
	spin_unlock_bh(&nic->lock);
	return (ssize_t)count;
}

static ssize_t nfsim_calls_write(struct file *file, const char __user *text, size_t count,
				 loff_t *at)
{
	struct nfsim_nic *nic = nfsim_file_nic(file);

	spin_lock_bh(&nic->lock);
	nic->log->calls.count = 0;
	spin_unlock_bh(&nic->lock);
	return (ssize_t)count;
}

static ssize_t nfsim_counters_write(struct file *file, const char __user *text, size_t count,
				    loff_t *at)
{
	struct nfsim_nic *nic = nfsim_file_nic(file);

	spin_lock_bh(&nic->lock);
	nic->log->counters.count = 0;
	nic->log->counters.uncounted = 0;
	hash_init(nic->log->table);
	spin_unlock_bh(&nic->lock);
	return (ssize_t)count;
}

static ssize_t nfsim_reads_write(struct file *file, const char __user *text, size_t count,
				 loff_t *at)
{
	atomic64_set(&nfsim_file_nic(file)->log->reads, 0);
	return (ssize_t)count;
}

/* @bytes: the text that is usual. */
#define NFSIM_FILE(name, bytes, writer)                                                      \
	static int nfsim_##name##_open(struct inode *inode, struct file *file)               \
	{                                                                                    \
		return single_open_size(file, nfsim_##name##_show, inode->i_private, bytes); \
	}                                                                                    \
	static const struct file_operations nfsim_##name##_file = {                          \
		.owner = THIS_MODULE,                                                        \
		.open = nfsim_##name##_open,                                                 \
		.read = seq_read,                                                            \
		.write = writer,                                                             \
		.llseek = seq_lseek,                                                         \
		.release = single_release,                                                   \
	}

NFSIM_FILE(log, NFSIM_NOTES * 64, nfsim_log_write);
NFSIM_FILE(calls, NFSIM_CALLS * 64, nfsim_calls_write);
NFSIM_FILE(counters, PAGE_SIZE, nfsim_counters_write);
NFSIM_FILE(reads, PAGE_SIZE, nfsim_reads_write);
NFSIM_FILE(filters, (NFSIM_MAX_VFS + CORE_MAX_UC) * 128, NULL);

/* The lists come with the NIC's device; the files must be gone before it. */
int nfsim_log_create(struct nfsim_nic *nic, struct dentry *root)
{
	nic->log = kvzalloc(sizeof(*nic->log), GFP_KERNEL);
	if (!nic->log)
		return -ENOMEM;
	hash_init(nic->log->table);
	nic->debugfs = debugfs_create_dir(dev_name(&nic->dev), root);
	debugfs_create_file("log", 0600, nic->debugfs, nic, &nfsim_log_file);
	debugfs_create_file("calls", 0600, nic->debugfs, nic, &nfsim_calls_file);
	debugfs_create_file("counters", 0600, nic->debugfs, nic, &nfsim_counters_file);
	debugfs_create_file("reads", 0600, nic->debugfs, nic, &nfsim_reads_file);
	debugfs_create_file("filters", 0400, nic->debugfs, nic, &nfsim_filters_file);
	return 0;
}

void nfsim_log_destroy(struct nfsim_nic *nic)
{
	kvfree(nic->log);
}
