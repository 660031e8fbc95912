/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server: one command after the other.
 */
#include "vfio_user/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/core.h"

#define DEFERRED_MAX       256
#define DEFERRED_BYTES_MAX (4u << 20)

/* A command that came while the server waited for the answer to one of its own. */
struct vu_deferred {
	struct vu_deferred *next;
	struct vu_message message;
	uint64_t body[]; /* keeps it aligned */
};

/* What a command is answered with: a payload in two parts, descriptors. */
struct answer {
	const void *head;
	size_t head_len;
	const void *data;
	size_t data_len;
	int fd;
};

int vu_server_init(struct vu_server *server, int fd, const struct vu_device *device, const struct vu_server_ops *ops,
                   void *arg)
{
	int err;

	memset(server, 0, sizeof(*server));
	err = vu_socket_init(&server->socket, fd);
	if (err) {
		close(fd);
		return err;
	}
	server->device = device;
	server->ops = ops;
	server->arg = arg;
	server->last = &server->first;
	return 0;
}

void vu_server_fini(struct vu_server *server)
{
	struct vu_deferred *d;

	while ((d = server->first)) {
		server->first = d->next;
		vu_drop_fds(&d->message);
		free(d);
	}
	if (server->answers.buffer)
		munmap(server->answers.buffer, VU_MAX_MESSAGE);
	vu_socket_fini(&server->socket);
}

/* --- commands: each fills the answer and returns 0, or a positive errno for the client, or a negative one that ends --- */

static int do_version(struct vu_server *s, struct vu_message *m, struct answer *answer)
{
	int err;

	if (s->negotiated)
		return EINVAL;
	err = vu_version_read(m->body, m->body_len, &s->limits);
	if (err)
		return err;
	s->negotiated = true;
	answer->head_len = vu_version_make(m->body, 512);
	answer->head = m->body;
	return 0;
}

static int do_dma_map(struct vu_server *s, struct vu_message *m)
{
	const struct vu_dma_map *map = (const void *)m->body;
	uint64_t end;
	int fd, err;

	if (m->body_len != sizeof(*map) || map->argsz < sizeof(*map) || m->fd_count > 1)
		return EINVAL;
	if (!map->size || __builtin_add_overflow(map->iova, map->size - 1, &end) ||
	    map->flags & ~(VU_DMA_READABLE | VU_DMA_WRITEABLE))
		return EINVAL;
	if (s->maps >= VU_MAX_MAPS)
		return ENOSPC;
	fd = vu_take_fd(m);
	err = s->ops->dma_map(s->arg, map->iova, map->size, map->flags, fd, map->offset);
	if (!err)
		s->maps++;
	else if (fd >= 0)
		close(fd);
	return -err;
}

static int do_dma_unmap(struct vu_server *s, struct vu_message *m, struct answer *answer)
{
	const struct vu_dma_unmap *unmap = (const void *)m->body;
	uint64_t end;
	bool all;
	int gone;

	if (m->body_len < sizeof(*unmap) || unmap->argsz < sizeof(*unmap) || unmap->flags & ~VU_DMA_UNMAP_ALL)
		return EINVAL;
	all = unmap->flags & VU_DMA_UNMAP_ALL;
	if (all ? unmap->iova || unmap->size
	        : !unmap->size || __builtin_add_overflow(unmap->iova, unmap->size - 1, &end))
		return EINVAL;
	gone = s->ops->dma_unmap(s->arg, unmap->iova, unmap->size);
	if (gone < 0)
		return -gone;
	s->maps -= (unsigned)gone;
	answer->head = unmap;
	answer->head_len = sizeof(*unmap);
	return 0;
}

static int do_device_info(struct vu_message *m, struct answer *answer)
{
	static const struct vfio_device_info info = {
		.argsz = 16,
		.flags = VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI,
		.num_regions = VU_REGIONS,
		.num_irqs = VU_IRQS,
	};

	if (m->body_len < 16 || ((const struct vfio_device_info *)(const void *)m->body)->argsz < 16)
		return EINVAL;
	answer->head = &info;
	answer->head_len = 16;
	return 0;
}

