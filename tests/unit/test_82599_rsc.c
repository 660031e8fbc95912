/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82599's model coalesces TCP segments (datasheet 7.11): what is added to what, what closes a packet, and what the
 * descriptors say then. Descriptor words and checksums were worked out by hand.
 */
#include "sim_82599.h"

#include <time.h>

#define HEADERS 54 /* Ethernet, IPv4, TCP */
#define STAMPED 66 /* with a time stamp */

#define ACK 0x10
#define PSH 0x08
#define FIN 0x01

struct segment {
	unsigned src_port;
	uint32_t seq, ack;
	unsigned flags, len, window;
	uint32_t stamp; /* 0: none */
	bool bad;       /* with a wrong checksum */
	unsigned ecn;
};

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static unsigned sum16(const uint8_t *at, size_t len, unsigned sum)
{
	for (size_t i = 0; i < len; i++)
		sum += (unsigned)at[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Byte number @at of the stream of all connections. */
static uint8_t stream(uint32_t at)
{
	return (uint8_t)(at * 7 + (at >> 8));
}

/* 02:00:00:00:00:01 <- 02:00:00:00:00:02, 10.0.0.2:src_port -> 10.0.0.1:80. Returns its length, 60 at least. */
static size_t make(const struct segment *s, uint8_t *frame)
{
	unsigned tcp_len = s->stamp ? 32 : 20;
	size_t len = 34 + tcp_len + s->len;
	uint8_t *ip = frame + 14, *tcp = frame + 34;

	memset(frame, 0, 60);
	memcpy(frame, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0", 14);
	memcpy(ip, "\x45\0\0\0\x12\x34\x40\0\x40\x06\0\0\x0a\0\0\x02\x0a\0\0\x01", 20);
	ip[1] = (uint8_t)s->ecn;
	put16(ip + 2, (unsigned)len - 14);
	put16(ip + 10, ~sum16(ip, 20, 0));
	put16(tcp, s->src_port);
	put16(tcp + 2, 80);
	put32(tcp + 4, s->seq);
	put32(tcp + 8, s->ack);
	put16(tcp + 12, tcp_len / 4 << 12 | s->flags);
	put16(tcp + 14, s->window);
	if (s->stamp) {
		put32(tcp + 20, 0x0101080a);
		put32(tcp + 24, s->stamp);
		put32(tcp + 28, s->stamp + 1);
	}
	for (unsigned i = 0; i < s->len; i++)
		tcp[tcp_len + i] = stream(s->seq + i);
	put16(tcp + 16, ~sum16(tcp, tcp_len + s->len, sum16(ip + 12, 8, 6 + tcp_len + s->len)) ^ s->bad);
	return len < 60 ? 60 : len;
}

static void arrive(struct rig *r, const struct segment *s)
{
	uint8_t frame[9100];

	rig_receive(r, frame, make(s, frame));
}

/* A segment of @len bytes of the connection from @port. */
static void data(struct rig *r, unsigned port, uint32_t seq, unsigned len)
{
	const struct segment s = { .src_port = port, .seq = seq, .ack = 1000, .flags = ACK, .len = len, .window = 500 };

	arrive(r, &s);
}

/* Queue 0 with @n descriptors of 2 KiB and 128 bytes for headers, coalescing up to 4 << @max - 1 of them (0: 1). */
static void open_rig(struct rig *r, unsigned n, unsigned max)
{
	rig_open(r);
	set(r, 0xea00, 0x10); /* PSRTYPE: TCP */
	set(r, 0x2f00, (get(r, 0x2f00) & ~0x003e0000u) | 0x02000002);
	set(r, 0x3028, 0x80); /* RSCDBU: not acknowledgements */
	rig_rx(r, 0, n);
	set(r, 0x1028, 0); /* what it is to do is said while it stands still */
	set(r, 0x1014, 0x02000202);
	set(r, 0x102c, 1 | max << 2);
	set(r, 0x1028, 0x02000000);
	set(r, 0x1018, n);
}

static unsigned lines_of_violations(struct rig *r)
{
	return weir_sim_violations(r->card, NULL, 0);
}

/* --- adding ------------------------------------------------------------------------------------------------------------- */

static void segments_in_sequence_become_one_packet(void)
{
	static const struct segment last = { 7, 1100, 2000, ACK | PSH, 1, 600, 0, false, 0 };
	struct rig r;
	const uint8_t *at;
	uint32_t *w;

	open_rig(&r, 8, 3);
	CU_ASSERT_EQUAL(lines_of_violations(&r), 0);
	data(&r, 7, 1, 500);
	data(&r, 7, 501, 500);
	data(&r, 7, 1001, 99);
	w = rx_words(&r, 0, 0);
	CU_ASSERT_EQUAL(w[2] & 1, 0); /* it may go on */
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	arrive(&r, &last);                 /* PSH stands alone */
	CU_ASSERT_EQUAL(w[0], 0x00080110); /* IPv4, TCP; RSCCNT 4: three packets begin here */
	CU_ASSERT_EQUAL(w[2], 0x00000063); /* DD, EOP, L4CS, IPCS */
	CU_ASSERT_EQUAL(w[3], HEADERS + 1099);
	at = rx_buffer(&r, 0);
	CU_ASSERT_EQUAL(at[16] << 8 | at[17], 40 + 1099);
	CU_ASSERT_EQUAL(sum16(at + 14, 20, 0), 0xffff);
	for (unsigned i = 0; i < 1099; i++)
		if (at[HEADERS + i] != stream(1 + i)) {
			CU_FAIL("the payload is not the stream's");
			break;
		}
	w = rx_words(&r, 0, 1);
	CU_ASSERT_EQUAL(w[0], 0x00000110);
	CU_ASSERT_EQUAL(w[2], 0x00000063);
	CU_ASSERT_EQUAL(w[3], 60);
	rig_close(&r);
}

static void the_header_tells_what_the_last_segment_told(void)
{
	struct segment s = { 7, 1, 1000, ACK, 100, 500, 0x11110000, false, 2 };
	struct rig r;
	const uint8_t *tcp;

	open_rig(&r, 8, 3);
	arrive(&r, &s);
	s = (struct segment){ 7, 101, 3000, ACK, 100, 700, 0x22220000, false, 2 };
	arrive(&r, &s);
	s.seq = 1; /* none that follows */
	arrive(&r, &s);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], STAMPED + 200);
	tcp = rx_buffer(&r, 0) + 34;
	CU_ASSERT(!memcmp(tcp + 4, "\0\0\0\x01", 4));   /* of the first: sequence, */
	CU_ASSERT(!memcmp(tcp + 8, "\0\0\x0b\xb8", 4)); /* of the last: 3000, */
	CU_ASSERT(!memcmp(tcp + 14, "\x02\xbc", 2));    /* 700 */
	CU_ASSERT(!memcmp(tcp + 24, "\x22\x22\0\0\x22\x22\0\x01", 8));
	rig_close(&r);
}

static void a_packet_goes_on_where_nextp_says(void)
{
	struct rig r;
	uint32_t *w;

	open_rig(&r, 16, 3);
	data(&r, 7, 1, 1400);
	data(&r, 8, 1, 1400); /* another connection takes the descriptor between */
	data(&r, 7, 1401, 1400);
	data(&r, 7, 2801, 1400);
	data(&r, 7, 1, 1400);
	/* 54 + 4200 bytes in descriptors 0, 2 and 3 of 2048. Two packets begin in the first, one in the second. */
	w = rx_words(&r, 0, 0);
	CU_ASSERT_EQUAL(w[0], 3u << 17);
	CU_ASSERT_EQUAL(w[2], 2u << 4 | 1);
	CU_ASSERT_EQUAL(w[3], 2048);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2] & 1, 0);
	w = rx_words(&r, 0, 2);
	CU_ASSERT_EQUAL(w[0], 2u << 17);
	CU_ASSERT_EQUAL(w[2], 3u << 4 | 1);
	CU_ASSERT_EQUAL(w[3], 2048);
	w = rx_words(&r, 0, 3);
	CU_ASSERT_EQUAL(w[0], 1u << 17 | 0x110);
	CU_ASSERT_EQUAL(w[2], 0x63);
	CU_ASSERT_EQUAL(w[3], 54 + 4200 - 4096);
	CU_ASSERT_EQUAL(rx_buffer(&r, 2)[0], stream(1 + 2048 - 54));
	CU_ASSERT_EQUAL(rx_buffer(&r, 3)[0], stream(1 + 4096 - 54));
	CU_ASSERT_EQUAL(rx_buffer(&r, 0)[16] << 8 | rx_buffer(&r, 0)[17], 4240);
	rig_close(&r);
}

