# SPDX-License-Identifier: BSD-3-Clause
# One makefile, not recursive. `make help` lists what it does; config/build.mk has the switches.

.DEFAULT_GOAL := all
include config/build.mk

ifeq ($(V),0)
Q   := @
ifeq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
say  = @printf '  %-7s %s\n' $(1) "$(2)"
endif
endif

VERSION := $(shell awk '/define WEIR_VERSION_/ { printf "%s%s", dot, $$3; dot = "." }' lib/weir/weir.h)
MAJOR   := $(firstword $(subst ., ,$(VERSION)))

PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBS) $(APP_LIBS) 2>/dev/null || echo -DMISSING)
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(LIBS) 2>/dev/null)
PKG_APPS   := $(shell $(PKG_CONFIG) --libs $(APP_LIBS) 2>/dev/null)

# --- what there is ----------------------------------------------------------------------------------------------------

HEADERS    := $(wildcard lib/weir/*.h)

# Compiled once per CPU level, with -DCPU_LEVEL=n: the hot loops.
LEVEL_SRCS := $(wildcard lib/net/*_level.c lib/fib/*_level.c drivers/*/rx.c drivers/*/tx.c drivers/*/*_level.c)
LIB_SRCS   := $(filter-out $(LEVEL_SRCS),$(wildcard lib/core/*.c lib/mem/*.c lib/port/*.c lib/net/*.c lib/fib/*.c lib/vfio_user/*.c lib/bus/*.c drivers/*/*.c))
# The control path is most of the code and none of the time: it is compiled for size.
COLD_SRCS  := $(filter-out lib/mem/% lib/net/% lib/fib/% drivers/host/% drivers/%/lro.c,$(LIB_SRCS))
# ... but not for level 2 where that is no other code than the portable one's, which the baseline is.
ALIKE_SRCS := $(filter %/tx.c %/ring_level.c,$(LEVEL_SRCS))
LIB_OBJS   := $(LIB_SRCS:%.c=$(BUILD)/obj/%.o) \
              $(filter-out $(ALIKE_SRCS:%.c=$(BUILD)/obj/%.v2.o),$(foreach l,$(LEVELS),$(LEVEL_SRCS:%.c=$(BUILD)/obj/%.v$(l).o)))
