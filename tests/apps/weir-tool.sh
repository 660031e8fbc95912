#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir as a program: it lists what sysfs has, refuses with a sentence what cannot be, before anything changes hands, and
# looks into simulated cards. What a machine without cards to spare does not have is put into a tree that looks like the
# kernel's, which only this test sees. (Binding itself is tested in guests.)
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
weir=$bin/weir
[ -x "$weir" ] || skip "$weir is not built"

# refuse STATUS WORDS ARGUMENT...: the program ends so and its sentence has the words.
refuse()
{
	local expected=$1 words=$2 status=0
	shift 2
	"$weir" "$@" >"$work/stdout" 2>"$work/stderr" || status=$?
	[ "$status" = "$expected" ] || fail "weir $*: exit code $status instead of $expected: $(cat "$work/stderr")"
	grep -q -- "$words" "$work/stderr" || fail "weir $*: no '$words' in: $(cat "$work/stderr")"
}

# lists PATTERN: a line of the list matches it. (A link takes a moment to come up.)
lists()
{
	"$weir" list | grep -qE "$1"
}

# --- in a tree of our own -----------------------------------------------------------------------------------------------------

# Run by the test itself, in namespaces of its own: a card 0000:05:00.0 with the interface weir0, another function of its
# group, and a bridge that is no card. Files of the kernel's that are only written to are just files.
inside()
{
	local tree=$work/pci card=$work/pci/devices/0000:05:00.0 name

	mount -t sysfs sysfs /sys
	mount -t tmpfs tmpfs /run
	mkdir -p "$card/net/weir0" "$tree"/{devices/0000:05:00.1,devices/0000:00:1f.0,drivers/{ixgbe,igb,vfio-pci},groups/{7,8}}
	for name in 0000:05:00.0 0000:05:00.1; do
		echo 0x8086 >"$tree/devices/$name/vendor"
		echo 0x10fb >"$tree/devices/$name/device"
		echo 0x020000 >"$tree/devices/$name/class"
		ln -s ../../groups/7 "$tree/devices/$name/iommu_group"
		: >"$tree/devices/$name/driver_override"
	done
	echo 0x8086 >"$tree/devices/0000:00:1f.0/vendor"
	echo 0x060000 >"$tree/devices/0000:00:1f.0/class"
	echo 1 >"$card/numa_node"
	ln -s ../../drivers/ixgbe "$card/driver"
	ln -s ../../drivers/igb "$tree/devices/0000:05:00.1/driver"
	for name in drivers_probe drivers/{ixgbe,igb,vfio-pci}/unbind; do
		: >"$tree/$name"
	done
	mount --bind "$tree" /sys/bus/pci
	ip link add weir0 type veth peer name peer0
	ip link set peer0 up

	"$weir" list >"$work/list"
	grep -qE '^0000:05:00\.0 +8086:10fb ixgbe +ixgbe +- +7 +1 weir0 +down' "$work/list" || fail "a card with its interface: $(cat "$work/list")"
	grep -qE '^0000:05:00\.1 +8086:10fb ixgbe +igb +- +7 +- -' "$work/list" || fail "a card without: $(cat "$work/list")"
	[ "$(wc -l <"$work/list")" = 3 ] || fail "not only cards are listed: $(cat "$work/list")"
	ip link set weir0 up
	until_true lists '^0000:05:00\.0 .* weir0 +up 10000 Mb/s'
	"$weir" list --json | tr -d ' \n' >"$work/json"
	grep -q '"device":"0000:05:00.0","vendor_id":32902,"device_id":4347' "$work/json" || fail "in JSON: $(cat "$work/json")"
	grep -q '"weir_driver":"ixgbe","kernel_driver":"ixgbe","through":null,"unsafe":false,"group":7,"node":1,"interface":"weir0","link":"up10000Mb/s"' "$work/json" ||
		fail "in JSON: $(cat "$work/json")"

	# In use is what carries an address that somebody gave it, the default route, or another interface.
	used()
	{
		refuse 1 "0000:05:00.0 is weir0, which $1; take that away first, or insist with --force" bind 05:00.0
		[ ! -s "$card/driver_override" ] || fail "$1: something was touched"
		refuse 1 "the kernel has no driver weir-none; is its module installed" bind 05:00.0 --force --driver weir-none
		[ ! -s "$card/driver_override" ] || fail "$1: something was touched for a driver that is not there"
	}
	ip address add 192.0.2.1/24 dev weir0
	used "carries the address 192.0.2.1"
	ip address flush dev weir0
	ip address add 192.0.2.2/24 dev weir0 label weir0:7
	used "carries the address 192.0.2.2"
	ip address flush dev weir0
	ip address add 2001:db8::1/64 dev weir0 nodad
	used "carries the address 2001:db8::1"
	ip address flush dev weir0
	ip route add default dev weir0
	used "carries the default route"
	ip route del default dev weir0
	if ip link add bridge0 type bridge 2>/dev/null && ip link set weir0 master bridge0; then
		used "carries the interface bridge0"
		ip link del bridge0
	fi
	if ip link add weir0.5 link weir0 type vlan id 5 2>/dev/null; then
		used "carries the interface weir0.5"
		ip link del weir0.5
	fi
	refuse 1 "is no network card (class 060000)" bind 00:1f.0

	# Here nobody binds what it is told to: the device goes back to the driver that it had.
	refuse 1 "0000:05:00.0: vfio-pci does not take it (dmesg says why); it goes back to ixgbe" bind 05:00.0
	equal "taken from" 0000:05:00.0 "$(cat "$tree/drivers/ixgbe/unbind")"
	equal "offered" 0000:05:00.0 "$(cat "$tree/drivers_probe")"
	[ -z "$(head -n 1 "$card/driver_override")" ] || fail "only $(cat "$card/driver_override") may have it for ever"
	[ -z "$(ls /run/weir)" ] || fail "what was never handed over is remembered"
	rm "$card/iommu_group"
	refuse 1 "no IOMMU stands before it: turn that on" bind 05:00.0

	# What is bound already stays so; the others of its group are named.
	ln -s ../../groups/7 "$card/iommu_group"
	ln -sfn ../../drivers/vfio-pci "$card/driver"
	"$weir" list | grep -qE '^0000:05:00\.0 .* ixgbe +vfio-pci +vfio +7' || fail "what it is reached through: $("$weir" list)"
	: >"$tree/drivers_probe"
	"$weir" bind 05:00.0 >"$work/stdout" 2>"$work/stderr" || fail "bound already: $(cat "$work/stderr")"
	grep -q "is bound to vfio-pci already" "$work/stdout" || fail "bound already: $(cat "$work/stdout")"
	grep -q "0000:05:00.1 of the same IOMMU group 7 is bound to igb; .* (--group)" "$work/stderr" || fail "its group: $(cat "$work/stderr")"
	[ ! -s "$tree/drivers_probe" ] || fail "bound already, and yet offered"
	ln -sfn ../../drivers/ixgbe "$card/driver"
	: >"$card/driver_override"
	"$weir" unbind 05:00.0 | grep -q "is bound to ixgbe already" || fail "unbind of what nobody bound"
	refuse 1 "0000:05:00.0 is bound to the kernel's driver ixgbe, which made the interface weir0; hand it over" regs 05:00.0
	chmod 444 "$card/driver_override"
	if [ ! -w "$card/driver_override" ]; then
		refuse 1 "binding is for root" bind 05:00.0
	fi
}