static void acknowledgements_are_coalesced_if_allowed(void)
{
	struct segment s = { 7, 1, 1000, ACK, 0, 500, 0, false, 0 };
	struct rig r;

	open_rig(&r, 16, 3);
	arrive(&r, &s);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0x63); /* not here */
	set(&r, 0x3028, 0);
	arrive(&r, &s);
	s.ack = 2000;
	arrive(&r, &s);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2] & 1, 0);
	arrive(&r, &s); /* acknowledges nothing new */
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[0], 3u << 17 | 0x110);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[3], HEADERS);
	CU_ASSERT(!memcmp(rx_buffer(&r, 1) + 42, "\0\0\x07\xd0", 4));
	rig_close(&r);
}

/* --- what is not coalesced, and what ends it ------------------------------------------------------------------------------- */

static void what_is_not_plain_data_stands_alone(void)
{
	static const struct segment odd[] = {
		{ 7, 101, 1000, ACK | PSH, 100, 500, 0, false, 0 },  { 7, 101, 1000, ACK | FIN, 100, 500, 0, false, 0 },
		{ 7, 101, 1000, ACK | 0x40, 100, 500, 0, false, 0 }, /* ECE */
		{ 7, 101, 1000, ACK, 100, 500, 0, true, 0 },         /* wrong checksum */
		{ 7, 101, 1000, ACK, 100, 500, 0, false, 3 },        /* congestion was met */
		{ 7, 101, 1000, ACK, 0, 500, 0, false, 0 },
	};

	for (unsigned i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct rig r;

		open_rig(&r, 16, 3);
		data(&r, 7, 1, 100);
		arrive(&r, &odd[i]);
		/* The open packet comes first, then the odd one by itself. */
		CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0x63);
		CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[0], 2u << 17 | 0x110);
		CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2] & 0x40000003, odd[i].bad ? 0x40000003 : 3);
		CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[0], 0x110);
		rig_close(&r);
	}
}

