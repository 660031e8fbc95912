/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cards with their threads running: clients that come, go and die, doorbells in mapped memory, two cards on one cable,
 * and ports of a context on cards of this process.
 */
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "process.h"
#include "simbench.h"

static const struct weir_sim_conf fast = { .fast = true };

/* Waits up to 10 s for the card's counter to reach a value. */
static bool reaches(struct weir_sim_nic *card, const char *name, uint64_t value)
{
	for (unsigned i = 0; i < 10000; i++) {
		if (bench_counter(card, name) >= value)
			return true;
		bench_pause();
	}
	return false;
}

/* --- clients ---------------------------------------------------------------------------------------------------------- */

static void a_client_that_leaves_makes_room_for_the_next(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(NULL, "simple", &card);
	int fd = eventfd(0, EFD_NONBLOCK);
	struct bench b;

	for (unsigned i = 0; i < 20; i++) {
		bench_open(&b, card, true);
		CU_ASSERT_EQUAL(bench_get(&b, CARD_SCRATCH), 0);
		CU_ASSERT_EQUAL(bench_config(&b, 0x04) & 0xffff, 0);
		bench_map(&b);
		bench_set(&b, CARD_SCRATCH, 42);
		CU_ASSERT_EQUAL(vu_client_set_irqs(b.client, VFIO_PCI_MSIX_IRQ_INDEX, 0, 1, &fd), 0);
		CU_ASSERT_EQUAL(bench_send(&b, 1, 60), 0);
		bench_close(&b);
	}
	CU_ASSERT_TRUE(reaches(card, "resets", 20));
	CU_ASSERT_EQUAL(card->dma.count, 0);
	CU_ASSERT_FALSE(sim_irq_msix_enabled(card->nic));
	CU_ASSERT_EQUAL(weir_sim_peek(card, CARD_SCRATCH), 0);
	close(fd);
	weir_sim_destroy(sim);
}

static void a_card_has_one_client_at_a_time(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(NULL, "simple", &card);
	struct bench b;
	int fd;

	bench_open(&b, card, true);
	CU_ASSERT_EQUAL(weir_sim_nic_connect(card, &fd), -EBUSY);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_ID), 0x77656972);
	bench_close(&b);
	weir_sim_destroy(sim);
}

/* A client in a process of its own, which is killed while it writes registers as fast as it can. */
static pid_t kill_me(const char *path)
{
	pid_t child = fork();
	struct vu_client *client;
	uint32_t value = 1;

	if (child)
		return child;
	if (vu_client_connect(NULL, path, NULL, NULL, &client))
		_exit(1);
	for (;;)
		vu_client_write(client, 0, CARD_SCRATCH, &value, 4, true);
}

static void a_client_that_is_killed_leaves_a_card_as_after_a_reset(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(NULL, "simple", &card);
	uint64_t resets;
	char path[64];

	snprintf(path, sizeof(path), "/tmp/simserve-%d.sock", (int)getpid());
	CU_ASSERT_EQUAL(weir_sim_nic_serve(card, path), 0);
	CU_ASSERT_EQUAL(weir_sim_nic_serve(card, path), -EADDRINUSE);
	for (unsigned i = 0; i < 10; i++) {
		pid_t child = kill_me(path);

		for (unsigned ms = 0; ms < 10000 && weir_sim_peek(card, CARD_SCRATCH) != 1; ms++)
			bench_pause();
		CU_ASSERT_EQUAL(weir_sim_peek(card, CARD_SCRATCH), 1);
		resets = bench_counter(card, "resets");
		kill(child, SIGKILL);
		CU_ASSERT_EQUAL(waitpid(child, NULL, 0), child);
		CU_ASSERT_TRUE(reaches(card, "resets", resets + 1));
		CU_ASSERT_EQUAL(weir_sim_peek(card, CARD_SCRATCH), 0);
	}
	weir_sim_destroy(sim);
	CU_ASSERT_EQUAL(access(path, F_OK), -1);
}

