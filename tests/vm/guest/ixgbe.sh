#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Linux's ixgbe on six cards: eth0 and eth1 are a cabled pair of 82599, eth2 and eth3 one of X540, eth4 and eth5 one of
# 82599 on a backplane whose doorbells are mapped. The second card of each pair is in a network namespace of its own, `b`,
# `d` and `f`, so that nothing reaches it but by the cable.
# shellcheck source=tests/vm/guest/cases.sh
. /etc/cases.sh

cards="eth0 eth1 eth2 eth3 eth4 eth5"
a=10.0.0.1 b=10.0.0.2 c=10.1.0.1 d=10.1.0.2 e=10.2.0.1 f=10.2.0.2
mac_a=02:00:00:00:00:01 mac_b=02:00:00:00:00:02

# in_ns NAMESPACE COMMAND...; at CARD COMMAND...: where the card is.
in_ns()
{
	local namespace=$1
	shift
	nsenter --net=/run/netns/"$namespace" "$@"
}

at()
{
	local card=$1
	shift
	case $card in
	eth1*) in_ns b "$@" ;;
	eth3*) in_ns d "$@" ;;
	eth5*) in_ns f "$@" ;;
	*) "$@" ;;
	esac
}

# counter CARD NAME: a line of ethtool -S.
counter()
{
	at "$1" ethtool -S "$1" | awk -v name="$2:" '$1 == name { print $2 }'
}

# more CARD NAME BEFORE: how much more it is than before.
more()
{
	echo $(($(counter "$1" "$2") - $3))
}

more_than()
{
	[ "$(counter "$1" "$2")" -gt "$3" ]
}

# snmp CARD PROTOCOL NAME: a counter of the network stack, such as Tcp InCsumErrors.
snmp()
{
	# shellcheck disable=SC2016 # awk's own
	at "$1" awk -v protocol="$2:" -v name="$3" '$1 == protocol {
		if (!at) { for (i = 2; i <= NF; i++) if ($i == name) at = i } else print $at
	}' /proc/net/snmp
}

up()
{
	at "$1" ip link show "$1" | grep -q 'LOWER_UP.*state UP'
}

down()
{
	! up "$1"
}

# pair_up [CARD PEER]
pair_up()
{
	until_true 60 up "${1:-eth0}"
	until_true 60 up "${2:-eth1}"
}

# listens CARD PORT: somebody does, where the card is.
listens()
{
	at "$1" netstat -ltn | grep -q ":$2 "
}

# How many answers have come. ping itself does not wait for a late one, if there were others.
answers()
{
	echo $(($(snmp eth0 Icmp InEchoReps) + $(awk '$1 == "Icmp6InEchoReplies" { print $2 }' /proc/net/snmp6)))
}

answered()
{
	[ "$(answers)" -ge "$1" ]
}

# pings COUNT ARGUMENT...: each of them is answered.
pings()
{
	local want=$(($(answers) + $1))

	ping -q -i 0.05 -c "$@" || :
	until_true 20 answered $want
}

# watch CARD NAME COUNT FILTER...: writes down so many frames that the filter takes, as they pass; seen NAME: it has seen
# them all. What is seen of a frame to send is what the driver is handed.
watch()
{
	: >"/tmp/$2.ready"
	at "$1" tcpdump -Z root -i "$1" -p -nn -e -s 80 -c "$3" "${@:4}" >"/tmp/$2" 2>"/tmp/$2.ready" &
	echo $! >"/tmp/$2.pid"
	until_true 20 grep -q 'listening on' "/tmp/$2.ready"
}

seen()
{
	sleep 0.5
	stop "$(cat "/tmp/$1.pid")"
	! grep -q '^0 packets captured' "/tmp/$1.ready" && [ -s "/tmp/$1" ]
}

# place CARD NAMESPACE ADDRESS: where it is; what keeps packets of a flow in order, and does not send again what is late.
place()
{
	[ "$2" = - ] || ip link set "$1" netns "$2"
	at "$1" ip addr add "$3/24" dev "$1"
	at "$1" ip link set "$1" up
	at "$1" ip route change "${3%.*}.0/24" dev "$1" src "$3" rto_min 20s
	at "$1" ethtool -K "$1" ntuple on
}

