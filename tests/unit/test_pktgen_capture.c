/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Captures on a trigger, read back by libpcap; and answers to ARP, byte for byte. (What the kernel makes of answers is shown
 * by tests/apps/pktgen-answer.sh.)
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>
#include <unistd.h>

#include "pktgen/answer.h"
#include "pktgen/capture.h"
#include "unit.h"

static char path[] = "/tmp/weir-capture-XXXXXX", error[CAPTURE_ERROR];

/* Lets packet number @n come: 20 + n bytes of n. */
static void come(struct capture *capture, uint8_t n, unsigned what, uint64_t latency_ns)
{
	uint8_t frame[256];

	memset(frame, n, sizeof(frame));
	if (capture_wants(capture))
		capture_packet(capture, frame, 20u + n, 1000000000000000007u + n, what, latency_ns);
	capture_rest(capture);
}

/* The file holds @count packets from number @first on, each cut to @snap bytes, and no more. */
static void holds(unsigned first, unsigned count, unsigned snap)
{
	char text[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, text);
	struct pcap_pkthdr *header;
	const u_char *data;

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(pcap_datalink(file), DLT_EN10MB);
	for (unsigned i = first; i < first + count; i++) {
		CU_ASSERT_EQUAL_FATAL(pcap_next_ex(file, &header, &data), 1);
		CU_ASSERT_EQUAL(header->len, 20 + i);
		CU_ASSERT_EQUAL(header->caplen, 20 + i < snap ? 20 + i : snap);
		CU_ASSERT_EQUAL(data[header->caplen - 1], i);
		CU_ASSERT_EQUAL(header->ts.tv_sec, 1000000000);
		CU_ASSERT_EQUAL(header->ts.tv_usec, 7 + (long)i);
	}
	CU_ASSERT_EQUAL(pcap_next_ex(file, &header, &data), PCAP_ERROR_BREAK);
	pcap_close(file);
}

static void what_surrounds_the_trigger_is_kept(void)
{
	const struct capture_conf conf = { .trigger = MEASURE_GAP, .before = 2, .after = 3, .snap = 30 };
	struct capture *capture;
	uint64_t count;

	CU_ASSERT_EQUAL_FATAL(capture_create(&capture), 0);
	CU_ASSERT_EQUAL(capture_arm(capture, &conf, error), 0);
	CU_ASSERT_STRING_EQUAL(capture_state(capture), "waiting");
	CU_ASSERT_EQUAL(capture_arm(capture, &conf, error), -EBUSY);
	CU_ASSERT_STRING_EQUAL(error, "a capture is waiting already; end it first");
	for (uint8_t n = 0; n < 20; n++)
		come(capture, n, n == 9 ? MEASURE_GAP : n == 5 ? MEASURE_DUPLICATE : 0, 0);
	CU_ASSERT_TRUE(capture_finished(capture));
	CU_ASSERT_EQUAL(capture_save(capture, path, "port", &count, error), 0);
	CU_ASSERT_EQUAL(count, 5);
	holds(7, 5, 30);
	CU_ASSERT_STRING_EQUAL(capture_state(capture), "idle");
	capture_destroy(capture);
}

static void a_trigger_that_comes_early_has_less_before_it(void)
{
	const struct capture_conf conf = {
		.trigger = CAPTURE_LATENCY, .latency_ns = 500, .before = 10, .after = 2, .snap = 100
	};
	struct capture *capture;
	uint64_t count;

	CU_ASSERT_EQUAL_FATAL(capture_create(&capture), 0);
	CU_ASSERT_EQUAL(capture_arm(capture, &conf, error), 0);
	for (uint8_t n = 0; n < 6; n++)
		come(capture, n, 0, n == 1 ? 501 : 500);
	CU_ASSERT_EQUAL(capture_save(capture, path, "port", &count, error), 0);
	CU_ASSERT_EQUAL(count, 3);
	holds(0, 3, 100);
	capture_destroy(capture);
}

