/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vfio-user: our client against our server, and the server against clients that lie, whose bytes are made by hand.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"
#include "vfio_user/client.h"
#include "vfio_user/server.h"

/* A device that keeps what it is told: region 0 of 8 KiB, its second page to be mapped; config space of 256 bytes. */
struct fake {
	uint8_t regs[8192];
	uint8_t config[256];
	int map_fd;
	int irq[64];
	uint64_t iova, size, offset;
	uint32_t flags;
	int dma_fd;
	unsigned unmaps, resets, writes;
	bool
	    remote_dma; /* a write to register 0x100 reads 8 bytes of the client at the value's address to register 0x108 */
	struct vu_server server;
	struct vu_device device;
	pthread_t thread;
	int end; /* what ended the server */
};

static uint8_t *place(struct fake *f, unsigned region, uint64_t offset)
{
	return region ? f->config + offset : f->regs + offset;
}

static int fake_read(void *arg, unsigned region, uint64_t offset, void *data, uint32_t len)
{
	memcpy(data, place(arg, region, offset), len);
	return 0;
}

static int fake_write(void *arg, unsigned region, uint64_t offset, const void *data, uint32_t len)
{
	struct fake *f = arg;
	uint64_t iova;

	f->writes++;
	if (region == VFIO_PCI_CONFIG_REGION_INDEX && offset == 0)
		return -EPERM;
	memcpy(place(f, region, offset), data, len);
	if (!f->remote_dma || offset != 0x100)
		return 0;
	memcpy(&iova, data, sizeof(iova));
	if (len == 8 && iova & 1)
		return vu_server_dma(&f->server, iova - 1, f->regs + 0x108, 8, true);
	return vu_server_dma(&f->server, iova, f->regs + 0x108, 8, false);
}

static int fake_set_irqs(void *arg, unsigned index, uint32_t flags, unsigned start, unsigned count, const int *fds,
                         const uint8_t *bools)
{
	struct fake *f = arg;

	(void)bools;
	if (index != VFIO_PCI_MSIX_IRQ_INDEX)
		return flags & VFIO_IRQ_SET_ACTION_UNMASK ? 0 : -EINVAL;
	for (unsigned i = fds ? start : 0; i < (fds ? start + count : 64); i++) {
		if (f->irq[i] >= 0)
			close(f->irq[i]);
		f->irq[i] = fds ? fds[i - start] : -1;
	}
	return 0;
}

static int fake_dma_map(void *arg, uint64_t iova, uint64_t size, uint32_t flags, int fd, uint64_t offset)
{
	struct fake *f = arg;

	if (f->size && iova == f->iova)
		return -EEXIST;
	f->iova = iova;
	f->size = size;
	f->flags = flags;
	f->offset = offset;
	f->dma_fd = fd;
	return 0;
}

static int fake_dma_unmap(void *arg, uint64_t iova, uint64_t size)
{
	struct fake *f = arg;

	if (size && size < f->size)
		return -EINVAL;
	if (size && iova > f->iova)
		return 0;
	f->unmaps++;
	f->size = 0;
	close(f->dma_fd);
	f->dma_fd = -1;
	return 1;
}

static int fake_reset(void *arg)
{
	((struct fake *)arg)->resets++;
	return 0;
}

static const struct vu_server_ops fake_ops = {
	.read = fake_read,
	.write = fake_write,
	.set_irqs = fake_set_irqs,
	.dma_map = fake_dma_map,
	.dma_unmap = fake_dma_unmap,
	.reset = fake_reset,
};

static void *fake_serve(void *arg)
{
	struct fake *f = arg;

	do
		f->end = vu_server_step(&f->server, -1);
	while (!f->end);
	shutdown(f->server.socket.fd, SHUT_RDWR);
	return NULL;
}

