#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What weir-pktgen sends: frames that tshark finds nothing wrong with, as many as were asked for, captures as they were
# recorded.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
need perl tshark jq
pktgen=$bin/weir-pktgen
[ -x "$pktgen" ] || skip "$pktgen is not built"

# send ARGUMENT...: runs it, reports in $work/report.
send()
{
	timeout 60 "$pktgen" --no-huge --headless --json --stats 0 --linger 0 "$@" >"$work/report" ||
		fail "weir-pktgen $* exits with $?"
}

# stream N NAME: a figure of stream number N in the whole run.
stream()
{
	jq -r ".streams[$1].$2" "$work/report"
}

# Every kind of header, by tshark's own judgement of it: three frames have these protocols, and no checksum is wrong
# (0; 1 is right, 3 that there is none, as of UDP around a tunnel).
kinds=(
	'eth:ethertype:ip:udp [eth, ipv4, udp]'
	'eth:ethertype:ip:tcp [eth, {ipv4: {dscp: 46, ecn: 1, df: 1, ttl: 9}}, {tcp: {flags: 0x02}}]'
	'eth:ethertype:ipv6:udp [eth, {ipv6: {class: 3, flow: 77}}, udp]'
	'eth:ethertype:ipv6:tcp [eth, ipv6, tcp]'
	'eth:ethertype:vlan:ethertype:ip:udp [eth, {vlan: {id: 5, priority: 7}}, ipv4, udp]'
	'eth:ethertype:ieee8021ad:ethertype:vlan:ethertype:ip:icmp:data [eth, {qinq: {id: 7}}, vlan, ipv4, icmp]'
	'eth:ethertype:mpls:ip:udp [eth, {mpls: {label: 99}}, mpls, ipv4, udp]'
	'eth:ethertype:arp [eth, {arp: {operation: 2}}]'
	'eth:ethertype:ip:icmp:data [eth, ipv4, {icmp: {id: 5}}]'
	'eth:ethertype:ipv6:icmpv6:data [eth, ipv6, icmpv6]'
	'eth:ethertype:ip:udp:vxlan:eth:ethertype:ip:udp [eth, ipv4, udp, {vxlan: {vni: 7}}, eth, ipv4, udp]'
	'eth:ethertype:ip:gre:ipv6:tcp [eth, ipv4, {gre: {key: 3}}, ipv6, tcp]'
	'eth:ethertype:ip:gre:eth:ethertype:ip:udp [eth, ipv4, gre, eth, ipv4, udp]'
	'eth:ethertype:ip:udp:gtp:ip:udp [eth, ipv4, udp, {gtpu: {teid: 5}}, ipv4, udp]'
	'eth:ethertype:ipv6:ip:udp [eth, ipv6, ipv4, udp]'
)
for kind in "${kinds[@]}"; do
	echo "- {packet: ${kind#* }, count: 3}"
done >"$work/kinds.yaml"
send -r max -f "$work/kinds.yaml" "pcap:tx=$work/out.pcap"
tshark -r "$work/out.pcap" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -o tcp.check_checksum:TRUE \
	-T fields -E separator=/s -e frame.protocols -e _ws.malformed -e ip.checksum.status -e udp.checksum.status \
	-e tcp.checksum.status -e icmp.checksum.status -e icmpv6.checksum.status >"$work/fields" 2>/dev/null
equal "frames" "$(wc -l <"$work/fields")" $((3 * ${#kinds[@]}))
for kind in "${kinds[@]}"; do
	# Behind UDP and TCP tshark may see whatever it likes.
	equal "frames of $kind" "$(grep -cE "^${kind%% *}(:data|:discard)? [123 ,]*$" "$work/fields" || :)" 3
done

# A million flows, each once: as many different source addresses and ports as there are packets.
send -n 20000 -r max -S 'flows: 1000000, packet: [eth, {ipv4: {src: {increment: [10.0.0.0, 10.255.255.255], each: 1000}}},
	{udp: {src: {increment: [1000, 1999]}}}]' "pcap:tx=$work/out.pcap"
equal "flows" "$(packets_of "$work/out.pcap" | cut -c 53-60,69-72 | sort -u | wc -l)" 20000

# Weights and counts are met to the packet; both streams number their packets without a gap.
send -n 4000 -r '50 kpps' -S 'name: heavy, weight: 3, packet: [eth, ipv4, udp]' \
	-S 'name: light, packet: [eth, ipv4, udp]' "pcap:tx=$work/out.pcap"
equal "heavy packets" "$(stream 0 packets)" 3000
equal "light packets" "$(stream 1 packets)" 1000
equal "its name" "$(stream 1 name)" light
equal "what was asked" "$(stream 1 asked_pps)" 12500
# Behind 42 bytes of headers stand the magic number, the stream and 48 bits of its packet's number.
equal "packets that are out of order" "$(packets_of "$work/out.pcap" | perl -ne '
	/^.{84}7765(....)(.{12})/ && hex($2) == $n{$1}++ or $wrong++;
	END { print $wrong + 0 }')" 0

# A capture comes out as it went in, thrice; with other addresses; at its own pace, ten times as fast.
flows "$work/in.pcap" 500 7
send -r max -S "replay: {file: '$work/in.pcap', loop: 3}" "pcap:tx=$work/out.pcap"
cmp <(packets_of "$work/out.pcap") <(for _ in 1 2 3; do packets_of "$work/in.pcap"; done) || fail "a replay differs"
send -r '10 Mbps' -S "replay: {file: '$work/in.pcap', dst: 02:00:00:00:00:99, src: 02:00:00:00:00:77}" "pcap:tx=$work/out.pcap"
cmp <(packets_of "$work/out.pcap") <(packets_of "$work/in.pcap" | sed 's/^.\{24\}/020000000099020000000077/') ||
	fail "a replay with new addresses differs"
send -S "replay: {file: '$work/in.pcap', speed: 10}" "pcap:tx=$work/out.pcap"
cmp <(packets_of "$work/out.pcap") <(packets_of "$work/in.pcap") || fail "a replay in time differs"

# A comma in a file's name is no comma of a spec; commas and braces in a name are YAML's affair.
cp "$work/in.pcap" "$work/a,b.pcap"
send -n 5 -r max -S "replay: {file: '$work/a,b.pcap'}" null:size=0
equal "packets of it" "$(stream 0 packets)" 5

# Two workers share four streams, through rings to the other port.
send -w 2 -n 2000 -r '20 kpps' --linger 1 -f - ring:a,b,queues=2 ring:b,a,queues=2 <<'END'
streams:
  - packet: [eth, ipv4, udp]
  - packet: [eth, ipv6, udp]
  - packet: [eth, arp]
  - {packet: [eth, ipv4, tcp], count: 100}
END
equal "packets of all" "$(jq '[.streams[].packets] | add' "$work/report")" 2000
equal "packets of the last" "$(stream 3 packets)" 100
equal "packets sent" "$(figure tx_packets "$work/report")" 2000
