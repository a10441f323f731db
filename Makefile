# SPDX-License-Identifier: GPL-2.0-or-later
#
# make, make quick, make check, make install DESTDIR=.. prefix=.., make bench, make dist
# Variables: CC, CFLAGS, LDFLAGS (yours), HOSTCC (where CC is for another machine), BUILD (object directory), WERROR=1,
# SAN=1 (ASan and UBSan), V=1, REPORTS_TO (where nfprobe-report says that the report of a card may be sent).

# The release notes have it, and nothing else but the manual pages and the tools, which tests hold to it.
VERSION := $(shell scripts/lib/version)
ifeq ($(VERSION),)
  $(error scripts/packaging/NEWS begins with no version)
endif
comma := ,

prefix ?= /usr/local
sbindir ?= $(prefix)/sbin
bindir ?= $(prefix)/bin
mandir ?= $(prefix)/share/man
bashcompdir ?= $(prefix)/share/bash-completion/completions
zshcompdir ?= $(prefix)/share/zsh/site-functions
datadir ?= $(prefix)/share/nfprobe
sysconfdir ?= /etc
unitdir ?= $(prefix)/lib/systemd/system
libexecdir ?= $(prefix)/libexec/nfprobe
REPORTS_TO ?=
# Where the project is: packages name it, unless it is empty.
HOMEPAGE ?=

BUILD ?= build$(if $(SAN),-san)
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
MODULES ?= base traffic net verdict probe cli audit change report app

# pkg-config name : Debian's package : Enterprise Linux's package
LIBS := libnl-3.0:libnl-3-dev:libnl3-devel libnl-route-3.0:libnl-route-3-dev:libnl3-devel \
	libpcap:libpcap-dev:libpcap-devel libmnl:libmnl-dev:libmnl-devel \
	jansson:libjansson-dev:jansson-devel libkmod:libkmod-dev:kmod-devel
TEST_LIBS := cmocka:libcmocka-dev:libcmocka-devel

# What the tests run, of which a missing one would stop them in the middle: a command, or a module of /usr/bin/python3 (python3-..),
# and Debian's package.
TEST_TOOLS := bats:bats jq:jq ip:iproute2 zsh:zsh mandoc:mandoc python3-pytest:python3-pytest python3-jinja2:python3-jinja2 \
	python3-jsonschema:python3-jsonschema python3-prometheus_client:python3-prometheus-client

names = $(foreach l,$(1),$(firstword $(subst :, ,$(l))))

test_goals := check quick unit golden cli python netns bench
ifneq ($(filter $(test_goals),$(MAKECMDGOALS)),)
  has_tool = $(if $(filter python3-%,$(1)),$(shell /usr/bin/python3 -c 'import $(patsubst python3-%,%,$(1))' 2>/dev/null && echo y),$(shell command -v $(1)))
  tools_for := $(if $(filter-out unit golden,$(filter $(test_goals),$(MAKECMDGOALS))),$(TEST_TOOLS))
  untooled := $(foreach t,$(tools_for),$(if $(call has_tool,$(firstword $(subst :, ,$(t)))),,$(word 2,$(subst :, ,$(t))))) \
	      $(foreach l,$(TEST_LIBS),$(if $(shell $(PKG_CONFIG) --exists $(firstword $(subst :, ,$(l))) && echo y),,$(word 2,$(subst :, ,$(l)))))
  ifneq ($(strip $(untooled)),)
    $(error the tests lack $(strip $(untooled)): apt install $(strip $(untooled)). scripts/check installs all that it needs)
  endif
endif