SIM_OBJS   := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard lib/sim/*.c lib/sim/*/*.c lib/vfio_user/*.c) lib/core/error.c)

# Two libraries: what programs link, and the cards that do not exist. What each shows is what its headers declare.
LIBRARIES       := weir weirsim
OBJS_weir       := $(LIB_OBJS)
OBJS_weirsim    := $(SIM_OBJS)
HEADERS_weirsim := lib/weir/sim.h
HEADERS_weir    := $(filter-out $(HEADERS_weirsim),$(HEADERS))
NEEDS_weirsim   := $(BUILD)/lib/libweir.so
LIBS_A          := $(LIBRARIES:%=$(BUILD)/lib/lib%.a)
LIBS_SO         := $(LIBRARIES:%=$(BUILD)/lib/lib%.so)

APPS       := $(patsubst apps/%/main.c,%,$(wildcard apps/*/main.c))
APP_OBJS   := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard apps/*/*.c))
APP_COMMON := $(filter $(BUILD)/obj/apps/common/%,$(APP_OBJS))
# Programs that are large enough to have tests of their parts.
APP_TESTED := $(filter-out %/main.o,$(filter $(BUILD)/obj/apps/pktgen/%,$(APP_OBJS)))
APP_BINS   := $(foreach a,$(APPS),$(BUILD)/bin/$(if $(filter weir,$(a)),weir,weir-$(a)))

# A test is one file with a main of its own; the other files of tests/unit are shared by all of them.
UNIT_BINS  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
UNIT_OBJS  := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
# A fuzz target is led by libFuzzer, or replays its corpus where that is not built in.
FUZZ_MAIN  := $(if $(findstring fuzzer,$(SAN)),,$(BUILD)/obj/tests/fuzz/replay.o)
FUZZ_BINS  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_NAMES := $(FUZZ_BINS:$(BUILD)/tests/fuzz/fuzz_%=%)
# Benchmarks are programs bench_*.c, and scripts; the other files of tests/bench are shared by all of them.
BENCH_BINS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/bench_*.c))
BENCH_OBJS := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out tests/bench/bench_%,$(wildcard tests/bench/*.c)))
# What end-to-end tests run beside the programs themselves.
HELP_BINS  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/apps/*.c tests/vm/*.c))
# What the tests of the kernel module run in a guest: one program, which needs nothing of the libraries.
KMOD_CASES := $(BUILD)/tests/kmod/cases
KMOD_OBJS  := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/kmod/*.c))
TEST_BINS  := $(UNIT_BINS) $(FUZZ_BINS) $(BENCH_BINS) $(HELP_BINS)
# Tests that hold DPDK's driver against ours, where its packages are installed: the layouts in tests/dpdk are those of 22.11.
DPDK       := $(if $(filter x86_64,$(ARCH)),$(shell $(PKG_CONFIG) --exists 'libdpdk >= 22.11' 'libdpdk < 22.12' && echo libdpdk))
DPDK_BINS  := $(if $(DPDK),$(patsubst %.c,$(BUILD)/%,$(wildcard tests/dpdk/test_*.c)))
DPDK_OBJS  := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out tests/dpdk/test_%,$(wildcard tests/dpdk/*.c)))
# Benchmarks have DPDK beside what they measure, too, started as those tests start it.
BENCH_DPDK := $(if $(DPDK),$(filter %/eal.o %/pmd.o %/trap.o,$(DPDK_OBJS)))

all: $(LIBS_A) $(LIBS_SO) $(APP_BINS)   ## the libraries and the programs

# --- how it is made ---------------------------------------------------------------------------------------------------

# Objects are made again when what they are compiled with changes, not only what they are compiled from.
COMPILE := $(CC) $(PKG_CFLAGS) $(CFLAGS_ALL)
FLAGS   := $(BUILD)/obj/flags
ifneq ($(file <$(FLAGS)),$(COMPILE) $(OPT_COLD))
$(FLAGS): FORCE
endif
$(FLAGS):
	@mkdir -p $(@D)
	@$(if $(filter -DMISSING,$(PKG_CFLAGS)),echo "make: a library that weir needs is missing ($(LIBS) $(APP_LIBS));" \
	    "run config/deps.sh build" >&2; exit 1)
	@echo '$(COMPILE) $(OPT_COLD)' >$@

$(COLD_SRCS:%.c=$(BUILD)/obj/%.o): SIZE := $(OPT_COLD)
$(BUILD)/obj/%.o: %.c $(FLAGS)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(SIZE) -MMD -MP -c -o $@ $<

define level_rule
$(BUILD)/obj/%.v$(1).o: %.c $(FLAGS)
	$$(call say,CC,$$< (level $(1)))
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE) $$(LEVEL_FLAGS_$(1)) -DCPU_LEVEL=$(1) -MMD -MP -c -o $$@ $$<
endef
$(foreach l,$(LEVELS),$(eval $(call level_rule,$(l))))

# The static library is one object whose other names are made local, so that they cannot clash with a user's; an
# instrumented one stays as it is.
define library_rule
$(BUILD)/obj/$(1).symbols: config/symbols.sh $(HEADERS_$(1))
	@mkdir -p $$(@D)
	$$(Q)config/symbols.sh $(HEADERS_$(1)) >$$@

$(BUILD)/obj/$(1).map: $(BUILD)/obj/$(1).symbols
	$$(Q){ echo 'WEIR_0 { global:'; sed 's/$$$$/;/' $$<; echo 'local: *; };'; } >$$@

$(BUILD)/lib/lib$(1).so.$(VERSION): $(OBJS_$(1)) $(BUILD)/obj/$(1).map $(NEEDS_$(1))
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -shared -Wl,-soname,lib$(1).so.$(MAJOR),--version-script=$(BUILD)/obj/$(1).map \
	    $(if $(INSTRUMENT),,-Wl$(comma)-z$(comma)defs) $$(CFLAGS_ALL) $$(LDFLAGS_ALL) -o $$@ \
	    $(OBJS_$(1)) $(NEEDS_$(1)) $$(PKG_LIBS)

$(BUILD)/lib/lib$(1).so: $(BUILD)/lib/lib$(1).so.$(VERSION)
	$$(Q)ln -sf $$(notdir $$<) $$(@D)/lib$(1).so.$(MAJOR)
	$$(Q)ln -sf lib$(1).so.$(MAJOR) $$@

$(BUILD)/obj/$(1).o: $(OBJS_$(1)) $(BUILD)/obj/$(1).symbols
	$$(Q)$$(LD) -r -o $$@ $(OBJS_$(1))
	$$(Q)$$(OBJCOPY) --keep-global-symbols=$(BUILD)/obj/$(1).symbols $$@

$(BUILD)/lib/lib$(1).a: $(if $(INSTRUMENT),$(OBJS_$(1)),$(BUILD)/obj/$(1).o)
	$$(call say,AR,$$@)
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^
endef
$(foreach l,$(LIBRARIES),$(eval $(call library_rule,$(l))))

define app_rule
$(BUILD)/bin/$(if $(filter weir,$(1)),weir,weir-$(1)): $(filter $(BUILD)/obj/apps/$(1)/%,$(APP_OBJS)) $(APP_COMMON) $(if $(filter nicsim weir,$(1)),$(BUILD)/lib/libweirsim.a) $(BUILD)/lib/libweir.a
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS_ALL) $$(LDFLAGS_ALL) -o $$@ $$^ $$(PKG_LIBS) $$(PKG_APPS) -lm
endef
$(foreach a,$(APPS),$(eval $(call app_rule,$(a))))

# Tests see the inside of the libraries, of apps/common and of some programs: an archive of single objects, so that a test may put a table of
# its own in the place of a library's.
$(BUILD)/obj/inside.a: $(sort $(LIB_OBJS) $(SIM_OBJS)) $(APP_COMMON) $(APP_TESTED)
	@rm -f $@
	$(Q)$(AR) rcsT $@ $^

# A test that is named after a program sees the inside of that, too.
define inside_rule
$(filter $(BUILD)/tests/unit/test_$(1)_% $(BUILD)/tests/fuzz/fuzz_$(1)_% $(BUILD)/tests/bench/bench_$(1)_%,$(TEST_BINS)): $(filter-out %/main.o,$(filter $(BUILD)/obj/apps/$(1)/%,$(APP_OBJS)))
endef
$(foreach a,$(patsubst apps/%/,%,$(wildcard apps/*/)),$(eval $(call inside_rule,$(a))))

