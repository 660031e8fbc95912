#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-l2fwd in a guest, between network cards of whose kinds there are two makes: models of QEMU, and our own.
#
#   tests/vm/forward.sh CARDS KERNEL [CASE]
#
#   CARDS    models     our models of the 82599, 82540EM, 82574L and 82576, served by weir-nicsim; one of these names: that
#                       model alone
#            qemu-7.2   the 82540EM and 82574L of QEMU 7.2
#            qemu-10    the 82576 of QEMU 10
#   KERNEL   6.1, 6.12  of Debian: devices by vfio's groups, behind an IOMMU
#            test       of config/test-kernel.sh: by iommufd, behind an IOMMU
#            unsafe     the same without an IOMMU: by vfio's mode for that, and by uio
#            weir-6.1, weir-6.12
#                       of Debian: by weir.ko, as a user without a capability, to whose group the devices are given
#   CASE     a regular expression, for some of them only
#
# The kernel's own driver is at the other ends of the cables. Cases are in tests/vm/guest/forward.sh; what came of them is kept in
# forward-CARDS-KERNEL.results for the table that tests/vm/table.sh makes of it.
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"
make=${1:-models}
version=${2:-6.1}
name=forward-$make-$version
PATH=$bin:$PATH
results=$keep/$name.results
: >"$results"

# Of each kind: Linux's driver, receive queues for RSS, and what is wrong with it that a case must know.
kinds=()
devices=()
case $make in
models | 82*)
	[ -x "$bin/weir-nicsim" ] || skip "$bin/weir-nicsim is not built"
	kinds=("82599 ixgbe 16 no-bad-udp" "82540EM e1000 1 -" "82574L e1000e 2 -" "82576 igb 16 -")
	for i in "${!kinds[@]}"; do
		[[ $make = models || ${kinds[i]} = "$make "* ]] || unset "kinds[$i]"
	done
	kinds=("${kinds[@]}")
	make=models
	;;
qemu-7.2)
	kinds=("82540EM e1000 1 no-rx-checksums" "82574L e1000e 2 short-counted")
	devices=(e1000 e1000e)
	;;
qemu-10)
	kinds=("82576 igb 16 short-counted")
	devices=(igb)
	;;
*) echo "there are no cards $make here, only models, qemu-7.2 and qemu-10" >&2 && exit 2 ;;
esac
# QEMU 11.1 aborts when a device of vfio-user-pci is unplugged (memory_region_del_subregion finds another container), so our
# models are pulled out of their slots by weir-nicsim, as if by hand, and there they cannot come back to.
plug=once
[ "$make" = models ] || { qemu_version=${make#qemu-} && plug=both; }

case $version in
6.1 | 6.12) buses=("vfio vfio-pci $plug") kernel_name=$version modules="vfio-pci vfio-iommu-type1" ;;
test) buses=("iommufd vfio-pci $plug") kernel_name=test modules="vfio-pci iommufd" ;;
unsafe)
	buses=("no-iommu vfio-pci ${plug/once/never} ,unsafe" "uio uio_pci_generic $plug ,unsafe")
	kernel_name=test modules="vfio-pci uio_pci_generic"
	;;
weir-*)
	buses=("weir weir $plug") kernel_name=${version#weir-} modules=
	add_weir "$kernel_name" || skip "weir.ko cannot be built for $kernel_name"
	;;
*) echo "there is no kernel $version here, only 6.1, 6.12, test, unsafe, weir-6.1 and weir-6.12" >&2 && exit 2 ;;
esac
machine=()
if [ "$version" != unsafe ]; then
	cmdline=intel_iommu=on
	machine=(-machine "q35,kernel-irqchip=split" -device "intel-iommu,intremap=on,caching-mode=on")
fi

# captures FOLDER: what the guest sends. Times are a millisecond or two apart: the machine that emulates is slow.
captures()
{
	perl -e '
		use strict;
		my ($folder, $time) = @ARGV;
		my $ends = pack("H*", "02000000ff01" . "02000000ff02");
		sub begin {
			open(OUT, ">", "$folder/$_[0].pcap") or die;
			print OUT pack("VvvVVVV", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1);
			$time = 0;
		}
		sub frame {
			print OUT pack("V4", int($time / 1e6), $time % 1e6, length $_[0], length $_[0]), $_[0];
			$time += 2000;
		}
		sub sum {
			my $sum = 0;
			$sum += $_ for unpack("n*", $_[0] . "\0");
			$sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
			return ~$sum & 0xffff;
		}
		# packet(PROTOCOL, SOURCE_PORT, ERROR_IN_IP, ERROR_IN_L4)
		sub packet {
			my ($protocol, $port, $ip_error, $l4_error) = @_;
			my $data = join "", map chr(($_ * 7 + $port) & 255), 1 .. 64;
			my $l4 = $protocol == 6 ? pack("n2N2n4", $port, 7, 1, 1, 0x5010, 1000, 0, 0) : pack("n4", $port, 7, 72, 0);
			my $pseudo = pack("N2n2", 0x0a000001, 0x0a000002, $protocol, length($l4 . $data));
			my $at = $protocol == 6 ? 16 : 6;
			substr($l4, $at, 2) = pack("n", (sum($pseudo . $l4 . $data) || 0xffff) ^ $l4_error) unless $ip_error;
			my $ip = pack("n6N2", 0x4500, 20 + length($l4 . $data), $port, 0, 0x4000 | $protocol, 0, 0x0a000001, 0x0a000002);
			substr($ip, 10, 2) = pack("n", sum($ip) ^ $ip_error);
			frame($ends . "\x08\x00" . $ip . $l4 . $data);
		}
		begin("lengths");
		for (my $length = 60; $length <= 1514; $length += $length < 130 || $length > 1500 ? 1 : 17) {
			frame($ends . "\x88\xb5" . join "", map chr(($_ * $length >> 3) & 255), 1 .. $length - 14);
		}
		begin("sums");
		packet($_ % 2 ? 6 : 17, 2000 + $_, 0, 0) for 0 .. 19;
		packet(17, 3000 + $_, 0x101, 0) for 0 .. 9;
		packet($_ % 2 ? 6 : 17, 4000 + $_, 0, 0x1234) for 0 .. 19;
		begin("flows");
		packet(6, 1000 + $_ % 64, 0, 0) for 0 .. 639;
	' "$1"
}