# The two know each other, so that nothing is sent but what the test sends.
acquaint()
{
	ip neigh replace $b lladdr $mac_b dev eth0 nud permanent
	in_ns b ip neigh replace $a lladdr $mac_a dev eth1 nud permanent
}

settle()
{
	place eth0 - $a
	place eth1 b $b
	place eth2 - $c
	place eth3 d $d
	place eth4 - $e
	place eth5 f $f
	acquaint
}

# tune [in_ns NAMESPACE]: nothing chatters by itself, and a busy machine is no reason to drop or send again anything.
tune()
{
	"$@" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv4.tcp_early_retrans=0 net.ipv4.tcp_rmem="4096 8000000 8000000"
}

# afresh: undoes what a case that failed has left.
afresh()
{
	local card

	for card in $cards; do
		at "$card" sysctl -qw net.ipv6.conf."$card".disable_ipv6=1
		at "$card" ip link set "$card" up mtu 1500 promisc off allmulticast off
		at "$card" ethtool -K "$card" rx on gro on lro off rxvlan on ntuple on
	done
	in_ns b ip link set eth1 address $mac_b
	ip link del eth0.7
	ip link del eth0.8
	in_ns b ip link del eth1.7
	tell "do link 0 up"
	sysctl -qw net.ipv4.ip_local_port_range="32768 60999"
	pair_up
	acquaint
}

# --- cases ------------------------------------------------------------------------------------------------------------

loads()
{
	modprobe ixgbe
	for card in $cards; do
		[ -e "/sys/class/net/$card" ] || no "there is no $card"
	done
	tune
	for namespace in b d f; do
		ip netns add "$namespace"
		in_ns "$namespace" ip link set lo up
		tune in_ns "$namespace"
	done
	settle
}

links()
{
	for card in $cards; do
		until_true 60 up "$card"
		at "$card" ethtool "$card" >/tmp/link
		grep -q 'Speed: 10000Mb/s' /tmp/link || no "$card: $(grep Speed: /tmp/link)"
		grep -q 'Duplex: Full' /tmp/link || no "$card: $(grep Duplex: /tmp/link)"
	done
}

