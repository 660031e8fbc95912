# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What the tests in guests share: making what a guest boots from, starting it, following what it reports. Each begins with
#
#   # shellcheck source=tests/vm/vm.bash
#   . "$(dirname "$0")/vm.bash"
#
# and finds itself in the root of the tree, with the programs in $bin, an empty folder $work for its files, and a folder
# $keep for those that are worth a look after a failure.
#
# A guest has one job: a script of tests/vm/guest, for bash; beside it there is busybox, and what the test asks for. What
# it reports goes to its second serial line, a line each: "pass CASE", "fail CASE: WHY", "skip CASE: WHY", "do ORDER" for
# somebody outside, "end". Its console is kept in $keep.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bin=$(realpath -m "${BUILD:-build}")/bin
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-vm-XXXXXX")
keep=$(realpath -m "${BUILD:-build}")/log/vm
mkdir -p "$keep"
passed=0 failed=0 skipped=0

# Only what was started here is ended, by its number.
cleanup()
{
	local pids

	mapfile -t pids < <(jobs -p)
	[ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[@]}" 2>/dev/null || :
	wait 2>/dev/null || :
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

skip()
{
	echo "skipped: $*"
	exit 77
}

# result pass|fail|skip CASE[: WHY]: counts it, and says it in the words that tests/run.sh looks for. It is kept in the file
# $results, too, where that is set.
result()
{
	[ -z "${results-}" ] || printf '%s\t%s\n' "$1" "$2" >>"$results"
	case $1 in
	pass) passed=$((passed + 1)) && echo "  pass  $2" ;;
	skip) skipped=$((skipped + 1)) && echo "  skipped: $2" ;;
	*) failed=$((failed + 1)) && echo "  FAIL  $2" ;;
	esac
}

# verdict NAME: what the guest said of cases that failed, the counts in the form of CUnit's, then the end.
verdict()
{
	local all=$((passed + failed + skipped))

	[ $failed -eq 0 ] || [ ! -e "$keep/$1.console" ] || sed -n '/^--- /,/^---\r*$/p' "$keep/$1.console"
	printf '     tests %6d %6d %6d %6d 0\n' $all $all $((all - failed)) $failed
	[ $failed -eq 0 ]
	exit
}

# kernel_folder VERSION: where a kernel is unpacked. 6.1 is Debian 12's; 6.12 is that of its backports, and of Debian 13,
# should the former be gone; test and test-debug are what config/test-kernel.sh builds.
kernel_folder()
{
	local without=(-w kmod -w linux-base -w initramfs-tools)

	case $1 in
	6.1) config/packages.sh -s bookworm "${without[@]}" linux-6.1 linux-image-amd64 ;;
	6.12)
		config/packages.sh -s bookworm -s bookworm-backports "${without[@]}" linux-6.12 linux-image-amd64 ||
			config/packages.sh -s trixie "${without[@]}" linux-6.12 linux-image-amd64
		;;
	test) config/test-kernel.sh ;;
	test-*) config/test-kernel.sh "${1#test-}" ;;
	*) echo "there is no kernel $1 here, only 6.1, 6.12, test and test-debug" >&2 && return 1 ;;
	esac
}

# add_program ROOT PROGRAM: copies it with the libraries that it needs.
add_program()
{
	local root=$1 path file

	path=$(command -v "$2") || skip "$2 is not installed"
	path=$(realpath "$path")
	install -D "$path" "$root/bin/$2"
	for file in $(ldd "$path" 2>/dev/null | grep -o '/[^ ]*'); do
		[ -e "$root$file" ] || install -D "$file" "$root$file"
	done
}

# add_module ROOT MODULES NAME: copies a kernel's module with those that it depends on; nothing if it is built in.
add_module()
{
	local root=$1 modules=$2 name=${3//-/_} file to depends

	to=$root/lib/modules/$(basename "$modules")/$name.ko
	[ ! -e "$to" ] || return 0
	file=$(find "$modules/kernel" -name "${name//_/[-_]}.ko*" -print -quit)
	if [ -z "$file" ]; then
		grep -q "/${name//_/[-_]}\.ko$" "$modules/modules.builtin" || skip "this kernel has no module $name"
		return 0
	fi
	mkdir -p "$(dirname "$to")"
	case $file in
	*.xz) xz -dc "$file" >"$to" ;;
	*) cp "$file" "$to" ;;
	esac
	objcopy -O binary -j .modinfo "$to" "$work/modinfo"
	depends=$(tr '\0' '\n' <"$work/modinfo" | sed -n 's/^depends=//p' | tr ',' ' ')
	for name in $depends; do
		add_module "$root" "$modules" "$name"
	done
}

# make_guest KERNEL JOB CASE "MODULE..." "PROGRAM...": what a guest boots from, as $kernel and $initramfs. Without a CASE
# it tries them all.
make_guest()
{
	local folder root=$work/root modules busybox name

	folder=$(kernel_folder "$1") || skip "no kernel $1 can be had"
	kernel=$(find "$folder/boot" -name 'vmlinuz-*')
	modules=$(find "$folder/lib/modules" "$folder/usr/lib/modules" -mindepth 1 -maxdepth 1 2>/dev/null || :)
	busybox=$(config/packages.sh busybox busybox-static)/bin/busybox || skip "no busybox can be had"
	mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,etc,root} "$root/lib/modules/$(basename "$modules")"
	cp "$busybox" "$root/bin/busybox"
	for name in $4; do
		add_module "$root" "$modules" "$name"
	done
	for name in bash $5; do
		add_program "$root" "$name"
	done
	"$busybox" depmod -b "$root" "$(basename "$modules")"
	cp tests/vm/guest/init "$root/init"
	cp tests/vm/guest/cases.sh "$root/etc/cases.sh"
	cp "tests/vm/guest/$2" "$root/job"
	echo "$3" >"$root/etc/only"
	initramfs=$work/initramfs
	(cd "$root" && find . | "$busybox" cpio -o -H newc >"$initramfs" 2>/dev/null)
	release=$(basename "$modules")
}

