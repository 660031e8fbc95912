/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a vfio-user client sends, to the server and a simulated card's own parts behind it: any bytes are answered or end
 * the connection.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vfio_user/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[8192];

static int on_read(void *arg, unsigned region, uint64_t offset, void *to, uint32_t len)
{
	(void)arg, (void)region;
	if (offset + len > sizeof(memory))
		abort();
	memcpy(to, memory + offset, len);
	return 0;
}

static int on_write(void *arg, unsigned region, uint64_t offset, const void *from, uint32_t len)
{
	(void)arg, (void)region;
	if (offset + len > sizeof(memory))
		abort();
	memcpy(memory + offset, from, len);
	return 0;
}

static int on_irqs(void *arg, unsigned index, uint32_t flags, unsigned start, unsigned count, const int *fds,
                   const uint8_t *bools)
{
	volatile uint8_t sum = 0;

	(void)arg, (void)flags;
	if (index >= VU_IRQS || start + count > 64)
		abort();
	for (unsigned i = 0; i < count && (fds || bools); i++)
		sum = (uint8_t)(sum + (fds ? fds[i] : bools[i]));
	return 0;
}

static int on_map(void *arg, uint64_t iova, uint64_t size, uint32_t flags, int fd, uint64_t offset)
{
	(void)arg, (void)flags, (void)offset;
	if (fd >= 0 || !size || iova + (size - 1) < iova)
		abort();
	return 0;
}

static int on_unmap(void *arg, uint64_t iova, uint64_t size)
{
	(void)arg, (void)iova, (void)size;
	return 0;
}

static int on_reset(void *arg)
{
	(void)arg;
	return 0;
}

static const struct vu_server_ops ops = { .read = on_read,
	                                  .write = on_write,
	                                  .set_irqs = on_irqs,
	                                  .dma_map = on_map,
	                                  .dma_unmap = on_unmap,
	                                  .reset = on_reset };

static const struct vu_device device = {
	.regions = { [0] = { .size = 8192, .flags = 3, .fd = -1 }, [7] = { .size = 256, .flags = 3, .fd = -1 } },
	.irqs = { { 1, 7 }, { 1, 1 }, { 64, 1 } },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vu_server server;
	char answer[4096];
	int ends[2];

	if (size > 65536 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return 0;
	if (send(ends[1], data, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size) {
		shutdown(ends[1], SHUT_WR);
		if (vu_server_init(&server, ends[0], &device, &ops, NULL))
			abort();
		while (!vu_server_step(&server, 0))
			while (recv(ends[1], answer, sizeof(answer), MSG_DONTWAIT) > 0)
				;
		vu_server_fini(&server);
	} else {
		close(ends[0]);
	}
	close(ends[1]);
	return 0;
}