static void what_does_not_continue_begins_anew(void)
{
	static const struct segment odd[] = {
		{ 7, 102, 1000, ACK, 100, 500, 0, false, 0 },          /* a gap */
		{ 7, 1, 1000, ACK, 100, 500, 0, false, 0 },            /* again */
		{ 7, 101, 1000, ACK, 100, 500, 0x33330000, false, 0 }, /* headers of another length */
		{ 7, 101, 1000, 0, 100, 500, 0, false, 0 },            /* ACK changes */
	};

	for (unsigned i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct rig r;

		open_rig(&r, 16, 3);
		data(&r, 7, 1, 100);
		arrive(&r, &odd[i]);
		CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0x63);
		CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2] & 1, 0);
		set(&r, 0x1028, 0); /* stopping the queue ends what is open */
		CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2], 0x63);
		CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[0], 2u << 17 | 0x110);
		rig_close(&r);
	}
}

static void nfs_is_left_alone_unless_its_parsing_is_off(void)
{
	struct rig r;

	open_rig(&r, 16, 3);
	data(&r, 2049, 1, 100);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[0], 0x110);
	set(&r, 0x3000, 0);
	set(&r, 0x5008, 0xc0); /* NFSW_DIS, NFSR_DIS */
	set(&r, 0x3000, 1);
	data(&r, 2049, 101, 100);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2] & 1, 0);
	rig_close(&r);
}

static void maxdesc_limits_a_packet(void)
{
	struct rig r;

	open_rig(&r, 32, 1); /* 4 descriptors: 8192 bytes */
	for (unsigned i = 0; i < 6; i++)
		data(&r, 7, 1 + i * 1400, 1400);
	/* 54 + 5 x 1400 = 7054 fit, the sixth does not and begins a packet in descriptor 4. */
	CU_ASSERT_EQUAL(rx_words(&r, 0, 3)[2], 0x63);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 3)[3], 7054 - 6144);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 4)[2] & 1, 0);
	CU_ASSERT_EQUAL(rx_buffer(&r, 4)[HEADERS], stream(7001));
	rig_close(&r);
}

static void fourteen_packets_begin_in_a_buffer(void)
{
	struct rig r;

	open_rig(&r, 32, 3);
	for (unsigned i = 0; i < 14; i++)
		data(&r, 7, 1 + i * 10, 10);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[0], 15u << 17 | 0x110);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0x63);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 54 + 140);
	rig_close(&r);
}

static void a_packet_stays_below_64_kib(void)
{
	struct rig r;

	open_rig(&r, 60, 3);
	set(&r, 0x4240, get(&r, 0x4240) | 4);
	set(&r, 0x4268, 9100u << 16);
	set(&r, 0x1014, 0x02000204); /* 4 KiB, which overlap here: only the descriptors count */
	for (unsigned i = 0; i < 8; i++)
		data(&r, 7, 1 + i * 9000, 9000);
	/* 7 x 9000 + 40 is below 65,536, 8 are not: 63,054 bytes in 16 descriptors of 4,096. */
	CU_ASSERT_EQUAL(rx_words(&r, 0, 15)[2], 0x63);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 15)[3], 63054 - 15 * 4096);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 16)[2] & 1, 0);
	rig_close(&r);
}

static void want_of_descriptors_ends_what_holds_them(void)
{
	struct rig r;

	open_rig(&r, 1, 3);
	data(&r, 7, 1, 1400);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2] & 1, 0);
	data(&r, 7, 1401, 1400); /* needs a second one */
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0x63);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 1454);
	set(&r, 0x1018, 8);
	weir_sim_run(r.sim); /* it waited */
	data(&r, 7, 2801, 1400);
	data(&r, 7, 1, 1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2], 1 | 2u << 4);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 2)[3], 54 + 2800 - 2048);
	rig_close(&r);
}

