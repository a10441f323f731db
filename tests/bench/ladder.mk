# SPDX-License-Identifier: GPL-2.0-or-later
# The ladder in virtual time; `make bench-ladder` alone, or as part of `make bench`.
$(BUILD)/tests/bench/bench_ladder: $(BUILD)/tests/bench/bench_ladder.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) -pthread

.PHONY: bench-ladder
bench-ladder: $(BUILD)/tests/bench/bench_ladder
	$(Q)$< 10000 1000
	$(Q)$< 10000 100

bench: bench-ladder