# A release has what is made of the program's tables.
release := $(wildcard scripts/made)
no_build_goals := clean help install-hook install-units install-conf install-examples $(if $(release),install-tools words)
ifneq ($(filter-out $(no_build_goals),$(or $(MAKECMDGOALS),all)),)
  ifeq ($(shell command -v $(PKG_CONFIG)),)
    $(error nfprobe needs pkg-config: apt install pkg-config (Debian), dnf install pkgconf-pkg-config (Enterprise Linux))
  endif
  missing := $(foreach l,$(LIBS),$(if $(shell $(PKG_CONFIG) --exists $(firstword $(subst :, ,$(l))) && echo y),,$(l)))
  ifneq ($(strip $(missing)),)
    $(error nfprobe lacks $(call names,$(missing)). Debian: apt install $(foreach l,$(missing),$(word 2,$(subst :, ,$(l)))). \
	    Enterprise Linux: dnf install $(sort $(foreach l,$(missing),$(word 3,$(subst :, ,$(l))))))
  endif
  lib_cflags := $(shell $(PKG_CONFIG) --cflags $(call names,$(LIBS)))
  lib_libs := $(shell $(PKG_CONFIG) --libs $(call names,$(LIBS)))
  # Flags that this compiler takes. Zeroed locals hide reads of what nobody has set from the sanitizers (and from valgrind:
  # CFLAGS="-O1 -g -ftrivial-auto-var-init=uninitialized"); clang wants a promise for them before version 16.
  try = $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null 2>/dev/null && echo '$(1)')
  zero := -ftrivial-auto-var-init=zero
  hardening := -fstack-protector-strong -fPIE $(call try,-fstack-clash-protection) $(call try,-fcf-protection)
  ifeq ($(SAN),)
    hardening += $(or $(call try,$(zero)),$(call try,$(zero) -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang))
    # A distribution that asks for a level, by its compiler or by CFLAGS, gets that one.
    ifeq ($(shell $(CC) $(CPPFLAGS) $(CFLAGS) -dM -E -x c /dev/null 2>/dev/null | grep -w _FORTIFY_SOURCE),)
      hardening += -D_FORTIFY_SOURCE=2
    endif
  endif
  test_libs = $(shell $(PKG_CONFIG) --libs $(call names,$(TEST_LIBS)))
endif

# A user's own -Wextra finds nothing: none of its warnings is taken out.
warnings := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
	    -Wvla -Wformat=2 -Wundef -Wpointer-arith -Wwrite-strings
nfp_cppflags := -Iinclude -Itests -D_GNU_SOURCE $(lib_cflags)
# The same program from any folder, but for what CFLAGS name: its build ID covers the debug information.
nfp_cflags := -std=gnu11 $(warnings) $(hardening) $(call try,-ffile-prefix-map=$(CURDIR)=.) \
	      $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
nfp_ldflags := -pie -Wl,-z,relro,-z,now,-z,noexecstack $(if $(SAN),-fsanitize=address$(comma)undefined)

Q := $(if $(V),,@)