static void a_33rd_connection_ends_the_oldest(void)
{
	struct rig r;

	open_rig(&r, 60, 3);
	for (unsigned i = 0; i < 32; i++)
		data(&r, 100 + i, 1, 100);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2] & 1, 0);
	data(&r, 200, 1, 100);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0x63);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 1)[2] & 1, 0);
	rig_close(&r);
}

/* --- interrupts and errors ------------------------------------------------------------------------------------------------ */

static void the_vectors_throttle_ends_packets(void)
{
	time_t end = time(NULL) + 30;
	struct rig r;
	int fds[2];

	open_rig(&r, 16, 3);
	rig_msix(&r, fds, 2);
	set(&r, 0x898, 0x10);      /* GPIE: vectors */
	set(&r, 0x900, 0x81);      /* queue 0 to vector 1 */
	set(&r, 0x824, 0x7d << 3); /* EITR1: 256 us */
	set(&r, 0x880, 2);
	data(&r, 7, 1, 100);
	while (!(rx_words(&r, 0, 0)[2] & 1) && time(NULL) < end)
		weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2], 0x63);
	while (!fired(fds[1]) && time(NULL) < end)
		weir_sim_run(r.sim);
	CU_ASSERT(time(NULL) < end);
	rig_close(&r);
}

static void without_a_mask_the_throttle_ends_packets_too(void)
{
	time_t end = time(NULL) + 30;
	struct rig r;

	open_rig(&r, 16, 3);
	set(&r, 0x900, 0x80);
	set(&r, 0x820, 0x7d << 3);
	for (unsigned i = 0; i < 3; i++) {
		data(&r, 7, 1000 * i, 100);
		while (!(rx_words(&r, 0, i)[2] & 1) && time(NULL) < end)
			weir_sim_run(r.sim);
		CU_ASSERT_EQUAL(rx_words(&r, 0, i)[2], 0x63);
	}
	rig_close(&r);
}

static void refused_memory_stops_the_queue(void)
{
	struct rig r;

	open_rig(&r, 16, 3);
	words(&r, RX_RING + 16)[1] = 0x77777777; /* the second buffer is nowhere */
	data(&r, 7, 1, 1400);
	data(&r, 7, 1401, 1400);
	CU_ASSERT_EQUAL(rig_counter(&r, "rx_dma_refused"), 1);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[2] & 1, 0);
	data(&r, 7, 2801, 1400);
	CU_ASSERT_EQUAL(rig_counter(&r, "rx_no_queue"), 1);
	rig_close(&r);
}

static void a_setup_that_is_forbidden_is_listed(void)
{
	struct rig r;

	open_rig(&r, 8, 3);
	set(&r, 0x1028, 0);
	set(&r, 0xea00, 0); /* no TCP headers are looked for */
	set(&r, 0x1028, 0x02000000);
	CU_ASSERT_EQUAL(lines_of_violations(&r), 1);
	set(&r, 0x1028, 0);
	set(&r, 0xea00, 0x10);
	set(&r, 0x1014, 0x02000208); /* 16 x 8 KiB */
	set(&r, 0x1028, 0x02000000);
	CU_ASSERT_EQUAL(lines_of_violations(&r), 2);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "segments in sequence become one packet", segments_in_sequence_become_one_packet },
	{ "the header tells what the last segment told", the_header_tells_what_the_last_segment_told },
	{ "a packet goes on where NEXTP says", a_packet_goes_on_where_nextp_says },
	{ "acknowledgements are coalesced if allowed", acknowledgements_are_coalesced_if_allowed },
	{ "what is not plain data stands alone", what_is_not_plain_data_stands_alone },
	{ "what does not continue begins anew", what_does_not_continue_begins_anew },
	{ "NFS is left alone unless its parsing is off", nfs_is_left_alone_unless_its_parsing_is_off },
	{ "MAXDESC limits a packet", maxdesc_limits_a_packet },
	{ "14 packets begin in a buffer", fourteen_packets_begin_in_a_buffer },
	{ "a packet stays below 64 KiB", a_packet_stays_below_64_kib },
	{ "want of descriptors ends what holds them", want_of_descriptors_ends_what_holds_them },
	{ "a 33rd connection ends the oldest", a_33rd_connection_ends_the_oldest },
	{ "the vector's throttle ends packets", the_vectors_throttle_ends_packets },
	{ "without a mask the throttle ends packets, too", without_a_mask_the_throttle_ends_packets_too },
	{ "refused memory stops the queue", refused_memory_stops_the_queue },
	{ "a setup that is forbidden is listed", a_setup_that_is_forbidden_is_listed },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 receive side coalescing", cases);
}