static void a_socket_that_a_killed_server_left_is_taken_over(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(NULL, "simple", &card);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct vu_client *client = NULL;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/simserve-%d.old", (int)getpid());
	CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	CU_ASSERT_EQUAL(weir_sim_nic_serve(card, address.sun_path), 0);
	CU_ASSERT_EQUAL(vu_client_connect(NULL, address.sun_path, NULL, NULL, &client), 0);
	vu_client_close(client);
	weir_sim_destroy(sim);
}

static void a_client_that_talks_nonsense_is_dropped(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(NULL, "simple", &card);
	uint8_t junk[64], answer;
	struct bench b;
	int fd;

	CU_ASSERT_EQUAL_FATAL(weir_sim_nic_connect(card, &fd), 0);
	memset(junk, 0xa5, sizeof(junk));
	CU_ASSERT_EQUAL(write(fd, junk, sizeof(junk)), (ssize_t)sizeof(junk));
	CU_ASSERT(read(fd, &answer, 1) <= 0); /* closed, perhaps with what it did not read */
	close(fd);
	bench_open(&b, card, true);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_ID), 0x77656972);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void nothing_is_left_of_a_simulator(void)
{
	unsigned fds = 0, mappings = 0;

	for (unsigned i = 0; i < 30; i++) {
		struct weir_sim_nic *card;
		struct weir_sim *sim = bench_sim(&fast, "simple,wire=gen:pps=1k", &card);
		struct bench b;

		CU_ASSERT_EQUAL(weir_sim_nic_add(sim, "simple,wire=pair:0", &card), 0);
		bench_open(&b, card, i % 2);
		bench_map(&b);
		weir_sim_destroy(sim);
		CU_ASSERT_NOT_EQUAL(vu_client_reset(b.client), 0);
		bench_close(&b);
		if (i == 9) {
			fds = count_fds();
			mappings = count_mappings();
		}
	}
	CU_ASSERT_EQUAL(count_fds(), fds);
	CU_ASSERT(count_mappings() <= mappings + 4);
}

/* --- traffic ---------------------------------------------------------------------------------------------------------- */

/* Receives the next frame through the card's registers, waiting for it. Returns its length. */
static uint32_t receive(struct bench *b, uint8_t *frame)
{
	uint32_t len = 0;

	bench_set(b, CARD_RX_ADDRESS, IOVA + 0x2000);
	for (unsigned i = 0; i < 10000 && !(len = bench_get(b, CARD_RX_LENGTH)); i++)
		if (i > 100)
			bench_pause();
	memcpy(frame, b->memory + 0x2000, len);
	return len;
}

static void exchange(const struct weir_sim_conf *conf)
{
	struct weir_sim_nic *cards[2];
	struct weir_sim *sim = bench_sim(conf, "simple,wire=pair:1", &cards[0]);
	uint8_t frame[2048];
	struct bench b[2];

	CU_ASSERT_EQUAL_FATAL(weir_sim_nic_add(sim, "simple,wire=pair:0", &cards[1]), 0);
	for (unsigned i = 0; i < 2; i++) {
		bench_open(&b[i], cards[i], i);
		bench_map(&b[i]);
		bench_set(&b[i], CARD_ENABLE, 1);
	}
	for (unsigned i = 0; i < 200; i++) {
		struct bench *from = &b[i % 2], *to = &b[(i + 1) % 2];

		CU_ASSERT_EQUAL(bench_send(from, (uint8_t)i, 60 + i), 0);
		CU_ASSERT_EQUAL(receive(to, frame), 60 + i);
		CU_ASSERT_EQUAL(frame[0], (uint8_t)i);
		CU_ASSERT_EQUAL(frame[59 + i], (uint8_t)i);
	}
	for (unsigned i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(bench_counter(cards[i], "wire_sent"), 100);
		CU_ASSERT_EQUAL(bench_counter(cards[i], "received"), 100);
		bench_close(&b[i]);
	}
	weir_sim_destroy(sim);
}