static void a_capture_that_is_ended_has_what_came_last(void)
{
	const struct capture_conf conf = { .trigger = CAPTURE_FOREIGN, .before = 3, .after = 1, .snap = 100 };
	struct capture *capture;
	uint64_t count;

	CU_ASSERT_EQUAL_FATAL(capture_create(&capture), 0);
	CU_ASSERT_EQUAL(capture_arm(capture, &conf, error), 0);
	for (uint8_t n = 0; n < 9; n++)
		come(capture, n, 0, 0);
	capture_stop(capture);
	CU_ASSERT_FALSE(capture_finished(capture));
	capture_rest(capture);
	CU_ASSERT_TRUE(capture_finished(capture));
	CU_ASSERT_EQUAL(capture_save(capture, "/nonexistent/file", "port", &count, error), -ENOENT);
	CU_ASSERT_STRING_EQUAL(error,
	                       "the capture cannot be written to '/nonexistent/file': No such file or directory");
	capture_destroy(capture);
}

static void arp_is_answered_byte_for_byte(void)
{
	static const uint8_t asked[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,   0, 0, 0, 0, 1, 0x81, 0, 0,   7, 8, 6, /* in VLAN 7 */
		0,    1,    8,    0,    6,    4,    0,   1, 2, 0, 0, 0, 0,    1, 192, 0, 2, 1, /* who asks */
		0,    0,    0,    0,    0,    0,    192, 0, 2, 9,
	};
	static const uint8_t answered[] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0,   0, 9, 0x81, 0, 0, 7, 8, 6, 0, 1,   8, 0, 6,
		4, 0, 2, 2, 0, 0, 0, 0, 9, 192, 0, 2, 9,    2, 0, 0, 0, 0, 1, 192, 0, 2, 1,
	};
	struct answer answer = { .mac = { 2, 0, 0, 0, 0, 9 } };
	uint8_t reply[256], other[sizeof(asked)];

	CU_ASSERT_EQUAL(answer_frame(&answer, asked, sizeof(asked), reply), 0);
	CU_ASSERT_EQUAL(answer_add(&answer, "192.0.2.8/30", error), 0);
	CU_ASSERT_EQUAL_FATAL(answer_frame(&answer, asked, sizeof(asked), reply), sizeof(answered));
	CU_ASSERT_EQUAL(memcmp(reply, answered, sizeof(answered)), 0);
	CU_ASSERT_EQUAL(answer.arp, 1);
	/* Beyond the network, a reply, and half a request. */
	memcpy(other, asked, sizeof(asked));
	other[sizeof(other) - 1] = 12;
	CU_ASSERT_EQUAL(answer_frame(&answer, other, sizeof(other), reply), 0);
	CU_ASSERT_EQUAL(answer_frame(&answer, answered, sizeof(answered), reply), 0);
	CU_ASSERT_EQUAL(answer_frame(&answer, asked, sizeof(asked) - 1, reply), 0);
}

static void addresses_that_are_none_get_a_sentence(void)
{
	struct answer answer = { .count = 0 };

	CU_ASSERT_EQUAL(answer_add(&answer, "192.0.2", error), -EINVAL);
	CU_ASSERT_STRING_EQUAL(error, "'192.0.2' is no address and no network, such as 192.0.2.1 or 2001:db8::/64");
	CU_ASSERT_EQUAL(answer_add(&answer, "2001:db8::/129", error), -EINVAL);
	CU_ASSERT_EQUAL(answer_add(&answer, "2001:db8::1/64", error), -EINVAL);
	CU_ASSERT_EQUAL(answer_add(&answer, "2001:db8::1", error), 0);
	CU_ASSERT_EQUAL(answer_add(&answer, "0.0.0.0/0", error), 0);
	CU_ASSERT_EQUAL(answer.count, 2);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "what surrounds the trigger is kept", what_surrounds_the_trigger_is_kept },
		{ "a trigger that comes early has less before it", a_trigger_that_comes_early_has_less_before_it },
		{ "a capture that is ended has what came last", a_capture_that_is_ended_has_what_came_last },
		{ "ARP is answered byte for byte", arp_is_answered_byte_for_byte },
		{ "addresses that are none get a sentence", addresses_that_are_none_get_a_sentence },
		{ NULL, NULL },
	};
	int fd = mkstemp(path), code;

	if (fd < 0)
		return unit_skip("no file can be made in /tmp");
	close(fd);
	code = unit_run("pktgen capture", cases);
	unlink(path);
	return code;
}
