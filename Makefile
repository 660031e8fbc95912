# SPDX-License-Identifier: BSD-3-Clause
# One makefile, not recursive. `make help` lists what it does; config/build.mk has the switches.

.DEFAULT_GOAL := all
include config/build.mk

ifeq ($(V),0)
Q   := @
say  = @printf '  %-7s %s\n' $(1) $(2)
endif

PKG_CFLAGS = $(shell pkg-config --cflags $(LIBS))
PKG_LIBS   = $(shell pkg-config --libs $(LIBS))

# --- what there is ----------------------------------------------------------------------------------------------------

# Compiled once per CPU level, with -DCPU_LEVEL=n: the hot loops.
LEVEL_SRCS := $(wildcard lib/net/*_level.c drivers/*/rx.c drivers/*/tx.c)
LIB_SRCS   := $(filter-out $(LEVEL_SRCS),$(wildcard lib/core/*.c lib/mem/*.c lib/port/*.c lib/net/*.c drivers/*/*.c))
LIB_OBJS   := $(LIB_SRCS:%.c=$(BUILD)/obj/%.o) \
              $(foreach l,$(LEVELS),$(LEVEL_SRCS:%.c=$(BUILD)/obj/%.v$(l).o))

APPS       := $(patsubst apps/%/,%,$(filter-out apps/common/,$(wildcard apps/*/)))
APP_COMMON := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard apps/common/*.c))
APP_BINS   := $(foreach a,$(APPS),$(BUILD)/bin/$(if $(filter weir,$(a)),weir,weir-$(a)))
APP_LIBS   := -ljansson -lncursesw -ltinfo

UNIT_SRCS  := $(wildcard tests/unit/test_*.c)
UNIT_BINS  := $(UNIT_SRCS:tests/unit/%.c=$(BUILD)/tests/unit/%)

all: $(BUILD)/lib/libweir.a $(BUILD)/lib/libweir.so $(APP_BINS)

# --- how it is made ---------------------------------------------------------------------------------------------------

$(BUILD)/obj/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

define level_rule
$(BUILD)/obj/%.v$(1).o: %.c
	$$(call say,CC,$$< v$(1))
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CPPFLAGS) $$(PKG_CFLAGS) $$(CFLAGS_ALL) $$(LEVEL_FLAGS_$(1)) -DCPU_LEVEL=$(1) -MMD -MP -c -o $$@ $$<
endef
$(foreach l,$(LEVELS),$(eval $(call level_rule,$(l))))

$(BUILD)/lib/libweir.a: $(LIB_OBJS)
	$(call say,AR,$@)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/lib/libweir.so: $(LIB_OBJS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -shared $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

define app_rule
$(BUILD)/bin/$(if $(filter weir,$(1)),weir,weir-$(1)): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard apps/$(1)/*.c)) \
    $(APP_COMMON) $(BUILD)/lib/libweir.a
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS_ALL) $$(LDFLAGS_ALL) -o $$@ $$^ $$(PKG_LIBS) $$(APP_LIBS)
endef
$(foreach a,$(APPS),$(eval $(call app_rule,$(a))))

# An archive of single objects, so that a unit test may put a table of its own in the place of the library's.
$(BUILD)/obj/objects.a: $(LIB_OBJS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/obj/objects.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) -lcunit -ljansson

# --- what is shown ----------------------------------------------------------------------------------------------------

unit: $(UNIT_BINS)
	$(Q)for t in $(UNIT_BINS); do echo "== $$t"; $$t || exit 1; done

clean:
	rm -rf $(BUILD)

.PHONY: all unit clean
.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
