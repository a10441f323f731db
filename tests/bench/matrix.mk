# SPDX-License-Identifier: GPL-2.0-or-later
# The cost of nfprobe-matrix; `make bench-matrix [RESULTS=10000]` alone, or as part of `make bench`. Takes a gigabyte of $(BUILD).
RESULTS ?= 10000

.PHONY: bench-matrix
bench-matrix: $(BUILD)/flags
	$(Q)tests/bench/bench_matrix.py scripts/nfprobe-matrix $(BUILD)/matrix $(RESULTS)

bench: bench-matrix