msix()
{
	for number in 1 2 3 4 5 6; do
		vectors=$(cat /sys/bus/pci/devices/0000:0$number:00.0/msi_irqs/* | grep -c '^msix$')
		[ "$vectors" -ge 3 ] || no "card $number has $vectors MSI-X vectors"
	done
	grep -q 'eth0-TxRx-0' /proc/interrupts || no "eth0 has no interrupt for its first queue"
	pings 20 $b
	awk '/eth0-TxRx-/ { n += $2 + $3 } END { print n, "interrupts of queues"; exit n == 0 }' /proc/interrupts
}

small()
{
	pings 40 $b
}

fragments()
{
	pings 20 -s 8000 $b
}

# stream CARD PEER ADDRESS: 4 MiB from the one to the other, which get there as they were sent, and only once.
stream()
{
	again=$(snmp "$1" Tcp RetransSegs)
	[ -e /tmp/sent ] || dd if=/dev/urandom of=/tmp/sent bs=1M count=4 2>/dev/null
	[ -p /tmp/open ] || mkfifo /tmp/open
	at "$2" nc -l -p 5000 <>/tmp/open >/tmp/received &
	receiver=$!
	until_true 20 listens "$2" 5000
	at "$1" nc "$3" 5000 </tmp/sent
	wait $receiver
	cmp /tmp/sent /tmp/received || no "other bytes came than were sent"
	[ "$(snmp "$1" Tcp RetransSegs)" = "$again" ] || no "segments were sent again: $(lost "$1" "$2")"
}

# lost CARD PEER: what the network stacks at both ends know of lost packets.
lost()
{
	local card

	for card; do
		# shellcheck disable=SC2016 # awk's own
		at "$card" awk '$1 == "TcpExt:" { if (!n++) split($0, name); else for (i = 2; i <= NF; i++)
			if ($i && name[i] ~ /Drop|Retrans|Reorder|Timeouts|Spurious|Loss|Prune|Collaps/) printf "%s %s, ", name[i], $i }' \
			/proc/net/netstat
	done
}

# What the sender's stack hands to the card is larger than what the other one gets, whose kernel checks each sum itself.
tso()
{
	local card=$1 peer=$2 errors packets
	at "$card" ethtool -k "$card" | grep -q '^tcp-segmentation-offload: on' || no "TSO is off"
	at "$card" ethtool -k "$card" | grep -q '^tx-checksumming: on' || no "checksums are off"
	at "$peer" ethtool -K "$peer" rx off gro off lro off
	pair_up "$card" "$peer"
	errors=$(snmp "$peer" Tcp InCsumErrors)
	packets=$(counter "$peer" rx_packets)
	watch "$card" large 20 "tcp and dst $3 and greater 4000"
	watch "$peer" uncut 1 'tcp and greater 1515'
	stream "$card" "$peer" "$3"
	seen large || no "TSO is on, but the stack cut the stream itself"
	! seen uncut || no "a frame went out uncut: $(cat /tmp/uncut)"
	packets=$(more "$peer" rx_packets "$packets")
	[ "$packets" -ge $((4194304 / 1448)) ] || no "only $packets frames came"
	[ "$(snmp "$peer" Tcp InCsumErrors)" = "$errors" ] || no "segments came with a wrong checksum"
	at "$peer" ethtool -K "$peer" rx on gro on
	pair_up "$card" "$peer"
	echo "4 MiB in $packets frames, handed over in pieces of up to $(awk '{ n = $NF; if (n > most) most = n } END {
		print most }' /tmp/large)"
}

# The other way round: the card that receives puts segments together.
lro()
{
	in_ns b ethtool -K eth1 lro on
	pair_up
	count=$(counter eth1 hw_rsc_aggregated)
	watch eth1 large 20 "tcp and dst $b and greater 4000"
	in_ns b ethtool -K eth1 gro off
	stream eth0 eth1 $b
	seen large || no "no large segment came out of the card"
	count=$(more eth1 hw_rsc_aggregated "$count")
	[ "$count" -gt 0 ] || no "the card put nothing together"
	in_ns b ethtool -K eth1 lro off gro on
	pair_up
	echo "$count of the segments were put into others"
}

# iperf ARGUMENT...: to the other card; its report is in /tmp/iperf.
iperf()
{
	in_ns b iperf3 -s -1 >/tmp/iperf-server 2>&1 &
	server=$!
	until_true 20 listens eth1 5201
	timeout 120 iperf3 -c $b -J "$@" >/tmp/iperf 2>/dev/null || no "$(grep '"error"' /tmp/iperf)"
	wait $server
}

# figure NAME: the last one of that name in iperf3's report.
figure()
{
	awk -F '[:,]' -v name="\"$1\"" '$1 ~ name { n = $2 } END { printf "%d", n }' /tmp/iperf
}

tcp_all_on()
{
	iperf -n 16M -P 4
	[ "$(figure retransmits)" = 0 ] || no "$(figure retransmits) segments were sent again: $(lost eth0 eth1)"
	[ "$(counter eth1 rx_csum_offload_errors)" = 0 ] || no "eth1 found wrong checksums"
	echo "$(($(figure bits_per_second) / 1000000)) Mbit/s"
	iperf -n 8M -R
	[ "$(figure retransmits)" = 0 ] || no "$(figure retransmits) segments were sent again on the way back: $(lost eth0 eth1)"
}

udp()
{
	iperf -u -n 2M -b 50M -l 1400
	[ "$(figure lost_packets)" = 0 ] || no "$(figure lost_packets) of $(figure packets) packets were lost"
	count=$(figure packets)
	errors=$(snmp eth1 Udp InCsumErrors)
	in_ns b ethtool -K eth1 rx off
	iperf -u -n 200K -b 50M -l 4000
	[ "$(figure lost_packets)" = 0 ] || no "$(figure lost_packets) of $(figure packets) large packets were lost"
	[ "$(snmp eth1 Udp InCsumErrors)" = "$errors" ] || no "datagrams came with a wrong checksum"
	in_ns b ethtool -K eth1 rx on
	echo "$count packets, then $(figure packets) that each were three on the wire"
}

# RSS by the vectors of Microsoft's verification suite (TCP over IPv4): "from, to, which queue of 4, which of 3", where the
# queue is the low 7 bits of the published hash modulo the number of queues.
rss()
{
	[ "$(queue_counts | wc -w)" = 4 ] || no "eth1 has other than 4 queues"
	in_ns b ethtool -X eth1 hkey 6d:5a:56:da:25:5b:0e:c2:41:67:25:3d:43:a3:8f:b0:d0:ca:2b:cb:ae:7b:30:b4:77:cb:2d:a3:80:30:f2:0c:6a:42:b7:3b:be:ac:01:fa
	for queues in 4 3; do
		in_ns b ethtool -X eth1 equal $queues
		while read -r from from_port to to_port of4 of3; do
			[ $queues = 4 ] && want=$of4 || want=$of3
			hashed "$from" "$from_port" "$to" "$to_port" "$want"
		done <<-END
			66.9.149.187   2794  161.142.100.80 1766  0 0
			199.92.111.2   14230 65.69.140.83   4739  2 1
			24.19.198.95   12898 12.22.207.184  38024 2 2
			38.27.205.30   48228 209.142.163.6  2217  3 1
			153.39.163.191 44251 202.188.127.2  1303  2 1
		END
	done
	in_ns b ethtool -X eth1 default
	sysctl -qw net.ipv4.ip_local_port_range="32768 60999"
	echo "ten packets"
}

queue_counts()
{
	in_ns b ethtool -S eth1 | awk 'n < 4 && $1 ~ /^rx_queue_[0-9]*_packets:/ { n++; printf "%d ", $2 } END { print "" }'
}

# hashed FROM PORT TO PORT QUEUE: the first packet of this connection, which is refused, comes to the queue.
hashed()
{
	ip addr replace "$1/32" dev eth0
	in_ns b ip addr replace "$3/32" dev eth1
	ip route replace "$3" dev eth0 src "$1"
	in_ns b ip route replace "$1" dev eth1 src "$3"
	ip neigh replace "$3" lladdr $mac_b dev eth0 nud permanent
	in_ns b ip neigh replace "$1" lladdr $mac_a dev eth1 nud permanent
	queue_counts >/tmp/queues
	sysctl -qw net.ipv4.ip_local_port_range="$2 $2"
	! nc -w 5 "$3" "$4" </dev/null || no "$3 is served"
	queue_counts >>/tmp/queues
	got=$(awk '{ for (i = 1; i <= NF; i++) if (NR == 1) was[i] = $i; else if ($i != was[i]) print i - 1 }' /tmp/queues)
	ip addr del "$1/32" dev eth0
	in_ns b ip addr del "$3/32" dev eth1
	[ "$got" = "$5" ] || no "$1:$2 to $3:$4 came to queue ${got:-none}, not to $5"
}

# A filter of the flow director overrules the hash.
steering()
{
	in_ns b ethtool -N eth1 flow-type tcp4 dst-port 5201 action 3
	count=$(counter eth1 rx_queue_3_packets)
	others=$(($(counter eth1 rx_queue_0_packets) + $(counter eth1 rx_queue_1_packets) + $(counter eth1 rx_queue_2_packets)))
	iperf -n 1M -P 4
	steered=$(more eth1 rx_queue_3_packets "$count")
	others=$(($(counter eth1 rx_queue_0_packets) + $(counter eth1 rx_queue_1_packets) + $(counter eth1 rx_queue_2_packets) - others))
	[ "$steered" -ge 100 ] || no "only $steered packets came to queue 3"
	[ $others = 0 ] || no "$others packets came to other queues"
	[ "$(counter eth1 fdir_match)" -ge 300 ] || no "the flow director counts $(counter eth1 fdir_match) matches"
	in_ns b ethtool -N eth1 delete "$(in_ns b ethtool -n eth1 | awk '/Filter:/ { print $2 }')"
	echo "$steered packets"
}

# By itself the driver has the flow director follow the threads: what a flow gets goes to the queue that it sends by. Then
# packets may overtake each other while it moves, so some may be sent again.
following()
{
	ethtool -K eth0 ntuple off
	in_ns b ethtool -K eth1 ntuple off
	pair_up
	count=$(counter eth0 fdir_match)
	iperf -n 8M -P 2
	count=$(more eth0 fdir_match "$count")
	[ "$count" -gt 0 ] || no "eth0 has never found a flow"
	echo "eth0 has found the flow of $count packets"
	ethtool -K eth0 ntuple on
	in_ns b ethtool -K eth1 ntuple on
	pair_up
}

vlan()
{
	modprobe 8021q
	for number in 7 8; do
		ip link add link eth0 name eth0.$number type vlan id $number
		ip addr add 10.$number.0.1/24 dev eth0.$number
		ip link set eth0.$number up
	done
	in_ns b ip link add link eth1 name eth1.7 type vlan id 7
	in_ns b ip addr add 10.7.0.2/24 dev eth1.7
	in_ns b ip link set eth1.7 up
	pings 10 10.7.0.2
	# What the other card gets, if it does not take the tag out itself; the one that nobody there is in, it does not get.
	in_ns b ethtool -K eth1 rxvlan off
	pair_up
	watch eth1 tagged 3 vlan 7
	watch eth1 others 1 vlan 8
	! ping -q -c 3 -i 0.05 -W 1 10.8.0.2 || no "VLAN 8 has an answer"
	pings 10 -s 1000 10.7.0.2
	seen tagged || no "no tag is on the wire"
	! seen others || no "a frame of VLAN 8 came through"
	in_ns b ethtool -K eth1 rxvlan on
	ip link del eth0.7
	ip link del eth0.8
	in_ns b ip link del eth1.7
	pair_up
}

jumbo()
{
	ip link set eth0 mtu 9000
	in_ns b ip link set eth1 mtu 9000
	pair_up
	pings 20 -s 8900 -M "do" $b
	count=$(counter eth1 rx_packets)
	iperf -n 8M
	count=$(more eth1 rx_packets "$count")
	[ "$count" -le 2000 ] || no "$count packets for 8 MiB, which are 940 of 9000 bytes"
	[ "$(figure retransmits)" = 0 ] || no "$(figure retransmits) segments were sent again: $(lost eth0 eth1)"
	ip link set eth0 mtu 1500
	in_ns b ip link set eth1 mtu 1500
	pair_up
	echo "8 MiB in $count packets"
}

# comes COUNT ADDRESS [ARGUMENT...]: so many of five packets that nobody answers come to the other card.
comes()
{
	local before
	before=$(counter eth1 rx_packets)
	! ping -q -c 5 -i 0.02 -W 0.4 "${@:3}" "$2" || no "$2 answers"
	[ "$1" = 0 ] || until_true 20 more_than eth1 rx_packets $((before + $1 - 1))
	[ "$(more eth1 rx_packets "$before")" = "$1" ] || no "$(more eth1 rx_packets "$before") of 5 for $2 came, not $1"
}

# Which addresses a card takes.
addresses()
{
	local other=02:00:00:00:00:99
	ip neigh replace $b lladdr $other dev eth0 nud permanent
	comes 0 $b
	in_ns b ip link set eth1 promisc on
	comes 5 $b
	in_ns b ip link set eth1 promisc off
	comes 0 $b
	in_ns b ip link set eth1 address $other
	pings 5 $b
	in_ns b ip link set eth1 address $mac_b
	acquaint
	pings 5 $b
	comes 5 10.0.0.255 -b
	ip route replace 239.0.0.0/8 dev eth0
	comes 0 239.1.2.3
	in_ns b ip addr add 239.1.2.3/32 dev eth1 autojoin
	comes 5 239.1.2.3
	comes 0 239.9.9.9
	in_ns b ip link set eth1 allmulticast on
	comes 5 239.9.9.9
	in_ns b ip link set eth1 allmulticast off
	in_ns b ip addr del 239.1.2.3/32 dev eth1
	comes 0 239.1.2.3
	echo "its own, all, broadcast, a group's, all groups'"
}

statistics()
{
	for card in eth0 eth1; do
		at $card ethtool -S $card | awk '/_(packets|bytes|nic|multicast|errors):/ { print $1, $2 }' >/tmp/$card
	done
	pings 50 -s 1000 $b
	for card in eth0 eth1; do
		for want in tx_packets:50 rx_packets:50 tx_pkts_nic:50 rx_pkts_nic:50 rx_bytes:52100 tx_bytes:52100 \
			rx_bytes_nic:52300 tx_bytes_nic:52300 rx_errors:0; do
			name=${want%:*}
			was=$(awk -v name="$name:" '$1 == name { print $2 }' /tmp/$card)
			got=$(more $card "$name" "$was")
			[ "$got" = "${want#*:}" ] || no "$card: $name counts $got for 50 packets of 1042 bytes, not ${want#*:}"
		done
	done
	bad=$(at eth1 ethtool -S eth1 | awk '/(error|missed|no_buffer|dropped|failed)/ && $2 > 0')
	[ -z "$bad" ] || no "there are $bad"
}

registers()
{
	ethtool -p eth0 1
	ethtool -d eth0 >/tmp/registers
	grep -q '0x042A4: LINKS.*0x7' /tmp/registers || no "LINKS: $(grep LINKS /tmp/registers)"
	grep -q 'Link Status: *up' /tmp/registers || no "$(grep 'Link Status' /tmp/registers)"
	grep -q 'Link Speed: *10G' /tmp/registers || no "$(grep 'Link Speed' /tmp/registers)"
	echo "$(wc -l </tmp/registers) lines"
}

# self_test CARD online|offline
self_test()
{
	at "$1" timeout 60 ethtool -t "$1" "$2" >/tmp/test || no "$(tr '\n\t' '  ' </tmp/test)"
	grep -q 'The test result is PASS' /tmp/test || no "$(tr '\n\t' '  ' </tmp/test)"
	until_true 30 up "$1"
	pair_up
}

module()
{
	ethtool -m eth0 >/tmp/module
	grep -q 'Identifier.*0x03 (SFP)' /tmp/module || no "$(grep Identifier /tmp/module)"
	grep -q 'Transceiver type.*10G Ethernet: 10G Base-SR' /tmp/module || no "$(grep Transceiver /tmp/module)"
	echo "made by $(sed -n 's/.*Vendor name *: *//p' /tmp/module)"
}

# The first 64 words of the EEPROM add up to 0xbaba; none of the sections that count too is there.
eeprom()
{
	ethtool -e eth0 raw on >/tmp/eeprom
	bytes=$(wc -c </tmp/eeprom)
	[ "$bytes" -ge 8192 ] || no "$bytes bytes only"
	sum=$(head -c 128 /tmp/eeprom | od -An -tu2 -v | awk '{ for (i = 1; i <= NF; i++) n += $i } END { print n % 65536 }')
	[ "$sum" = $((0xbaba)) ] || no "its words add up to $sum"
	echo "$bytes bytes"
}

cable()
{
	tell "do link 0 down"
	until_true 30 down eth0
	until_true 30 down eth1
	ethtool eth0 | grep -q 'Link detected: no' || no "eth0 sees a link"
	tell "do link 0 up"
	pair_up
	pings 10 $b
}

updown()
{
	for _ in 1 2 3 4 5; do
		ip link set eth0 down
		until_true 30 down eth0
		ip link set eth0 up
		pair_up
	done
	acquaint
	pings 10 $b
}

reload()
{
	for _ in 1 2 3; do
		rmmod ixgbe
		[ ! -e /sys/class/net/eth0 ] || no "eth0 is still there"
		modprobe ixgbe
	done
	settle
	pair_up
	pings 10 $b
}

x540()
{
	pair_up eth2 eth3
	ethtool eth2 | grep -q 'Port: Twisted Pair' || no "$(ethtool eth2 | grep Port:)"
	pings 20 $d
	pings 10 -s 8000 $d
	tso eth2 eth3 $d
}

mapped()
{
	pair_up eth4 eth5
	pings 20 $f
	pings 10 -s 8000 $f
	tso eth4 eth5 $f
}

sixth()
{
	for card in eth0 eth1; do
		at "$card" sysctl -qw net.ipv6.conf."$card".disable_ipv6=0
		at "$card" ip addr add "fd00::${card#eth}/64" dev "$card" nodad
		at "$card" ip -6 route add fd00::/64 dev "$card" metric 1 rto_min 20s
	done
	in_ns b ethtool -K eth1 rx off
	pair_up
	pings 10 -6 fd00::1
	pings 10 -6 -s 8000 fd00::1
	errors=$(snmp eth1 Tcp InCsumErrors)
	stream eth0 eth1 fd00::1
	[ "$(snmp eth1 Tcp InCsumErrors)" = "$errors" ] || no "segments came with a wrong checksum"
	in_ns b ethtool -K eth1 rx on
	for card in eth0 eth1; do
		at "$card" sysctl -qw net.ipv6.conf."$card".disable_ipv6=1
	done
	pair_up
}

# sound: the kernel has not met with a bug.
sound()
{
	dmesg -r >/tmp/dmesg
	! grep -E -A 30 'WARNING:|BUG[: ]|Oops|Call Trace|UBSAN|DMAR:' /tmp/dmesg ||
		no "$(grep -E -m 1 'WARNING:|BUG[: ]|Oops|Call Trace' /tmp/dmesg)"
}

# Two segments that the card has put into one buffer the driver does not tell from a single one (ixgbe_set_rsc_gso_size sees
# nothing behind the first buffer), at which the stack wonders.
quiet()
{
	sound
	sed -i '/Driver has suspect GRO implementation/d' /tmp/dmesg
	! grep -E '^<[0-4]>.*(ixgbe|eth[0-5])' /tmp/dmesg || no "$(grep -E -m 1 '^<[0-4]>.*(ixgbe|eth[0-5])' /tmp/dmesg)"
	! grep -E 'ixgbe.*(Tx Unit Hang|Reset adapter|error)' /tmp/dmesg || no "the driver is not content"
}

gone()
{
	dmesg | grep -q 'ixgbe 0000:04:00.0.*Adapter removed'
}

removed()
{
	tell "do remove 3"
	until_true 60 gone
	in_ns d ip link set eth3 down
	sound
}

# The driver frees packets twice when the card has not sent 64 of them in 200 ms (ixgbe_clean_test_rings, 6.1 and 6.12), so
# on a machine that is too busy this may be the kernel's last case.
offline()
{
	self_test eth0 offline
	pings 10 $b
	self_test eth2 offline
	pair_up eth2 eth3
	pings 10 $d
	sound
}

try "driver loads" loads
[ "$case_status" = 0 ] || exit
try "link at 10 Gb/s" links
try "MSI-X" msix
try "ping" small
try "ping in fragments" fragments
try "TSO, checksums on the wire" tso eth0 eth1 $b
try "TCP with all engines" tcp_all_on
try "UDP" udp
try "IPv6" sixth
try "LRO" lro
try "RSS" rss
try "flow director" steering
try "flow director by itself" following
try "VLAN" vlan
try "MTU 9000" jumbo
try "addresses" addresses
try "statistics" statistics
try "LED, register dump" registers
try "SFP module" module
try "EEPROM" eeprom
try "self test online" self_test eth0 online
try "cable out and in" cable
try "down and up" updown
try "X540" x540
try "backplane, doorbells mapped" mapped
try "rmmod, modprobe" reload
try "nothing to complain of" quiet
try "self test offline" offline
try "surprise removal" removed
