/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pcap: packets out of a capture file, and into one.
 *
 * A file loses nothing: a packet for which there is no buffer, or no room in the caller's array, is kept and offered
 * again. What cannot be read is said in the port's health, after everything in front of it was delivered. Reading goes on
 * where it was when a stopped port is started again, and writing appends.
 *
 * There is one receive queue, because a file has one order. The transmit queues each gather a batch of records and write
 * it under the file's lock: packets of a queue stay in order, those of different queues mix batch by batch. A batch is
 * written when it is full, when weir_tx() is called without packets, and when the port stops. Reading from a pipe waits
 * for the one who fills it; files do not wait, so there is nothing to sleep for, unless packets are replayed in time.
 */
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "pcap_io.h"

#define TX_QUEUES_MAX 16
#define NS_PER_S      1000000000u

enum { RX, TX, REPLAY, LOOP, SNAPLEN };

static const struct spec_option pcap_options[] = {
	[RX] = { "rx", SPEC_STRING, .help = "the file to read, or - for standard input" },
	[TX] = { "tx", SPEC_STRING, .help = "the file to write, or - for standard output" },
	[REPLAY] = { "replay", SPEC_STRING, .help = "fast, recorded, or how many times as fast as recorded" },
	[LOOP] = { "loop", SPEC_NUMBER, .max = UINT32_MAX, .help = "how often to read the file; 0: for ever" },
	[SNAPLEN] = { "snaplen", SPEC_NUMBER, .min = 1, .max = CAPTURE_LEN_MAX, .help = "bytes of a packet to write" },
	{ 0 },
};

/* When packets are due that are replayed in time; in nanoseconds, of CLOCK_MONOTONIC unless said otherwise. */
struct pace {
	bool on;
	bool anchored;  /* the two below are set */
	double speed;   /* times as fast as recorded */
	uint64_t begin; /* when the pass began; before it does, the least that this may be */
	uint64_t first; /* what the file says of the pass's first packet (its own clock) */
	uint64_t due;   /* of the packet that is held */
	int timer;      /* readable then, when armed; -1: none */
};

struct pcap_port {
	struct weir_port port;
	struct capture_reader reader;
	struct capture_writer writer;
	struct pace pace;
	uint32_t snaplen;   /* of what is written */
	uint64_t passes;    /* left, with the one that is under way; UINT64_MAX: for ever */
	bool held;          /* the record below was read and not delivered */
	bool done;          /* there are no more */
	unsigned entries;   /* that the held packet takes */
	uint64_t delivered; /* in this pass */
	uint64_t cut;       /* packets of which the capture kept only a part */
	struct capture_record record;
};

struct pcap_txq {
	struct weir_txq txq;
	struct capture_batch batch;
};