lib_src := $(sort $(foreach m,$(MODULES),$(wildcard src/$(m)/*.c)))
lib_obj := $(lib_src:%.c=$(BUILD)/%.o)
nic_src := $(sort $(filter-out %/memprobe.c,$(wildcard tests/nic/*.c tests/memnic/*.c)))
nic_obj := $(nic_src:%.c=$(BUILD)/%.o)
UNIT ?= $(patsubst tests/unit/test_%.c,%,$(sort $(wildcard tests/unit/test_*.c)))
unit_bin := $(UNIT:%=$(BUILD)/tests/unit/test_%)

.PHONY: all check quick unit golden words schemas completion cli cli-programs python netns bench install install-program install-tools install-hook install-units install-conf install-examples uninstall dist clean help FORCE
all: $(BUILD)/nfprobe words

$(BUILD)/nfprobe: $(BUILD)/src/main.o $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(lib_libs) -pthread

$(BUILD)/libnfprobe.a: $(lib_obj)
	@echo "  AR      $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/libmemnic.a: $(nic_obj)
	@echo "  AR      $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Rebuild when the flags change. An object that was compiled with WERROR is the same without.
flags = $(CC) $(CPPFLAGS) $(CFLAGS) $(nfp_cflags)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(flags)$(if $(WERROR), -Werror)' | cmp -s - $@ || $(if $(WERROR),,echo '$(flags) -Werror' | cmp -s - $@ ||) \
	 echo '$(flags)$(if $(WERROR), -Werror)' > $@

$(BUILD)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@

$(BUILD)/src/base/version.o: $(BUILD)/version
$(BUILD)/src/base/version.o: nfp_cppflags += -DNFP_VERSION='"$(VERSION)"'

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(nfp_cppflags) $(CPPFLAGS) $(nfp_cflags) $(if $(WERROR),-Werror) $(CFLAGS) -MMD -MP -pthread -c -o $@ $<

$(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) $(test_libs) -pthread

unit: $(unit_bin:=.passes)

# With -j as many at a time. What a program says is shown if it fails. RUN: what runs programs of another architecture.
%.passes: % FORCE
	@echo "  TEST    $<"
	@$(RUN) $< >$<.log 2>&1 || { cat $<.log; exit 1; }

# Writes what the reports print to tests/golden; git diff then shows the changes.
golden: $(addprefix $(BUILD)/tests/unit/test_golden_,text formats)
	$(Q)for test in $^; do NFPROBE_GOLDEN_WRITE=1 $$test || exit; done

$(BUILD)/scripts/lib/%: $(BUILD)/scripts/lib/%.o $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(lib_libs) -pthread

# What is made of the program's tables: the words and keys of a result for the tools, the schemas of all documents, the completions.
schemas completion: %: $(BUILD)/%/.made
made_words := words.py keys.json
ifneq ($(release),)
$(BUILD)/%/.made: scripts/made/%
	@mkdir -p $(@D)
	$(Q)cp $</* $(@D) && touch $@
else
# The programs that print the tables run on the machine that builds: HOSTCC makes them where CC is for another one.
HOSTCC ?= cc
HOST_PKG_CONFIG ?= pkg-config
machine = $(firstword $(subst -, ,$(shell $(1) -dumpmachine 2>/dev/null)))
host := $(if $(filter $(call machine,$(HOSTCC)),$(call machine,$(CC))),$(BUILD),$(BUILD)/host)

$(BUILD)/host/scripts/lib/%: FORCE
	+$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/host CC="$(HOSTCC)" PKG_CONFIG="$(HOST_PKG_CONFIG)" AR=ar CPPFLAGS= CFLAGS=-O1 LDFLAGS= $@

$(BUILD)/nfprobe_tools/.made: $(host)/scripts/lib/words
	@mkdir -p $(@D)
	$(Q)$< >$(@D)/words.py && $< keys >$(@D)/keys.json && touch $@

$(BUILD)/schemas/.made: $(BUILD)/nfprobe_tools/.made scripts/lib/schemas.py $(wildcard scripts/schemas/*) | words
	@mkdir -p $(@D)
	$(Q)/usr/bin/python3 -B scripts/lib/schemas.py $(<D)/keys.json scripts/schemas $(@D) && touch $@

$(BUILD)/completion/.made: $(host)/scripts/lib/options scripts/lib/completion.py $(wildcard scripts/tools/nfprobe_tools/*.py) | words
	@mkdir -p $(@D)
	$(Q)/usr/bin/python3 -B scripts/lib/completion.py $< $(@D) && touch $@
endif

# Beside the other modules, where git ignores them, so that the tools run from the tree; at once, since another make may read them.
words: $(BUILD)/nfprobe_tools/.made
	$(Q)for file in $(made_words); do cmp -s $(<D)/$$file scripts/tools/nfprobe_tools/$$file || { \
		cp $(<D)/$$file scripts/tools/nfprobe_tools/.$$file.$$$$ && \
		mv scripts/tools/nfprobe_tools/.$$file.$$$$ scripts/tools/nfprobe_tools/$$file; } || exit; done

# Packages have build folders of their own below this one.
-include $(shell find $(BUILD)/src $(BUILD)/scripts $(BUILD)/tests -name '*.d' 2>/dev/null)

# Groups of tests and benchmarks bring their own rules.
-include tests/*/*.mk

check: all unit cli python netns
	@:

# Those of these that need C probe NICs in memory, or read each sort of document.
PYTESTS ?= $(notdir $(shell ls -S tests/python/test_*.py))
python: $(PYTESTS:%=python/%)

python/%: $(BUILD)/tests/memnic/memprobe $(BUILD)/tests/unit/test_golden_formats $(BUILD)/tests/unit/test_golden_text \
	  $(BUILD)/nfprobe $(BUILD)/scripts/lib/options schemas
	@echo "  TEST    tests/python/$*"
	@mkdir -p $(BUILD)/log
	$(Q)MEMPROBE=$(abspath $<) PROGRAM=$(abspath $(BUILD)/nfprobe) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider tests/python/$* >$(BUILD)/log/$*.txt 2>&1 || \
		{ cat $(BUILD)/log/$*.txt; exit 1; }

# Once it is built, in less than a minute on two processors: the unit tests with a tenth of what they draw by lot, the command line, the
# tools in Python, and frames over a veth pair in a namespace (root). Without the tests that are marked as slow, as all of test_pip.py are, and
# the page in a browser.
quick: all $(cli_bin) $(unit_bin) $(BUILD)/tests/netns/test_hello $(BUILD)/tests/memnic/memprobe
	@NFPROBE_QUICK=1 NFPROBE_LOTS="1 100" PYTEST_ADDOPTS='-m "not slow"' \
		$(MAKE) --no-print-directory -j$(or $(JOBS),$(shell expr 2 \* $$(nproc))) -Otarget \
		netns NETNS=hello python cli unit "BATS=bats --filter-tags !slow" \
		"CLI=$(notdir $(shell grep -L file_tags=slow tests/cli/*.bats))" "PYTESTS=$(filter-out test_page.py test_pip.py,$(PYTESTS))"

# The programs that the tests of the command line run, beside nfprobe.
cli_bin := $(addprefix $(BUILD)/,$(addprefix tests/,cli/live unit/test_json unit/test_golden_formats unit/test_events) scripts/lib/options)
cli-programs: $(cli_bin) schemas completion
BATS ?= bats
CLI ?= $(notdir $(shell ls -S tests/cli/*.bats)) # the largest takes longest
cli: $(CLI:%=cli/%)

cli/%: all $(cli_bin) schemas completion
	@echo "  TEST    tests/cli/$*"
	@mkdir -p $(BUILD)/log
	$(Q)NFPROBE=$(abspath $(BUILD)/nfprobe) $(BATS) -F tap tests/cli/$* >$(BUILD)/log/$*.tap 2>&1 || { cat $(BUILD)/log/$*.tap; exit 1; }

# The programs in Python, which need no build, and their package.
tools := $(sort $(wildcard scripts/tools/nfprobe-*))
tool_modules := $(sort $(filter-out %/__pycache__,$(wildcard scripts/tools/nfprobe_tools/*)) $(addprefix scripts/tools/nfprobe_tools/,$(made_words)))
toolsdir := $(datadir)/tools
tool_pages := $(sort $(wildcard $(tools:scripts/tools/%=man/%.*)) man/nfprobe-tools.8 man/nfprobe.conf.5)
hook_page := man/nfprobe-libvirt-hook.8
pages := $(filter-out $(tool_pages) $(hook_page),$(sort $(wildcard man/*)))
hook := scripts/packaging/libvirt/nfprobe-libvirt-hook
# It runs isolated, so that nothing but this line leads it to the package.
put_hook = sed 's\#^TOOLS = .*\#TOOLS = "$(toolsdir)"\#' $(hook) >$(DESTDIR)$(sbindir)/$(notdir $(hook)) && \
	chmod 755 $(DESTDIR)$(sbindir)/$(notdir $(hook)) && install -m 644 $(hook_page) $(DESTDIR)$(call page_in,$(hook_page))/
units := $(sort $(wildcard scripts/packaging/systemd/*))
conf := scripts/packaging/nfprobe.conf
rules := $(sort $(wildcard scripts/packaging/udev/*))
page_in = $(mandir)/man$(patsubst .%,%,$(suffix $(1)))
put_pages = $(foreach page,$(1),install -m 644 $(page) $(DESTDIR)$(call page_in,$(page))/ &&) true

# All in place, and nothing enabled; the targets below are also for packages, which have their own idea of where.
install: install-program install-tools install-units install-examples
	$(call put_hook)

install-program: all completion
	install -d $(DESTDIR)$(sbindir) $(sort $(foreach page,$(pages),$(DESTDIR)$(call page_in,$(page)))) \
		$(addprefix $(DESTDIR),$(bashcompdir) $(zshcompdir))
	install -m 755 $(BUILD)/nfprobe $(DESTDIR)$(sbindir)/nfprobe
	$(call put_pages,$(pages))
	install -m 644 $(BUILD)/completion/nfprobe.bash $(DESTDIR)$(bashcompdir)/nfprobe
	install -m 644 $(BUILD)/completion/nfprobe.zsh $(DESTDIR)$(zshcompdir)/_nfprobe

# Python finds the package beside a command, also through the link to that.
# What only a unit runs finds the tools in bin of the prefix. bash looks for completions under the name of each command, zsh under that behind an underscore.
install-tools: schemas completion words
	install -d $(addprefix $(DESTDIR),$(bindir) $(sort $(foreach page,$(tool_pages),$(call page_in,$(page)))) $(bashcompdir) $(zshcompdir) $(toolsdir)/nfprobe_tools $(libexecdir))
	install -m 755 $(tools) $(DESTDIR)$(toolsdir)/
	install -m 755 scripts/tools/service $(DESTDIR)$(libexecdir)/
	install -m 644 $(tool_modules) $(DESTDIR)$(toolsdir)/nfprobe_tools/
	sed -i 's|^REPORTS_TO = ""|REPORTS_TO = "$(REPORTS_TO)"|; s|^VERSION = .*|VERSION = "$(VERSION)"|' $(DESTDIR)$(toolsdir)/nfprobe_tools/__init__.py
	for tool in $(notdir $(tools)); do ln -sfr $(DESTDIR)$(toolsdir)/$$tool $(DESTDIR)$(bindir)/$$tool || exit; done
	$(call put_pages,$(tool_pages))
	$(foreach tool,$(notdir $(tools)),install -m 644 $(BUILD)/completion/$(tool).bash $(DESTDIR)$(bashcompdir)/$(tool) && \
		install -m 644 $(BUILD)/completion/$(tool).zsh $(DESTDIR)$(zshcompdir)/_$(tool) &&) true
	/usr/bin/python3 scripts/lib/open_schemas.py $(DESTDIR)$(datadir) $(BUILD)/schemas/*.schema.json

install-units:
	install -d $(DESTDIR)$(unitdir)
	for unit in $(units); do \
		sed 's#/usr/sbin/nfprobe#$(sbindir)/nfprobe#; s#/usr/libexec/nfprobe#$(libexecdir)#' $$unit >$(DESTDIR)$(unitdir)/$${unit##*/} && \
		chmod 644 $(DESTDIR)$(unitdir)/$${unit##*/} || exit; done

# Settings of units and hook, and udev rules for whoever copies them to /etc.
install-examples:
	install -d $(DESTDIR)$(datadir)
	install -m 644 $(conf) $(rules) $(DESTDIR)$(datadir)/

install-conf:
	install -d $(DESTDIR)$(datadir) $(DESTDIR)$(sysconfdir)/nfprobe
	install -m 644 $(rules) $(DESTDIR)$(datadir)/
	install -m 644 $(conf) $(DESTDIR)$(sysconfdir)/nfprobe/

# The links by which libvirt finds it are an administrator's: packages make them when they are installed for the first time.
install-hook:
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(call page_in,$(hook_page))
	$(call put_hook)

uninstall:
	rm -f $(addprefix $(DESTDIR),$(addprefix $(sbindir)/,nfprobe $(notdir $(hook))) $(bashcompdir)/nfprobe $(zshcompdir)/_nfprobe $(addprefix $(zshcompdir)/_,$(notdir $(tools))))
	rm -f $(addprefix $(DESTDIR)$(bindir)/,$(notdir $(tools))) $(addprefix $(DESTDIR)$(bashcompdir)/,$(notdir $(tools)))
	rm -f $(foreach page,$(pages) $(tool_pages) $(hook_page),$(DESTDIR)$(call page_in,$(page))/$(notdir $(page)))
	rm -f $(addprefix $(DESTDIR)$(unitdir)/,$(notdir $(units)))
	rm -rf $(DESTDIR)$(datadir) $(DESTDIR)$(libexecdir)

# The files that git has, as a stranger would unpack them, what is made of the tables, and which commit that is.
add = --prefix=nfprobe-$(VERSION)/$(1)/ $(addprefix --add-file=,$(2))
dist: schemas completion words
	@scripts/lib/version commit >$(BUILD)/commit
	@git archive --format=tar.gz $(foreach folder,schemas completion nfprobe_tools,$(call add,scripts/made/$(folder),$(sort $(shell ls $(BUILD)/$(folder)/*)))) \
		$(call add,scripts/tools/nfprobe_tools,$(addprefix $(BUILD)/nfprobe_tools/,$(made_words))) \
		$(call add,scripts/packaging,$(BUILD)/commit) --prefix=nfprobe-$(VERSION)/ -o nfprobe-$(VERSION).tar.gz HEAD
	@echo nfprobe-$(VERSION).tar.gz

clean:
	rm -rf build build-* nfprobe-*.tar.gz

help:
	@sed -n '3,5s/^# //p' Makefile

FORCE:
.SECONDARY:
