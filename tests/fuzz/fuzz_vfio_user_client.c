/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a vfio-user server answers: any bytes are understood, or break the client with a sentence.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vfio_user/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int no_memory(void *arg, uint64_t iova, void *data, size_t len, bool write)
{
	(void)arg, (void)iova;
	if (!write)
		memset(data, 0, len);
	return 0;
}

static void ask(struct vu_client *client)
{
	struct vfio_device_info info;
	struct vfio_irq_info irq;
	struct vu_region region;
	uint8_t bytes[64] = { 0 };
	int fds[2] = { -1, -1 };

	for (unsigned i = 0; i < 4; i++) {
		vu_client_device(client, &info);
		if (!vu_client_region(client, i, &region)) {
			if (region.area_count > VU_AREAS_MAX)
				abort();
			if (region.fd >= 0)
				close(region.fd);
		}
		vu_client_irq(client, i, &irq);
		vu_client_read(client, 0, 0, bytes, sizeof(bytes));
		vu_client_write(client, 0, 0, bytes, 4, false);
		vu_client_set_irqs(client, 2, 0, 2, fds);
		vu_client_dma_map(client, 4096, 4096, 3, -1, 0);
		vu_client_dma_unmap(client, 4096, 4096);
		vu_client_serve(client);
		vu_client_reset(client);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vu_client *client;
	int ends[2];

	if (size > 65536 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return 0;
	if (send(ends[1], data, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size) {
		shutdown(ends[1], SHUT_WR);
		if (!vu_client_open(NULL, ends[0], "fuzz", no_memory, NULL, &client)) {
			ask(client);
			vu_client_close(client);
		} else if (!*weir_error()) {
			abort();
		}
	} else {
		close(ends[0]);
	}
	close(ends[1]);
	return 0;
}
