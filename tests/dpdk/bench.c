/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card in a simulator under DPDK's driver.
 */
#include "bench.h"

#include <rte_vect.h>
#include <string.h>

#include "frames.h"

struct bench bench;

void bench_vector(bool on)
{
	CU_ASSERT_EQUAL(rte_vect_set_max_simd_bitwidth(on ? RTE_VECT_SIMD_256 : RTE_VECT_SIMD_DISABLED), 0);
}

void bench_open(const char *model, enum mode mode)
{
	struct weir_sim_conf conf = { .manual = true, .fast = mode == FAST };
	char text[96];
	int err;

	memset(&bench, 0, sizeof(bench));
	bench_vector(true);
	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&conf, &bench.sim), 0);
	bench.weir = open_weir();
	snprintf(text, sizeof(text), "%s,mac=02:00:00:00:00:01,wire=hold", model);
	CU_ASSERT_EQUAL_FATAL(weir_sim_nic_add(bench.sim, text, &bench.nic), 0);
	err = pmd_open(&bench.pmd, bench.weir, bench.sim, bench.nic, mode != EXACT);
	if (err)
		printf("%s, %s\n", weir_error(), weir_sim_error());
	CU_ASSERT_EQUAL_FATAL(err, 0);
	bench.port = bench.pmd.port;
}

void begin(const char *model, enum mode mode, const struct pmd_conf *conf)
{
	bench_open(model, mode);
	CU_ASSERT_EQUAL_FATAL(pmd_start(&bench.pmd, conf), 0);
}

/* What the driver does although the datasheet forbids it, of which nothing is known but what a case has told of. */
static bool is_known(const char *line)
{
	return bench.known && strstr(line, bench.known);
}

static void check_violations(void)
{
	char text[8192] = "", *rest = text, *line;

	weir_sim_violations(bench.nic, text, sizeof(text));
	while ((line = strsep(&rest, "\n")))
		if (*line && !is_known(line)) {
			CU_FAIL("the datasheet forbids it");
			printf("%s\n", line);
		}
}

void bench_close(void)
{
	pmd_close(&bench.pmd);
	check_violations();
	CU_ASSERT_EQUAL(card_counter("rx_dma_refused") + card_counter("tx_dma_refused"), bench.refused);
	weir_close(bench.weir);
	weir_sim_destroy(bench.sim);
}

void end(void)
{
	CU_ASSERT_EQUAL(pmd_stop(&bench.pmd), 0);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(bench.pmd.pool), 0);
	bench_close();
}

void run(void)
{
	while (weir_sim_run(bench.sim))
		;
}

void arrive(const void *frame, size_t len)
{
	CU_ASSERT_EQUAL(weir_sim_send(bench.nic, frame, len), 0);
}

size_t receive_one(uint16_t queue, uint8_t *bytes)
{
	struct rte_mbuf *packets[BURST];
	unsigned n = pmd_receive(&bench.pmd, queue, packets, BURST);
	size_t len = n ? pmd_bytes(packets[0], bytes) : 0;

	CU_ASSERT(n < 2);
	rte_pktmbuf_free_bulk(packets, n);
	return len;
}

/* The first bytes of a frame. */
static void show(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len && i < 96; i++)
		printf("%02x%s", bytes[i], i % 32 == 31 ? "\n" : i % 2 ? " " : "");
	printf("\n");
}

bool departs(const void *frame, size_t len)
{
	static uint8_t sent[FRAME_MAX];
	int got;

	run();
	got = weir_sim_take(bench.nic, sent, sizeof(sent));
	if (got == (int)len && !memcmp(sent, frame, len))
		return true;
	printf("expected %zu bytes and got %d\n", len, got);
	show(frame, len);
	if (got > 0)
		show(sent, (size_t)got);
	return false;
}

void there_and_back(unsigned first, unsigned n)
{
	static uint8_t frame[FRAME_MAX], got[FRAME_MAX];
	struct rte_mbuf *packets[2 * BURST];
	unsigned received;

	for (unsigned i = 0; i < n; i++)
		arrive(frame, frame_plain(frame, first + i));
	received = pmd_receive(&bench.pmd, 0, packets, 2 * BURST);
	CU_ASSERT_EQUAL_FATAL(received, n);
	for (unsigned i = 0; i < n; i++) {
		size_t len = frame_plain(frame, first + i);

		CU_ASSERT_EQUAL(packets[i]->pkt_len, len);
		CU_ASSERT_EQUAL(pmd_bytes(packets[i], got), len);
		CU_ASSERT_EQUAL(memcmp(got, frame, len), 0);
	}
	CU_ASSERT_EQUAL(pmd_send(&bench.pmd, 0, packets, n), n);
	for (unsigned i = 0; i < n; i++)
		CU_ASSERT(departs(frame, frame_plain(frame, first + i)));
}

void a_frame_passes(void)
{
	static uint8_t frame[256], got[FRAME_MAX];
	struct rte_mbuf *packet;
	size_t len = frame_plain(frame, 200);

	arrive(frame, len);
	CU_ASSERT_EQUAL(receive_one(0, got), len);
	CU_ASSERT_EQUAL(memcmp(frame, got, len), 0);
	packet = pmd_packet(&bench.pmd, frame, len);
	CU_ASSERT_EQUAL(pmd_send(&bench.pmd, 0, &packet, 1), 1);
	CU_ASSERT(departs(frame, len));
}

uint64_t card_counter(const char *wanted)
{
	const char *name;
	uint64_t value;

	for (unsigned i = 0; !weir_sim_counter(bench.nic, i, &name, &value); i++)
		if (!strcmp(name, wanted))
			return value;
	CU_FAIL("the card has no such counter");
	return 0;
}