/* A server without a thread; the peer's end of its socket is returned. */
static int fake_open(struct fake *f)
{
	int ends[2];

	memset(f, 0, sizeof(*f));
	memset(f->irq, -1, sizeof(f->irq));
	f->dma_fd = -1;
	f->map_fd = memfd_create("region", MFD_CLOEXEC);
	CU_ASSERT_EQUAL_FATAL(ftruncate(f->map_fd, 8192), 0);
	f->device.regions[0] = (struct vu_device_region){
		.size = 8192,
		.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE,
		.fd = f->map_fd,
		.area_count = 1,
		.areas = { { 4096, 4096 } },
	};
	f->device.regions[VFIO_PCI_CONFIG_REGION_INDEX] =
	    (struct vu_device_region){ .size = 256, .flags = 3, .fd = -1 };
	f->device.irqs[VFIO_PCI_MSIX_IRQ_INDEX] = (struct vu_device_irq){ 64, VFIO_IRQ_INFO_EVENTFD };
	f->device.irqs[VFIO_PCI_INTX_IRQ_INDEX] =
	    (struct vu_device_irq){ 1, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE };
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	CU_ASSERT_EQUAL_FATAL(vu_server_init(&f->server, ends[0], &f->device, &fake_ops, f), 0);
	return ends[1];
}

static void fake_close(struct fake *f)
{
	vu_server_fini(&f->server);
	for (unsigned i = 0; i < 64; i++)
		if (f->irq[i] >= 0)
			close(f->irq[i]);
	if (f->dma_fd >= 0)
		close(f->dma_fd);
	close(f->map_fd);
}

static struct vu_client *client_open(struct fake *f, vu_dma_fn *dma, void *arg)
{
	struct vu_client *client;
	int fd = fake_open(f);

	CU_ASSERT_EQUAL_FATAL(pthread_create(&f->thread, NULL, fake_serve, f), 0);
	CU_ASSERT_EQUAL_FATAL(vu_client_open(NULL, fd, "fake", dma, arg, &client), 0);
	return client;
}

static void client_close(struct fake *f, struct vu_client *client)
{
	vu_client_close(client);
	pthread_join(f->thread, NULL);
	fake_close(f);
}

/* --- both of ours ----------------------------------------------------------------------------------------------------- */

static void a_device_tells_what_it_has(void)
{
	struct vfio_device_info info;
	struct vfio_irq_info irq;
	struct vu_region region;
	struct vu_client *c;
	struct fake f;

	c = client_open(&f, NULL, NULL);
	CU_ASSERT_EQUAL(vu_client_device(c, &info), 0);
	CU_ASSERT_EQUAL(info.num_regions, 9);
	CU_ASSERT_EQUAL(info.num_irqs, 5);
	CU_ASSERT_EQUAL(vu_client_region(c, 0, &region), 0);
	CU_ASSERT_EQUAL(region.size, 8192);
	CU_ASSERT_EQUAL(region.area_count, 1);
	CU_ASSERT_EQUAL(region.areas[0].offset, 4096);
	CU_ASSERT_EQUAL(region.areas[0].size, 4096);
	CU_ASSERT_TRUE(region.fd >= 0);
	close(region.fd);
	CU_ASSERT_EQUAL(vu_client_region(c, 1, &region), 0);
	CU_ASSERT_EQUAL(region.size, 0);
	CU_ASSERT_EQUAL(region.fd, -1);
	CU_ASSERT_EQUAL(vu_client_region(c, 9, &region), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_irq(c, VFIO_PCI_MSIX_IRQ_INDEX, &irq), 0);
	CU_ASSERT_EQUAL(irq.count, 64);
	CU_ASSERT_EQUAL(vu_client_reset(c), 0);
	CU_ASSERT_EQUAL(f.resets, 1);
	client_close(&f, c);
	CU_ASSERT_EQUAL(f.end, -EPIPE);
}

static void registers_are_read_and_written(void)
{
	struct vu_write_one many[2] = { { .offset = 0x20, .count = 4, .data = 7 },
		                        { .offset = 0x24, .count = 2, .data = 9 } };
	uint32_t value = 0x12345678, back = 0;
	struct vu_client *c;
	struct fake f;

	c = client_open(&f, NULL, NULL);
	CU_ASSERT_EQUAL(vu_client_write(c, 0, 0x10, &value, 4, false), 0);
	CU_ASSERT_EQUAL(vu_client_read(c, 0, 0x10, &back, 4), 0);
	CU_ASSERT_EQUAL(back, 0x12345678);
	value = 0xabcd;
	CU_ASSERT_EQUAL(vu_client_write(c, 0, 8190, &value, 2, true), 0);
	back = 0;
	CU_ASSERT_EQUAL(vu_client_read(c, 0, 8190, &back, 2), 0);
	CU_ASSERT_EQUAL(back, 0xabcd);
	CU_ASSERT_EQUAL(vu_client_write_multi(c, many, 2), 0);
	CU_ASSERT_EQUAL(f.regs[0x20], 7);
	CU_ASSERT_EQUAL(f.regs[0x24], 9);
	client_close(&f, c);
}

