/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the start of a program to its first packet forwarded, from nothing to nothing: weir-l2fwd beside one on DPDK that does
 * what its l2fwd does (of which Debian has no package): this program again, as "bench_first dpdk". Both have one thread, 8192
 * buffers, in hugepages if there are any, and two ports; both end then.
 *
 * On a busy machine processor time says more than time. Memory is the most that was resident, without hugepages.
 */
#include "dpdk.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef WITH_DPDK
#include <rte_eal.h>
#endif

#include "bench.h"

#define ROUNDS  15u
#define BUFFERS 8192u

struct figures {
	double cpu_ms[ROUNDS], ms[ROUNDS], mib[ROUNDS];
};

#ifdef WITH_DPDK
static void open_port(uint16_t port, struct rte_mempool *pool)
{
	const struct rte_eth_conf conf = { .rxmode = { .mq_mode = RTE_ETH_MQ_RX_NONE } };

	if (rte_eth_dev_configure(port, 1, 1, &conf) ||
	    rte_eth_rx_queue_setup(port, 0, 512, SOCKET_ID_ANY, NULL, pool) ||
	    rte_eth_tx_queue_setup(port, 0, 512, SOCKET_ID_ANY, NULL) || rte_eth_dev_start(port))
		exit(1);
}

static int forward_one(bool huge)
{
	/* clang-format off */
	char *argv[] = { "l2fwd", "--no-pci", huge ? "--in-memory" : "--no-huge", "-m", "64", "--no-telemetry",
		         "--log-level=1", "--no-shconf", "--vdev", "net_null0", "--vdev", "net_null1", "--iova-mode=va",
		         "-l", "0", NULL };
	/* clang-format on */
	struct rte_mempool *pool;
	struct rte_mbuf *mbufs[32];
	uint16_t got, sent = 0;

	if (rte_eal_init((int)ARRAY_SIZE(argv) - 1, argv) < 0)
		return 1;
	pool = rte_pktmbuf_pool_create("pool", BUFFERS, 256, 0, 2048 + 128, SOCKET_ID_ANY);
	if (!pool)
		return 1;
	open_port(0, pool);
	open_port(1, pool);
	while (!sent) {
		got = rte_eth_rx_burst(0, 0, mbufs, 32);
		sent = rte_eth_tx_burst(1, 0, mbufs, got);
	}
	return rte_eal_cleanup();
}
#else
static int forward_one(bool huge)
{
	(void)huge;
	return 77;
}
#endif

/* Runs a program to its end. Returns whether that was a good one. */
static bool run(char *const argv[], struct figures *figures, unsigned round)
{
	uint64_t start = weir_clock();
	struct rusage use;
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(1);
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid || status)
		return false;
	figures->ms[round] = (double)(weir_clock() - start) * 1e3 / (double)weir_clock_hz();
	figures->cpu_ms[round] = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e3 +
	                         (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e3;
	figures->mib[round] = (double)use.ru_maxrss / 1024;
	return true;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print(double *f)
{
	qsort(f, ROUNDS, sizeof(*f), compare_doubles);
	printf("\t%.2f\t%.2f\t%.2f\t-", f[ROUNDS / 2], f[ROUNDS * 3 / 4] - f[ROUNDS / 4], f[0]);
}

static void tell(const char *what, const char *unit, double *ours, double *theirs, const char *mark)
{
	printf("program\t%s\t%s", what, unit);
	print(ours);
	if (theirs)
		print(theirs);
	else
		printf("\t-\t-\t-\t-");
	printf("\t%s\n", mark);
}

int main(int argc, char **argv)
{
	static struct figures ours, theirs;
	bool huge = dpdk_hugepages() >= DPDK_HUGEPAGES;
	char program[4096], *end;
	char *them[] = { "/proc/self/exe", "dpdk", NULL };
	char *us[] = { program, "null:", "null:", "--count", "1", "-Q", "--buffers", "8192", huge ? NULL : "--no-huge",
		       NULL };
	bool both = true;
	ssize_t len;

	if (argc > 1 && !strcmp(argv[1], "dpdk"))
		return forward_one(huge);
	len = readlink("/proc/self/exe", program, sizeof(program) - 64);
	program[len < 0 ? 0 : len] = '\0';
	end = strstr(program, "tests/bench/");
	bench_must(!end, "bench_first: its own place");
	snprintf(end, 32, "bin/weir-l2fwd");
	for (unsigned i = 0; i < ROUNDS; i++) {
		bench_must(!run(us, &ours, i), "bench_first: weir-l2fwd");
		both = both && run(them, &theirs, i);
	}
	if (!both)
		printf("nothing to compare with: DPDK does not start here, or libdpdk-dev was not there\n");
	tell("start to first packet and end", "ms", ours.ms, both ? theirs.ms : NULL, "0.1");
	tell("the same, processor time", "ms", ours.cpu_ms, both ? theirs.cpu_ms : NULL, "0");
	tell("resident memory", "MiB", ours.mib, both ? theirs.mib : NULL, "0");
	return 0;
}
