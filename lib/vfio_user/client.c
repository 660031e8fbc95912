/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client: commands and their replies.
 */
#include "vfio_user/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct vu_client {
	struct weir *weir;
	struct vu_socket socket;
	struct vu_limits limits;
	pthread_mutex_t lock;
	uint16_t next_id;
	bool broken;
	vu_dma_fn *dma;
	void *dma_arg;
	char name[96];
};

/* A command: what is sent, and where the reply goes. */
struct call {
	enum vu_command command;
	const void *head;
	size_t head_len;
	const void *data;
	size_t data_len;
	const int *fds;
	unsigned fd_count;
	struct vu_message reply; /* its body stays valid until the lock is released */
};

/*
 * Whoever notices is not always who can tell: the data path has nobody to return a sentence to. What is not simply that
 * the server is gone is therefore logged.
 */
static int broken(struct vu_client *c, int err, const char *what)
{
	__atomic_store_n(&c->broken, true, __ATOMIC_RELEASE);
	shutdown(c->socket.fd, SHUT_RDWR);
	if (err == -ETIMEDOUT || err == -EAGAIN)
		weir_fail(c->weir, -EPIPE, "%s: no answer to %s within %d s; the device is given up", c->name, what,
		          VU_PATIENCE_MS / 1000);
	else if (err == -EPROTO)
		weir_fail(c->weir, -EPIPE, "%s: the answer to %s is not vfio-user; the device is given up", c->name,
		          what);
	else
		return weir_fail(c->weir, -EPIPE, "%s: the server has gone away (at %s)", c->name, what);
	if (c->weir)
		weir_log(c->weir, WEIR_LOG_WARNING, "%s", weir_error());
	return -EPIPE;
}

/* Answers a DMA access of the server. */
static int serve_dma(struct vu_client *c, struct vu_message *m)
{
	struct vu_dma_access *access = (struct vu_dma_access *)(void *)m->body;
	struct vu_header answer = m->header;
	bool write = m->header.command == VU_DMA_WRITE;
	uint8_t *data = m->body + sizeof(*access);
	size_t data_len = write ? m->body_len - sizeof(*access) : 0;
	int err = -EINVAL;

	vu_drop_fds(m);
	if (m->body_len < sizeof(*access) || access->count > VU_MAX_TRANSFER || (write && access->count != data_len))
		return -EPROTO;
	if (c->dma)
		err = c->dma(c->dma_arg, access->iova, data, access->count, write);
	answer.flags = VU_TYPE_REPLY | (err ? VU_ERROR : 0);
	answer.error = (uint32_t)-err;
	data_len = err || write ? 0 : access->count;
	answer.size = (uint32_t)(sizeof(answer) + (err ? 0 : sizeof(*access)) + data_len);
	if (m->header.flags & VU_NO_REPLY)
		return 0;
	return vu_send(&c->socket, &answer, err ? NULL : access, err ? 0 : sizeof(*access), data, data_len, NULL, 0);
}

/* Receives until the reply to @id is there; what the server asks meanwhile is served. */
static int receive_reply(struct vu_client *c, uint16_t id, struct call *call)
{
	struct vu_message *m = &call->reply;
	int err;

	for (;;) {
		err = vu_receive(&c->socket, m, VU_PATIENCE_MS);
		if (err)
			return err;
		if ((m->header.flags & VU_TYPE_MASK) == VU_TYPE_REPLY)
			break;
		if (m->header.command == VU_DMA_READ || m->header.command == VU_DMA_WRITE)
			err = serve_dma(c, m);
		else
			err = -EPROTO;
		vu_drop_fds(m);
		if (err)
			return err;
	}
	if (m->header.id == id && m->header.command == call->command)
		return 0;
	vu_drop_fds(m);
	return -EPROTO;
}

/* Sends @call and waits for its reply, with the lock held. Returns 0, the server's error, or -EPIPE. */
static int call_locked(struct vu_client *c, struct call *call, const char *what)
{
	struct vu_header header = { .id = c->next_id++, .command = (uint16_t)call->command };
	uint32_t error;
	int err;

	if (c->broken)
		return weir_fail(c->weir, -EPIPE, "%s: the device is gone", c->name);
	header.size = (uint32_t)(sizeof(header) + call->head_len + call->data_len);
	err = vu_send(&c->socket, &header, call->head, call->head_len, call->data, call->data_len, call->fds,
	              call->fd_count);
	if (!err)
		err = receive_reply(c, header.id, call);
	if (err)
		return broken(c, err, what);
	if (!(call->reply.header.flags & VU_ERROR))
		return 0;
	vu_drop_fds(&call->reply);
	error = call->reply.header.error;
	if (!error || error > 4095)
		error = EIO;
	return weir_fail(c->weir, -(int)error, "%s: the server refuses %s: %s", c->name, what, strerror((int)error));
}

