/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Our drivers beside DPDK's, on cards of the same model: cycles for each packet.
 *
 * In lockstep the model moves between what is timed, on the same processor: frames arrive, then the driver takes them and
 * sends them, then the card sends what is in its rings. "threaded": the model moves on another processor, so that
 * descriptors and packets come from its cache, as they come from a card; the two take turns all the same.
 */
#include "nic.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "core/core.h"
#include "weir/net.h"
#include "weir/parse.h"

#define FRAMES 64u /* that differ */

static struct {
	const struct nic_setting *setting;
	struct weir_sim *sim;
	struct nic_side ours, theirs;
	uint8_t frames[FRAMES][9728];
	unsigned lens[FRAMES];
	sem_t go, gone;
	struct weir_sim_nic *to; /* where frames arrive; NULL: none do; */
	unsigned n;              /* so many */
	bool over;
	bool huge;
} nic;

unsigned nic_stretch(const struct nic_setting *s)
{
	unsigned n = s->slots / 4; /* DPDK's drivers leave up to 64 slots of a ring without buffers */

	if (s->len > 2048)
		n /= 4;
	return (n < NIC_STRETCH ? n : NIC_STRETCH) * s->queues;
}

/* --- frames ----------------------------------------------------------------------------------------------------------- */

/* UDP over IPv4; with a tag if @tagged. */
static void make_frame(uint8_t *frame, unsigned len, bool tagged, uint16_t port)
{
	static const uint8_t start[] = { 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0x81, 0, 0, 100, 8, 0 };
	unsigned l2 = tagged ? 18 : 14;
	uint8_t *ip = frame + l2;
	uint16_t sum;

	memset(frame, 0, len);
	memcpy(frame, start, 12);
	memcpy(frame + 12, tagged ? start + 12 : start + 16, l2 - 12);
	memcpy(ip, (uint8_t[]){ 0x45, 0, 0, 0, 0, 7, 0x40, 0, 64, 17, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2 }, 20);
	ip[2] = (uint8_t)((len - l2) >> 8);
	ip[3] = (uint8_t)(len - l2);
	sum = weir_sum_fold(weir_sum(ip, 20));
	sum = (uint16_t)~sum;
	memcpy(ip + 10, &sum, 2);
	ip[20] = (uint8_t)(port >> 8);
	ip[21] = (uint8_t)port;
	ip[23] = 9;
	ip[24] = (uint8_t)((len - l2 - 20) >> 8);
	ip[25] = (uint8_t)(len - l2 - 20);
}

/* As many to each queue, by the hash that both have cards make. */
static uint16_t port_for(unsigned queue, unsigned nth)
{
	for (unsigned port = 1000;; port++) {
		uint8_t input[] = { 192, 0, 2, 1, 198, 51, 100, 2, (uint8_t)(port >> 8), (uint8_t)port, 0, 9 };

		if (weir_toeplitz_plain(nic_key, input, sizeof(input)) % nic.setting->queues == queue && !nth--)
			return (uint16_t)port;
	}
}

static void make_frames(const struct nic_setting *s)
{
	static const unsigned imix[] = { 60, 570, 60, 60, 570, 60, 1514, 60, 570, 60, 60, 570 };

	for (unsigned i = 0; i < FRAMES; i++) {
		nic.lens[i] = s->len ? s->len : imix[i % ARRAY_SIZE(imix)];
		make_frame(nic.frames[i], nic.lens[i], s->offloads, port_for(i % s->queues, i / s->queues));
	}
}

/* --- the card --------------------------------------------------------------------------------------------------------- */

static void move(void)
{
	while (weir_sim_run(nic.sim))
		;
	for (unsigned i = 0; nic.to && i < nic.n; i++) {
		bench_must(weir_sim_send(nic.to, nic.frames[i % FRAMES], nic.lens[i % FRAMES]), weir_sim_error());
		if (i % 32 == 31)
			weir_sim_run(nic.sim);
	}
	while (weir_sim_run(nic.sim))
		;
}

static void *mover(void *arg)
{
	(void)arg;
	bench_pin(1);
	for (;;) {
		sem_wait(&nic.go);
		if (nic.over)
			return NULL;
		move();
		sem_post(&nic.gone);
	}
}

