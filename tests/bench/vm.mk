# SPDX-License-Identifier: GPL-2.0-or-later
# A verdict by nfprobe and by hand on the emulated NIC; `make bench-vm [PAIRS=2] [ICOUNT=1]` alone, or
# as part of `make bench`. On a host that is busy: ICOUNT=1, by a clock that counts the machine's
# instructions. Installs what scripts/vm needs, if that lacks. Needs root.
PAIRS ?= 2

$(BUILD)/tests/bench/measure: $(BUILD)/tests/bench/measure.o
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^

.PHONY: bench-vm
bench-vm: $(BUILD)/nfprobe $(BUILD)/tests/bench/measure
	$(Q)tests/bench/speed.py $(if $(ICOUNT),--icount) $(BUILD) $(PAIRS)

# The cost of a run with 256 VFs and with 4, on the simulated NIC.
.PHONY: bench-vfs
bench-vfs:
	$(Q)VM_SCENARIOS=test_many.py:test_reads scripts/check vm-igb
	$(Q)grep '^ *# ' build/log/vm-igb.log

# The cost of nfprobe-all beside a run on one NIC, likewise: on four NICs, and on two ports of one card.
.PHONY: bench-all
bench-all:
	$(Q)VM_SCENARIOS=test_all_cost.py scripts/check vm-igb
	$(Q)grep '^ *# ' build/log/vm-igb.log

bench: bench-vm bench-vfs bench-all
