/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The wires of simulated cards that lead to this machine's kernel, in a network namespace of the test's own. What a plain
 * packet socket sees at the other end is the judge.
 */
#include "hostnet.h"
#include "sim/wire.h"
#include "simbench.h"

static const struct weir_sim_conf manual = { .manual = true };

/* Acts as a driver: takes the next frame that arrived, waiting for it for up to 5 s. Returns its length. */
static uint32_t receive(struct bench *b, uint8_t *frame)
{
	uint32_t len = 0;

	bench_set(b, CARD_RX_ADDRESS, IOVA + 0x2000);
	for (unsigned i = 0; i < 5000 && !(len = bench_get(b, CARD_RX_LENGTH)); i++)
		if (!weir_sim_run(b->card->nic->sim))
			bench_pause();
	memcpy(frame, b->memory + 0x2000, len);
	return len;
}

/* Reads the next frame that begins with the bytes of @like, passing over what the kernel itself has to say. */
static ssize_t read_like(int fd, uint8_t *frame, size_t size, const uint8_t *like)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	while (poll(&ready, 1, 5000) > 0) {
		ssize_t n = recv(fd, frame, size, MSG_TRUNC);

		if (n < 0 || !memcmp(frame, like, 14))
			return n;
	}
	return 0;
}

/* A frame of 100 bytes that nobody else sends. */
static void make(uint8_t frame[100], uint8_t number)
{
	for (unsigned i = 0; i < 100; i++)
		frame[i] = (uint8_t)(i + number);
	memcpy(frame, (uint8_t[]){ 0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x88, 0xb5 }, 14);
}

/* Frames go through a wire both ways; @fd is at its other end. */
static void both_ways(struct bench *b, int fd)
{
	uint8_t out[100], in[2048];

	for (uint8_t i = 0; i < 10; i++) {
		make(out, i);
		CU_ASSERT_TRUE(sim_wire_send(b->card->nic, out, sizeof(out)));
		CU_ASSERT_EQUAL(read_like(fd, in, sizeof(in), out), 100);
		CU_ASSERT_EQUAL(memcmp(in, out, sizeof(out)), 0);
		make(out, (uint8_t)(i + 100));
		CU_ASSERT_EQUAL(send(fd, out, sizeof(out), 0), 100);
		do
			memset(in, 0, sizeof(in));
		while (receive(b, in) && memcmp(in, out, 14) != 0);
		CU_ASSERT_EQUAL(memcmp(in, out, sizeof(out)), 0);
	}
}

static void a_tap_is_an_interface_of_the_kernel(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple,wire=tap:simtap0", &card);
	struct bench b;
	int fd;

	fd = plain_open("simtap0", false);
	CU_ASSERT_FATAL(fd >= 0);
	bench_open(&b, card, true);
	bench_map(&b);
	bench_set(&b, CARD_ENABLE, 1);
	both_ways(&b, fd);
	weir_sim_link(card, false);
	CU_ASSERT_TRUE(shell("ip link show simtap0 | grep -q NO-CARRIER"));
	weir_sim_link(card, true);
	CU_ASSERT_FALSE(shell("ip link show simtap0 | grep -q NO-CARRIER"));
	CU_ASSERT_TRUE(shell("ip link set simtap0 down"));
	CU_ASSERT_TRUE(sim_wire_send(card->nic, (const uint8_t[60]){ 2 }, 60));
	CU_ASSERT_EQUAL(bench_counter(card, "tap_refused"), 1);
	close(fd);
	bench_close(&b);
	weir_sim_destroy(sim);
	CU_ASSERT_FALSE(shell("ip link show simtap0"));
}

static void an_interface_can_be_the_other_end(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim;
	struct bench b;
	int fd;

	CU_ASSERT_TRUE_FATAL(veth_make("simv0", "simv1"));
	sim = bench_sim(&manual, "simple,wire=af_packet:simv0", &card);
	fd = plain_open("simv1", false);
	bench_open(&b, card, true);
	bench_map(&b);
	bench_set(&b, CARD_ENABLE, 1);
	both_ways(&b, fd);
	close(fd);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void what_the_kernel_left_undone_is_finished(void)
{
	/* VLAN 5, IPv4, UDP 10.0.0.1:1 to 10.0.0.2:2 with 12 bytes of ones; the sum of the pseudo header where UDP's goes. */
	static const uint8_t frame[] = { 0x02, 0,    0, 0,    0,  1, 0x02, 0, 0, 0, 0, 2,  0x81, 0,    0,
		                         5,    0x08, 0, 0x45, 0,  0, 40,   0, 0, 0, 0, 64, 17,   0x66, 0xc3,
		                         10,   0,    0, 1,    10, 0, 0,    2, 0, 1, 0, 2,  0,    20,   0x14,
		                         0x28, 1,    1, 1,    1,  1, 1,    1, 1, 1, 1, 1,  1 };
	struct virtio_net_hdr head = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 38, .csum_offset = 6 };
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)frame, sizeof(frame) } };
	struct weir_sim_nic *card;
	struct weir_sim *sim;
	uint8_t got[2048];
	struct bench b;
	int fd;

	CU_ASSERT_TRUE_FATAL(veth_make("simv0", "simv1"));
	sim = bench_sim(&manual, "simple,wire=af_packet:simv0", &card);
	fd = plain_open("simv1", true);
	bench_open(&b, card, true);
	bench_map(&b);
	bench_set(&b, CARD_ENABLE, 1);
	CU_ASSERT_EQUAL(writev(fd, parts, 2), (ssize_t)(sizeof(head) + sizeof(frame)));
	CU_ASSERT_EQUAL(receive(&b, got), 60u); /* filled up: it had 58 */
	CU_ASSERT_EQUAL(memcmp(got, frame, 44), 0);
	/* 0x1428 for the pseudo header, 1 + 2 + 20, six times 0x0101: 0x1a45, inverted. */
	CU_ASSERT_EQUAL(got[44], 0xe5);
	CU_ASSERT_EQUAL(got[45], 0xba);
	close(fd);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static const struct unit_case cases[] = {
	{ "a tap is an interface of the kernel", a_tap_is_an_interface_of_the_kernel },
	{ "an interface can be the other end", an_interface_can_be_the_other_end },
	{ "what the kernel left undone is finished", what_the_kernel_left_undone_is_finished },
	{ NULL, NULL },
};

int main(void)
{
	const char *why = hostnet_enter();

	return why ? unit_skip(why) : unit_run("sim hostwire", cases);
}