/* A call whose reply is exactly @len bytes into @to (which may be NULL), and no descriptors. */
static int call_simple(struct vu_client *c, struct call *call, void *to, size_t len, const char *what)
{
	int err;

	pthread_mutex_lock(&c->lock);
	err = call_locked(c, call, what);
	if (!err) {
		vu_drop_fds(&call->reply);
		if (to && call->reply.body_len != len)
			err = broken(c, -EPROTO, what);
		else if (to)
			memcpy(to, call->reply.body, len);
	}
	pthread_mutex_unlock(&c->lock);
	return err;
}

/* --- opening ---------------------------------------------------------------------------------------------------------- */

static int negotiate(struct vu_client *c)
{
	uint8_t text[512] __attribute__((aligned(8)));
	struct call call = { .command = VU_VERSION, .head = text };
	int err;

	call.head_len = vu_version_make(text, sizeof(text));
	pthread_mutex_lock(&c->lock);
	err = call_locked(c, &call, "VERSION");
	if (!err) {
		vu_drop_fds(&call.reply);
		err = vu_version_read(call.reply.body, call.reply.body_len, &c->limits);
		if (err)
			err = broken(c, -EPROTO, "VERSION");
	}
	pthread_mutex_unlock(&c->lock);
	return err;
}

int vu_client_open(struct weir *weir, int fd, const char *name, vu_dma_fn *dma, void *arg, struct vu_client **client)
{
	struct vu_client *c = calloc(1, sizeof(*c));
	int err = -ENOMEM;

	*client = NULL;
	if (!c)
		goto close;
	err = vu_socket_init(&c->socket, fd);
	if (err)
		goto free;
	c->weir = weir;
	c->dma = dma;
	c->dma_arg = arg;
	snprintf(c->name, sizeof(c->name), "%s", name);
	pthread_mutex_init(&c->lock, NULL);
	err = negotiate(c);
	if (err) {
		vu_client_close(c);
		return err;
	}
	*client = c;
	return 0;

free:
	free(c);
close:
	close(fd);
	return weir_fail(weir, err, "%s: no memory for a connection", name);
}

int vu_client_connect(struct weir *weir, const char *path, vu_dma_fn *dma, void *arg, struct vu_client **client)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err;

	*client = NULL;
	if (!*path || strlen(path) >= sizeof(address.sun_path))
		return weir_fail(weir, -EINVAL, "'%s' is no path for a socket; it needs 1 to %zu characters", path,
		                 sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return weir_fail(weir, -errno, "cannot make a socket: %s", strerror(errno));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return vu_client_open(weir, fd, path, dma, arg, client);
	err = -errno;
	close(fd);
	return weir_fail(weir, err, "cannot connect to %s: %s; is the server of the device running?", path,
	                 strerror(-err));
}

void vu_client_close(struct vu_client *client)
{
	if (!client)
		return;
	vu_socket_fini(&client->socket);
	pthread_mutex_destroy(&client->lock);
	free(client);
}

bool vu_client_broken(const struct vu_client *client)
{
	return __atomic_load_n(&client->broken, __ATOMIC_ACQUIRE);
}

int vu_client_fd(const struct vu_client *client)
{
	return client->socket.fd;
}

int vu_client_serve(struct vu_client *c)
{
	struct vu_message m;
	int err = 0;

	pthread_mutex_lock(&c->lock);
	if (c->broken)
		err = -EPIPE;
	if (!err)
		err = vu_receive(&c->socket, &m, 0);
	if (!err) {
		if ((m.header.flags & VU_TYPE_MASK) == VU_TYPE_COMMAND &&
		    (m.header.command == VU_DMA_READ || m.header.command == VU_DMA_WRITE))
			err = serve_dma(c, &m);
		else
			err = -EPROTO;
		vu_drop_fds(&m);
	}
	if (err == -EAGAIN)
		err = 0;
	else if (err && err != -EPIPE)
		err = broken(c, err, "a request of its own");
	else if (err)
		err = broken(c, err, "rest");
	pthread_mutex_unlock(&c->lock);
	return err;
}

/* --- what the device is ----------------------------------------------------------------------------------------------- */

int vu_client_device(struct vu_client *c, struct vfio_device_info *info)
{
	struct vfio_device_info ask = { .argsz = 16 };
	struct call call = { .command = VU_DEVICE_GET_INFO, .head = &ask, .head_len = 16 };

	memset(info, 0, sizeof(*info));
	return call_simple(c, &call, info, 16, "DEVICE_GET_INFO");
}

