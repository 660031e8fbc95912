/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ring of frames. A frame lies in one piece: one that would reach over the end starts again at the beginning, and
 * a record in between says so.
 */
#include "sim/inbox.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "sim/nic.h"

#define ALIGN 16u

static uint64_t footprint(size_t len)
{
	return (sizeof(struct inbox_frame) + len + ALIGN - 1) / ALIGN * ALIGN;
}

static struct inbox_frame *at(const struct inbox *inbox, uint64_t position)
{
	return (struct inbox_frame *)(void *)(inbox->memory + position % INBOX_BYTES);
}

int inbox_open(struct inbox *inbox)
{
	void *memory = mmap(NULL, INBOX_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return -ENOMEM;
	memset(inbox, 0, sizeof(*inbox));
	inbox->memory = memory;
	pthread_mutex_init(&inbox->lock, NULL);
	return 0;
}

void inbox_close(struct inbox *inbox)
{
	if (!inbox->memory)
		return;
	munmap(inbox->memory, INBOX_BYTES);
	pthread_mutex_destroy(&inbox->lock);
	inbox->memory = NULL;
}

/* Whether @need bytes fit in behind @tail. By those who put. */
static bool fits(struct inbox *inbox, uint64_t tail, uint64_t need)
{
	uint64_t head = __atomic_load_n(&inbox->head_seen, __ATOMIC_ACQUIRE);

	if (tail + need - head <= INBOX_BYTES)
		return true;
	head = __atomic_load_n(&inbox->head, __ATOMIC_ACQUIRE);
	__atomic_store_n(&inbox->head_seen, head, __ATOMIC_RELEASE);
	return tail + need - head <= INBOX_BYTES;
}

/* Returns where a frame of @need bytes goes, or NULL. */
static struct inbox_frame *reserve(struct inbox *inbox, uint64_t need, uint64_t *tail)
{
	uint64_t to_end = INBOX_BYTES - inbox->tail % INBOX_BYTES;

	*tail = inbox->tail;
	if (to_end < need) {
		if (!fits(inbox, *tail, to_end + need))
			return NULL;
		*at(inbox, *tail) = (struct inbox_frame){ .skip = 1 };
		*tail += to_end;
	}
	return fits(inbox, *tail, need) ? at(inbox, *tail) : NULL;
}

bool inbox_put(struct inbox *inbox, const uint8_t *frame, size_t len, unsigned flags, uint64_t due_ns)
{
	uint64_t need = footprint(len), tail;
	struct inbox_frame *slot;

	pthread_mutex_lock(&inbox->lock);
	slot = reserve(inbox, need, &tail);
	if (slot) {
		*slot = (struct inbox_frame){ .due_ns = due_ns, .len = (uint32_t)len, .flags = (uint16_t)flags };
		memcpy(slot->bytes, frame, len);
		__atomic_store_n(&inbox->tail, tail + need, __ATOMIC_RELEASE);
	} else {
		__atomic_store_n(&inbox->refused, inbox->refused + 1, __ATOMIC_RELAXED);
	}
	pthread_mutex_unlock(&inbox->lock);
	return slot;
}

uint64_t inbox_used(const struct inbox *inbox)
{
	return __atomic_load_n(&inbox->tail, __ATOMIC_ACQUIRE) - __atomic_load_n(&inbox->head, __ATOMIC_ACQUIRE);
}

bool inbox_roomy(struct inbox *inbox)
{
	return fits(inbox, __atomic_load_n(&inbox->tail, __ATOMIC_ACQUIRE), 2 * footprint(SIM_FRAME_MAX));
}

bool inbox_empty(struct inbox *inbox)
{
	if (inbox->head == inbox->tail_seen)
		inbox->tail_seen = __atomic_load_n(&inbox->tail, __ATOMIC_ACQUIRE);
	return inbox->head == inbox->tail_seen;
}

const struct inbox_frame *inbox_first(struct inbox *inbox)
{
	struct inbox_frame *frame;

	if (inbox_empty(inbox))
		return NULL;
	frame = at(inbox, inbox->head);
	if (!frame->skip)
		return frame;
	__atomic_store_n(&inbox->head, inbox->head + INBOX_BYTES - inbox->head % INBOX_BYTES, __ATOMIC_RELEASE);
	return at(inbox, inbox->head);
}

void inbox_drop(struct inbox *inbox)
{
	__atomic_store_n(&inbox->head, inbox->head + footprint(at(inbox, inbox->head)->len), __ATOMIC_RELEASE);
}
