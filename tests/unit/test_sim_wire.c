/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The wires of simulated cards that need nothing of this machine: what they lose, delay, damage and find.
 */
#include <pcap/pcap.h>

#include "sim/pattern.h"
#include "sim/wire.h"
#include "simbench.h"

static const struct weir_sim_conf manual = { .manual = true };
static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };

/* --- the ring of frames ----------------------------------------------------------------------------------------------- */

static void frames_come_out_as_they_went_in(void)
{
	static uint8_t frame[SIM_FRAME_MAX];
	const struct inbox_frame *first;
	struct inbox inbox;
	unsigned in = 0, out = 0;

	CU_ASSERT_EQUAL_FATAL(inbox_open(&inbox), 0);
	for (unsigned round = 0; round < 40; round++) {
		/* Lengths from 1 to 16,384; each frame is filled with its number. */
		while (memset(frame, (int)in, sizeof(frame)),
		       inbox_put(&inbox, frame, 1 + in * 7919 % SIM_FRAME_MAX, in % 2, in))
			in++;
		for (unsigned i = 0; i < 60 && (first = inbox_first(&inbox)); i++, out++) {
			CU_ASSERT_EQUAL(first->len, 1 + out * 7919 % SIM_FRAME_MAX);
			CU_ASSERT_EQUAL(first->flags, out % 2);
			CU_ASSERT_EQUAL(first->due_ns, out);
			CU_ASSERT_EQUAL(first->bytes[0], (uint8_t)out);
			CU_ASSERT_EQUAL(first->bytes[first->len - 1], (uint8_t)out);
			inbox_drop(&inbox);
		}
	}
	while (inbox_first(&inbox)) {
		inbox_drop(&inbox);
		out++;
	}
	CU_ASSERT_EQUAL(in, out);
	CU_ASSERT(in > 2000);
	CU_ASSERT_EQUAL(inbox.refused, 40);
	CU_ASSERT_TRUE(inbox_empty(&inbox));
	inbox_close(&inbox);
}

