/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Capture files: reading through libpcap, writing in whole batches.
 *
 * A file that is written is locked, and so is one that is read, by flock(): the kernel then refuses to write onto the
 * file that is being read, by whatever name, port or process, and forgets the lock with the process.
 */
#include "pcap_io.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"
#include "weir/net.h"

#define READ_BUFFER  KIB(256)
#define BATCH_SIZE   KIB(512) /* room for the longest record, and for many short ones between two writes */
#define BATCH_START  64u      /* keeps a buffer offset of one unit in front of the first record (see batch_finish()) */
#define MAGIC_NANO   0xa1b23c4du
#define LINKTYPE_ETH 1u
#define NS_PER_S     1000000000u

/* https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html; in the byte order of the writer. */
struct file_head {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy; /* not used any more: 0 */
	uint32_t snaplen;
	uint32_t linktype;
};
static_assert(sizeof(struct file_head) == 24, "");

struct record_head {
	uint32_t seconds, ns;
	uint32_t len;
	uint32_t orig_len;
};
static_assert(sizeof(struct record_head) == 16, "");

/* Opens or copies the descriptor, and locks a file. */
static int file_open(struct weir_port *port, const char *path, bool to_write, int *fd, bool *is_file)
{
	bool standard = !strcmp(path, "-");
	const char *verb = to_write ? "written" : "read";
	struct stat st;
	int err;

	if (standard)
		*fd = fcntl(to_write ? STDOUT_FILENO : STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		*fd = open(path, (to_write ? O_WRONLY | O_CREAT : O_RDONLY) | O_CLOEXEC | O_NOCTTY, 0666);
	if (*fd < 0)
		return weir_fail(port->weir, -errno, "port '%s': %s cannot be %s: %s", port->spec, path, verb,
		                 strerror(errno));
	if (fstat(*fd, &st) < 0) {
		err = weir_fail(port->weir, -errno, "port '%s': %s cannot be looked at: %s", port->spec, path,
		                strerror(errno));
		goto close;
	}
	if (isatty(*fd)) {
		err = weir_fail(port->weir, -EINVAL, "port '%s': %s is a terminal; captures are %s by redirection",
		                port->spec, path, verb);
		goto close;
	}
	/* Standard output is the caller's: what is in that file already, and where it is written, is not ours to change. */
	*is_file = S_ISREG(st.st_mode) && !(standard && to_write);
	if (*is_file && !standard && flock(*fd, (to_write ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		err = weir_fail(port->weir, -EBUSY,
		                "port '%s': %s is in use by another port that %s it; choose another file", port->spec,
		                path, to_write ? "reads or writes" : "writes");
		goto close;
	}
	return 0;

close:
	close(*fd);
	*fd = -1;
	return err;
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

/*
 * What libpcap reads through. It would cut a record that is longer than the snap length in the file's head, without a
 * word, and real captures have such records: so it is told the longest that there can be. pcapng is left as it is.
 */
static ssize_t stream_read(void *cookie, char *bytes, size_t size)
{
	struct capture_reader *reader = cookie;
	size_t least = reader->begun ? 1 : sizeof(struct file_head), got = 0;
	uint32_t snaplen = CAPTURE_LEN_MAX;
	ssize_t n = 1;

	while (got < least && got < size && n) {
		n = read(reader->fd, bytes + got, size - got);
		if (n > 0)
			got += (size_t)n;
		else if (n < 0 && errno != EINTR)
			return -1;
	}
	if (!reader->begun && got >= least) {
		bool big = (uint8_t)bytes[0] == 0xa1, little = (uint8_t)bytes[3] == 0xa1; /* every magic number */

		if (big != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
			snaplen = __builtin_bswap32(snaplen);
		if (big || little)
			memcpy(bytes + offsetof(struct file_head, snaplen), &snaplen, sizeof(snaplen));
	}
	reader->begun = true;
	return (ssize_t)got;
}

/* Opens the file for libpcap, at its beginning. Returns 0 or -errno with reader->error. */
static int pass_begin(struct capture_reader *reader)
{
	FILE *stream = fopencookie(reader, "r", (cookie_io_functions_t){ .read = stream_read });

	if (!stream || (reader->is_file && lseek(reader->fd, 0, SEEK_SET) < 0)) {
		int err = -errno;

		snprintf(reader->error, sizeof(reader->error), "%s", strerror(errno));
		if (stream)
			fclose(stream);
		return err;
	}
	setvbuf(stream, reader->buffer, _IOFBF, READ_BUFFER);
	reader->begun = false;
	reader->pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, reader->error);
	if (!reader->pcap) {
		fclose(stream);
		return -EINVAL;
	}
	reader->records = 0;
	return 0;
}

static void pass_end(struct capture_reader *reader)
{
	if (reader->pcap)
		pcap_close(reader->pcap);
	reader->pcap = NULL;
}

static int link_check(struct weir_port *port, const struct capture_reader *reader)
{
	int type = pcap_datalink(reader->pcap);
	const char *name = pcap_datalink_val_to_name(type);

	if (type == DLT_EN10MB)
		return 0;
	return weir_fail(port->weir, -EINVAL,
	                 "port '%s': %s holds packets of link type %s (%d), not Ethernet; capture on an Ethernet "
	                 "interface",
	                 port->spec, reader->path, name ? name : "unknown", type);
}

static int head_read(struct weir_port *port, struct capture_reader *reader)
{
	struct stat st;
	int err;

	if (reader->is_file && fstat(reader->fd, &st) == 0 && st.st_size == 0)
		return weir_fail(port->weir, -EINVAL,
		                 "port '%s': %s is empty; even a capture without packets has a head of 24 bytes",
		                 port->spec, reader->path);
	err = pass_begin(reader);
	if (err)
		return weir_fail(port->weir, err, "port '%s': %s is not a pcap or pcapng file that can be read: %s",
		                 port->spec, reader->path, reader->error);
	return link_check(port, reader);
}

int reader_open(struct weir_port *port, struct capture_reader *reader, const char *path)
{
	int err;

	snprintf(reader->path, sizeof(reader->path), "%s", path);
	err = file_open(port, path, false, &reader->fd, &reader->is_file);
	if (err)
		return err;
	reader->buffer = malloc(READ_BUFFER);
	if (reader->buffer)
		err = head_read(port, reader);
	else
		err = weir_fail(port->weir, -ENOMEM, "port '%s': no memory to read %s", port->spec, path);
	if (err)
		reader_close(reader);
	return err;
}

void reader_close(struct capture_reader *reader)
{
	pass_end(reader);
	free(reader->buffer);
	reader->buffer = NULL;
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
}

int reader_next(struct capture_reader *reader, struct capture_record *record)
{
	struct pcap_pkthdr *head;
	const u_char *data;

	switch (pcap_next_ex(reader->pcap, &head, &data)) {
	case 1:
		break;
	case PCAP_ERROR_BREAK: /* the end of the file */
		return 0;
	default:
		snprintf(reader->error, sizeof(reader->error), "%s", pcap_geterr(reader->pcap));
		return -EIO;
	}
	reader->records++;
	record->data = data;
	record->len = head->caplen;
	record->orig_len = head->len;
	record->time_ns = (uint64_t)(uint32_t)head->ts.tv_sec * NS_PER_S + (uint64_t)head->ts.tv_usec;
	return 1;
}

int reader_rewind(struct capture_reader *reader)
{
	pass_end(reader);
	return pass_begin(reader) ? -EIO : 0;
}

/* --- writing --------------------------------------------------------------------------------------------------------- */

int writer_open(struct weir_port *port, struct capture_writer *writer, const char *path)
{
	int err;

	snprintf(writer->path, sizeof(writer->path), "%s", path);
	err = -pthread_mutex_init(&writer->lock, NULL);
	if (err)
		return weir_fail(port->weir, err, "port '%s': cannot make a lock", port->spec);
	err = file_open(port, path, true, &writer->fd, &writer->is_file);
	if (err)
		pthread_mutex_destroy(&writer->lock);
	return err;
}

/* Writes all, going on after short writes. Returns the bytes written; fewer than @len leave a reason in errno. */
static size_t write_all(int fd, const uint8_t *bytes, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(fd, bytes + done, len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			break;
	}
	return done;
}

int writer_begin(struct weir_port *port, struct capture_writer *writer, uint32_t snaplen)
{
	const struct file_head head = {
		.magic = MAGIC_NANO, .major = 2, .minor = 4, .snaplen = snaplen, .linktype = LINKTYPE_ETH
	};

	if (writer->begun)
		return 0;
	if ((writer->is_file && ftruncate(writer->fd, 0) < 0) ||
	    write_all(writer->fd, (const uint8_t *)&head, sizeof(head)) < sizeof(head))
		return weir_fail(port->weir, -errno, "port '%s': %s cannot be written: %s", port->spec, writer->path,
		                 strerror(errno));
	writer->size = sizeof(head);
	writer->begun = true;
	return 0;
}

/* The bytes that whole records take of the first @len of a batch; how many and how long they are. */
static size_t whole_records(const uint8_t *bytes, size_t len, uint64_t *packets, uint64_t *packet_bytes)
{
	struct record_head head;
	size_t at = 0;

	while (len - at >= sizeof(head)) {
		memcpy(&head, bytes + at, sizeof(head));
		if (len - at - sizeof(head) < head.len)
			break;
		at += sizeof(head) + head.len;
		*packets += 1;
		*packet_bytes += head.len;
	}
	return at;
}

uint64_t writer_write(struct capture_writer *writer, struct capture_batch *batch, uint64_t *lost_bytes)
{
	const uint8_t *bytes = batch->bytes + BATCH_START;
	size_t len = batch->used - BATCH_START, done = 0;
	uint64_t packets = batch->packets, lost = 0;

	if (!len)
		return 0;
	pthread_mutex_lock(&writer->lock);
	if (!writer->err) {
		done = write_all(writer->fd, bytes, len);
		if (done < len)
			writer->err = errno ? -errno : -EIO;
	}
	if (done < len) {
		uint64_t kept = 0, kept_bytes = 0, all = 0, all_bytes = 0;

		done = whole_records(bytes, done, &kept, &kept_bytes);
		whole_records(bytes, len, &all, &all_bytes);
		lost = packets - kept;
		*lost_bytes += all_bytes - kept_bytes;
		if (writer->is_file && ftruncate(writer->fd, (off_t)(writer->size + done)) < 0)
			done = 0; /* it then ends in part of a record, as readers will say */
	}
	writer->size += done;
	pthread_mutex_unlock(&writer->lock);
	batch->used = BATCH_START;
	batch->packets = 0;
	return lost;
}

int writer_close(struct capture_writer *writer)
{
	int err = writer->err;

	if (writer->fd < 0)
		return 0;
	if (close(writer->fd) < 0 && !err)
		err = -errno;
	writer->fd = -1;
	pthread_mutex_destroy(&writer->lock);
	return err;
}

int batch_init(struct capture_batch *batch)
{
	batch->bytes = malloc(BATCH_SIZE);
	batch->used = BATCH_START;
	batch->packets = 0;
	return batch->bytes ? 0 : -ENOMEM;
}

void batch_free(struct capture_batch *batch)
{
	free(batch->bytes);
	batch->bytes = NULL;
}

bool batch_fits(const struct capture_batch *batch, size_t len)
{
	return BATCH_SIZE - batch->used >= sizeof(struct record_head) + HOST_VLAN_LEN + len;
}

/*
 * Does what @first's flags ask for to its copy of @len bytes at @at in the batch, which is addressed as if the batch were
 * an arena. A packet to be segmented stays one, with its checksums filled: captures hold such.
 * Returns the bytes by which the frame grew at the front, or -errno.
 */
static int batch_finish(struct capture_batch *batch, size_t at, size_t len, const struct weir_pkt *first)
{
	struct weir_pkt pkts[CAPTURE_LEN_MAX / KIB(32) + 1];
	unsigned flags = first->flags & (WEIR_PKT_L3 | WEIR_PKT_L4 | WEIR_PKT_VLAN | WEIR_PKT_TX), n = 0;
	int err;

	if (flags & WEIR_PKT_TX_TSO) {
		flags &= ~WEIR_PKT_TX_TSO;
		flags |= WEIR_PKT_TX_L4;
		if ((flags & WEIR_PKT_L3) == WEIR_PKT_IPV4)
			flags |= WEIR_PKT_TX_IP;
	}
	for (size_t done = 0; done < len; n++) {
		size_t chunk = len - done < KIB(32) ? len - done : KIB(32);

		pkts[n] = (struct weir_pkt){
			.buf = (uint32_t)((at + done) / 64 - 1), /* one unit early: there is headroom for a tag */
			.off = (uint16_t)((at + done) % 64 + 64),
			.len = (uint16_t)chunk,
			.txo = first->txo,
			.vlan = first->vlan,
			.flags = (uint16_t)(done ? 0 : flags),
		};
		done += chunk;
		if (done < len)
			pkts[n].flags |= WEIR_PKT_MORE;
	}
	err = weir_pkt_finish(batch->bytes, pkts, n);
	return err ? err : (int)(pkts[0].len - (len < KIB(32) ? len : KIB(32)));
}

int batch_add(struct capture_batch *batch, uint8_t *base, const struct weir_pkt *pkts, unsigned n, size_t len,
              uint64_t now_ns, uint32_t snaplen)
{
	const struct weir_pkt_meta *meta = weir_pkt_meta(base, pkts);
	size_t front = pkts->flags & WEIR_PKT_VLAN ? HOST_VLAN_LEN : 0;
	size_t at = batch->used + sizeof(struct record_head) + front;
	struct record_head head;
	int grown = 0;

	host_copy_out(base, pkts, n, batch->bytes + at);
	if (pkts->flags & (WEIR_PKT_TX | WEIR_PKT_VLAN)) {
		grown = batch_finish(batch, at, len, pkts);
		if (grown < 0)
			return grown;
		len += (unsigned)grown;
	}
	if (meta)
		now_ns = meta->time_ns;
	head.seconds = (uint32_t)(now_ns / NS_PER_S);
	head.ns = (uint32_t)(now_ns % NS_PER_S);
	head.orig_len = (uint32_t)len;
	if (meta && meta->orig_len + (unsigned)grown > len)
		head.orig_len = meta->orig_len + (unsigned)grown;
	head.len = (uint32_t)(len < snaplen ? len : snaplen);
	memcpy(batch->bytes + batch->used, &head, sizeof(head));
	batch->used += sizeof(head) + head.len;
	batch->packets++;
	return (int)head.len;
}