$(UNIT_BINS): $(BUILD)/%: $(BUILD)/obj/%.o $(UNIT_OBJS)
$(FUZZ_BINS): $(BUILD)/%: $(BUILD)/obj/%.o $(FUZZ_MAIN)
$(FUZZ_BINS): LDFLAGS_ALL += $(if $(FUZZ_MAIN),,-fsanitize=fuzzer)
$(HELP_BINS): $(BUILD)/%: $(BUILD)/obj/%.o
$(BENCH_BINS): $(BUILD)/%: $(BUILD)/obj/%.o $(BENCH_OBJS) $(BENCH_DPDK)
$(BENCH_BINS): PKG_TEST := $(if $(DPDK),-rdynamic $(shell $(PKG_CONFIG) --libs $(DPDK)))
$(TEST_BINS): $(BUILD)/obj/inside.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_TEST) $(PKG_LIBS) $(PKG_APPS) -lcunit -lm

$(KMOD_CASES): $(KMOD_OBJS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^

# DPDK's headers are not ours to warn about; its drivers find in the program what the program defines in DPDK's place.
DPDK_CFLAGS := $(if $(DPDK),-DALLOW_INTERNAL_API -DALLOW_EXPERIMENTAL_API -DWITH_DPDK \
    $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(DPDK))))
$(BUILD)/obj/tests/dpdk/%.o $(BUILD)/obj/tests/bench/%.o: private COMPILE += $(DPDK_CFLAGS)
$(DPDK_BINS): $(BUILD)/%: $(BUILD)/obj/%.o $(DPDK_OBJS) $(BUILD)/obj/inside.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -rdynamic -o $@ $(filter %.o,$^) $(filter %.a,$^) \
	    $(shell $(PKG_CONFIG) --libs $(DPDK)) $(PKG_LIBS) -lcunit -lm

# --- what is shown ----------------------------------------------------------------------------------------------------