/* Reads the capabilities behind a region's info. Returns 0, or -EPROTO when they do not lie in it. */
static int read_areas(const uint8_t *body, size_t len, const struct vfio_region_info *info, struct vu_region *region)
{
	const struct vfio_region_info_cap_sparse_mmap *sparse;
	const struct vfio_info_cap_header *cap;
	uint32_t at = info->cap_offset;

	for (unsigned steps = 0; at; steps++, at = cap->next) {
		if (steps == 16 || at % 8 || at < sizeof(*info) || at + sizeof(*cap) > len)
			return -EPROTO;
		cap = (const void *)(body + at);
		if (cap->id != VFIO_REGION_INFO_CAP_SPARSE_MMAP)
			continue;
		sparse = (const void *)cap;
		if (at + sizeof(*sparse) > len || sparse->nr_areas > VU_AREAS_MAX ||
		    at + sizeof(*sparse) + sparse->nr_areas * sizeof(sparse->areas[0]) > len)
			return -EPROTO;
		for (uint32_t i = 0; i < sparse->nr_areas; i++) {
			uint64_t offset = sparse->areas[i].offset, size = sparse->areas[i].size;

			if (offset % VU_PAGE || size % VU_PAGE || offset > info->size || size > info->size - offset)
				return -EPROTO;
			region->areas[i].offset = offset;
			region->areas[i].size = size;
		}
		region->area_count = sparse->nr_areas;
		return 0;
	}
	return 0;
}

static int region_locked(struct vu_client *c, unsigned index, struct vu_region *region)
{
	struct vfio_region_info ask = { .argsz = sizeof(ask) + 512, .index = index }, info;
	struct call call = { .command = VU_DEVICE_GET_REGION_INFO, .head = &ask, .head_len = sizeof(ask) };
	int err;

	err = call_locked(c, &call, "DEVICE_GET_REGION_INFO");
	if (err)
		return err;
	err = -EPROTO;
	if (call.reply.body_len < sizeof(info))
		goto lies;
	memcpy(&info, call.reply.body, sizeof(info));
	if (info.index != index)
		goto lies;
	region->size = info.size;
	region->flags = info.flags;
	region->fd_offset = info.offset;
	if (info.flags & VFIO_REGION_INFO_FLAG_CAPS && read_areas(call.reply.body, call.reply.body_len, &info, region))
		goto lies;
	if (info.flags & VFIO_REGION_INFO_FLAG_MMAP) {
		region->fd = vu_take_fd(&call.reply);
		if (!region->area_count && region->fd >= 0) {
			region->areas[0].size = info.size;
			region->area_count = 1;
		}
	}
	vu_drop_fds(&call.reply);
	return 0;

lies:
	vu_drop_fds(&call.reply);
	return broken(c, err, "DEVICE_GET_REGION_INFO");
}

int vu_client_region(struct vu_client *c, unsigned index, struct vu_region *region)
{
	int err;

	memset(region, 0, sizeof(*region));
	region->fd = -1;
	pthread_mutex_lock(&c->lock);
	err = region_locked(c, index, region);
	pthread_mutex_unlock(&c->lock);
	return err;
}

int vu_client_irq(struct vu_client *c, unsigned index, struct vfio_irq_info *info)
{
	struct vfio_irq_info ask = { .argsz = sizeof(ask), .index = index };
	struct call call = { .command = VU_DEVICE_GET_IRQ_INFO, .head = &ask, .head_len = sizeof(ask) };

	return call_simple(c, &call, info, sizeof(*info), "DEVICE_GET_IRQ_INFO");
}

/* --- interrupts ------------------------------------------------------------------------------------------------------- */

static int set_irqs(struct vu_client *c, uint32_t index, uint32_t flags, uint32_t start, uint32_t count, const int *fds,
                    unsigned fd_count)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set), .flags = flags, .index = index, .start = start, .count = count
	};
	struct call call = {
		.command = VU_DEVICE_SET_IRQS, .head = &set, .head_len = sizeof(set), .fds = fds, .fd_count = fd_count
	};

	return call_simple(c, &call, NULL, 0, "DEVICE_SET_IRQS");
}

/* A message carries as many descriptors as the server takes, all set or none: runs of each go on their own. */
int vu_client_set_irqs(struct vu_client *c, unsigned index, unsigned start, unsigned count, const int *fds)
{
	const uint32_t event = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	int err = 0;

	if (!count)
		return set_irqs(c, index, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 0, NULL, 0);
	for (unsigned i = 0, run; i < count && !err; i += run) {
		for (run = 1; i + run < count && run < c->limits.max_fds && (fds[i + run] < 0) == (fds[i] < 0); run++)
			;
		err = set_irqs(c, index, event, start + i, run, &fds[i], fds[i] < 0 ? 0 : run);
	}
	return err;
}

int vu_client_unmask_irq(struct vu_client *c, unsigned index)
{
	return set_irqs(c, index, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK, 0, 1, NULL, 0);
}

