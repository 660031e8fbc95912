/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Simulators that do not get what they need: descriptors run out at every step of making a card and of serving a client.
 * What was made before is given back, and a sentence says what is missing. And interrupts that a client plays with.
 */
#include <errno.h>
#include <sys/resource.h>

#include "process.h"
#include "sentences.h"
#include "simbench.h"

static const struct weir_sim_conf manual = { .manual = true };

/* --- descriptors -------------------------------------------------------------------------------------------------------- */

static int fillers[1024];
static unsigned filler_count;

/* From now on @more descriptors can be opened: all below the highest are taken. */
static void allow(unsigned more)
{
	struct rlimit limit;
	int fd, highest = 0;

	for (fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			highest = fd;
	while ((fd = eventfd(0, EFD_CLOEXEC)) < highest && fd >= 0)
		fillers[filler_count++] = fd;
	close(fd);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = (rlim_t)highest + 1 + more;
	CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void allow_all(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while (filler_count)
		close(fillers[--filler_count]);
}

/* Adds a card with no more than @more descriptors. Returns what that returns. */
static int add_with(struct weir_sim *sim, unsigned more, const char *text)
{
	struct weir_sim_nic *card;
	int err;

	allow(more);
	err = weir_sim_nic_add(sim, text, &card);
	allow_all();
	return err;
}

static void a_card_that_cannot_be_made_leaves_nothing(void)
{
	unsigned fds = count_fds(), more;
	struct weir_sim *sim;
	int err = -EMFILE;

	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&manual, &sim), 0);
	for (more = 0; err && more < 8; more++) {
		err = add_with(sim, more, "simple");
		if (!err)
			break;
		CU_ASSERT_EQUAL(err, -EMFILE);
		CU_ASSERT_PTR_NOT_NULL(strstr(weir_sim_error(), "Too many open files"));
		CU_ASSERT_PTR_NULL(weir_sim_nic(sim, 0));
		CU_ASSERT_EQUAL(count_fds(), fds);
	}
	CU_ASSERT_EQUAL(err, 0);
	CU_ASSERT(more >= 3); /* files behind two BARs, what wakes its thread */
	weir_sim_destroy(sim);
	CU_ASSERT_EQUAL(count_fds(), fds);
}

static void a_socket_that_cannot_be_made_is_told(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(NULL, "simple", &card);
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/tmp/weir-scarce-%d", (int)getpid());
	allow(0);
	CU_ASSERT_EQUAL(weir_sim_nic_serve(card, path), -EMFILE);
	CU_ASSERT_EQUAL(weir_sim_nic_connect(card, &fd), -EMFILE);
	allow_all();
	CU_ASSERT_EQUAL(weir_sim_nic_serve(card, ""), -EINVAL);
	CU_ASSERT_EQUAL(weir_sim_nic_serve(card, "no-such-folder/socket"), -ENOENT);
	CU_ASSERT_EQUAL(weir_sim_nic_serve(card, path), 0);
	snprintf(path, sizeof(path), "/tmp/weir-scarce-%d.2", (int)getpid());
	CU_ASSERT_EQUAL(weir_sim_nic_serve(card, path), -EBUSY);
	CU_ASSERT_EQUAL(access(path, F_OK), -1);
	weir_sim_destroy(sim);
}

/* A client that was not taken yet goes with the simulator. */
static void a_client_that_waits_is_let_go(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim;
	unsigned fds = count_fds();
	int fd;

	for (unsigned i = 0; i < 20; i++) {
		sim = bench_sim(NULL, "simple", &card);
		CU_ASSERT_EQUAL(weir_sim_nic_connect(card, &fd), 0);
		weir_sim_destroy(sim);
		close(fd);
	}
	CU_ASSERT_EQUAL(count_fds(), fds);
}

/* --- the log ------------------------------------------------------------------------------------------------------------ */

static void what_happens_to_cards_is_said_when_asked_for(void)
{
	static struct sentences said;
	const struct weir_sim_conf conf = {
		.log = sentences_log, .log_arg = &said, .log_level = WEIR_LOG_INFO, .manual = true
	};
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&conf, "simple", &card);
	struct bench b;

	bench_open(&b, card, true);
	bench_config_set(&b, 0x04, 0x0006);
	bench_send(&b, 1, 60); /* which is not mapped */
	weir_sim_destroy(sim);
	bench_close(&b);
	CU_ASSERT(said.count[WEIR_LOG_INFO] >= 1); /* that there is a client */
	CU_ASSERT_EQUAL(said.count[WEIR_LOG_WARNING], 1);
	CU_ASSERT_STRING_EQUAL(said.last, "simple#0: DMA read of 60 bytes at 0x10000000 for the frame to send: "
	                                  "it is not mapped");
}

/* --- interrupts --------------------------------------------------------------------------------------------------------- */