static void accesses_outside_a_region_are_refused(void)
{
	uint8_t data[8] = { 0 };
	struct vu_client *c;
	struct fake f;

	c = client_open(&f, NULL, NULL);
	CU_ASSERT_EQUAL(vu_client_read(c, 0, 8189, data, 4), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_read(c, 0, UINT64_MAX, data, 4), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_read(c, 1, 0, data, 4), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_read(c, 100, 0, data, 4), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_read(c, 0, 0, data, 0), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_write(c, 0, 8192, data, 1, false), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_write(c, 0, 8192, data, 1, true), 0);
	CU_ASSERT_EQUAL(vu_client_write(c, VFIO_PCI_CONFIG_REGION_INDEX, 0, data, 4, false), -EPERM);
	CU_ASSERT_EQUAL(vu_client_read(c, 0, 0, data, 8), 0);
	CU_ASSERT_EQUAL(f.server.refused, 8);
	client_close(&f, c);
}

static void memory_is_mapped_with_its_file(void)
{
	int memory = memfd_create("memory", MFD_CLOEXEC);
	struct vu_client *c;
	struct fake f;
	char *there;

	CU_ASSERT_EQUAL_FATAL(ftruncate(memory, 8192), 0);
	c = client_open(&f, NULL, NULL);
	CU_ASSERT_EQUAL(pwrite(memory, "weir", 4, 4096), 4);
	CU_ASSERT_EQUAL(vu_client_dma_map(c, 0x100000000, 4096, VU_DMA_READABLE | VU_DMA_WRITEABLE, memory, 4096), 0);
	CU_ASSERT_EQUAL(f.iova, 0x100000000);
	CU_ASSERT_EQUAL(f.offset, 4096);
	there = mmap(NULL, 4096, PROT_READ, MAP_SHARED, f.dma_fd, 4096);
	CU_ASSERT_PTR_NOT_EQUAL_FATAL(there, MAP_FAILED);
	CU_ASSERT_NSTRING_EQUAL(there, "weir", 4);
	munmap(there, 4096);
	CU_ASSERT_EQUAL(vu_client_dma_map(c, 0x100000000, 4096, VU_DMA_READABLE, memory, 0), -EEXIST);
	CU_ASSERT_EQUAL(vu_client_dma_map(c, UINT64_MAX - 4095, 8192, VU_DMA_READABLE, memory, 0), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_dma_map(c, 0, 0, VU_DMA_READABLE, memory, 0), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_dma_unmap(c, 0x100000000, 2048), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_dma_unmap(c, UINT64_MAX - 4095, 8192), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_dma_unmap(c, 0x100001000, 4096), 0); /* nothing is there */
	CU_ASSERT_EQUAL(f.unmaps, 0);
	CU_ASSERT_EQUAL(vu_client_dma_unmap(c, 0x100000000, 4096), 0);
	CU_ASSERT_EQUAL(f.unmaps, 1);
	close(memory);
	client_close(&f, c);
}