/* The info, and behind it the parts that may be mapped when they are not the whole. */
static int do_region_info(struct vu_server *s, struct vu_message *m, struct answer *answer)
{
	struct vfio_region_info *info = (void *)m->body;
	struct vfio_region_info_cap_sparse_mmap *sparse = (void *)(info + 1);
	const struct vu_device_region *region;
	uint32_t len = sizeof(*info), argsz;

	if (m->body_len < sizeof(*info) || info->argsz < sizeof(*info) || info->index >= VU_REGIONS)
		return EINVAL;
	argsz = info->argsz;
	region = &s->device->regions[info->index];
	info->size = region->size;
	info->flags = region->flags;
	info->offset = region->fd_offset;
	info->cap_offset = 0;
	if (region->area_count) {
		len += (uint32_t)(sizeof(*sparse) + region->area_count * sizeof(sparse->areas[0]));
		info->flags |= VFIO_REGION_INFO_FLAG_MMAP;
		answer->fd = region->fd;
	}
	info->argsz = len;
	/* A peer with too little room sees that there is more by argsz alone: QEMU refuses capabilities that lie nowhere. */
	if (region->area_count && argsz >= len) {
		info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
		info->cap_offset = sizeof(*info);
		memset(sparse, 0, sizeof(*sparse));
		sparse->header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
		sparse->header.version = 1;
		sparse->nr_areas = region->area_count;
		for (unsigned i = 0; i < region->area_count; i++) {
			sparse->areas[i].offset = region->areas[i].offset;
			sparse->areas[i].size = region->areas[i].size;
		}
	} else {
		len = sizeof(*info);
	}
	answer->head = info;
	answer->head_len = len;
	return 0;
}

static int do_irq_info(struct vu_server *s, struct vu_message *m, struct answer *answer)
{
	struct vfio_irq_info *info = (void *)m->body;

	if (m->body_len < sizeof(*info) || info->argsz < sizeof(*info) || info->index >= VU_IRQS)
		return EINVAL;
	info->argsz = sizeof(*info);
	info->flags = s->device->irqs[info->index].flags;
	info->count = s->device->irqs[info->index].count;
	answer->head = info;
	answer->head_len = sizeof(*info);
	return 0;
}

static int do_set_irqs(struct vu_server *s, struct vu_message *m)
{
	const struct vfio_irq_set *set = (const void *)m->body;
	uint32_t type, action, count;
	int fds[VU_MAX_FDS];
	int err;

	if (m->body_len < sizeof(*set) || set->argsz < sizeof(*set) || set->index >= VU_IRQS)
		return EINVAL;
	type = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	count = s->device->irqs[set->index].count;
	if (set->start > count || set->count > count - set->start || set->flags & ~(type | action))
		return EINVAL;
	if (type & (type - 1) || !type || action & (action - 1) || !action)
		return EINVAL;
	if (type == VFIO_IRQ_SET_DATA_BOOL && m->body_len - sizeof(*set) < set->count)
		return EINVAL;
	if (type != VFIO_IRQ_SET_DATA_EVENTFD)
		return -s->ops->set_irqs(s->arg, set->index, set->flags, set->start, set->count, NULL,
		                         type == VFIO_IRQ_SET_DATA_BOOL ? set->data : NULL);

	/* One descriptor for each interrupt, or none at all, which takes those away that are there. */
	if (m->fd_count ? m->fd_count != set->count : false)
		return EINVAL;
	if (!m->fd_count) {
		for (uint32_t i = 0, one = -1; i < set->count; i++) {
			fds[0] = (int)one;
			err = s->ops->set_irqs(s->arg, set->index, set->flags, set->start + i, 1, fds, NULL);
			if (err)
				return -err;
		}
		return 0;
	}
	memcpy(fds, m->fds, m->fd_count * sizeof(int));
	err = s->ops->set_irqs(s->arg, set->index, set->flags, set->start, set->count, fds, NULL);
	if (!err)
		m->fd_count = 0; /* they are the model's */
	return -err;
}

