/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pcap:rx=FILE,tx=FILE: the frames of one file arrive at the card, once and as fast as it takes them, when it has a
 * driver that listens; what it sends is written to the other.
 */
#include <errno.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <time.h>

#include "core/core.h"
#include "sim/wire.h"

#define BURST   64u
#define LOOK_NS 1000000u /* before it looks again whether somebody listens */

struct file {
	struct sim_wire wire;
	pcap_t *rx, *tx;
	pcap_dumper_t *dump;
	const uint8_t *next; /* the frame that was read and not delivered yet */
	struct pcap_pkthdr *head;
	bool dirty; /* something was written since the last flush */
	uint64_t delivered, skipped;
};

static struct file *file_of(struct sim_wire *wire)
{
	return (struct file *)wire;
}

static void file_close(struct sim_wire *wire)
{
	struct file *file = file_of(wire);

	if (file->dump)
		pcap_dump_close(file->dump);
	if (file->tx)
		pcap_close(file->tx);
	if (file->rx)
		pcap_close(file->rx);
}

static int open_rx(struct file *file, const char *path)
{
	char error[PCAP_ERRBUF_SIZE];

	file->rx = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!file->rx)
		return weir_fail(NULL, -EINVAL, "cannot read a capture: %s", error);
	if (pcap_datalink(file->rx) != DLT_EN10MB)
		return weir_fail(NULL, -EINVAL, "%s holds no Ethernet frames", path);
	return 0;
}

static int open_tx(struct file *file, const char *path)
{
	file->tx = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, SIM_FRAME_MAX, PCAP_TSTAMP_PRECISION_NANO);
	file->dump = file->tx ? pcap_dump_open(file->tx, path) : NULL;
	if (!file->dump)
		return weir_fail(NULL, -EIO, "cannot write a capture: %s", file->tx ? pcap_geterr(file->tx) : path);
	return 0;
}

static int file_open(struct sim_wire *wire, const char *args)
{
	char rx[PATH_MAX] = "", tx[PATH_MAX] = "";
	const struct wire_option options[] = {
		{ .key = "rx", .text = rx, .size = sizeof(rx) },
		{ .key = "tx", .text = tx, .size = sizeof(tx) },
		{ .key = NULL },
	};
	int err = wire_options(wire, args, options);

	if (!err && !*rx && !*tx)
		err = weir_fail(NULL, -EINVAL, "wire pcap needs a file: pcap:rx=FILE, pcap:tx=FILE or both");
	if (!err && *rx)
		err = open_rx(file_of(wire), rx);
	if (!err && *tx)
		err = open_tx(file_of(wire), tx);
	if (err)
		file_close(wire);
	return err;
}

static bool file_send(struct sim_wire *wire, const uint8_t *frame, size_t len)
{
	struct file *file = file_of(wire);
	struct pcap_pkthdr head = { .caplen = (bpf_u_int32)len, .len = (bpf_u_int32)len };
	struct timespec now;

	if (!file->dump)
		return true;
	clock_gettime(CLOCK_REALTIME, &now);
	head.ts.tv_sec = now.tv_sec;
	head.ts.tv_usec = now.tv_nsec; /* the file's precision */
	pcap_dump((u_char *)file->dump, &head, frame);
	file->dirty = true;
	return true;
}

/* Reads on to the next whole frame. */
static bool advance(struct file *file)
{
	while (file->rx && !file->next) {
		if (pcap_next_ex(file->rx, &file->head, &file->next) != 1) {
			pcap_close(file->rx);
			file->rx = NULL;
			file->next = NULL;
		} else if (!file->head->caplen || file->head->caplen < file->head->len ||
		           file->head->len > SIM_FRAME_MAX) {
			file->skipped++;
			file->next = NULL;
		}
	}
	return file->next;
}

/* Who captured a short frame did so before the sender's card had filled it up. */
static void deliver(struct file *file)
{
	uint8_t frame[60];

	if (file->head->len >= sizeof(frame)) {
		wire_deliver(file->wire.nic, file->next, file->head->len, 0, 0);
		return;
	}
	memcpy(frame, file->next, file->head->len);
	wire_deliver(file->wire.nic, frame, wire_pad(frame, file->head->len), 0, 0);
}

static unsigned file_run(struct sim_wire *wire, uint64_t now_ns)
{
	struct file *file = file_of(wire);
	unsigned n = 0;

	(void)now_ns;
	if (file->dirty)
		pcap_dump_flush(file->dump);
	file->dirty = false;
	while (n < BURST && wire_wanted(wire->nic) && wire_room(wire->nic) && advance(file)) {
		deliver(file);
		file->next = NULL;
		n++;
	}
	file->delivered += n;
	return n;
}

static uint64_t file_due(const struct sim_wire *wire, uint64_t now_ns)
{
	const struct file *file = (const struct file *)wire;

	return file->rx || file->dirty ? now_ns + LOOK_NS : UINT64_MAX;
}

static int file_counter(const struct sim_wire *wire, unsigned index, const char **name, uint64_t *value)
{
	const struct file *file = (const struct file *)wire;
	const struct wire_counter rows[] = { { "pcap_read", file->delivered }, { "pcap_skipped", file->skipped } };

	return wire_counter(rows, 2, index, name, value);
}

const struct wire_ops wire_pcap = {
	.name = "pcap",
	.size = sizeof(struct file),
	.open = file_open,
	.close = file_close,
	.send = file_send,
	.run = file_run,
	.due = file_due,
	.counter = file_counter,
};