# weir_headers VERSION: what modules for the kernel of kernel_folder are built with, of just that one: its $release, and the
# folders $headers and, where they are in two parts, $sources.
weir_headers()
{
	local folder suites=(-s bookworm)
	local without=(-w gcc-12 -w pahole -w linux-compiler-gcc-12-x86 -w initramfs-tools -w linux-base -w kmod)

	folder=$(kernel_folder "$1") || return
	release=$(find "$folder/boot" -name 'vmlinuz-*' -exec basename {} \; | sed 's/^vmlinuz-//')
	case $release in
	*+deb12*) suites+=(-s bookworm-backports) ;;
	*+deb13*) suites=(-s trixie) ;;
	esac
	if [[ $1 = test* ]]; then
		headers=$folder/lib/modules/$release/build sources=''
	else
		headers=$(config/packages.sh "${suites[@]}" "${without[@]}" -w "linux-image-$release" "linux-headers-$1" \
			"linux-headers-$release") || return
		headers=$headers/usr/src/linux-headers-$release
		sources=${headers%-*}-common
	fi
}

# add_weir VERSION: builds weir.ko for it, and has make_guest take it along.
add_weir()
{
	local release headers sources

	weir_headers "$1" || return
	mkdir -p "${BUILD:-build}"
	# One after the other: tests run side by side.
	flock "${BUILD:-build}/kmod.lock" make -s kmod BUILD="${BUILD:-build}" KDIR="$headers" KSRC="$sources" || return
	install -D "${BUILD:-build}/kmod/$release/weir.ko" "$work/root/lib/modules/$release/weir.ko"
}

# has_begun PID: waits until a guest has come to its job. On a machine that is busy elsewhere QEMU may lose a timer of processor 0
# while the kernel boots, which then sleeps for good ("rcu_preempt kthread timer wakeup didn't happen").
has_begun()
{
	for _ in {1..600}; do
		! grep -q begin "$work/report" || return 0
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.2
	done
	return 1
}

# end_guest PID: it need not be asked.
end_guest()
{
	kill -KILL "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
}

# start_guest NAME QEMU_ARGUMENT...: boots it in the background, as $guest; its console goes to $keep/NAME.console.
# What $cmdline has is told to the kernel, too, it has $memory MiB, and $qemu_version chooses among QEMUs (config/qemu.sh). The
# kernel does not try its timer: that fails on a machine that is busy elsewhere. One that does not come to its job is
# started again, twice.
start_guest()
{
	local name=$1 qemu
	shift
	# shellcheck disable=SC2086 # without a version: one that speaks vfio-user
	qemu=$(config/qemu.sh ${qemu_version-}) || skip "no QEMU ${qemu_version:-that speaks vfio-user} can be had"
	for _ in 1 2 3; do
		: >"$work/report"
		"$qemu" -nodefaults -no-user-config -no-reboot -display none -machine q35,accel=tcg,memory-backend=ram -cpu max \
			-smp 4 -m "${memory:-512}" -object "memory-backend-memfd,id=ram,size=${memory:-512}M,share=on" \
			-kernel "$kernel" -initrd "$initramfs" \
			-append "${cmdline-} no_timer_check console=ttyS0 loglevel=5 panic=-1 net.ifnames=0" \
			-serial "file:$keep/$name.console" -serial "file:$work/report" "$@" >"$keep/$name.qemu" 2>&1 </dev/null &
		guest=$!
		! has_begun $guest || return 0
		echo "  the guest did not come to its job in two minutes: $(tail -n 1 "$keep/$name.console")"
		cp "$keep/$name.console" "$keep/$name.console.lost"
		end_guest $guest
	done
}

# follow_guest SECONDS ORDERS: takes in what the guest reports, until it ends or says nothing for so long; what it wants
# done is written to the descriptor ORDERS. The exit code says whether it came to an end by itself.
follow_guest()
{
	local patience=$1 orders=$2 line='' part word rest ended='' heard=$SECONDS

	exec 3<"$work/report"
	while :; do
		if IFS= read -r part <&3; then
			line+=${part%$'\r'}
			read -r word rest <<<"$line"
			line=''
			heard=$SECONDS
			case $word in
			pass | fail | skip) result "$word" "$rest" ;;
			do) echo "$rest" >&"$orders" ;;
			end) ended=1 && break ;;
			begin | '') ;;
			*) echo "  $word $rest" ;;
			esac
			continue
		fi
		line+=$part
		if ! kill -0 "$guest" 2>/dev/null; then
			result fail "guest: it ended before its job did"
			break
		fi
		if ((SECONDS - heard > patience)); then
			result fail "guest: it said nothing for $patience s"
			break
		fi
		sleep 0.2
	done
	exec 3<&-
	end_guest "$guest"
	[ -n "$ended" ]
}
