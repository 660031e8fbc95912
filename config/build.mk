# SPDX-License-Identifier: BSD-3-Clause
# What the build is told: compilers, flags, switches. Everything may be set on the command line or in the environment.

CC      ?= gcc
AR      ?= ar
OBJCOPY ?= objcopy
BUILD   ?= build
PREFIX  ?= /usr/local
V       ?= 0

# make SAN=address,undefined   make SAN=thread   make DEBUG=1   make CC=clang   make COVERAGE=1
SAN      ?=
DEBUG    ?= 0
COVERAGE ?= 0

ARCH := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))

STD      := -std=gnu11
WARN     := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef -Wvla
OPT      ?= -O2 -g
CPPFLAGS += -Ilib -D_GNU_SOURCE
LIBS     := libxdp libbpf libpcap numa

# The baseline that a user's machine must have; files listed in LEVEL_SRCS are compiled again for what comes above it.
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

ifneq ($(SAN),)
OPT   := -O1 -g -fno-omit-frame-pointer
SANFL := -fsanitize=$(SAN) -fno-sanitize-recover=all
DEBUG := 1
endif
ifeq ($(DEBUG),1)
CPPFLAGS += -DWEIR_DEBUG
endif
ifeq ($(COVERAGE),1)
SANFL += --coverage
endif

CFLAGS_ALL  = $(STD) $(OPT) $(WARN) $(BASE) -fPIC -fvisibility=hidden -pthread $(SANFL) $(CFLAGS)
LDFLAGS_ALL = -pthread $(SANFL) $(LDFLAGS)