/* Of the two clients one has memory that is reached by message; it is busy with a call of its own when that is needed. */
static void two_cards_on_a_cable_exchange_frames(void)
{
	exchange(NULL);
}

static void doorbells_in_mapped_memory_are_heard(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&fast, "simple", &card);
	struct vu_region region;
	uint32_t *bell;
	uint8_t frame[64];
	struct bench b;

	bench_open(&b, card, true);
	bench_map(&b);
	CU_ASSERT_EQUAL_FATAL(vu_client_region(b.client, 0, &region), 0);
	bell = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, region.fd, 0x1000);
	bench_set(&b, CARD_TX_ADDRESS, IOVA);
	for (unsigned i = 0; i < 50; i++) {
		memset(b.memory, (int)i, 60);
		__atomic_store_n(bell, 60, __ATOMIC_RELEASE);
		for (unsigned ms = 0; ms < 10000 && __atomic_load_n(bell, __ATOMIC_ACQUIRE); ms++)
			bench_pause();
		CU_ASSERT_EQUAL(weir_sim_take(card, frame, sizeof(frame)), 60);
		CU_ASSERT_EQUAL(frame[0], i);
	}
	munmap(bell, 0x1000);
	close(region.fd);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void a_removed_card_is_noticed_by_those_who_use_it(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&fast, "simple,wire=gen:pps=10k", &card);
	struct bench b;

	bench_open(&b, card, true);
	bench_map(&b);
	bench_set(&b, CARD_ENABLE, 1);
	CU_ASSERT_TRUE(reaches(card, "gen_sent", 5));
	weir_sim_remove(card);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_ID), 0xffffffff);
	bench_close(&b);
	bench_open(&b, card, true);
	CU_ASSERT_EQUAL(bench_config(&b, 0), 0xffffffff);
	bench_close(&b);
	weir_sim_destroy(sim);
}

/* --- contexts --------------------------------------------------------------------------------------------------------- */

static void a_spec_makes_a_card_and_connects_to_it(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_sim *sim = NULL;
	struct weir_port *port;
	struct weir *weir;

	CU_ASSERT_EQUAL_FATAL(weir_sim_create(NULL, &sim), 0);
	CU_ASSERT_EQUAL_FATAL(weir_open(NULL, &weir), 0);
	CU_ASSERT_EQUAL(weir_sim_enable(weir, sim), 0);
	/* No driver knows the test's card; that it is told so means that the card was reached. */
	CU_ASSERT_EQUAL(weir_port_open(weir, "sim:simple,wire=loop", &conf, &port), -ENODEV);
	CU_ASSERT_PTR_NOT_NULL(strstr(weir_error(), "1234:5678"));
	CU_ASSERT_PTR_NOT_NULL(weir_sim_nic(sim, 0));
	CU_ASSERT_EQUAL(weir_port_open(weir, "sim:nothing", &conf, &port), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(weir_error(), "no model"));
	weir_close(weir);
	weir_sim_destroy(sim);
}

static const struct unit_case cases[] = {
	{ "a client that leaves makes room for the next", a_client_that_leaves_makes_room_for_the_next },
	{ "a card has one client at a time", a_card_has_one_client_at_a_time },
	{ "a client that is killed leaves a card as after a reset",
	  a_client_that_is_killed_leaves_a_card_as_after_a_reset },
	{ "a socket that a killed server left is taken over", a_socket_that_a_killed_server_left_is_taken_over },
	{ "a client that talks nonsense is dropped", a_client_that_talks_nonsense_is_dropped },
	{ "nothing is left of a simulator", nothing_is_left_of_a_simulator },
	{ "two cards on a cable exchange frames", two_cards_on_a_cable_exchange_frames },
	{ "doorbells in mapped memory are heard", doorbells_in_mapped_memory_are_heard },
	{ "a removed card is noticed by those who use it", a_removed_card_is_noticed_by_those_who_use_it },
	{ "a spec makes a card and connects to it", a_spec_makes_a_card_and_connects_to_it },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("sim serve", cases);
}