# A build is named by its folder where results are reported.
LABEL := $(patsubst build,gcc,$(notdir $(BUILD)))
RUN   := BUILD=$(BUILD) tests/run.sh -l $(LABEL) $(if $(EMULATOR),-w '$(EMULATOR)')
# Tests that are a process of their own run side by side; half of their time they wait for a card, as long as the datasheet
# says. That of hugepages takes them from all others, and gives them.
JOBS   ?= $(shell expr 2 '*' $$(nproc))
BESIDE := -t 900 -j $(JOBS) -a test_hugepages

check:   ## everything: all builds, all tests, lint; installs what is missing first
	$(Q)tests/check.sh $(BUILD)

check-fast: all unit   ## this build and its unit tests

check-aarch64:   ## the aarch64 part of check: cross-compiles everything, runs the unit tests under qemu
	$(Q)tests/check.sh $(BUILD) aarch64

check-dpdk:   ## the part of check that holds DPDK's ixgbe driver against ours, on the model of the 82599
	$(Q)tests/check.sh $(BUILD) dpdk

DEMO ?= model
check-vm:   ## the part of check that boots guests: here with every card on every bus of every kernel
	$(Q)VM=every tests/check.sh $(BUILD) vm

demo:   ## DEMO=model: two hosts reach each other only through weir-l2fwd and simulated cards (af_xdp, packets)
	$(Q)config/deps.sh build demo || :
	$(Q)$(MAKE) --no-print-directory all
	$(Q)BUILD=$(BUILD) tests/demo/demo.sh $(DEMO)

programs: all $(TEST_BINS)   ## all that can be built, tests too

unit: $(UNIT_BINS) $(FUZZ_BINS)   ## builds and runs the unit tests, and replays what fuzzing once found
	$(Q)$(RUN) $(BESIDE) $(UNIT_BINS) $(foreach f,$(FUZZ_NAMES),"$(BUILD)/tests/fuzz/fuzz_$(f) tests/fuzz/corpus/$(f)")