static void interrupts_are_connected_and_taken_away(void)
{
	int fds[20];
	struct vu_client *c;
	uint64_t count = 0;
	struct fake f;

	for (unsigned i = 0; i < 20; i++)
		fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	close(fds[3]);
	fds[3] = -1;
	c = client_open(&f, NULL, NULL);
	CU_ASSERT_EQUAL(vu_client_set_irqs(c, VFIO_PCI_MSIX_IRQ_INDEX, 0, 20, fds), 0);
	CU_ASSERT_EQUAL(f.irq[3], -1);
	CU_ASSERT_EQUAL(f.irq[20], -1);
	CU_ASSERT_EQUAL(write(f.irq[19], &(uint64_t){ 1 }, 8), 8);
	CU_ASSERT_EQUAL(read(fds[19], &count, 8), 8);
	CU_ASSERT_EQUAL(count, 1);
	CU_ASSERT_EQUAL(vu_client_set_irqs(c, VFIO_PCI_MSIX_IRQ_INDEX, 60, 5, fds), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_set_irqs(c, VFIO_PCI_MSIX_IRQ_INDEX, 0, 0, NULL), 0);
	CU_ASSERT_EQUAL(f.irq[19], -1);
	CU_ASSERT_EQUAL(vu_client_unmask_irq(c, VFIO_PCI_INTX_IRQ_INDEX), 0);
	for (unsigned i = 0; i < 20; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	client_close(&f, c);
}

static int dma_memory(void *arg, uint64_t iova, void *data, size_t len, bool write)
{
	char *memory = arg;

	if (iova < 0x1000 || iova + len > 0x1010)
		return -EFAULT;
	if (write)
		memcpy(memory + iova - 0x1000, data, len);
	else
		memcpy(data, memory + iova - 0x1000, len);
	return 0;
}

static void memory_without_a_file_is_reached_by_message(void)
{
	char memory[16] = "from the client";
	struct vu_client *c;
	uint64_t at = 0x1000;
	struct fake f;

	c = client_open(&f, dma_memory, memory);
	f.remote_dma = true;
	CU_ASSERT_EQUAL(vu_client_dma_map(c, 0x1000, 4096, VU_DMA_READABLE, -1, 0), 0);
	CU_ASSERT_EQUAL(f.dma_fd, -1);
	CU_ASSERT_EQUAL(vu_client_write(c, 0, 0x100, &at, 8, false), 0);
	CU_ASSERT_NSTRING_EQUAL(f.regs + 0x108, "from the", 8);
	at = 0x1008 | 1;
	CU_ASSERT_EQUAL(vu_client_write(c, 0, 0x100, &at, 8, false), 0);
	CU_ASSERT_NSTRING_EQUAL(memory, "from thefrom the", 16);
	at = 0x2000;
	CU_ASSERT_EQUAL(vu_client_write(c, 0, 0x100, &at, 8, false), -EFAULT);
	CU_ASSERT_FALSE(vu_client_broken(c));
	client_close(&f, c);
}

static void a_posted_write_that_needs_the_client_waits_for_it(void)
{
	char memory[16] = "from the client";
	uint64_t at = 0x1000, back = 0;
	struct vu_client *c;
	struct fake f;

	c = client_open(&f, dma_memory, memory);
	f.remote_dma = true;
	/* The server asks while our next commands are on their way: it has to keep them until it is answered. */
	CU_ASSERT_EQUAL(vu_client_write(c, 0, 0x100, &at, 8, true), 0);
	for (unsigned i = 0; i < 10; i++)
		CU_ASSERT_EQUAL(vu_client_write(c, 0, 0x200 + i, &"abcdefghij"[i], 1, true), 0);
	CU_ASSERT_EQUAL(vu_client_read(c, 0, 0x108, &back, 8), 0);
	CU_ASSERT_NSTRING_EQUAL((char *)&back, "from the", 8);
	CU_ASSERT_NSTRING_EQUAL((char *)f.regs + 0x200, "abcdefghij", 10);
	client_close(&f, c);
}

/* --- a client that lies to our server --------------------------------------------------------------------------------- */

static void put(int fd, const void *bytes, size_t len)
{
	CU_ASSERT_EQUAL(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

static void put_message(int fd, uint16_t command, uint32_t flags, const void *body, size_t len)
{
	struct vu_header header = { .id = 5, .command = command, .size = (uint32_t)(16 + len), .flags = flags };

	put(fd, &header, 16);
	if (len)
		put(fd, body, len);
}

/* Reads an answer of a header only; returns its errno. */
static uint32_t get_error(int fd)
{
	struct vu_header header = { 0 };

	CU_ASSERT_EQUAL(recv(fd, &header, 16, MSG_WAITALL), 16);
	CU_ASSERT_EQUAL(header.id, 5);
	CU_ASSERT_EQUAL(header.size, 16);
	CU_ASSERT_EQUAL(header.flags, VU_TYPE_REPLY | VU_ERROR);
	return header.error;
}

static void greet(struct fake *f, int fd)
{
	char answer[512];

	put_message(fd, VU_VERSION, 0, "\0\0\0\0{}", 7);
	CU_ASSERT_EQUAL(vu_server_step(&f->server, 0), 0);
	CU_ASSERT_TRUE(recv(fd, answer, sizeof(answer), 0) > 20);
}

static void a_command_before_the_greeting_ends_the_connection(void)
{
	struct fake f;
	int fd = fake_open(&f);

	put_message(fd, VU_DEVICE_RESET, 0, NULL, 0);
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), -EPROTO);
	CU_ASSERT_EQUAL(f.resets, 0);
	close(fd);
	fake_close(&f);
}

static void greetings_are_read_with_care(void)
{
	static const struct {
		const char *body;
		size_t len;
		int result;
	} cases[] = {
		{ "\0\0\0\0", 4, 0 }, /* no text at all */
		{ "\0\0\0\0{}", 7, 0 },
		{ "\0\0\1\0{\"capabilities\":{\"max_msg_fds\":8,\"strange\":[1]}}", 53, 0 },
		{ "\1\0\0\0{}", 7, -EPROTONOSUPPORT },
		{ "\0\0\0", 3, -EPROTO },
		{ "\0\0\0\0{}", 6, -EPROTO }, /* no NUL */
		{ "\0\0\0\0{", 6, -EPROTO },
		{ "\0\0\0\0[]", 7, -EPROTO },
		{ "\0\0\0\0{\"capabilities\":{\"max_msg_fds\":0}}", 39, -EPROTO },
		{ "\0\0\0\0{\"capabilities\":{\"max_data_xfer_size\":\"1\"}}", 48, -EPROTO },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake f;
		int fd = fake_open(&f);

		put_message(fd, VU_VERSION, 0, cases[i].body, cases[i].len);
		CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), cases[i].result);
		close(fd);
		fake_close(&f);
	}
}