/* --- registers -------------------------------------------------------------------------------------------------------- */

static int read_locked(struct vu_client *c, unsigned region, uint64_t offset, void *data, uint32_t len)
{
	struct vu_region_access ask = { .offset = offset, .region = region, .count = len };
	struct call call = { .command = VU_REGION_READ, .head = &ask, .head_len = sizeof(ask) };
	int err;

	if (len > c->limits.max_transfer)
		return weir_fail(c->weir, -EMSGSIZE, "%s: a read of %u bytes is longer than its server takes", c->name,
		                 len);
	err = call_locked(c, &call, "REGION_READ");
	if (err)
		return err;
	vu_drop_fds(&call.reply);
	if (call.reply.body_len != sizeof(ask) + len || memcmp(call.reply.body, &ask, sizeof(ask)))
		return broken(c, -EPROTO, "REGION_READ");
	memcpy(data, call.reply.body + sizeof(ask), len);
	return 0;
}

int vu_client_read(struct vu_client *c, unsigned region, uint64_t offset, void *data, uint32_t len)
{
	int err;

	pthread_mutex_lock(&c->lock);
	err = read_locked(c, region, offset, data, len);
	pthread_mutex_unlock(&c->lock);
	return err;
}

/* Sends a command that is not answered, with the lock held. */
static int post_locked(struct vu_client *c, struct call *call, const char *what)
{
	struct vu_header header = { .id = c->next_id++, .command = (uint16_t)call->command, .flags = VU_NO_REPLY };
	int err;

	if (c->broken)
		return weir_fail(c->weir, -EPIPE, "%s: the device is gone", c->name);
	header.size = (uint32_t)(sizeof(header) + call->head_len + call->data_len);
	err = vu_send(&c->socket, &header, call->head, call->head_len, call->data, call->data_len, NULL, 0);
	return err ? broken(c, err, what) : 0;
}

int vu_client_write(struct vu_client *c, unsigned region, uint64_t offset, const void *data, uint32_t len, bool posted)
{
	struct vu_region_access ask = { .offset = offset, .region = region, .count = len };
	struct call call = {
		.command = VU_REGION_WRITE, .head = &ask, .head_len = sizeof(ask), .data = data, .data_len = len
	};
	int err;

	if (len > c->limits.max_transfer)
		return weir_fail(c->weir, -EMSGSIZE, "%s: a write of %u bytes is longer than its server takes", c->name,
		                 len);
	pthread_mutex_lock(&c->lock);
	err = posted ? post_locked(c, &call, "REGION_WRITE") : call_locked(c, &call, "REGION_WRITE");
	if (!err && !posted)
		vu_drop_fds(&call.reply);
	pthread_mutex_unlock(&c->lock);
	return err;
}

int vu_client_write_multi(struct vu_client *c, const struct vu_write_one *writes, unsigned count)
{
	struct vu_write_multi head = { .count = count };
	struct call call = {
		.command = VU_REGION_WRITE_MULTI, .head = &head, .head_len = sizeof(head), .data = writes
	};
	int err = 0;

	if (count > VU_WRITES_MAX)
		return -EINVAL;
	if (c->limits.write_multiple) {
		call.data_len = count * sizeof(*writes);
		return call_simple(c, &call, NULL, 0, "REGION_WRITE_MULTI");
	}
	for (unsigned i = 0; i < count && !err; i++)
		err = vu_client_write(c, writes[i].region, writes[i].offset, &writes[i].data, writes[i].count, false);
	return err;
}

/* --- memory ----------------------------------------------------------------------------------------------------------- */

int vu_client_dma_map(struct vu_client *c, uint64_t iova, uint64_t size, uint32_t flags, int fd, uint64_t offset)
{
	struct vu_dma_map map = { .argsz = sizeof(map), .flags = flags, .offset = offset, .iova = iova, .size = size };
	struct call call = {
		.command = VU_DMA_MAP, .head = &map, .head_len = sizeof(map), .fds = &fd, .fd_count = fd < 0 ? 0 : 1
	};

	return call_simple(c, &call, NULL, 0, "DMA_MAP");
}

int vu_client_dma_unmap(struct vu_client *c, uint64_t iova, uint64_t size)
{
	struct vu_dma_unmap unmap = { .argsz = sizeof(unmap), .iova = iova, .size = size };
	struct call call = { .command = VU_DMA_UNMAP, .head = &unmap, .head_len = sizeof(unmap) };

	return call_simple(c, &call, NULL, 0, "DMA_UNMAP");
}

int vu_client_reset(struct vu_client *c)
{
	struct call call = { .command = VU_DEVICE_RESET };

	return call_simple(c, &call, NULL, 0, "DEVICE_RESET");
}