apps-tests: all $(HELP_BINS)   ## runs the programs end to end
	$(Q)$(RUN) -t 300 $(wildcard tests/apps/*.sh)

rfc2544: all   ## TRIAL=5: weir-pktgen tests weir-l3fwd on simulated cards; build/rfc2544/rfc2544.html and the like, in half an hour
	$(Q)REPORT=$(BUILD)/rfc2544 TRIAL=$(TRIAL) tests/apps/pktgen-rfc2544.sh

frr-test: all   ## ROUTES=5000: FRR's BGP and OSPF through weir-l3fwd's twins, between namespaces; not a part of check
	$(Q)config/deps.sh frr || :
	$(Q)$(RUN) -t 900 tests/routing/frr.sh

dpdk-tests: $(DPDK_BINS)   ## DPDK's drivers on our models; ixgbe beside ours
	$(Q)$(RUN) -j $(JOBS) $(or $(DPDK_BINS),tests/dpdk/missing.sh)

test-kernel:   ## builds the kernel of guests, with iommufd and vfio without an IOMMU, once; prints where it is
	$(Q)config/deps.sh vm || :
	$(Q)config/test-kernel.sh

VM         ?= every
VM_KERNELS ?= 6.1 6.12 test
vm-tests: all $(KMOD_CASES) $(HELP_BINS)   ## VM=every (or once) VM_KERNELS="6.1 6.12 test": in guests, two side by side; ends with a table
	$(Q)BUILD=$(BUILD) tests/vm/all.sh $(VM) $(VM_KERNELS)

# KSRC: the other part of headers that come in two, and have been moved.
KDIR ?= /lib/modules/$(shell uname -r)/build
KSRC ?=
KREL  = $(or $(patsubst "%",%,$(word 3,$(file <$(KDIR)/include/generated/utsrelease.h))),$(shell uname -r))
KMOD  = $(Q)$(MAKE) --no-print-directory -C kmod KDIR='$(KDIR)' KSRC='$(KSRC)' OUT='$(abspath $(BUILD))/kmod/$(KREL)'

kmod:   ## KDIR=/lib/modules/.../build: the kernel module weir.ko, for the kernel whose headers are there
	$(KMOD)

kmod_install: kmod   ## INSTALL_MOD_PATH=: the kernel module to where modprobe finds it
	$(KMOD) install
	$(Q)command -v depmod >/dev/null || exit 0; depmod $(INSTALL_MOD_PATH:%=-b '%') '$(KREL)'

build-tests: all   ## looks at what was built: symbols, headers, installation
	$(Q)$(RUN) $(wildcard tests/build/*.sh)

FUZZ_SECONDS ?= 5
fuzz:   ## FUZZ_SECONDS=5: fuzzes everything that reads bytes from outside, each for so long (clang, libFuzzer)
	$(Q)$(MAKE) CC=clang SAN=fuzzer-no-link,address,undefined BUILD=$(BUILD)/fuzz fuzz-run

fuzz-run: $(FUZZ_BINS)
	$(Q)mkdir -p $(patsubst %,$(BUILD)/found/%,$(FUZZ_NAMES))
	$(Q)$(RUN) -t $$(($(FUZZ_SECONDS) + 60)) $(foreach f,$(FUZZ_NAMES),"$(BUILD)/tests/fuzz/fuzz_$(f) \
	    -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=$(BUILD)/found/$(f)- $(BUILD)/found/$(f) tests/fuzz/corpus/$(f)")

headers:   ## compiles each public header alone, as C11 and as C++17
	$(Q)$(RUN) tests/build/headers.sh

lint: $(FLAGS)   ## looks for mistakes in the sources: format, clang-tidy, shellcheck, licences, words, includes
	$(Q)BUILD=$(BUILD) tests/run.sh -l lint -t 600 $(wildcard tests/lint/*.sh)

bench-vm: all $(HELP_BINS)   ## ROUNDS=5: in guests, weir-l2fwd and DPDK's testpmd in turn on the same emulated cards; weir.ko, vfio and iommufd
	$(Q)config/deps.sh vm || :
	$(Q)BUILD=$(BUILD) tests/vm/ways.sh
	$(Q)BUILD=$(BUILD) tests/vm/bench.sh

check-kasan: all $(KMOD_CASES) $(HELP_BINS)   ## the tests of weir.ko on a kernel with KASAN, lockdep and kmemleak, which is built first; RELOADS=100 OPENS=100
	$(Q)config/deps.sh vm || :
	$(Q)BUILD=$(BUILD) RELOADS=$${RELOADS:-100} OPENS=$${OPENS:-100} tests/vm/kmod.sh test-debug

bench: all $(BENCH_BINS)   ## BENCH=all ROUNDS=15: measures, beside DPDK where it is installed: a table, and build/bench.json
	$(Q)config/deps.sh bench || :
	$(Q)BUILD=$(BUILD) tests/bench/run.sh -o $(BUILD)/bench.json $(or $(CASES:%=$(BUILD)/tests/bench/bench_%),$(BENCH_BINS) $(wildcard tests/bench/bench_*.sh))

coverage:   ## which lines the tests reach: a summary, and pages in build/coverage/html
	$(Q)$(MAKE) -k COVERAGE=1 BUILD=$(BUILD)/coverage unit apps-tests || :
	$(Q)cd $(BUILD)/coverage && lcov -q -c -d obj --include '$(CURDIR)/*' --exclude '*/tests/*' -o info && \
	    genhtml -q -o html info && lcov --summary info
	$(Q)tests/coverage.sh $(BUILD)/coverage/obj $(COVER_LEAST) $(COVERED)

# The tests that are about a hardware driver and its model, and how many percent of the lines they have to reach.
COVERED      := drivers/ixgbe drivers/igb drivers/e1000 drivers/gigabit drivers/advanced lib/sim
COVER_LEAST  ?= 85
COVER_UNIT   := $(foreach n,ixgbe igb e1000 gigabit 82599 8254x 82574 82576 sim,$(filter $(BUILD)/tests/unit/test_$(n)_%,$(UNIT_BINS)))
COVER_FUZZ   := $(filter ixgbe igb 82599 e1000,$(FUZZ_NAMES))
coverage-check:   ## COVER_LEAST=85: whether their tests reach so many percent of the lines of drivers of cards and lib/sim
	$(Q)$(MAKE) COVERAGE=1 BUILD=$(BUILD)/coverage coverage-run

coverage-run: $(COVER_UNIT) $(COVER_FUZZ:%=$(BUILD)/tests/fuzz/fuzz_%)
	$(Q)find $(BUILD)/obj -name '*.gcda' -delete
	$(Q)TENTH=1 $(RUN) -j $(JOBS) -a coverage.sh $(COVER_UNIT) \
	    $(foreach f,$(COVER_FUZZ),"$(BUILD)/tests/fuzz/fuzz_$(f) tests/fuzz/corpus/$(f)") \
	    "tests/coverage.sh $(BUILD)/obj $(COVER_LEAST) $(COVERED)"

model-check:   ## explores the models of the concurrent algorithms in every order of steps (spin)
	$(Q)BUILD=$(BUILD) tests/run.sh -l spin -t 600 $(wildcard tests/spin/run.sh)

# --- where it goes ----------------------------------------------------------------------------------------------------

MAN_PAGES := $(wildcard docs/man/*.[1-9])
DOCS      := README.md LICENSE $(wildcard docs/*.md docs/*.c)

# $(call put,MODE,FOLDER,FILES)
put = $(if $(strip $(3)),install -d "$(DESTDIR)$(2)" && install -m $(1) -t "$(DESTDIR)$(2)" $(3) || exit 1;)

install: all   ## PREFIX=/usr/local DESTDIR=: copies programs, libraries, headers, weir.pc, manual pages and documents
	$(Q)$(call put,755,$(BINDIR),$(APP_BINS))
	$(Q)$(call put,755,$(LIBDIR),$(LIBS_SO:=.$(VERSION)))
	$(Q)$(call put,644,$(LIBDIR),$(LIBS_A))
	$(Q)cp -P $(LIBS_SO) $(LIBS_SO:=.$(MAJOR)) "$(DESTDIR)$(LIBDIR)"
	$(Q)$(call put,644,$(INCLUDEDIR)/weir,$(HEADERS))
	$(Q)install -d "$(DESTDIR)$(LIBDIR)/pkgconfig"
	$(Q)for pc in $(LIBRARIES:=.pc); do sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|' \
	    -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@VERSION@|$(VERSION)|; s|@LIBS@|$(LIBS)|' \
	    config/$$pc.in >"$(DESTDIR)$(LIBDIR)/pkgconfig/$$pc"; done
	$(Q)$(foreach n,1 2 3 4 5 6 7 8 9,$(call put,644,$(MANDIR)/man$(n),$(filter %.$(n),$(MAN_PAGES))))
	$(Q)$(call put,644,$(DOCDIR),$(DOCS))
	$(Q)$(call put,644,$(UDEVDIR),config/60-weir.rules)

uninstall:   ## removes what `make install` with the same PREFIX and DESTDIR put there
	$(Q)rm -rf "$(DESTDIR)$(INCLUDEDIR)/weir" "$(DESTDIR)$(DOCDIR)"
	$(Q)rm -f $(patsubst %,"$(DESTDIR)%",$(addprefix $(BINDIR)/,$(notdir $(APP_BINS))) \
	    $(addprefix $(LIBDIR)/,$(notdir $(LIBS_A) $(LIBS_SO) $(LIBS_SO:=.$(VERSION)) $(LIBS_SO:=.$(MAJOR)))) \
	    $(addprefix $(LIBDIR)/pkgconfig/,$(LIBRARIES:=.pc)) $(UDEVDIR)/60-weir.rules \
	    $(foreach m,$(MAN_PAGES),$(MANDIR)/man$(subst .,,$(suffix $(m)))/$(notdir $(m))))

# --- the rest ---------------------------------------------------------------------------------------------------------

format:   ## formats all C files in place
	$(Q)git ls-files '*.c' '*.h' | xargs -r clang-format -i

clean:   ## removes what was built
	rm -rf build build-*

help:   ## this list
	@awk -F ':.*## *' '/^[a-z0-9_-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: all kmod kmod_install check check-fast check-aarch64 check-dpdk check-vm demo programs unit apps-tests rfc2544 frr-test dpdk-tests vm-tests build-tests test-kernel check-kasan bench-vm fuzz \
    fuzz-run headers lint bench coverage coverage-check coverage-run model-check install uninstall format clean help FORCE
.SECONDARY:
-include $(patsubst %.o,%.d,$(LIB_OBJS) $(SIM_OBJS) $(APP_OBJS) $(UNIT_OBJS) $(FUZZ_MAIN) $(DPDK_OBJS) $(KMOD_OBJS) \
    $(patsubst $(BUILD)/%,$(BUILD)/obj/%.o,$(TEST_BINS) $(DPDK_BINS)))
