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

/* Without a test that turns the crank: the card's thread waits for the interface. */
static void a_card_wakes_up_for_its_interface(void)
{
	static const uint8_t frame[60] = { 0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x88, 0xb5 };
	struct weir_sim_nic *card;
	struct weir_sim *sim;
	struct bench b;
	int fd;

	CU_ASSERT_TRUE_FATAL(veth_make("simv0", "simv1"));
	sim = bench_sim(NULL, "simple,wire=af_packet:simv0", &card);
	fd = plain_open("simv1", false);
	bench_open(&b, card, true);
	bench_map(&b);
	bench_set(&b, CARD_ENABLE, 1);
	bench_set(&b, CARD_RX_ADDRESS, IOVA + 0x2000);
	CU_ASSERT_EQUAL(send(fd, frame, sizeof(frame), 0), sizeof(frame));
	for (unsigned ms = 0; ms < 10000 && !bench_counter(card, "af_packet_received"); ms++)
		bench_pause();
	CU_ASSERT(bench_counter(card, "af_packet_received") >= 1);
	close(fd);
	bench_close(&b);
	weir_sim_destroy(sim);
}

/* What an interface does not take is counted; what is several frames in one is no frame. */
static void what_cannot_pass_is_counted(void)
{
	struct virtio_net_hdr head = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		                       .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		                       .hdr_len = 54,
		                       .gso_size = 1000,
		                       .csum_start = 34,
		                       .csum_offset = 16 };
	uint8_t frame[54 + 4000] = {
		0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x08, 0, 0x45, 0, 4040 >> 8, 4040 & 255
	};
	struct iovec parts[] = { { &head, sizeof(head) }, { frame, sizeof(frame) } };
	struct weir_sim_nic *card;
	struct weir_sim *sim;
	int fd;

	frame[22] = 64;
	frame[23] = 6;
	frame[46] = 0x50;
	CU_ASSERT_TRUE_FATAL(veth_make("simv0", "simv1"));
	sim = bench_sim(&manual, "simple,wire=af_packet:simv0", &card);
	fd = plain_open("simv1", true);
	CU_ASSERT_EQUAL(writev(fd, parts, 2), (ssize_t)(sizeof(head) + sizeof(frame)));
	for (unsigned ms = 0; ms < 5000 && !bench_counter(card, "af_packet_merged"); ms++) {
		weir_sim_run(sim);
		bench_pause();
	}
	CU_ASSERT_EQUAL(bench_counter(card, "af_packet_merged"), 1);
	CU_ASSERT_TRUE(shell("ip link set simv0 down"));
	CU_ASSERT_TRUE(sim_wire_send(card->nic, frame, 60));
	CU_ASSERT_EQUAL(bench_counter(card, "af_packet_refused"), 1);
	close(fd);
	weir_sim_destroy(sim);
}

static void interfaces_that_cannot_be_used_are_told(void)
{
	static const struct {
		const char *wire, *says;
		int err;
	} wrong[] = {
		{ "af_packet:nosuch0", "there is no network interface 'nosuch0'", -ENODEV },
		{ "af_packet:", "there is no network interface ''", -ENODEV },
		{ "tap:", "needs the name of an interface", -EINVAL },
		{ "tap:a-name-that-is-too-long", "needs the name of an interface", -EINVAL },
		{ "tap:simv0", "cannot make the interface simv0", -EINVAL }, /* which is no TAP */
	};
	struct weir_sim *sim;

	CU_ASSERT_TRUE_FATAL(veth_make("simv0", "simv1"));
	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&manual, &sim), 0);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct weir_sim_nic *card;
		char text[80];

		snprintf(text, sizeof(text), "simple,wire=%s", wrong[i].wire);
		CU_ASSERT_EQUAL(weir_sim_nic_add(sim, text, &card), wrong[i].err);
		if (!strstr(weir_sim_error(), wrong[i].says))
			CU_FAIL("another sentence");
	}
	weir_sim_destroy(sim);
}

/* A TAP has one user. */
static void a_tap_that_is_in_use_is_told(void)
{
	struct weir_sim_nic *card, *second;
	struct weir_sim *sim = bench_sim(&manual, "simple,wire=tap:simtap1", &card);

	CU_ASSERT_EQUAL(weir_sim_nic_add(sim, "simple,wire=tap:simtap1", &second), -EBUSY);
	weir_sim_destroy(sim);
}

static const struct unit_case cases[] = {
	{ "a tap is an interface of the kernel", a_tap_is_an_interface_of_the_kernel },
	{ "an interface can be the other end", an_interface_can_be_the_other_end },
	{ "what the kernel left undone is finished", what_the_kernel_left_undone_is_finished },
	{ "a card wakes up for its interface", a_card_wakes_up_for_its_interface },
	{ "what cannot pass is counted", what_cannot_pass_is_counted },
	{ "interfaces that cannot be used are told", interfaces_that_cannot_be_used_are_told },
	{ "a TAP that is in use is told", a_tap_that_is_in_use_is_told },
	{ NULL, NULL },
};

int main(void)
{
	const char *why = hostnet_enter();

	return why ? unit_skip(why) : unit_run("sim hostwire", cases);
}
