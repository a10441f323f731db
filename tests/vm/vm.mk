# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that scenarios run in the virtual machine.

$(BUILD)/tests/vm/%: $(BUILD)/tests/vm/%.o
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^