# What QEMU is told of each card, and what a card that was unplugged is plugged in by again.
linux=()
arguments=()
slots=()
cards=()
mkdir -p "$work/root/etc"
captures "$work/root/etc"
printf '%s\n' "${buses[@]}" >"$work/root/etc/buses"
for i in "${!kinds[@]}"; do
	read -r kind driver queues flaws <<<"${kinds[i]}"
	linux+=("$driver")
	echo "$kind $((4 * i)) $driver $queues $flaws" >>"$work/root/etc/cards"
	for role in 0 1 2 3; do
		n=${#cards[@]}
		mac=$(printf '02:00:00:00:%02x:%02x' "$i" "$role")
		slots+=(-device "pcie-root-port,id=port$n,chassis=$n,slot=$n,addr=$(printf %x $((n + 4)))")
		if [ "$make" = models ]; then
			arguments+=(--nic "$kind,mac=$mac,socket=$work/nic$n,wire=pair:$((n ^ 2))")
			cards+=("{\"driver\":\"vfio-user-pci\",\"id\":\"card$n\",\"bus\":\"port$n\",\"socket\":{\"type\":\"unix\",\"path\":\"$work/nic$n\"}}")
		else
			slots+=(-netdev "hubport,id=end$n,hubid=$((i * 2 + role % 2))")
			cards+=("{\"driver\":\"${devices[i]}\",\"id\":\"card$n\",\"bus\":\"port$n\",\"netdev\":\"end$n\",\"romfile\":\"\",\"mac\":\"$mac\"}")
		fi
		slots+=(-device "${cards[n]}")
	done
done
make_guest "$kernel_name" forward.sh "${3-}" "$modules ${linux[*]} tun 8021q af_packet" \
	"weir weir-l2fwd jq ip nsenter ping iperf3 ethtool setpriv"

# obey: does what the guest wants done with its cards, by QEMU's monitor; cables of our models are with weir-nicsim.
obey()
{
	local verb card state

	while read -r verb card state; do
		# To say it again does no harm, and a guest that was started again wants it.
		echo '{"execute":"qmp_capabilities"}' >&5
		case $verb in
		link)
			[ "$make" != models ] || echo "link $card $state" >&6
			[ "$make" = models ] || printf '{"execute":"set_link","arguments":{"name":"card%d","up":%s}}\n' "$card" \
				"$([ "$state" = up ] && echo true || echo false)" >&5
			;;
		unplug)
			[ "$make" != models ] || echo "remove $card" >&6
			[ "$make" = models ] || printf '{"execute":"device_del","arguments":{"id":"card%d"}}\n' "$card" >&5
			;;
		plug) printf '{"execute":"device_add","arguments":%s}\n' "${cards[card]}" >&5 ;;
		esac
	done
}

mkfifo "$work/qmp.in" "$work/qmp.out" "$work/orders" "$work/cables"
exec 4<>"$work/orders" 5<>"$work/qmp.in" 6<>"$work/cables"
cat "$work/qmp.out" >"$keep/$name.qmp" 4<&- 5<&- 6<&- &
obey <"$work/orders" &
if [ "$make" = models ]; then
	nice -n -10 "$bin/weir-nicsim" --strict --json --verbose --mode exact --orders "${arguments[@]}" <"$work/cables" \
		>"$work/cards.json" 2>"$keep/$name.nicsim" 4<&- 5<&- 6<&- &
	nicsim=$!
	for _ in {1..100}; do
		[ ! -S "$work/nic$((${#cards[@]} - 1))" ] || break
		sleep 0.1
	done
fi

echo "Linux $release"
start_guest "$name" -smp 2 "${machine[@]}" -chardev "pipe,id=qmp,path=$work/qmp" -mon chardev=qmp,mode=control "${slots[@]}"
follow_guest 240 4 || tail -n 40 "$keep/$name.console"

if [ "$make" = models ]; then
	kill -TERM "$nicsim"
	wait "$nicsim" || :
	if ! jq . "$work/cards.json" >"$keep/$name.cards"; then
		result fail "cards: weir-nicsim did not report"
	else
		# A driver that was killed, or whose card was taken away, leaves a card that reaches out until the kernel forbids it.
		refused=$(grep -E 'DMA (read|write) of' "$keep/$name.nicsim" | grep -v 'bus mastering is off' || :)
		if [ -z "$refused" ]; then
			result pass "no card reached for memory that it was not given"
		else
			result fail "cards reached for memory that they were not given: $(head -n 1 <<<"$refused")"
		fi
	fi
fi
verdict "$name"