static struct pcap_port *pcap_port(struct weir_port *port)
{
	return container_of(port, struct pcap_port, port);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* --- receiving ------------------------------------------------------------------------------------------------------- */

/* Sets when the held packet is due: as long after the pass began as it came after the first, at the speed asked for. */
static void pace_set(struct pace *pace, uint64_t time_ns)
{
	double delay = 0;

	if (!pace->anchored) {
		if (!pace->begin)
			pace->begin = clock_ns(CLOCK_MONOTONIC);
		pace->first = time_ns;
		pace->anchored = true;
	}
	if (time_ns > pace->first)
		delay = (double)(time_ns - pace->first) / pace->speed;
	pace->due = pace->begin + (delay < 1e18 ? (uint64_t)delay : (uint64_t)1e18);
}

/* The file is at its end: begins again if that is wanted and brings packets. */
static bool pass_again(struct pcap_port *p)
{
	if (p->passes != UINT64_MAX)
		p->passes--;
	if (!p->passes || !p->delivered)
		return false;
	p->delivered = 0;
	p->pace.anchored = false;
	p->pace.begin = p->pace.due;
	if (reader_rewind(&p->reader) == 0)
		return true;
	port_damage(&p->port, -EIO, "%s cannot be read again: %s", p->reader.path, p->reader.error);
	return false;
}

static bool record_read(struct pcap_port *p)
{
	int more;

	do
		more = reader_next(&p->reader, &p->record);
	while (more == 0 && pass_again(p));
	if (more < 0)
		port_damage(&p->port, more,
		            "%s: record %llu cannot be read: %s; what comes before it was delivered. editcap copies "
		            "what is whole",
		            p->reader.path, (unsigned long long)p->reader.records + 1, p->reader.error);
	return more > 0;
}

/* Makes sure that there is a packet to deliver. Returns false when there are no more. */
static bool record_hold(struct pcap_port *p, struct weir_rxq *rxq)
{
	const struct weir_pool *pool = p->port.conf.pool;

	while (!p->held && !p->done) {
		if (!record_read(p)) {
			p->done = true;
			rxq_finish(rxq);
			break;
		}
		p->entries = host_entries(pool, p->record.len);
		if (!p->record.len) {
			port_damage(&p->port, -EBADMSG, "%s: record %llu holds no bytes; it was left out",
			            p->reader.path, (unsigned long long)p->reader.records);
			queue_drop(&rxq->stats, WEIR_DROP_TOO_SHORT, 1);
			continue;
		}
		if (!p->entries || p->entries > weir_pool_count(pool)) {
			port_damage(
			    &p->port, -EMSGSIZE,
			    "%s: record %llu of %u bytes was dropped: it takes %u buffers, and the pool has %u; "
			    "make it larger",
			    p->reader.path, (unsigned long long)p->reader.records, p->record.len, p->entries,
			    weir_pool_count(pool));
			queue_drop(&rxq->stats, WEIR_DROP_TOO_LONG, 1);
			continue;
		}
		if (p->pace.on)
			pace_set(&p->pace, p->record.time_ns);
		p->held = true;
	}
	return p->held;
}

/* Puts the held packet into buffers. Returns the entries, or 0 when the array or the pool cannot take it now. */
static unsigned record_deliver(struct pcap_port *p, struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	const struct capture_record *record = &p->record;
	const struct iovec part = { (void *)(uintptr_t)record->data, record->len };
	bool cut = record->len < record->orig_len;
	unsigned entries;

	if (p->entries > n)
		return 0;
	entries = host_copy_in(rxq->cache, &part, 1, record->len, pkts);
	if (!entries)
		return 0;
	if (p->port.conf.offloads & WEIR_OFFLOAD_RX_META) {
		host_put_meta(rxq->cache->base, pkts, record->time_ns);
		weir_pkt_meta(rxq->cache->base, pkts)->orig_len = cut ? record->orig_len : 0;
	}
	count_add(&p->cut, cut);
	p->delivered++;
	p->held = false;
	return entries;
}

static unsigned pcap_rx(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	struct pcap_port *p = pcap_port(rxq->port);
	uint64_t now = p->pace.on ? clock_ns(CLOCK_MONOTONIC) : 0, packets = 0;
	unsigned got = 0;

	while (got < n && record_hold(p, rxq)) {
		unsigned entries;

		if (p->pace.on && p->pace.due > now)
			break;
		entries = record_deliver(p, rxq, pkts + got, n - got);
		if (!entries)
			break;
		got += entries;
		packets++;
	}
	queue_count(&rxq->stats, packets, weir_pkt_bytes(pkts, got));
	return got;
}

static int pcap_rxq_fd(struct weir_rxq *rxq)
{
	return pcap_port(rxq->port)->pace.timer;
}

static int pcap_rxq_arm(struct weir_rxq *rxq)
{
	struct pcap_port *p = pcap_port(rxq->port);
	struct itimerspec when = { 0 };

	if (!record_hold(p, rxq) || p->pace.due <= clock_ns(CLOCK_MONOTONIC))
		return 1;
	when.it_value.tv_sec = (time_t)(p->pace.due / NS_PER_S);
	when.it_value.tv_nsec = (long)(p->pace.due % NS_PER_S);
	return timerfd_settime(p->pace.timer, TFD_TIMER_ABSTIME, &when, NULL) < 0 ? 1 : 0;
}

/* --- sending --------------------------------------------------------------------------------------------------------- */

/* Writes what is gathered. Packets that were counted as sent and did not get into the file are counted anew. */
static void batch_flush(struct pcap_txq *q)
{
	struct pcap_port *p = pcap_port(q->txq.port);
	uint64_t bytes = 0, lost = writer_write(&p->writer, &q->batch, &bytes);

	if (likely(!lost))
		return;
	queue_count(&q->txq.stats, -lost, -bytes);
	queue_drop(&q->txq.stats, WEIR_DROP_TX_ERROR, lost);
	port_damage(&p->port, p->writer.err, "%s cannot be written: %s; the packets before that are in it",
	            p->writer.path, strerror(-p->writer.err));
}

/* Adds one packet to the batch, or counts why not. Returns the bytes that will be in the file. */
static size_t packet_send(struct pcap_txq *q, const struct weir_pkt *pkts, unsigned n, uint64_t now_ns)
{
	struct pcap_port *p = pcap_port(q->txq.port);
	size_t len = weir_pkt_bytes(pkts, n), tag = pkts->flags & WEIR_PKT_VLAN ? HOST_VLAN_LEN : 0;
	int kept;

	if (!len || len > CAPTURE_LEN_MAX - tag) {
		queue_drop(&q->txq.stats, len ? WEIR_DROP_TOO_LONG : WEIR_DROP_TOO_SHORT, 1);
		return 0;
	}
	if (!batch_fits(&q->batch, len))
		batch_flush(q);
	kept = batch_add(&q->batch, q->txq.cache->base, pkts, n, len, now_ns, p->snaplen);
	if (kept < 0) {
		queue_drop(&q->txq.stats, WEIR_DROP_OFFLOAD, 1);
		return 0;
	}
	return (size_t)kept;
}

static unsigned pcap_tx(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	struct pcap_txq *q = container_of(txq, struct pcap_txq, txq);
	uint64_t now_ns;
	unsigned done = 0, entries;

	if (!n) { /* idle: nothing is held back, neither records nor, in a small pool, buffers that somebody waits for */
		batch_flush(q);
		weir_pool_cache_flush(txq->cache);
		return 0;
	}
	now_ns = clock_ns(CLOCK_REALTIME);
	while ((entries = weir_pkt_entries(pkts + done, n - done))) {
		size_t kept = packet_send(q, pkts + done, entries, now_ns);

		queue_count(&txq->stats, kept > 0, kept);
		done += entries;
	}
	weir_pool_free(txq->cache, pkts, done);
	return done;
}

/* --- the port's life ------------------------------------------------------------------------------------------------- */

/* "2", "0.5": the point is a point in every locale. Returns 0 for what is not a positive number. */
static double parse_speed(const char *text)
{
	double speed = 0, unit = 1;
	bool fraction = false;

	for (; *text; text++) {
		if (*text == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (*text < '0' || *text > '9' || speed > 1e9 || unit < 1e-9)
			return 0;
		if (fraction)
			unit /= 10;
		speed = fraction ? speed + unit * (*text - '0') : speed * 10 + (*text - '0');
	}
	return speed;
}

static int replay_parse(struct weir_port *port, const char *text, struct pace *pace)
{
	pace->on = strcmp(text, "fast") != 0;
	pace->speed = !pace->on || !strcmp(text, "recorded") ? 1 : parse_speed(text);
	if (pace->speed <= 0)
		return weir_fail(port->weir, -EINVAL,
		                 "port '%s': replay is 'fast', 'recorded' or a factor such as 2 or 0.5, not '%s'",
		                 port->spec, text);
	return 0;
}

static int input_open(struct pcap_port *p, const struct spec *spec)
{
	const struct spec_value *loop = &spec->value[LOOP];
	int err;

	if (spec->value[REPLAY].set) {
		err = replay_parse(&p->port, spec->value[REPLAY].string, &p->pace);
		if (err)
			return err;
	}
	err = reader_open(&p->port, &p->reader, spec->value[RX].string);
	if (err)
		return err;
	p->passes = !loop->set ? 1 : loop->number ? loop->number : UINT64_MAX;
	if (p->passes > 1 && !p->reader.is_file) {
		reader_close(&p->reader);
		return weir_fail(p->port.weir, -EINVAL, "port '%s': %s is not a file; it can be read only once",
		                 p->port.spec, p->reader.path);
	}
	return 0;
}

static void info_fill(struct pcap_port *p, const struct spec *spec)
{
	struct weir_port_info *info = &p->port.info;
	const char *path = spec->value[spec->value[RX].set ? RX : TX].string, *slash = strrchr(path, '/');
	struct weir_pool *pool = p->port.conf.pool;

	strncpy(info->name, slash ? slash + 1 : path, sizeof(info->name) - 1);
	info->receives = spec->value[RX].set;
	info->sends = spec->value[TX].set;
	info->finite = p->passes != UINT64_MAX;
	info->can_wait = p->pace.on;
	info->rx_queues_max = 1;
	info->tx_queues_max = TX_QUEUES_MAX;
	info->offloads = WEIR_OFFLOAD_TX_TSO; /* a file takes a packet as long as it is */
	if (info->receives && pool) {
		info->rx_entries_max = host_entries(pool, CAPTURE_LEN_MAX);
		if (info->rx_entries_max > weir_pool_count(pool))
			info->rx_entries_max = weir_pool_count(pool);
		if (weir_pool_headroom(pool) >= sizeof(struct weir_pkt_meta))
			info->offloads |= WEIR_OFFLOAD_RX_META;
	}
}

static int pcap_open_port(struct weir_port *port, const struct spec *spec)
{
	struct pcap_port *p = pcap_port(port);
	int err;

	p->reader.fd = p->writer.fd = p->pace.timer = -1;
	p->snaplen = spec->value[SNAPLEN].set ? (uint32_t)spec->value[SNAPLEN].number : CAPTURE_LEN_MAX;
	if (!spec->value[RX].set && !spec->value[TX].set)
		return weir_fail(port->weir, -EINVAL, "port '%s': neither rx=FILE nor tx=FILE; it needs one of them",
		                 port->spec);
	if (!spec->value[RX].set && (spec->value[REPLAY].set || spec->value[LOOP].set))
		return weir_fail(port->weir, -EINVAL, "port '%s': replay and loop are for reading; give it rx=FILE",
		                 port->spec);
	if (spec->value[RX].set) {
		err = input_open(p, spec);
		if (err)
			return err;
	}
	if (spec->value[TX].set) {
		err = writer_open(port, &p->writer, spec->value[TX].string);
		if (err) {
			reader_close(&p->reader);
			return err;
		}
	}
	info_fill(p, spec);
	return 0;
}

static int input_start(struct pcap_port *p)
{
	if (p->pace.on) {
		p->pace.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
		if (p->pace.timer < 0)
			return weir_fail(p->port.weir, -errno, "port '%s': cannot make a timer: %s", p->port.spec,
			                 strerror(errno));
		p->pace.anchored = false;
		p->pace.begin = 0;
		if (p->held)
			pace_set(&p->pace, p->record.time_ns);
	}
	p->port.rxqs[0]->burst = pcap_rx;
	if (p->done)
		rxq_finish(p->port.rxqs[0]);
	return 0;
}

static struct pcap_txq *pcap_txq(struct weir_port *port, unsigned index)
{
	return container_of(port->txqs[index], struct pcap_txq, txq);
}

/* Writes what the queues still hold, and lets go of what start made. */
static int pcap_stop(struct weir_port *port)
{
	struct pcap_port *p = pcap_port(port);

	for (unsigned i = 0; i < port->info.tx_queues; i++) {
		batch_flush(pcap_txq(port, i));
		batch_free(&pcap_txq(port, i)->batch);
	}
	if (p->pace.timer >= 0)
		close(p->pace.timer);
	p->pace.timer = -1;
	return p->writer.err ? weir_fail(port->weir, p->writer.err, "port '%s': %s cannot be written: %s", port->spec,
	                                 p->writer.path, strerror(-p->writer.err))
	                     : 0;
}

static int pcap_start(struct weir_port *port)
{
	struct pcap_port *p = pcap_port(port);
	int err = 0;

	for (unsigned i = 0; i < port->info.tx_queues; i++) {
		err = batch_init(&pcap_txq(port, i)->batch) ? -ENOMEM : err;
		port->txqs[i]->burst = pcap_tx;
	}
	if (err)
		weir_fail(port->weir, err, "port '%s': no memory for what is to be written", port->spec);
	if (!err && port->info.sends)
		err = writer_begin(port, &p->writer, p->snaplen);
	if (!err && port->info.receives)
		err = input_start(p);
	if (err) {
		for (unsigned i = 0; i < port->info.tx_queues; i++)
			batch_free(&pcap_txq(port, i)->batch);
		return err;
	}
	strcpy(port->info.variant, !port->info.receives ? "write" : p->pace.on ? "replay in time" : "replay fast");
	return 0;
}

static int pcap_close_port(struct weir_port *port)
{
	struct pcap_port *p = pcap_port(port);
	int err;

	reader_close(&p->reader);
	err = writer_close(&p->writer);
	return err ? weir_fail(port->weir, err, "port '%s': %s may not be whole: %s", port->spec, p->writer.path,
	                       strerror(-err))
	           : 0;
}

static int pcap_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value)
{
	if (index || !port->info.receives)
		return -ENOENT;
	*name = "truncated_in_capture";
	*value = count_read(&pcap_port(port)->cut);
	return 0;
}

const struct weir_driver pcap_driver = {
	.name = "pcap",
	.help =
	    "pcap:[rx=FILE][,tx=FILE][,replay=fast|recorded|FACTOR][,loop=TIMES][,snaplen=BYTES]  capture files; loop=0 is for ever",
	.options = pcap_options,
	.port_size = sizeof(struct pcap_port),
	.rxq_size = sizeof(struct weir_rxq),
	.txq_size = sizeof(struct pcap_txq),
	.open = pcap_open_port,
	.start = pcap_start,
	.stop = pcap_stop,
	.close = pcap_close_port,
	.rxq_fd = pcap_rxq_fd,
	.rxq_arm = pcap_rxq_arm,
	.counter = pcap_counter,
};
