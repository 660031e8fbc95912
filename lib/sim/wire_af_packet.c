/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * af_packet:IFACE: the card is plugged into what a network interface of this machine is plugged into: it receives what
 * the interface receives, and what it sends leaves there.
 *
 * The kernel hands over frames as its own stack would like them: without VLAN tag, checksum not finished, or several
 * segments in one. The first two are put right here. The last is no frame of a wire: it is counted and dropped.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/core.h"
#include "sim/wire.h"

#define BURST    64u
#define TAG_AT   12u
#define TAG_LEN  4u
#define LONG_MAX 65536u

struct packet {
	struct sim_wire wire;
	int fd;
	uint64_t received, refused, merged;
	uint8_t frame[TAG_LEN + LONG_MAX]; /* room for the tag in front */
};

static struct packet *packet_of(struct sim_wire *wire)
{
	return (struct packet *)wire;
}

static int set_up(int fd, unsigned index)
{
	const struct sockaddr_ll address = { .sll_family = AF_PACKET,
		                             .sll_protocol = htons(ETH_P_ALL),
		                             .sll_ifindex = (int)index };
	const struct packet_mreq promiscuous = { .mr_ifindex = (int)index, .mr_type = PACKET_MR_PROMISC };
	const int on = 1;

	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof(promiscuous)) < 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return 0;
}

static int packet_open(struct sim_wire *wire, const char *name)
{
	unsigned index = *name && strlen(name) < IFNAMSIZ ? if_nametoindex(name) : 0;
	int fd, err;

	if (!index)
		return weir_fail(NULL, -ENODEV, "there is no network interface '%s'; `ip link` lists those there are",
		                 name);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	err = fd < 0 ? -errno : set_up(fd, index);
	if (err) {
		if (fd >= 0)
			close(fd);
		return weir_fail(NULL, err, "cannot use the interface %s: %s%s", name, strerror(-err),
		                 err == -EPERM ? "; it takes CAP_NET_RAW" : "");
	}
	packet_of(wire)->fd = fd;
	return 0;
}

static void packet_close(struct sim_wire *wire)
{
	close(packet_of(wire)->fd);
}

static bool packet_send(struct sim_wire *wire, const uint8_t *frame, size_t len)
{
	struct packet *packet = packet_of(wire);
	struct virtio_net_hdr head = { 0 };
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)frame, len } };
	const struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };

	if (sendmsg(packet->fd, &msg, MSG_DONTWAIT) >= 0)
		return true;
	if (errno == EAGAIN || errno == ENOBUFS)
		return false;
	packet->refused++;
	return true;
}

/* Puts the tag back that the kernel took out. Returns where the frame begins now. */
static uint8_t *restore_tag(uint8_t *frame, size_t *len, struct msghdr *msg)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	struct tpacket_auxdata aux;
	uint16_t tag[2];

	if (!c || c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
		return frame;
	memcpy(&aux, CMSG_DATA(c), sizeof(aux));
	if (!(aux.tp_status & TP_STATUS_VLAN_VALID) || *len < TAG_AT)
		return frame;
	tag[0] = htons(aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : ETH_P_8021Q);
	tag[1] = htons(aux.tp_vlan_tci);
	memmove(frame - TAG_LEN, frame, TAG_AT);
	memcpy(frame - TAG_LEN + TAG_AT, tag, TAG_LEN);
	*len += TAG_LEN;
	return frame - TAG_LEN;
}

/* Finishes a checksum: the field holds the sum of the pseudo header, and what follows is to be added. */
static void finish_checksum(uint8_t *frame, size_t len, const struct virtio_net_hdr *head)
{
	size_t start = head->csum_start, field = start + head->csum_offset;
	uint32_t sum = 0;

	if (!(head->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || field + 2 > len)
		return;
	for (size_t i = start; i < len; i++)
		sum += (i - start) % 2 ? frame[i] : (uint32_t)frame[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	sum = sum ? sum : 0xffff;
	frame[field] = (uint8_t)(sum >> 8);
	frame[field + 1] = (uint8_t)sum;
}

/* Takes one frame from the interface. Returns false when there is none. */
static bool take(struct packet *packet)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		struct cmsghdr align;
	} control;
	uint8_t *frame = packet->frame + TAG_LEN;
	struct virtio_net_hdr head;
	struct iovec parts[] = { { &head, sizeof(head) }, { frame, LONG_MAX } };
	struct msghdr msg = {
		.msg_iov = parts, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	ssize_t n = recvmsg(packet->fd, &msg, MSG_DONTWAIT);
	size_t len = (size_t)n - sizeof(head);

	if (n < (ssize_t)sizeof(head))
		return false;
	if (head.gso_type != VIRTIO_NET_HDR_GSO_NONE || len > SIM_FRAME_MAX - TAG_LEN) {
		if (!packet->merged++)
			sim_log(
			    packet->wire.nic, WEIR_LOG_WARNING,
			    "the interface hands over several segments in one, which are dropped; switch that off at the "
			    "sender: ethtool -K IFACE tso off gso off gro off");
		return true;
	}
	finish_checksum(frame, len, &head);
	frame = restore_tag(frame, &len, &msg);
	wire_deliver(packet->wire.nic, frame, wire_pad(frame, len), 0, 0);
	packet->received++;
	return true;
}

static unsigned packet_run(struct sim_wire *wire, uint64_t now_ns)
{
	unsigned n = 0;

	(void)now_ns;
	while (n < BURST && wire_room(wire->nic) && take(packet_of(wire)))
		n++;
	return n;
}

static int packet_fd(const struct sim_wire *wire)
{
	return ((const struct packet *)wire)->fd;
}

static int packet_counter(const struct sim_wire *wire, unsigned index, const char **name, uint64_t *value)
{
	const struct packet *packet = (const struct packet *)wire;
	const struct wire_counter rows[] = {
		{ "af_packet_received", packet->received },
		{ "af_packet_refused", packet->refused },
		{ "af_packet_merged", packet->merged },
	};

	return wire_counter(rows, 3, index, name, value);
}

const struct wire_ops wire_af_packet = {
	.name = "af_packet",
	.size = sizeof(struct packet),
	.open = packet_open,
	.close = packet_close,
	.send = packet_send,
	.run = packet_run,
	.fd = packet_fd,
	.counter = packet_counter,
};
