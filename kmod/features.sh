#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Finds out what a kernel has by compiling a few lines against it, for each thing that differs between kernels: versions
# do not tell, since distributions port changes back.
#
#   features.sh FOLDER COMMAND...      COMMAND M=... modules: builds a module against the kernel
#
# Writes FOLDER/features.h.
set -eu
folder=$1
shift
mkdir -p "$folder/probe"

# probe NAME HEADER LINES: HAVE_NAME is defined if the lines compile.
probe()
{
	printf '#include <linux/%s.h>\n%s\n' "$2" "$3" >"$folder/probe/$1.c"
	names="${names-} $1"
	objects="${objects-} $1.o"
}

probe IOMMU_MAP_GFP iommu 'int f(struct iommu_domain *d); int f(struct iommu_domain *d)
{ return iommu_map(d, 0, 0, 4096, IOMMU_READ, GFP_KERNEL); }'
probe PAGING_DOMAIN_ALLOC iommu 'void *f(struct device *d); void *f(struct device *d)
{ return iommu_paging_domain_alloc(d); }'
probe ISOLATED_MSI iommu 'bool f(struct iommu_group *g); bool f(struct iommu_group *g)
{ return iommu_group_has_isolated_msi(g); }'
probe EVENTFD_SIGNAL_ONE eventfd 'void f(struct eventfd_ctx *c); void f(struct eventfd_ctx *c)
{ eventfd_signal(c); }'
probe VM_FLAGS_SET mm 'void f(struct vm_area_struct *v); void f(struct vm_area_struct *v)
{ vm_flags_set(v, VM_IO); }'
probe DEVNODE_CONST device '#include <linux/uidgid.h>
static char *f(const struct device *d, umode_t *m, kuid_t *u, kgid_t *g)
{ return NULL; }
struct device_type t = { .devnode = f };'
# Compiles everywhere: if it does not, nothing else is known either.
probe ANYTHING module 'int f(void); int f(void) { return 0; }'

echo "obj-m := $objects
ccflags-y := -Wno-missing-declarations -Werror=incompatible-pointer-types" >"$folder/probe/Kbuild"
"$@" -k M="$folder/probe" modules >"$folder/probe/log" 2>&1 || :
[ -e "$folder/probe/ANYTHING.o" ] || { tail -n 5 "$folder/probe/log" >&2 && exit 1; }
{
	echo '/* SPDX-License-Identifier: GPL-2.0-only */'
	echo '/* What this kernel has; made by features.sh. */'
	for name in $names; do
		[ ! -e "$folder/probe/$name.o" ] || echo "#define HAVE_$name 1"
	done
} >"$folder/features.h.$$"
rm -rf "$folder/probe"
mv "$folder/features.h.$$" "$folder/features.h"
