/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two processes, two network cards, one domain of weir.ko: what the one receives the other sends, out of the same memory.
 *
 *      share CARD_A CARD_B       addresses of devices that are bound to weir.ko
 *
 *      A: card A -> packets ==> ring ==> B: -> card B
 *                      free <== ring <== sent
 *
 * A has the memory, and the domain; B borrows the one and joins the other, and has memory of its own for its card. First B
 * is killed, and A goes on, and with the next B; then A, and B goes on with what it still has of A's packets. Traffic
 * comes from outside, where somebody compares what leaves by card B. Nothing here depends on time but how long is waited
 * for something that does not come.
 */
#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "weir/mem.h"
#include "weir/pool.h"
#include "weir/port.h"
#include "weir/ring.h"

#define BUFFERS  4096u
#define CHUNKS   16u
#define BURST    64u
#define KEPT     32u
#define OWN      ((uint64_t)64 << 30) /* where B's memory begins */
#define ENOUGH   2000u                /* packets, to say that something goes on */
#define PATIENCE 120u                 /* seconds */

/* What everybody sees of the others. */
struct board {
	uint64_t received; /* by A */
	uint64_t sent;     /* by B, of A's packets as they come, */
	uint64_t again;    /* ... and of those that it kept, when A is gone */
	bool gone, stop;
};

/* What A tells of what it lends; with it come descriptors, the domain's first. */
struct offer {
	struct weir_pool_info pool;
	uint64_t at, there, home;
	unsigned count;
	struct weir_mem_chunk chunks[CHUNKS];
};

static struct board *board;
static int sockets[2]; /* A's, B's */

static void try(int failed)
{
	if (failed)
		errx(1, "%s", weir_error());
}

static struct weir_port *port_open(struct weir *weir, const char *card, struct weir_pool *pool)
{
	struct weir_port_conf conf = { .pool = pool, .promiscuous = true };
	struct weir_port *port;
	char spec[64];

	snprintf(spec, sizeof(spec), "pci:%s", card);
	try(weir_port_open(weir, spec, &conf, &port));
	try(weir_port_start(port));
	return port;
}

static struct weir_pool *pool_make(struct weir *weir)
{
	struct weir_pool_conf conf = { .count = BUFFERS };
	struct weir_pool *pool;

	try(weir_pool_create(weir, &conf, &pool));
	return pool;
}

static void count(uint64_t *counter, unsigned n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

static bool is(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_RELAXED);
}

/* --- A ---------------------------------------------------------------------------------------------------------------- */

static uint64_t offset_of(struct weir *weir, const void *at)
{
	return (uint64_t)((const uint8_t *)at - weir_mem_base(weir));
}

static void offer_send(const struct offer *offer, int domain)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * (CHUNKS + 1))];
		struct cmsghdr align;
	} control = { .bytes = { 0 } };
	struct iovec part = { .iov_base = (void *)(uintptr_t)offer, .iov_len = sizeof(*offer) };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control };
	struct cmsghdr *header;
	int fds[CHUNKS + 1] = { domain };

	for (unsigned i = 0; i < offer->count; i++)
		fds[i + 1] = offer->chunks[i].fd;
	msg.msg_controllen = CMSG_SPACE(sizeof(int) * (offer->count + 1));
	header = CMSG_FIRSTHDR(&msg);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * (offer->count + 1));
	memcpy(CMSG_DATA(header), fds, sizeof(int) * (offer->count + 1));
	if (sendmsg(sockets[0], &msg, 0) < 0)
		err(1, "sendmsg");
}

/* Each B gets a ring of its own to send buffers home by: one that was killed may have had its turn at the last one. */
static struct weir_ring *lend(struct weir *weir, struct weir_pool *pool, const struct weir_ring *there)
{
	struct weir_ring_conf conf = { .size = BUFFERS, .flags = WEIR_RING_SC };
	struct offer offer = { .there = offset_of(weir, there) };
	struct weir_ring *home;
	uint64_t size;
	int domain = weir_mem_domain(weir);

	try(domain < 0);
	try(weir_ring_create(weir, &conf, &home));
	offer.home = offset_of(weir, home);
	weir_pool_info(pool, &offer.pool);
	weir_pool_extent(pool, &offer.at, &size);
	while (offer.count < CHUNKS && weir_mem_chunk(weir, offer.count, &offer.chunks[offer.count]) == 0)
		offer.count++;
	offer_send(&offer, domain);
	return home;
}

static void run_a(const char *card)
{
	struct weir_ring_conf conf = { .size = 1024, .flags = WEIR_RING_SP | WEIR_RING_SC };
	struct weir_ring *there, *homes[2] = { NULL, NULL };
	struct weir_pool_cache *cache;
	struct weir_pkt pkts[BURST];
	struct weir_pool *pool;
	struct weir_port *port;
	struct weir *weir;

	try(weir_open(NULL, &weir));
	pool = pool_make(weir);
	try(weir_pool_cache_create(pool, 0, &cache));
	try(weir_ring_create(weir, &conf, &there));
	port = port_open(weir, card, pool);
	for (;;) {
		unsigned n = weir_rx(weir_port_rxq(port, 0), pkts, BURST);
		unsigned taken = weir_ring_push(there, pkts, n);
		char asked;

		count(&board->received, n);
		weir_pool_free(cache, pkts + taken, n - taken);
		if (recv(sockets[0], &asked, 1, MSG_DONTWAIT) == 1)
			homes[homes[0] != NULL] = lend(weir, pool, there);
		for (unsigned i = 0; i < 2 && homes[i]; i++) {
			unsigned back = weir_ring_pop(homes[i], pkts, BURST);

			weir_pool_free(cache, pkts, back);
		}
	}
}