if [ "${1-}" = inside ]; then
	inside
	exit
fi

# --- this machine ------------------------------------------------------------------------------------------------------------

# Every function is listed, by name and ids, in text and in JSON.
"$weir" list --all >"$work/list"
"$weir" list --all --json >"$work/json"
for folder in /sys/bus/pci/devices/*; do
	[ -e "$folder" ] || continue
	name=${folder##*/}
	ids=$(printf '%04x:%04x' "$(cat "$folder/vendor")" "$(cat "$folder/device")")
	grep -q "^$name *$ids " "$work/list" || fail "$name $ids is not listed: $(cat "$work/list")"
	grep -q "\"device\": \"$name\"" "$work/json" || fail "$name is not in the JSON list"
done

refuse 2 "there is no command; try 'weir list'"
refuse 2 "'lst' is no command; there are list" lst
refuse 2 "'list' takes no device" list 0000:00:00.0
refuse 2 "'bind' takes a device, such as 0000:01:00.0" bind
refuse 2 "takes one device, but is given '2'" bind 1 2
refuse 2 "'regs' takes a port, such as pci:0000:01:00.0, vfio-user:PATH or sim:82599" regs
refuse 2 "'list' knows no --force" list --force
refuse 2 "'regs' knows no --seconds" regs null: --seconds 1
refuse 2 "'unbind' knows no --driver" unbind 1 --driver vfio-pci
refuse 2 "--driver takes the name of a driver, such as vfio-pci, not ''" bind 1 --driver ''
refuse 2 "--driver takes the name of a driver, such as vfio-pci, not '../x'" bind 1 --driver ../x
refuse 2 "--seconds takes a number of seconds from 0.001 on, such as 2.5, not 'soon'" stats null: --seconds soon
refuse 1 "'1' names no PCI function; a name looks like 0000:01:00.0" bind 1
refuse 1 "there is no PCI function ffff:1f:1e.7 in this machine" bind ffff:1f:1e.7
refuse 1 "there is no PCI function ffff:1f:1e.7 in this machine" unbind ffff:1f:1e.7
refuse 1 "there is no PCI function ffff:1f:1e.7 in this machine" regs ffff:1f:1e.7
refuse 1 "no driver is called 'eth1'; there are" stats eth1
refuse 1 "null ports cannot show registers: they have none" regs null:
refuse 1 "null ports cannot show an EEPROM: they have none" eeprom null:
refuse 1 "null ports cannot show a module: they take none" module null:
refuse 1 "cannot connect to $work/nobody" eeprom "vfio-user:$work/nobody"
refuse 1 "sim:82000: " regs sim:82000
refuse 1 "a port's spec has less than 512 bytes, not 600" regs "$(printf '%600s' x)"

