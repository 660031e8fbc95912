/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A forwarder: what comes from one port goes to the other, until Ctrl-C or the end of the files.
 *
 *      cc -O2 -o forwarder forwarder.c $(pkg-config --cflags --libs weir)
 *      ./forwarder af_xdp:eth1 af_xdp:eth2
 */
#include <err.h>
#include <signal.h>
#include <unistd.h>
#include <weir/port.h>

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	stop = signal;
}

/* Moves one burst. Returns 1, 0 when there is nothing now, -1 when there will never be anything. */
static int forward(struct weir_rxq *from, struct weir_txq *to)
{
	struct weir_pkt pkts[256]; /* 16 bytes each, by value; a packet may take several */
	unsigned n, sent = 0;

	if (!from || !to)
		return -1; /* one port does not receive, or the other does not send */
	n = weir_rx(from, pkts, 256);
	do /* also with nothing to send, so that the queue gets on with what it has */
		sent += weir_tx(to, pkts + sent, n - sent);
	while (sent < n && !stop);
	return n ? 1 : weir_rxq_finished(from) ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct weir_pool_conf buffers = { .count = 16384 };
	struct weir_port_conf conf = { .promiscuous = true };
	struct weir *weir;
	struct weir_port *a, *b;
	int there = 0, back = 0;

	if (argc != 3)
		errx(2, "usage: forwarder SPEC SPEC");
	signal(SIGINT, on_signal);
	if (weir_open(NULL, &weir) || weir_pool_create(weir, &buffers, &conf.pool) ||
	    weir_port_open(weir, argv[1], &conf, &a) || weir_port_open(weir, argv[2], &conf, &b) ||
	    weir_port_start(a) || weir_port_start(b))
		errx(1, "%s", weir_error()); /* always a sentence that says what to do */
	while (!stop && (there >= 0 || back >= 0)) {
		there = forward(weir_port_rxq(a, 0), weir_port_txq(b, 0));
		back = forward(weir_port_rxq(b, 0), weir_port_txq(a, 0));
		if (there <= 0 && back <= 0)
			usleep(100); /* or wait for weir_rxq_fd() */
	}
	if (weir_port_close(a) || weir_port_close(b)) /* sends what is queued */
		errx(1, "%s", weir_error());
	weir_close(weir);
	return 0;
}