static void a_full_packet_buffer_is_told(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	static uint8_t frame[SIM_FRAME_MAX + 1];
	struct bench b;
	unsigned sent = 0;

	bench_open(&b, card, true);
	bench_map(&b);
	bench_set(&b, CARD_ENABLE, 1);
	while (!weir_sim_send(card, frame, 16000))
		sent++;
	CU_ASSERT_EQUAL(sent, INBOX_BYTES / 16016 - (INBOX_BYTES % 16016 ? 0 : 1));
	CU_ASSERT_EQUAL(weir_sim_send(card, frame, 16000), -ENOBUFS);
	CU_ASSERT_EQUAL(weir_sim_send(card, frame, sizeof(frame)), -EMSGSIZE);
	CU_ASSERT_EQUAL(weir_sim_send(card, frame, 0), -EMSGSIZE);
	weir_sim_run(sim);
	CU_ASSERT_EQUAL(bench_counter(card, "missed"), 2);
	CU_ASSERT_EQUAL(bench_counter(card, "rx_buffer_full"), 2);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void what_is_held_is_taken_in_order(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple,wire=hold", &card);
	uint8_t frame[100];

	CU_ASSERT_TRUE(sim_wire_send(card->nic, (const uint8_t *)"one", 3));
	CU_ASSERT_TRUE(sim_wire_send(card->nic, (const uint8_t *)"three", 5));
	CU_ASSERT_EQUAL(weir_sim_take(card, frame, sizeof(frame)), 3);
	CU_ASSERT_EQUAL(weir_sim_take(card, frame, 4), -EMSGSIZE);
	CU_ASSERT_EQUAL(weir_sim_take(card, frame, 5), 5);
	CU_ASSERT_EQUAL(memcmp(frame, "three", 5), 0);
	CU_ASSERT_EQUAL(weir_sim_take(card, frame, sizeof(frame)), 0);
	CU_ASSERT_EQUAL(bench_counter(card, "wire_sent"), 2);
	CU_ASSERT_EQUAL(bench_counter(card, "wire_sent_bytes"), 8);
	weir_sim_destroy(sim);
}

/* --- the generator's frames ------------------------------------------------------------------------------------------- */

static void a_generated_frame_is_udp_with_right_checksums(void)
{
	/* Stream 3, flow 5: 10.3.0.5:1029 to 10.255.0.1:9. The header's words add up to 0x9a47. */
	static const uint8_t head[] = { 2,    0, 0,  0,    0, 1, 2,    'g',  'e', 'n', 0,    3,    8,  0,
		                        0x45, 0, 0,  0x2e, 0, 0, 0,    0,    64,  17,  0x65, 0xb8, 10, 3,
		                        0,    5, 10, 255,  0, 1, 0x04, 0x05, 0,   9,   0,    26 };
	uint32_t sum = 17 + 26;
	uint8_t frame[60];

	pattern_make(frame, sizeof(frame), mac, 3, 5, 77);
	CU_ASSERT_EQUAL(memcmp(frame, head, sizeof(head)), 0);
	for (unsigned i = 26; i < 60; i += 2)
		sum += (uint32_t)frame[i] << 8 | frame[i + 1];
	CU_ASSERT_EQUAL((sum & 0xffff) + (sum >> 16), 0xffff);
}

/* Shows frame @seq of flow 1 to the check. */
static void show(struct pattern_check *check, uint64_t seq)
{
	uint8_t frame[200];

	pattern_make(frame, sizeof(frame), mac, 0, 1, seq);
	pattern_look(check, frame, sizeof(frame));
}

static void loss_order_doubles_and_damage_are_found_exactly(void)
{
	struct pattern_check check = { 0 };
	uint8_t frame[200];

	for (unsigned seq = 0; seq < 100; seq++) {
		if (seq == 10 || seq == 11 || seq == 21)
			continue;
		pattern_make(frame, sizeof(frame), mac, 0, 1, seq);
		if (seq == 40)
			frame[150] ^= 0x10;
		if (seq == 50) { /* as a router does: one hop less, the checksum one higher */
			frame[22]--;
			frame[24]++;
		}
		if (seq == 60)
			memset(frame, 0xee, 12); /* new addresses */
		pattern_look(&check, frame, sizeof(frame));
		if (seq == 22)
			show(&check, 21);
		if (seq == 30)
			show(&check, 30);
	}
	memset(frame, 0, sizeof(frame));
	pattern_look(&check, frame, sizeof(frame));
	pattern_look(&check, frame, 14);
	CU_ASSERT_EQUAL(check.good, 97);
	CU_ASSERT_EQUAL(pattern_lost(&check), 3);
	CU_ASSERT_EQUAL(check.late, 1);
	CU_ASSERT_EQUAL(check.twice, 1);
	CU_ASSERT_EQUAL(check.corrupt, 1);
	CU_ASSERT_EQUAL(check.foreign, 2);
	pattern_free(&check);
}

static void long_gaps_and_first_frames_out_of_order_are_counted(void)
{
	struct pattern_check check = { 0 };

	show(&check, 1001);
	show(&check, 1000);
	CU_ASSERT_EQUAL(check.late, 1);
	CU_ASSERT_EQUAL(pattern_lost(&check), 0);
	show(&check, 5000);
	CU_ASSERT_EQUAL(pattern_lost(&check), 3998);
	show(&check, 4500);
	CU_ASSERT_EQUAL(check.late, 2);
	CU_ASSERT_EQUAL(pattern_lost(&check), 3997);
	show(&check, 4500);
	show(&check, 1000);
	CU_ASSERT_EQUAL(check.twice, 2);
	CU_ASSERT_EQUAL(pattern_lost(&check), 3997);
	pattern_free(&check);
}

static void every_bit_of_a_frame_counts(void)
{
	struct pattern_check check = { 0 };
	uint8_t frame[64];

	for (unsigned bit = 12 * 8; bit < sizeof(frame) * 8; bit++) {
		pattern_make(frame, sizeof(frame), mac, 0, 1, bit);
		frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
		pattern_look(&check, frame, sizeof(frame));
	}
	CU_ASSERT_EQUAL(check.good, 0);
	CU_ASSERT_EQUAL(check.corrupt, 52 * 8);
	pattern_free(&check);
}

/* Acts as a driver: takes the next frame that arrived into @frame. Returns its length, 0 when there is none. */
static uint32_t receive(struct bench *b, uint8_t *frame)
{
	uint32_t len;

	bench_set(b, CARD_RX_ADDRESS, IOVA + 0x2000);
	weir_sim_run(b->card->nic->sim);
	len = bench_get(b, CARD_RX_LENGTH);
	memcpy(frame, b->memory + 0x2000, len);
	return len;
}

/* ... and sends one. */
static void send_back(struct bench *b, const uint8_t *frame, uint32_t len)
{
	memcpy(b->memory, frame, len);
	bench_set(b, CARD_TX_ADDRESS, IOVA);
	bench_set(b, CARD_TX, len);
	CU_ASSERT_EQUAL(bench_get(b, CARD_TX_STATUS), 0);
}

static void a_generator_checks_what_comes_back(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim =
	    bench_sim(&manual, "simple,mac=02:00:00:00:00:09,wire=gen:size=128,flows=4,count=50", &card);
	uint8_t frame[2048];
	struct bench b;
	unsigned n = 0;

	bench_open(&b, card, true);
	bench_map(&b);
	weir_sim_run(sim);
	CU_ASSERT_EQUAL(bench_counter(card, "gen_sent"), 0); /* nobody listens */
	bench_set(&b, CARD_ENABLE, 1);
	for (uint32_t len; (len = receive(&b, frame)); n++) {
		CU_ASSERT_EQUAL(len, 124);
		CU_ASSERT_EQUAL(frame[5], 9);
		CU_ASSERT_EQUAL(frame[29], n % 4); /* the flow, in the source address */
		if (n == 13)
			continue; /* lost */
		if (n == 21)
			frame[100] ^= 1;
		send_back(&b, frame, len);
		if (n == 30)
			send_back(&b, frame, len);
	}
	CU_ASSERT_EQUAL(n, 50);
	CU_ASSERT_EQUAL(bench_counter(card, "gen_sent"), 50);
	CU_ASSERT_EQUAL(bench_counter(card, "check_good"), 48);
	CU_ASSERT_EQUAL(bench_counter(card, "check_lost"), 2);
	CU_ASSERT_EQUAL(bench_counter(card, "check_corrupt"), 1);
	CU_ASSERT_EQUAL(bench_counter(card, "check_twice"), 1);
	CU_ASSERT_EQUAL(bench_counter(card, "check_late"), 0);
	bench_close(&b);
	weir_sim_destroy(sim);
}

/* --- cables ----------------------------------------------------------------------------------------------------------- */

/* Card 0 with a cable as told, to card 1, whose client receives. */
static struct weir_sim *cable(const char *text, struct weir_sim_nic *cards[2], struct bench *b)
{
	struct weir_sim *sim = bench_sim(&manual, text, &cards[0]);

	CU_ASSERT_EQUAL_FATAL(weir_sim_nic_add(sim, "simple,wire=pair:0", &cards[1]), 0);
	bench_open(b, cards[1], true);
	bench_map(b);
	bench_set(b, CARD_ENABLE, 1);
	return sim;
}

/* Sends @count frames into the cable and takes out those that arrive. Returns how many. */
static unsigned through(struct weir_sim_nic *card, struct bench *b, unsigned count)
{
	uint8_t frame[2048];
	unsigned arrived = 0;

	for (unsigned i = 0; i < count; i++) {
		memset(frame, (int)i, 60);
		CU_ASSERT_TRUE(sim_wire_send(card->nic, frame, 60));
		if (!receive(b, frame))
			continue;
		CU_ASSERT_EQUAL(frame[59], (uint8_t)i);
		arrived++;
	}
	return arrived;
}

static void a_good_cable_loses_nothing(void)
{
	struct weir_sim_nic *cards[2];
	struct bench b;
	struct weir_sim *sim = cable("simple,wire=pair:1", cards, &b);

	CU_ASSERT_EQUAL(through(cards[0], &b, 300), 300);
	CU_ASSERT_EQUAL(bench_counter(cards[0], "cable_lost"), 0);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void a_bad_cable_loses_what_it_was_told(void)
{
	uint64_t lost[2];

	for (unsigned round = 0; round < 2; round++) {
		struct weir_sim_nic *cards[2];
		struct bench b;
		struct weir_sim *sim = cable("simple,wire=pair:1,loss=0.1,errors=0.1,seed=7", cards, &b);
		unsigned arrived = through(cards[0], &b, 500);

		lost[round] = bench_counter(cards[0], "cable_lost");
		CU_ASSERT(lost[round] > 25 && lost[round] < 100);
		CU_ASSERT(bench_counter(cards[1], "bad") > 20);
		CU_ASSERT_EQUAL(bench_counter(cards[1], "bad"), bench_counter(cards[0], "cable_damaged"));
		CU_ASSERT_EQUAL(arrived + lost[round] + bench_counter(cards[1], "bad"), 500);
		bench_close(&b);
		weir_sim_destroy(sim);
	}
	CU_ASSERT_EQUAL(lost[0], lost[1]);
}

#define TOLD 500 /* frames that a cable is told what to do with */

/* What became of them, found without the cable's help. */
struct fates {
	unsigned came, twice, late, changed_bits;
	bool elsewhere; /* something changed in front of the last 12 bytes */
};

static void look_at(struct fates *fates, const uint8_t *frame, bool seen[TOLD], unsigned *highest)
{
	unsigned number = (unsigned)frame[0] << 8 | frame[1];

	CU_ASSERT_FATAL(number < TOLD);
	fates->came++;
	fates->twice += seen[number];
	fates->late += !seen[number] && number < *highest;
	seen[number] = true;
	*highest = number > *highest ? number : *highest;
	for (unsigned i = 2; i < 60; i++) {
		fates->changed_bits += (unsigned)__builtin_popcount(frame[i] ^ 0xa5u);
		fates->elsewhere = fates->elsewhere || (i < 48 && frame[i] != 0xa5);
	}
}

/* Sends the frames, each with its number, by a cable as told. The counters of @lost and the others are checked. */
static struct fates fates_of(const char *text)
{
	struct fates fates = { 0 };
	struct weir_sim_nic *cards[2];
	struct bench b;
	struct weir_sim *sim = cable(text, cards, &b);
	bool seen[TOLD] = { false };
	unsigned highest = 0;
	uint64_t gone;

	for (unsigned i = 0; i < TOLD; i++) {
		uint8_t frame[2048];

		memset(frame, 0xa5, 60);
		frame[0] = (uint8_t)(i >> 8);
		frame[1] = (uint8_t)i;
		CU_ASSERT_TRUE(sim_wire_send(cards[0]->nic, frame, 60));
		while (receive(&b, frame))
			look_at(&fates, frame, seen, &highest);
	}
	gone = bench_counter(cards[0], "cable_lost") + bench_counter(cards[0], "cable_held");
	CU_ASSERT_EQUAL(fates.came, TOLD - gone + bench_counter(cards[0], "cable_doubled"));
	CU_ASSERT_EQUAL(fates.twice, bench_counter(cards[0], "cable_doubled"));
	CU_ASSERT_EQUAL(fates.late, bench_counter(cards[0], "cable_overtaken"));
	CU_ASSERT_EQUAL(bench_counter(cards[1], "bad"), 0);
	bench_close(&b);
	weir_sim_destroy(sim);
	return fates;
}

static bool some(unsigned count)
{
	return count > TOLD / 20 && count < TOLD / 5;
}

/* A tenth of the frames each; what else there is stays as it was. */
static void a_cable_doubles_reorders_and_changes_what_it_was_told(void)
{
	struct fates fates = fates_of("simple,wire=pair:1,duplicate=0.1,seed=3");

	CU_ASSERT(some(fates.twice) && !fates.late && !fates.changed_bits);
	fates = fates_of("simple,wire=pair:1,reorder=0.1,seed=4");
	CU_ASSERT(some(fates.late) && !fates.twice && !fates.changed_bits);
	fates = fates_of("simple,wire=pair:1,corrupt=0.1,seed=5");
	/* One bit of each, near the end. */
	CU_ASSERT(some(fates.changed_bits) && !fates.elsewhere && !fates.twice && !fates.late);
	fates = fates_of("simple,wire=pair:1,loss=0.1,duplicate=0.1,reorder=0.1,corrupt=0.1,seed=6");
	CU_ASSERT(some(fates.twice) && some(fates.late) && some(fates.changed_bits) && !fates.elsewhere);
}

static void a_long_cable_takes_its_time(void)
{
	struct weir_sim_nic *cards[2];
	struct bench b;
	struct weir_sim *sim = cable("simple,wire=pair:1,meters=10M", cards, &b); /* 50 ms */
	uint8_t frame[2048] = { 0 };
	uint64_t start = sim_now_ns(cards[0]->nic), now;

	CU_ASSERT_TRUE(sim_wire_send(cards[0]->nic, frame, 60));
	while (!receive(&b, frame) && sim_now_ns(cards[0]->nic) < start + 5000000000u)
		bench_pause();
	now = sim_now_ns(cards[0]->nic);
	CU_ASSERT(now - start >= 50000000u);
	CU_ASSERT(now - start < 5000000000u);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void a_slow_cable_holds_the_sender_up(void)
{
	struct weir_sim_nic *cards[2];
	struct bench b;
	struct weir_sim *sim = cable("simple,wire=pair:1,mbps=0.01", cards, &b); /* 67 ms for a frame of 60 bytes */
	uint8_t frame[60] = { 0 };

	CU_ASSERT_TRUE(sim_wire_send(cards[0]->nic, frame, 60));
	CU_ASSERT_FALSE(sim_wire_send(cards[0]->nic, frame, 60));
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void a_cable_that_is_out_is_out_at_both_ends(void)
{
	struct weir_sim_nic *cards[2];
	struct bench b;
	struct weir_sim *sim = cable("simple,wire=pair:1", cards, &b);
	uint8_t frame[2048] = { 0 };

	weir_sim_link(cards[1], false);
	CU_ASSERT_FALSE(cards[0]->nic->link_up);
	CU_ASSERT_FALSE(cards[1]->nic->link_up);
	CU_ASSERT_TRUE(sim_wire_send(cards[0]->nic, frame, 60));
	CU_ASSERT_EQUAL(receive(&b, frame), 0);
	CU_ASSERT_EQUAL(bench_counter(cards[0], "wire_unplugged"), 1);
	weir_sim_link(cards[0], true);
	CU_ASSERT_TRUE(cards[1]->nic->link_up);
	CU_ASSERT_EQUAL(through(cards[0], &b, 3), 3);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void a_looped_cable_brings_everything_back(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple,wire=loop", &card);
	struct bench b;

	bench_open(&b, card, true);
	bench_map(&b);
	bench_set(&b, CARD_ENABLE, 1);
	CU_ASSERT_EQUAL(through(card, &b, 10), 10);
	weir_sim_fault(card, WEIR_SIM_RX_CRC, 0, 2);
	CU_ASSERT_EQUAL(through(card, &b, 10), 8);
	CU_ASSERT_EQUAL(bench_counter(card, "bad"), 2);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void a_sink_checks_what_a_generator_of_another_card_made(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple,wire=sink", &card);
	uint8_t frame[60];

	for (unsigned seq = 0; seq < 10; seq++) {
		pattern_make(frame, sizeof(frame), mac, 2, 6, seq);
		if (seq != 4)
			CU_ASSERT_TRUE(sim_wire_send(card->nic, frame, sizeof(frame)));
	}
	CU_ASSERT_EQUAL(bench_counter(card, "check_good"), 9);
	CU_ASSERT_EQUAL(bench_counter(card, "check_lost"), 1);
	weir_sim_destroy(sim);
}

/* --- files ------------------------------------------------------------------------------------------------------------ */

static void frames_come_from_a_file_and_go_to_one(void)
{
	char dir[] = "/tmp/simwire-XXXXXX", rx[64], tx[64], text[200], error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr head = { .caplen = 60, .len = 60 }, *got;
	struct weir_sim_nic *card;
	struct weir_sim *sim;
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);
	const uint8_t *data;
	uint8_t frame[2048];
	pcap_dumper_t *dump;
	struct bench b;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	snprintf(rx, sizeof(rx), "%s/rx.pcap", dir);
	snprintf(tx, sizeof(tx), "%s/tx.pcap", dir);
	dump = pcap_dump_open(pcap, rx);
	for (unsigned i = 0; i < 5; i++) {
		memset(frame, (int)i, 60);
		head.len = i == 2   ? 61
		           : i == 3 ? 42
		                    : 60; /* one was cut short by who captured it, one not yet filled up */
		head.caplen = i == 3 ? 42 : 60;
		pcap_dump((u_char *)dump, &head, frame);
	}
	pcap_dump_close(dump);
	pcap_close(pcap);

	snprintf(text, sizeof(text), "simple,wire=pcap:rx=%s,tx=%s", rx, tx);
	sim = bench_sim(&manual, text, &card);
	bench_open(&b, card, true);
	bench_map(&b);
	bench_set(&b, CARD_ENABLE, 1);
	for (unsigned i = 0; i < 5; i++) {
		if (i == 2)
			continue;
		CU_ASSERT_EQUAL(receive(&b, frame), 60);
		CU_ASSERT_EQUAL(frame[0], i);
		CU_ASSERT_EQUAL(frame[41], i);
		CU_ASSERT_EQUAL(frame[42], i == 3 ? 0 : i);
		frame[0] = 0xff;
		send_back(&b, frame, 60);
	}
	CU_ASSERT_EQUAL(receive(&b, frame), 0);
	CU_ASSERT_EQUAL(bench_counter(card, "pcap_read"), 4);
	CU_ASSERT_EQUAL(bench_counter(card, "pcap_skipped"), 1);
	bench_close(&b);
	weir_sim_destroy(sim);

	pcap = pcap_open_offline(tx, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(pcap);
	for (unsigned i = 0; i < 5; i++) {
		if (i == 2)
			continue;
		CU_ASSERT_EQUAL_FATAL(pcap_next_ex(pcap, &got, &data), 1);
		CU_ASSERT_EQUAL(got->len, 60);
		CU_ASSERT_EQUAL(data[0], 0xff);
		CU_ASSERT_EQUAL(data[1], i);
	}
	CU_ASSERT_EQUAL(pcap_next_ex(pcap, &got, &data), PCAP_ERROR_BREAK);
	pcap_close(pcap);
	unlink(rx);
	unlink(tx);
	rmdir(dir);
}

/* --- texts ------------------------------------------------------------------------------------------------------------ */

static void a_card_that_cannot_be_is_refused_with_a_sentence(void)
{
	static const char *const bad[] = {
		"",
		"simpler",
		"simple,",
		"simple,mac",
		"simple,mac=02:00:00:00:00",
		"simple,mac=02:00:00:00:00:00:00",
		"simple,mac=03:00:00:00:00:00",
		"simple,speed=1",
		"simple,wire=",
		"simple,wire=rope",
		"simple,wire=hold:1",
		"simple,wire=gen:size=63",
		"simple,wire=gen:size=",
		"simple,wire=gen:size",
		"simple,wire=gen:color=1",
		"simple,wire=gen:pps=-1",
		"simple,wire=gen:pps=1Q",
		"simple,wire=gen:flows=0",
		"simple,wire=gen:pps=nan",
		"simple,wire=pair:",
		"simple,wire=pair:x",
		"simple,wire=pair:0",
		"simple,wire=pair:1,loss=2",

		"simple,wire=pcap:",
		"simple,wire=pcap:rx=",
		"simple,wire=pcap:rx=/nonexistent",
		"simple,wire=tap:",
		"simple,wire=tap:a-name-that-is-too-long",
		"simple,wire=af_packet:nonexistent0",
	};
	struct weir_sim_nic *card;
	struct weir_sim *sim;

	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&manual, &sim), 0);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int err = weir_sim_nic_add(sim, bad[i], &card);

		if (err >= 0)
			printf("'%s' was taken\n", bad[i]);
		CU_ASSERT(err < 0);
		CU_ASSERT_PTR_NULL(card);
		CU_ASSERT(strlen(weir_sim_error()) > 10);
	}
	CU_ASSERT_PTR_NULL(weir_sim_nic(sim, 0));
	CU_ASSERT_EQUAL(weir_sim_nic_add(sim, "simple,mac=02:aB:00:00:00:09,wire=pair:1,mbps=1k", &card), 0);
	CU_ASSERT_PTR_EQUAL(weir_sim_nic(sim, 0), card);
	CU_ASSERT_EQUAL(card->nic->mac[1], 0xab);
	weir_sim_destroy(sim);
}

static const struct unit_case cases[] = {
	{ "frames come out as they went in", frames_come_out_as_they_went_in },
	{ "a full packet buffer is told", a_full_packet_buffer_is_told },
	{ "what is held is taken in order", what_is_held_is_taken_in_order },
	{ "a generated frame is UDP with right checksums", a_generated_frame_is_udp_with_right_checksums },
	{ "loss, order, doubles and damage are found exactly", loss_order_doubles_and_damage_are_found_exactly },
	{ "long gaps, and first frames out of order, are counted",
	  long_gaps_and_first_frames_out_of_order_are_counted },
	{ "every bit of a frame counts", every_bit_of_a_frame_counts },
	{ "a generator checks what comes back", a_generator_checks_what_comes_back },
	{ "a good cable loses nothing", a_good_cable_loses_nothing },
	{ "a bad cable loses what it was told", a_bad_cable_loses_what_it_was_told },
	{ "a cable doubles, reorders and changes what it was told",
	  a_cable_doubles_reorders_and_changes_what_it_was_told },
	{ "a long cable takes its time", a_long_cable_takes_its_time },
	{ "a slow cable holds the sender up", a_slow_cable_holds_the_sender_up },
	{ "a cable that is out is out at both ends", a_cable_that_is_out_is_out_at_both_ends },
	{ "a looped cable brings everything back", a_looped_cable_brings_everything_back },
	{ "a sink checks what a generator of another card made", a_sink_checks_what_a_generator_of_another_card_made },
	{ "frames come from a file and go to one", frames_come_from_a_file_and_go_to_one },
	{ "a card that cannot be is refused with a sentence", a_card_that_cannot_be_is_refused_with_a_sentence },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("sim wire", cases);
}