# --- simulated cards -----------------------------------------------------------------------------------------------------------

card=sim:82599
for what in regs eeprom module; do
	"$weir" "$what" "$card" >"$work/$what" 2>"$work/stderr" || fail "$what $card: $(cat "$work/stderr")"
	"$weir" "$what" "$card" --json | tr -d ' \n' >"$work/$what.json" || fail "$what $card --json"
done
# LEDCTL is as a reset leaves it (82599 datasheet, 8.2.3.1.6); reading EICR would clear it, so it is not read.
grep -qE '^0x00200 LEDCTL +0x05040100 LEDs \(8\.2\.3\.1' "$work/regs" || fail "LEDCTL: $(head "$work/regs")"
grep -qE '^0x00800 EICR +- ' "$work/regs" || fail "EICR: $(grep EICR "$work/regs")"
grep -q '{"name":"LEDCTL","offset":512,"value":84148480,"section":"8.2.3.1' "$work/regs.json" || fail "LEDCTL in JSON"
grep -q '{"name":"EICR","offset":2048,"value":null,' "$work/regs.json" || fail "EICR in JSON"
equal "registers in JSON" "$(wc -l <"$work/regs")" "$(grep -o '"name":' "$work/regs.json" | wc -l)"
grep -q '^16384 bytes; their checksum is right$' "$work/eeprom" || fail "EEPROM: $(head -n 1 "$work/eeprom")"
equal "bytes of the EEPROM" 16384 "$(tail -n +2 "$work/eeprom" | cut -c 8-54 | wc -w)"
equal "EEPROM in JSON" "{\"size\":16384,\"checksum_right\":true,\"bytes\":\"$(tail -n +2 "$work/eeprom" | cut -c 8-54 | tr -d ' \n')\"}" \
	"$(cat "$work/eeprom.json")"
grep -q '^00010 .*WEIR' "$work/module" || fail "module: $(cat "$work/module")"
equal "bytes of the module" 1024 "$(grep -o '"bytes":"[0-9a-f]*' "$work/module.json" | cut -d '"' -f 4 | tr -d '\n' | wc -c)"

# The same from a card of another program's; and what the datasheet forbids is not done to it.
"$bin/weir-nicsim" --mode exact --strict --nic "82599,socket=$work/nic,wire=sink" 2>"$work/nicsim" >&2 &
nicsim=$!
until_true test -S "$work/nic"
equal "registers over vfio-user" "$(cut -c 1-26 "$work/regs")" "$("$weir" regs "vfio-user:$work/nic" | cut -c 1-26)"
kill -TERM "$nicsim"
wait "$nicsim" || fail "something was done that the datasheet forbids: $(cat "$work/nicsim")"

# What a generator sends while it is counted is counted: 500 frames of 64 bytes, of which 4 are the CRC.
"$weir" stats sim:82599,wire=gen:pps=2k,count=500 --seconds 1 >"$work/stats" 2>/dev/null
"$weir" stats sim:82599,wire=gen:pps=2k,count=500 --seconds 1 --json 2>/dev/null | tr -d ' \n' >"$work/json"
grep -qx 'sim:82599,wire=gen:pps=2k,count=500, ixgbe: link up, 10000 Mb/s' "$work/stats" || fail "$(head -n 1 "$work/stats")"
grep -qE '^rx_packets +500$' "$work/stats" || fail "$(cat "$work/stats")"
grep -qE '^rx_bytes +30000$' "$work/stats" || fail "$(cat "$work/stats")"
grep -qE '^rx_good_packets +500$' "$work/stats" || fail "what the card counted: $(cat "$work/stats")"
grep -q '"link":{"up":true,"mbps":10000},"rx":{"packets":500,"bytes":30000,"dropped":{' "$work/json" || fail "$(cat "$work/json")"
! grep -q dropped "$work/stats" || fail "nothing was dropped, and yet: $(cat "$work/stats")"
"$weir" stats null:count=1 --all --seconds 0.1 2>/dev/null | grep -qE '^rx_dropped_missed +0$' || fail "--all leaves out what is zero"

# A signal ends the counting, not the telling.
"$weir" stats null:size=0 --seconds 100 >"$work/stats" 2>/dev/null &
pid=$!
catching "$weir" "$pid"
kill -INT "$pid"
wait "$pid" || fail "stats: exit code $? after SIGINT"
grep -qE '^rx_packets +0$' "$work/stats" || fail "stats: nothing after SIGINT: $(cat "$work/stats")"

# --- in namespaces -----------------------------------------------------------------------------------------------------------

namespaces=(unshare --mount --net)
[ "$(id -u)" = 0 ] || namespaces+=(--map-root-user)
if ! command -v ip >/dev/null || ! "${namespaces[@]}" mount -t sysfs sysfs /sys 2>/dev/null; then
	echo "bind is not tried on a tree of our own: that takes ip, and namespaces of mounts and networks"
	exit 0
fi
"${namespaces[@]}" tests/apps/weir-tool.sh inside
echo "$(grep -c '^[0-9a-f]' "$work/list" || :) functions of this machine listed, and nothing touched"