static void deliver(struct weir_sim_nic *to, unsigned n)
{
	nic.to = to;
	nic.n = n;
	if (!nic.setting->threads) {
		move();
		return;
	}
	sem_post(&nic.go);
	sem_wait(&nic.gone);
}

/* --- stretches -------------------------------------------------------------------------------------------------------- */

static uint64_t stretch(const struct nic_setting *s, const struct nic_side *side)
{
	unsigned n = nic_stretch(s), done;
	uint64_t start;

	deliver(s->what == SEND ? NULL : side->nic, n);
	start = bench_start();
	done = side->run(s, n);
	start = bench_stop(start);
	bench_must(done != n, side == &nic.ours ? "bench_nic: not all packets passed our driver"
	                                        : "bench_nic: not all packets passed DPDK's driver");
	return start;
}

static uint64_t run_ours(void *arg)
{
	const struct nic_setting *s = arg;
	uint64_t cycles;

	if (s->what == SEND)
		nic_prepare_ours(s, nic_stretch(s));
	cycles = stretch(s, &nic.ours);
	if (s->what == RECEIVE)
		nic_finish_ours();
	return cycles;
}

#ifdef WITH_DPDK
static uint64_t run_theirs(void *arg)
{
	const struct nic_setting *s = arg;
	uint64_t cycles;

	if (s->what == SEND)
		nic_prepare_theirs(s, nic_stretch(s));
	cycles = stretch(s, &nic.theirs);
	if (s->what == RECEIVE)
		nic_finish_theirs();
	return cycles;
}
#endif

/* --- cases ------------------------------------------------------------------------------------------------------------ */

static void name(const struct nic_setting *s, char *text, size_t size)
{
	static const char *const whats[] = { "rx", "tx", "forward" };
	static const char *const touches[] = { "", ", MAC swap", ", 5-tuple" };
	char len[24] = "IMIX", more[64] = "";
	int used = 0;

	if (s->len)
		snprintf(len, sizeof(len), "%u B", s->len + 4);
	if (s->slots != 512)
		used += snprintf(more + used, sizeof(more) - (size_t)used, ", %u slots", s->slots);
	if (s->queues > 1)
		snprintf(more + used, sizeof(more) - (size_t)used, ", %u queues", s->queues);
	snprintf(text, size, "%s%s %s, burst %u%s%s%s", whats[s->what], touches[s->touch], len, s->burst,
	         s->offloads ? ", offloads" : "", more, s->threads ? ", threaded" : "");
}

static void run_case(const struct nic_setting *setting)
{
	/* Both in hugepages, or none. */
	struct weir_conf weir_conf = { .mem_reserve = GIB(1),
		                       .mem_grow = MIB(2),
		                       .mem_page_size = nic.huge ? MIB(2) : KIB(4) };
	struct weir_sim_conf sim_conf = { .manual = true, .fast = true };
	struct nic_setting s = *setting;
	struct weir *weir;
	pthread_t thread;
	char what[192];

	s.queues = s.queues ? s.queues : 1;
	s.slots = s.slots ? s.slots : 512;
	s.burst = s.burst ? s.burst : 32;
	nic.setting = &s;
	nic.over = false;
	make_frames(&s);
	bench_must(weir_sim_create(&sim_conf, &nic.sim), "bench_nic");
	bench_must(weir_open(&weir_conf, &weir), "bench_nic");
	nic_open_ours(&s, weir, nic.sim, &nic.ours);
#ifdef WITH_DPDK
	nic_open_theirs(&s, weir, nic.sim, &nic.theirs);
#endif
	sem_init(&nic.go, 0, 0);
	sem_init(&nic.gone, 0, 0);
	if (s.threads)
		bench_must(pthread_create(&thread, NULL, mover, NULL), "bench_nic: a second thread");
	name(&s, what, sizeof(what));
	bench_run(&(struct bench_case){ .group = s.model,
	                                .what = what,
	                                .unit = "packet",
	                                .units = nic_stretch(&s),
	                                .ours = run_ours,
	                                .theirs = THEIRS(run_theirs),
	                                .arg = &s,
	                                .mark = s.mark });
	nic.over = true;
	if (s.threads) {
		sem_post(&nic.go);
		pthread_join(thread, NULL);
	}
	nic.to = NULL;
	move();
#ifdef WITH_DPDK
	nic_close_theirs();
#endif
	nic_close_ours();
	weir_close(weir);
	weir_sim_destroy(nic.sim);
}

