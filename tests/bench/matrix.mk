# SPDX-License-Identifier: GPL-2.0-or-later
# What nfprobe-matrix costs; `make bench-matrix [RESULTS=10000]` alone, or as part of `make bench`. Takes a gigabyte of $(BUILD).
RESULTS ?= 10000

$(BUILD)/tests/bench/bench_matrix: $(BUILD)/tests/bench/bench_matrix.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) -pthread

.PHONY: bench-matrix
bench-matrix: $(BUILD)/tests/bench/bench_matrix
	$(Q)$< scripts/nfprobe-matrix $(BUILD)/matrix $(RESULTS)

bench: bench-matrix