/* --- B ---------------------------------------------------------------------------------------------------------------- */

static int offer_get(struct offer *offer)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * (CHUNKS + 1))];
		struct cmsghdr align;
	} control;
	struct iovec part = { .iov_base = offer, .iov_len = sizeof(*offer) };
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	int fds[CHUNKS + 1];

	if (send(sockets[1], "?", 1, 0) != 1 || recvmsg(sockets[1], &msg, MSG_CMSG_CLOEXEC) != sizeof(*offer) ||
	    !CMSG_FIRSTHDR(&msg))
		err(1, "no offer");
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int) * (offer->count + 1));
	for (unsigned i = 0; i < offer->count; i++)
		offer->chunks[i].fd = fds[i + 1];
	return fds[0];
}

/* Returns the ring that packets come by. */
static struct weir_ring *borrow(struct weir *weir)
{
	struct weir_pool *pool;
	struct offer offer;
	int domain = offer_get(&offer);

	for (unsigned i = 0; i < offer.count; i++)
		try(weir_mem_borrow(weir, &offer.chunks[i]));
	try(weir_mem_join(weir, domain));
	try(weir_pool_borrow(weir, &offer.pool, offer.at, (void *)(weir_mem_base(weir) + offer.home), &pool));
	return (void *)(weir_mem_base(weir) + offer.there);
}

/* All of them, however long it takes. */
static void send_all(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n, uint64_t *counter)
{
	for (unsigned sent = 0, now; sent < n && !is(&board->stop); sent += now) {
		now = weir_tx(txq, pkts + sent, n - sent);
		count(counter, now);
		if (!now)
			usleep(100);
	}
}

static void run_b(const char *card)
{
	struct weir_conf conf = { .mem_first = OWN, .mem_reserve = 2 * OWN };
	struct weir_pkt pkts[BURST], kept[KEPT], again[KEPT];
	struct weir_pool_cache *cache;
	struct weir_pool *pool;
	struct weir_port *port;
	struct weir_txq *txq;
	struct weir_ring *there;
	struct weir *weir;

	try(weir_open(&conf, &weir));
	there = borrow(weir);
	pool = pool_make(weir);
	try(weir_pool_cache_create(pool, 0, &cache));
	port = port_open(weir, card, pool);
	txq = weir_port_txq(port, 0);
	for (unsigned n = 0; n < KEPT;)
		n += weir_ring_pop(there, kept + n, KEPT - n);
	while (!is(&board->stop)) {
		unsigned n = weir_ring_pop(there, pkts, BURST);

		send_all(txq, pkts, n, &board->sent);
		if (n || !is(&board->gone)) {
			if (!n)
				weir_tx(txq, NULL, 0);
			continue;
		}
		try(weir_pkt_clone(cache, kept, KEPT, again));
		send_all(txq, again, KEPT, &board->again);
	}
	try(weir_port_close(port));
	weir_close(weir);
	exit(0);
}

/* --- who starts and kills them ------------------------------------------------------------------------------------------ */

static pid_t start(void (*run)(const char *), const char *card)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0)
		run(card);
	return pid;
}

static void killed(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Until there are ENOUGH more. */
static void goes_on(const uint64_t *counter, const char *what)
{
	uint64_t before = __atomic_load_n(counter, __ATOMIC_RELAXED);

	for (unsigned i = 0; i < PATIENCE * 20 && waitpid(-1, NULL, WNOHANG) == 0; i++) {
		if (__atomic_load_n(counter, __ATOMIC_RELAXED) - before >= ENOUGH) {
			printf("%s\n", what);
			fflush(stdout);
			return;
		}
		usleep(50000);
	}
	warnx("not so: %s", what);
	kill(0, SIGKILL); /* them, too */
}

int main(int argc, char **argv)
{
	pid_t a, b;
	int status;

	if (argc != 3)
		errx(2, "usage: share CARD_A CARD_B");
	setpgid(0, 0);
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets) < 0)
		err(1, "nothing to talk by");
	a = start(run_a, argv[1]);
	goes_on(&board->received, "A receives");
	b = start(run_b, argv[2]);
	goes_on(&board->sent, "B sends what A receives");
	killed(b);
	goes_on(&board->received, "B is killed: A goes on");
	b = start(run_b, argv[2]);
	goes_on(&board->sent, "the next B sends what A receives");
	killed(a);
	__atomic_store_n(&board->gone, true, __ATOMIC_RELAXED);
	goes_on(&board->again, "A is killed: B goes on with the packets that it has of it");
	__atomic_store_n(&board->stop, true, __ATOMIC_RELAXED);
	if (waitpid(b, &status, 0) != b || status)
		errx(1, "B did not end well");
	printf("A received %llu packets, B sent %llu of them, and %llu once more\n",
	       (unsigned long long)board->received, (unsigned long long)board->sent, (unsigned long long)board->again);
	return 0;
}