static void run_quick(void)
{
	static const struct nic_setting cases[] = {
		{ .model = "82599", .what = RECEIVE, .len = 60 },
		{ .model = "82599", .what = SEND, .len = 60 },
		{ .model = "82599", .what = FORWARD, .len = 60, .mark = 0.6 },
		{ .model = "82599", .what = FORWARD, .len = 60, .burst = 4, .mark = 0.6 },
		{ .model = "82599", .what = FORWARD, .len = 60, .touch = MAC_SWAP, .mark = 0.6 },
		{ .model = "82599", .what = FORWARD, .len = 60, .touch = FIVE_TUPLE },
		{ .model = "82599", .what = FORWARD, .len = 60, .offloads = true, .mark = 0.4 },
		{ .model = "82599", .what = FORWARD },
		{ .model = "82599", .what = FORWARD, .len = 9014 },
		{ .model = "82599", .what = FORWARD, .len = 60, .slots = 128 },
		{ .model = "82599", .what = FORWARD, .len = 60, .slots = 4096 },
		{ .model = "82599", .what = FORWARD, .len = 60, .queues = 8 },
		{ .model = "82599", .what = FORWARD, .len = 60, .threads = true, .mark = 0.75 },
		{ .model = "82599", .what = FORWARD, .len = 60, .touch = MAC_SWAP, .threads = true, .mark = 0.75 },
		{ .model = "82576", .what = FORWARD, .len = 60 },
		{ .model = "82576", .what = FORWARD, .len = 60, .offloads = true },
		{ .model = "82574L", .what = FORWARD, .len = 60 },
		{ .model = "82574L", .what = FORWARD, .len = 60, .offloads = true },
		{ .model = "82540EM", .what = FORWARD, .len = 60 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		run_case(&cases[i]);
}

/* Every burst, length and size of a ring, with one thing changed at a time. */
static void run_all(const char *model)
{
	static const unsigned bursts[] = { 1, 4, 8, 16, 32, 64, 128 }, lens[] = { 60, 0, 1514, 9014 };
	static const unsigned slots[] = { 128, 256, 1024, 2048, 4096 };

	for (unsigned what = RECEIVE; what <= FORWARD; what++)
		for (size_t i = 0; i < ARRAY_SIZE(bursts); i++)
			for (unsigned offloads = 0; offloads < 2; offloads++)
				run_case(&(struct nic_setting){ .model = model,
				                                .what = what,
				                                .len = 60,
				                                .burst = bursts[i],
				                                .offloads = offloads });
	for (unsigned touch = UNTOUCHED; touch <= FIVE_TUPLE; touch++)
		for (size_t i = 0; i < ARRAY_SIZE(lens); i++)
			for (unsigned threads = 0; threads < 2; threads++)
				run_case(&(struct nic_setting){ .model = model,
				                                .what = FORWARD,
				                                .touch = touch,
				                                .len = lens[i],
				                                .threads = threads });
	for (size_t i = 0; i < ARRAY_SIZE(slots); i++)
		run_case(&(struct nic_setting){ .model = model, .what = FORWARD, .len = 60, .slots = slots[i] });
	for (unsigned queues = 2; queues <= NIC_QUEUES && !strcmp(model, "82599"); queues *= 2)
		run_case(&(struct nic_setting){ .model = model, .what = FORWARD, .len = 60, .queues = queues });
}

int main(void)
{
	nic.huge = dpdk_hugepages() >= DPDK_HUGEPAGES;
	dpdk_start();
	bench_pin(0);
	run_quick();
	if (bench_quick())
		return 0;
	run_all("82599");
	run_all("82576");
	run_all("82574L");
	return 0;
}
