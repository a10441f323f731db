# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that scenarios run in the virtual machine.

$(BUILD)/tests/vm/%: $(BUILD)/tests/vm/%.o
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^

# For a machine without anything; the whole program is one file.
$(BUILD)/tests/vm/crash_guest: tests/vm/crash_guest.c
	@echo "  LD      $@"
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -Os -Wall -Wextra -ffreestanding -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -mno-sse \
		-nostdlib -static -Wl,-N,--no-warn-rwx-segments,--build-id=none,-Ttext=0x100000 -o $@ $<