static void sizes_that_cannot_be_end_the_connection(void)
{
	static const uint32_t sizes[] = { 0, 15, VU_MAX_MESSAGE + 1, UINT32_MAX };

	for (size_t i = 0; i < 4; i++) {
		struct vu_header header = { .command = VU_VERSION, .size = sizes[i] };
		struct fake f;
		int fd = fake_open(&f);

		put(fd, &header, 16);
		CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), -EPROTO);
		close(fd);
		fake_close(&f);
	}
}

static void a_message_that_breaks_off_ends_the_connection(void)
{
	struct vu_header header = { .command = VU_VERSION, .size = 100 };
	struct fake f;
	int fd = fake_open(&f);

	put(fd, &header, 16);
	put(fd, "half", 4);
	close(fd);
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), -EPIPE);
	fake_close(&f);
}

static void bad_commands_are_answered_and_the_server_goes_on(void)
{
	struct vu_region_access lie = { .region = 0, .offset = 0, .count = 4096 };
	struct vfio_irq_set set = { .argsz = 20, .flags = 0x24, .index = 2, .start = 0xffffffff, .count = 2 };
	struct vu_write_multi many = { UINT64_MAX };
	struct fake f;
	int fd = fake_open(&f);

	greet(&f, fd);
	put_message(fd, 99, 0, "whatever", 8);
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), 0);
	CU_ASSERT_EQUAL(get_error(fd), ENOTSUP);
	put_message(fd, VU_REGION_WRITE, 0, &lie, sizeof(lie)); /* says 4096 bytes, brings none */
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), 0);
	CU_ASSERT_EQUAL(get_error(fd), EINVAL);
	put_message(fd, VU_REGION_READ, 0, &lie, 3);
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), 0);
	CU_ASSERT_EQUAL(get_error(fd), EINVAL);
	put_message(fd, VU_DEVICE_SET_IRQS, 0, &set, sizeof(set));
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), 0);
	CU_ASSERT_EQUAL(get_error(fd), EINVAL);
	put_message(fd, VU_REGION_WRITE_MULTI, 0, &many, sizeof(many));
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), 0);
	CU_ASSERT_EQUAL(get_error(fd), EINVAL);
	put_message(fd, VU_DMA_MAP, 0, NULL, 0);
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), 0);
	CU_ASSERT_EQUAL(get_error(fd), EINVAL);
	put_message(fd, VU_VERSION, 0, "\0\0\0\0", 4); /* a second greeting */
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), 0);
	CU_ASSERT_EQUAL(get_error(fd), EINVAL);
	put_message(fd, 99, VU_NO_REPLY, NULL, 0);
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), 0);
	CU_ASSERT_EQUAL(recv(fd, &lie, 1, MSG_DONTWAIT), -1); /* what is posted is never answered */
	CU_ASSERT_EQUAL(f.server.refused, 8);
	CU_ASSERT_EQUAL(f.writes, 0);
	put_message(fd, VU_DEVICE_RESET, VU_TYPE_REPLY, NULL, 0); /* an answer to nothing */
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), -EPROTO);
	close(fd);
	fake_close(&f);
}

