# SPDX-License-Identifier: GPL-2.0-or-later
# Judges results again, and shows their runs again, for the tests of the command line.

$(BUILD)/tests/reader/reader $(BUILD)/tests/reader/live: %: %.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) -pthread
