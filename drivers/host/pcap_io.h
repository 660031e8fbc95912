/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Capture files, as the pcap driver reads and writes them. Internal to that driver.
 *
 * Files are read through libpcap, which knows pcap in both byte orders, with micro- and nanoseconds, and pcapng. They are
 * written directly, as pcap with nanoseconds: a chain of buffers is then copied once, straight into the batch that goes
 * to the file, and when a write fails it is known which packets are in the file.
 */
#ifndef HOST_PCAP_IO_H
#define HOST_PCAP_IO_H

#include <pcap/pcap.h>

#include "port/driver.h"

#define CAPTURE_LEN_MAX 262144u /* bytes of a captured frame: what libpcap takes for Ethernet */

/* One packet of a file. The data is libpcap's, valid until the next one is read. */
struct capture_record {
	const uint8_t *data;
	uint32_t len;      /* bytes captured */
	uint32_t orig_len; /* bytes on the wire */
	uint64_t time_ns;  /* since 1970 */
};

struct capture_reader {
	char path[SPEC_TEXT_MAX];
	int fd;
	bool is_file;     /* not a pipe: it can be read again */
	bool begun;       /* the head of this pass was read */
	pcap_t *pcap;     /* NULL when it is closed */
	char *buffer;     /* stdio's */
	uint64_t records; /* read in this pass */
	char error[PCAP_ERRBUF_SIZE];
};

/* Opens @path ("-": standard input) and reads its head. Returns 0 or -errno with a sentence. */
int reader_open(struct weir_port *port, struct capture_reader *reader, const char *path);
void reader_close(struct capture_reader *reader);

/*
 * Reads the next record. Returns 1, 0 at the end, or -EIO with the reason in reader->error when the file breaks off or
 * contradicts itself; nothing comes after that.
 */
int reader_next(struct capture_reader *reader, struct capture_record *record);

/* Begins again with the first record. Returns 0, or -EIO with the reason in reader->error. */
int reader_rewind(struct capture_reader *reader);

/* A file, and how far it is whole. Shared by the transmit queues; each brings batches of its own. */
struct capture_writer {
	char path[SPEC_TEXT_MAX];
	int fd;
	bool is_file;
	bool begun;           /* the file's head is written */
	pthread_mutex_t lock; /* guards what follows, and the order of writes */
	uint64_t size;        /* bytes up to the end of the last whole record */
	int err;              /* 0, or the -errno of the write that failed; nothing is written after that */
};

/* Records that are yet to be written. All zero is an empty one without memory. */
struct capture_batch {
	uint8_t *bytes;
	size_t used;
	uint64_t packets;
};

/* Opens or makes @path ("-": standard output), without changing what is in it. Returns 0 or -errno with a sentence. */
int writer_open(struct weir_port *port, struct capture_writer *writer, const char *path);

/* Empties the file and writes its head, the first time it is called. Returns 0 or -errno with a sentence. */
int writer_begin(struct weir_port *port, struct capture_writer *writer, uint32_t snaplen);

/*
 * Writes the batch and empties it, whatever happens. Returns how many of its packets are not in the file, and adds their
 * bytes to *@lost_bytes; writer->err then says why, and the file is cut back to whole records if it is a file.
 */
uint64_t writer_write(struct capture_writer *writer, struct capture_batch *batch, uint64_t *lost_bytes);

/* Returns 0, or the -errno with which the system took the file. */
int writer_close(struct capture_writer *writer);

int batch_init(struct capture_batch *batch);
void batch_free(struct capture_batch *batch);

/* Whether a record of @len bytes of data fits in behind the others. */
bool batch_fits(const struct capture_batch *batch, size_t len);

/*
 * Adds the packet at @pkts (@n entries, @len bytes, at most CAPTURE_LEN_MAX with the VLAN tag that it may still get), done
 * up as its flags ask; the packet itself is only read. @now_ns is the time for a packet that brings none, @snaplen the
 * bytes to keep. Returns the bytes kept, or -errno when the packet's flags ask for what cannot be done.
 */
int batch_add(struct capture_batch *batch, uint8_t *base, const struct weir_pkt *pkts, unsigned n, size_t len,
              uint64_t now_ns, uint32_t snaplen);

#endif