/* As QEMU asks: first with room for no capability, then with what the answer says. It takes none that lies nowhere. */
static void capabilities_are_announced_only_when_they_fit(void)
{
	struct {
		struct vu_header header;
		struct vfio_region_info info;
		uint8_t cap[32]; /* 16 bytes of head, one area */
	} answer;
	struct vfio_region_info ask = { .argsz = sizeof(ask), .index = 0 };
	struct fake f;
	int fd = fake_open(&f);

	greet(&f, fd);
	put_message(fd, VU_DEVICE_GET_REGION_INFO, 0, &ask, sizeof(ask));
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), 0);
	CU_ASSERT_EQUAL(recv(fd, &answer, sizeof(answer), 0), 16 + 32);
	CU_ASSERT_EQUAL(answer.info.argsz, 64);
	CU_ASSERT_EQUAL(answer.info.flags & VFIO_REGION_INFO_FLAG_CAPS, 0);
	CU_ASSERT_EQUAL(answer.info.flags & VFIO_REGION_INFO_FLAG_MMAP, VFIO_REGION_INFO_FLAG_MMAP);
	ask.argsz = answer.info.argsz;
	put_message(fd, VU_DEVICE_GET_REGION_INFO, 0, &ask, sizeof(ask));
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), 0);
	CU_ASSERT_EQUAL(recv(fd, &answer, sizeof(answer), 0), 16 + 64);
	CU_ASSERT_EQUAL(answer.info.flags & VFIO_REGION_INFO_FLAG_CAPS, VFIO_REGION_INFO_FLAG_CAPS);
	CU_ASSERT_EQUAL(answer.info.cap_offset, 32);
	close(fd);
	fake_close(&f);
}

static unsigned open_fds(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void descriptors_that_nobody_asked_for_are_closed(void)
{
	char control[CMSG_SPACE(sizeof(int) * 40)];
	struct vu_header header = { .command = VU_VERSION, .size = 20 };
	char body[4] = { 0 };
	struct iovec parts[2] = { { &header, 16 }, { body, 4 } };
	struct msghdr msg = {
		.msg_iov = parts, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof(control)
	};
	unsigned before;
	struct fake f;
	int fd, fds[40];

	if (getenv("EMULATED")) { /* qemu-user takes all forty in itself, whatever there is room for */
		unit_skip("the emulator keeps descriptors that a message has no room for");
		return;
	}
	fd = fake_open(&f);
	before = open_fds();
	for (unsigned i = 0; i < 40; i++)
		fds[i] = fd;
	CMSG_FIRSTHDR(&msg)->cmsg_level = SOL_SOCKET;
	CMSG_FIRSTHDR(&msg)->cmsg_type = SCM_RIGHTS;
	CMSG_FIRSTHDR(&msg)->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), fds, sizeof(fds));
	CU_ASSERT_EQUAL(sendmsg(fd, &msg, 0), 20);
	CU_ASSERT_EQUAL(vu_server_step(&f.server, 0), 0);
	CU_ASSERT_EQUAL(open_fds(), before);
	close(fd);
	fake_close(&f);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "capabilities are announced only when they fit", capabilities_are_announced_only_when_they_fit },
		{ "a device tells what it has", a_device_tells_what_it_has },
		{ "registers are read and written", registers_are_read_and_written },
		{ "accesses outside a region are refused", accesses_outside_a_region_are_refused },
		{ "memory is mapped with its file", memory_is_mapped_with_its_file },
		{ "interrupts are connected and taken away", interrupts_are_connected_and_taken_away },
		{ "memory without a file is reached by message", memory_without_a_file_is_reached_by_message },
		{ "a posted write that needs the client waits for it",
		  a_posted_write_that_needs_the_client_waits_for_it },
		{ "a command before the greeting ends the connection",
		  a_command_before_the_greeting_ends_the_connection },
		{ "greetings are read with care", greetings_are_read_with_care },
		{ "sizes that cannot be end the connection", sizes_that_cannot_be_end_the_connection },
		{ "a message that breaks off ends the connection", a_message_that_breaks_off_ends_the_connection },
		{ "bad commands are answered and the server goes on",
		  bad_commands_are_answered_and_the_server_goes_on },
		{ "descriptors that nobody asked for are closed", descriptors_that_nobody_asked_for_are_closed },
		{ NULL, NULL },
	};

	return unit_run("vfio-user", cases);
}
