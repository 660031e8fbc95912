# SPDX-License-Identifier: BSD-3-Clause
# What the build is told: compilers, flags, switches. Everything may be set on the command line or in the environment;
# CFLAGS, CPPFLAGS and LDFLAGS are the user's own and are added last.

ifeq ($(origin CC),default)
CC := gcc
endif
CROSS := $(filter %-linux-gnu-,$(patsubst %gcc,%,$(notdir $(CC))))
ifeq ($(origin AR),default)
AR := $(CROSS)ar
endif
ifeq ($(origin LD),default)
LD := $(CROSS)ld
endif
OBJCOPY    ?= $(CROSS)objcopy
PKG_CONFIG ?= pkg-config
V          ?= 0

# For another processor: make CC=aarch64-linux-gnu-gcc SYSROOT="$(config/sysroot.sh arm64)". Tests then run under qemu.
SYSROOT ?=

# make CC=clang   make SAN=address,undefined   make SAN=thread   make DEBUG=1   make COVERAGE=1
SAN      ?=
DEBUG    ?= 0
COVERAGE ?= 0

# Each combination of switches has a folder of its own, so that none ever holds another's objects: build for the plain
# one, else build/clang, build/asan, build/clang-tsan, build/debug, build/aarch64 ...
comma := ,
empty :=
space := $(empty) $(empty)
VARIANT :=
ifneq ($(filter-out gcc cc,$(notdir $(CC))),)
VARIANT += $(patsubst %-linux-gnu-gcc,%,$(notdir $(CC)))
endif
ifneq ($(SAN),)
VARIANT += $(subst $(comma),+,$(patsubst address%,asan%,$(patsubst thread,tsan,$(subst $(comma)undefined,,$(SAN)))))
endif
ifeq ($(DEBUG),1)
VARIANT += debug
endif
ifeq ($(COVERAGE),1)
VARIANT += coverage
endif
BUILD ?= build$(if $(VARIANT),/$(subst $(space),-,$(strip $(VARIANT))))

# Where `make install` puts things; DESTDIR comes in front of all of them.
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
DOCDIR     ?= $(PREFIX)/share/doc/weir
UDEVDIR    ?= $(PREFIX)/lib/udev/rules.d

# The libraries that libweir needs, and that the programs need beyond it.
LIBS     := libxdp libbpf libpcap numa jansson
APP_LIBS := ncursesw libmnl yaml-0.1 lua5.4

ARCH := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))

ifneq ($(SYSROOT),)
PKG_CONFIG := PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) \
              PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(CROSS:-=)/pkgconfig $(PKG_CONFIG)
TARGET     := --sysroot=$(SYSROOT)
EMULATOR   := qemu-$(ARCH) -L $(SYSROOT)
endif

STD  := -std=gnu11
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef -Wvla
OPT  ?= -O2 -g
OPT_COLD := -Os

# The baseline that a user's machine must have; what is listed in LEVEL_SRCS is compiled again for what comes above it.
ifeq ($(ARCH),x86_64)
BASE   := -march=x86-64-v2
LEVELS := 1 2 3 4
else
BASE   :=
LEVELS := 1
endif
LEVEL_FLAGS_1 := $(BASE)
LEVEL_FLAGS_2 := -march=x86-64-v2
LEVEL_FLAGS_3 := -march=x86-64-v3
LEVEL_FLAGS_4 := -march=x86-64-v4

DEFINES := -Ilib -Iapps -iquote . -D_GNU_SOURCE
ifneq ($(SAN),)
OPT   := -O1 -g -fno-omit-frame-pointer
OPT_COLD :=
INSTRUMENT += -fsanitize=$(SAN) -fno-sanitize-recover=all
DEBUG := 1
endif
ifeq ($(COVERAGE),1)
OPT   := -O1 -g
OPT_COLD :=
INSTRUMENT += --coverage -fprofile-update=atomic
endif
ifeq ($(DEBUG),1)
DEFINES += -DWEIR_DEBUG
endif

# Nothing here is unwound through at run time; debuggers find the same tables among the debug information.
# Which names the shared library shows is said by its version script, not by visibility; without interposition the
# compiler may still inline what is going to be hidden.
CFLAGS_ALL  = $(STD) $(OPT) $(WARN) $(BASE) -fPIC -fno-semantic-interposition -ffunction-sections -fdata-sections \
              -fno-asynchronous-unwind-tables -pthread $(TARGET) $(INSTRUMENT) $(DEFINES) $(CPPFLAGS) $(CFLAGS)
LDFLAGS_ALL = -pthread $(TARGET) $(INSTRUMENT) -Wl,--as-needed,--gc-sections,-z,relro,-z,now $(LDFLAGS)
