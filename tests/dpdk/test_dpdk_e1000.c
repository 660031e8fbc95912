/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench.h"

#include "frames.h"
#include "trap.h"

static void there_and_back(unsigned first, unsigned n)
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

static void one(const char *model)
{
	struct pmd_conf conf = { .eth.rxmode.mtu = 1500 };
	begin(model, EXACT, &conf);
	there_and_back(60, 16);
	end();
}
static void a(void) { one("82540EM"); }
static void b(void) { one("82574L"); }
static void c(void) { one("82576"); }

static const struct unit_case cases[] = { { "82540EM", a }, { "82574L", b }, { "82576", c }, { NULL, NULL } };

int main(void)
{
	int code = eal_start();

	return code ? code : unit_run("DPDK e1000", cases);
}
