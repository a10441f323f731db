# SPDX-License-Identifier: GPL-2.0-or-later
# make fault: the library that makes one call of a program fail (tests/fault/fault.c), for LD_PRELOAD.
$(BUILD)/tests/fault/fault.so: tests/fault/fault.c tests/fault/fault.h $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra $(if $(WERROR),-Werror) -fPIC -shared -o $@ $< -pthread -ldl

.PHONY: fault
fault: $(BUILD)/tests/fault/fault.so