static uint64_t events(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static void set(struct weir_sim_nic *card, unsigned index, uint32_t flags, unsigned start, unsigned count,
                const uint8_t *bools)
{
	CU_ASSERT_EQUAL(irq_set(card->nic, index, flags, start, count, NULL, bools), 0);
}

static void a_client_may_fire_its_own_interrupts(void)
{
	static const uint8_t some[] = { 1, 0, 1 };
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	int fds[4], given[4];

	for (unsigned i = 0; i < 4; i++) {
		fds[i] = eventfd(0, EFD_NONBLOCK);
		given[i] = dup(fds[i]);
	}
	CU_ASSERT_EQUAL(irq_set(card->nic, VFIO_PCI_MSIX_IRQ_INDEX,
	                        VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 4, given, NULL),
	                0);
	set(card, VFIO_PCI_MSIX_IRQ_INDEX, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 2, NULL);
	set(card, VFIO_PCI_MSIX_IRQ_INDEX, VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_TRIGGER, 1, 3, some);
	CU_ASSERT_EQUAL(events(fds[0]), 1);
	CU_ASSERT_EQUAL(events(fds[1]), 2);
	CU_ASSERT_EQUAL(events(fds[2]), 0);
	CU_ASSERT_EQUAL(events(fds[3]), 1);
	set(card, VFIO_PCI_MSIX_IRQ_INDEX, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 0, NULL);
	CU_ASSERT_FALSE(sim_irq_msix_enabled(card->nic));
	for (unsigned i = 0; i < 4; i++)
		close(fds[i]);
	weir_sim_destroy(sim);
}

static void one_message_is_sent_for_each_rise_of_the_line(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	int fd = eventfd(0, EFD_NONBLOCK), given = dup(fd);

	CU_ASSERT_EQUAL(irq_set(card->nic, VFIO_PCI_MSI_IRQ_INDEX,
	                        VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 1, &given, NULL),
	                0);
	sim_irq_legacy(card->nic, true);
	sim_irq_legacy(card->nic, true);
	CU_ASSERT_EQUAL(events(fd), 1);
	sim_irq_legacy(card->nic, false);
	sim_irq_legacy(card->nic, true);
	CU_ASSERT_EQUAL(events(fd), 1);
	set(card, VFIO_PCI_MSI_IRQ_INDEX, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 1, NULL);
	CU_ASSERT_EQUAL(events(fd), 1);
	close(fd);
	weir_sim_destroy(sim);
}

static void a_line_that_the_client_masks_waits(void)
{
	static const uint8_t yes[] = { 1 }, no[] = { 0 };
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	int fd = eventfd(0, EFD_NONBLOCK), given = dup(fd);

	CU_ASSERT_EQUAL(irq_set(card->nic, VFIO_PCI_INTX_IRQ_INDEX,
	                        VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 1, &given, NULL),
	                0);
	set(card, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_MASK, 0, 1, yes);
	sim_irq_legacy(card->nic, true);
	CU_ASSERT_EQUAL(events(fd), 0);
	set(card, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_UNMASK, 0, 1, no);
	CU_ASSERT_EQUAL(events(fd), 0);
	set(card, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_UNMASK, 0, 1, yes);
	CU_ASSERT_EQUAL(events(fd), 1);
	set(card, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 1, NULL);
	CU_ASSERT_EQUAL(events(fd), 1);
	/* Only the line can be masked, and there is nothing behind MSI-X. */
	CU_ASSERT_EQUAL(irq_set(card->nic, VFIO_PCI_MSIX_IRQ_INDEX, VFIO_IRQ_SET_ACTION_MASK, 0, 1, NULL, NULL),
	                -EINVAL);
	CU_ASSERT_EQUAL(irq_set(card->nic, VFIO_PCI_ERR_IRQ_INDEX, VFIO_IRQ_SET_ACTION_TRIGGER, 0, 0, NULL, NULL),
	                -EINVAL);
	close(fd);
	weir_sim_destroy(sim);
}

static void the_table_of_vectors_is_memory(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	uint32_t value = 0xfee00000, got = 0;
	struct bench b;

	bench_open(&b, card, true);
	CU_ASSERT_EQUAL(vu_client_write(b.client, 2, 0x10, &value, 4, false), 0);
	CU_ASSERT_EQUAL(vu_client_read(b.client, 2, 0x10, &got, 4), 0);
	CU_ASSERT_EQUAL(got, value);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static const struct unit_case cases[] = {
	{ "a card that cannot be made leaves nothing", a_card_that_cannot_be_made_leaves_nothing },
	{ "a socket that cannot be made is told", a_socket_that_cannot_be_made_is_told },
	{ "a client that waits is let go", a_client_that_waits_is_let_go },
	{ "what happens to cards is said when asked for", what_happens_to_cards_is_said_when_asked_for },
	{ "a client may fire its own interrupts", a_client_may_fire_its_own_interrupts },
	{ "one message is sent for each rise of the line", one_message_is_sent_for_each_rise_of_the_line },
	{ "a line that the client masks waits", a_line_that_the_client_masks_waits },
	{ "the table of vectors is memory", the_table_of_vectors_is_memory },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("sim scarce", cases);
}
