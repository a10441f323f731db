# SPDX-License-Identifier: GPL-2.0-or-later
# The cost of nfprobe-report; `make bench-report [RESULTS=10000]` alone, or as part of `make bench`. Takes a gigabyte of $(BUILD).
RESULTS ?= 10000

.PHONY: bench-report
bench-report: $(BUILD)/flags
	$(Q)tests/bench/bench_report.py scripts/tools/nfprobe-report $(BUILD)/report $(RESULTS)

bench: bench-report