/* Whether an access lies in its region. */
static bool inside(const struct vu_server *s, uint32_t region, uint64_t offset, uint32_t len)
{
	uint64_t size = region < VU_REGIONS ? s->device->regions[region].size : 0;

	return len && offset < size && len <= size - offset;
}

static int do_read(struct vu_server *s, struct vu_message *m, struct answer *answer)
{
	const struct vu_region_access *access = (const void *)m->body;
	uint8_t *data = m->body + sizeof(*access);
	int err;

	if (m->body_len != sizeof(*access) || access->count > VU_MAX_TRANSFER ||
	    !inside(s, access->region, access->offset, access->count))
		return EINVAL;
	err = s->ops->read(s->arg, access->region, access->offset, data, access->count);
	answer->head = access;
	answer->head_len = sizeof(*access);
	answer->data = data;
	answer->data_len = access->count;
	return -err;
}

static int do_write(struct vu_server *s, struct vu_message *m, struct answer *answer)
{
	const struct vu_region_access *access = (const void *)m->body;

	if (m->body_len < sizeof(*access) || access->count != m->body_len - sizeof(*access) ||
	    !inside(s, access->region, access->offset, access->count))
		return EINVAL;
	answer->head = access;
	answer->head_len = sizeof(*access);
	return -s->ops->write(s->arg, access->region, access->offset, m->body + sizeof(*access), access->count);
}

static int do_write_multi(struct vu_server *s, struct vu_message *m, struct answer *answer)
{
	struct vu_write_multi *head = (void *)m->body;
	const struct vu_write_one *one = (const void *)(head + 1);
	uint64_t room;
	int err = 0;

	if (m->body_len < sizeof(*head))
		return EINVAL;
	room = m->body_len - sizeof(*head);
	if (room % sizeof(*one) || head->count != room / sizeof(*one))
		return EINVAL;
	for (uint64_t i = 0; i < head->count && !err; i++, one++) {
		if (one->count > sizeof(one->data) || !inside(s, one->region, one->offset, one->count))
			return EINVAL;
		err = s->ops->write(s->arg, one->region, one->offset, &one->data, one->count);
	}
	answer->head = head;
	answer->head_len = sizeof(*head);
	return -err;
}

static int dispatch(struct vu_server *s, struct vu_message *m, struct answer *answer)
{
	if (!s->negotiated && m->header.command != VU_VERSION)
		return -EPROTO;
	switch (m->header.command) {
	case VU_VERSION:
		return do_version(s, m, answer);
	case VU_DMA_MAP:
		return do_dma_map(s, m);
	case VU_DMA_UNMAP:
		return do_dma_unmap(s, m, answer);
	case VU_DEVICE_GET_INFO:
		return do_device_info(m, answer);
	case VU_DEVICE_GET_REGION_INFO:
		return do_region_info(s, m, answer);
	case VU_DEVICE_GET_IRQ_INFO:
		return do_irq_info(s, m, answer);
	case VU_DEVICE_SET_IRQS:
		return do_set_irqs(s, m);
	case VU_REGION_READ:
		return do_read(s, m, answer);
	case VU_REGION_WRITE:
		return do_write(s, m, answer);
	case VU_REGION_WRITE_MULTI:
		return do_write_multi(s, m, answer);
	case VU_DEVICE_RESET:
		return -s->ops->reset(s->arg);
	default:
		return ENOTSUP;
	}
}

/* --- messages --------------------------------------------------------------------------------------------------------- */

