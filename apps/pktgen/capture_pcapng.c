/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Blocks of pcapng, in the byte order of this machine, as the format allows.
 */
#include "capture_pcapng.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SECTION   0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_PACKET    6u
#define BYTE_ORDER_MARK 0x1a2b3c4du
#define LINK_ETHERNET   1u
#define OPTION_COMMENT  1u
#define OPTION_IF_NAME  2u
#define OPTION_TSRESOL  9u
#define NANOSECONDS     9u /* as a power of ten */
#define OPTION_MOST     255u

struct pcapng {
	FILE *file;
};

static uint32_t padded(uint32_t len)
{
	return (len + 3) / 4 * 4;
}

static uint32_t option_size(uint32_t len)
{
	return 4 + padded(len);
}

static void put32(FILE *file, uint32_t value)
{
	fwrite(&value, sizeof(value), 1, file);
}

static void put_padded(FILE *file, const void *data, uint32_t len)
{
	static const char zeros[4];

	fwrite(data, 1, len, file);
	fwrite(zeros, 1, padded(len) - len, file);
}

static void put_option(FILE *file, uint16_t code, const void *data, uint16_t len)
{
	fwrite(&code, sizeof(code), 1, file);
	fwrite(&len, sizeof(len), 1, file);
	put_padded(file, data, len);
}

static uint16_t text_len(const char *text)
{
	size_t len = strlen(text);

	return (uint16_t)(len < OPTION_MOST ? len : OPTION_MOST);
}

static void put_section(FILE *file)
{
	const uint32_t block[] = { BLOCK_SECTION, 28, BYTE_ORDER_MARK, 0x00000001u, ~0u, ~0u, 28 };
	uint16_t major = 1, minor = 0;

	/* The version's halves are 16-bit numbers of their own. */
	fwrite(block, sizeof(*block), 3, file);
	fwrite(&major, sizeof(major), 1, file);
	fwrite(&minor, sizeof(minor), 1, file);
	fwrite(&block[4], sizeof(*block), 3, file);
}

static void put_interface(FILE *file, const char *name, uint32_t snap)
{
	const uint8_t resolution = NANOSECONDS;
	uint16_t len = text_len(name), link = LINK_ETHERNET, reserved = 0;
	uint32_t total = 20 + option_size(len) + option_size(1) + 4;

	put32(file, BLOCK_INTERFACE);
	put32(file, total);
	fwrite(&link, sizeof(link), 1, file);
	fwrite(&reserved, sizeof(reserved), 1, file);
	put32(file, snap);
	put_option(file, OPTION_IF_NAME, name, len);
	put_option(file, OPTION_TSRESOL, &resolution, 1);
	put32(file, 0);
	put32(file, total);
}

int pcapng_open(struct pcapng **file, const char *path, const char *name, uint32_t snap)
{
	struct pcapng *pcapng = calloc(1, sizeof(*pcapng));
	int err;

	*file = NULL;
	if (!pcapng)
		return -ENOMEM;
	pcapng->file = fopen(path, "we");
	if (!pcapng->file) {
		err = -errno;
		free(pcapng);
		return err;
	}
	put_section(pcapng->file);
	put_interface(pcapng->file, name, snap);
	*file = pcapng;
	return 0;
}

int pcapng_write(struct pcapng *pcapng, const void *data, uint32_t kept, uint32_t len, uint64_t time_ns,
                 const char *comment)
{
	FILE *file = pcapng->file;
	uint16_t comment_len = comment ? text_len(comment) : 0;
	uint32_t total = 32 + padded(kept) + (comment ? option_size(comment_len) + 4 : 0);

	errno = 0;
	put32(file, BLOCK_PACKET);
	put32(file, total);
	put32(file, 0);
	put32(file, (uint32_t)(time_ns >> 32));
	put32(file, (uint32_t)time_ns);
	put32(file, kept);
	put32(file, len);
	put_padded(file, data, kept);
	if (comment) {
		put_option(file, OPTION_COMMENT, comment, comment_len);
		put32(file, 0);
	}
	put32(file, total);
	return ferror(file) ? (errno ? -errno : -EIO) : 0;
}

int pcapng_close(struct pcapng *pcapng)
{
	int err = ferror(pcapng->file) ? -EIO : 0;

	errno = 0;
	if (fclose(pcapng->file) && !err)
		err = errno ? -errno : -EIO;
	free(pcapng);
	return err;
}
