# SPDX-License-Identifier: GPL-2.0-or-later
# Probes NICs in memory, for tests/python/test_memnic.py.

$(BUILD)/tests/memnic/memprobe: $(BUILD)/tests/memnic/memprobe.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) -pthread