static int handle(struct vu_server *s, struct vu_message *m)
{
	struct answer answer = { .fd = -1 };
	struct vu_header header = m->header;
	int error;

	if ((m->header.flags & VU_TYPE_MASK) != VU_TYPE_COMMAND) {
		vu_drop_fds(m);
		return -EPROTO; /* an answer to nothing */
	}
	error = dispatch(s, m, &answer);
	vu_drop_fds(m);
	if (error < 0)
		return error;
	if (error) {
		s->refused++;
		answer = (struct answer){ .fd = -1 };
	}
	if (header.flags & VU_NO_REPLY)
		return 0;
	header.flags = VU_TYPE_REPLY | (error ? VU_ERROR : 0);
	header.error = (uint32_t)error;
	header.size = (uint32_t)(sizeof(header) + answer.head_len + answer.data_len);
	return vu_send(&s->socket, &header, answer.head, answer.head_len, answer.data, answer.data_len, &answer.fd,
	               answer.fd < 0 ? 0 : 1);
}

int vu_server_step(struct vu_server *s, int patience_ms)
{
	struct vu_deferred *d = s->first;
	struct vu_message message;
	int err;

	if (d) {
		s->first = d->next;
		if (!s->first)
			s->last = &s->first;
		s->deferred_count--;
		s->deferred_bytes -= d->message.body_len;
		memcpy(s->socket.buffer, d->body, d->message.body_len);
		message = d->message;
		message.body = s->socket.buffer;
		free(d);
		return handle(s, &message);
	}
	err = vu_receive(&s->socket, &message, patience_ms);
	if (err == -EAGAIN)
		return 0;
	return err ? err : handle(s, &message);
}

/* Keeps a command for later. */
static int defer(struct vu_server *s, struct vu_message *m)
{
	struct vu_deferred *d;

	if (s->deferred_count == DEFERRED_MAX || s->deferred_bytes + m->body_len > DEFERRED_BYTES_MAX)
		return -EPROTO;
	d = malloc(sizeof(*d) + m->body_len);
	if (!d)
		return -ENOMEM;
	d->next = NULL;
	d->message = *m;
	memcpy(d->body, m->body, m->body_len);
	*s->last = d;
	s->last = &d->next;
	s->deferred_count++;
	s->deferred_bytes += m->body_len;
	return 0;
}

/* Waits for the answer @id; commands that come before it are kept for later. */
static int wait_answer(struct vu_server *s, uint16_t id, struct vu_message *m)
{
	int err;

	for (;;) {
		err = vu_receive(&s->answers, m, VU_PATIENCE_MS);
		if (err)
			return err == -EAGAIN ? -ETIMEDOUT : err;
		if ((m->header.flags & VU_TYPE_MASK) == VU_TYPE_REPLY)
			break;
		err = defer(s, m);
		if (err) {
			vu_drop_fds(m);
			return err;
		}
	}
	vu_drop_fds(m);
	return m->header.id == id ? 0 : -EPROTO;
}

int vu_server_dma(struct vu_server *s, uint64_t iova, void *data, uint32_t len, bool write)
{
	struct vu_dma_access access = { .iova = iova, .count = len };
	struct vu_header header = { .id = s->next_id++, .command = write ? VU_DMA_WRITE : VU_DMA_READ };
	struct vu_message m;
	int err;

	if (len > s->limits.max_transfer)
		return -EMSGSIZE;
	if (!s->answers.buffer) {
		err = vu_socket_init(&s->answers, s->socket.fd);
		if (err)
			return err;
	}
	header.size = (uint32_t)(sizeof(header) + sizeof(access) + (write ? len : 0));
	err = vu_send(&s->socket, &header, &access, sizeof(access), write ? data : NULL, write ? len : 0, NULL, 0);
	if (!err)
		err = wait_answer(s, header.id, &m);
	if (err)
		return err;
	if (m.header.flags & VU_ERROR)
		return -EFAULT;
	if (write)
		return m.body_len == sizeof(access) ? 0 : -EPROTO;
	if (m.body_len != sizeof(access) + len)
		return -EPROTO;
	memcpy(data, m.body + sizeof(access), len);
	return 0;
}
