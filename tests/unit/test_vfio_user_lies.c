/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vfio-user: our client against servers that die or lie, whose bytes are made by hand.
 */
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"
#include "vfio_user/client.h"

/* Answers each command with the bytes that the case says, without looking at it (but for the greeting). */
struct liar {
	int fd;
	const void *answer;
	size_t len;
	pthread_t thread;
};

static void *lie(void *arg)
{
	struct liar *l = arg;
	struct vu_header header;
	char body[4096];
	bool greeted = false;

	while (recv(l->fd, &header, 16, MSG_WAITALL) == 16) {
		if (header.size > 16 && recv(l->fd, body, header.size - 16, MSG_WAITALL) <= 0)
			break;
		if (greeted) {
			send(l->fd, l->answer, l->len, MSG_NOSIGNAL);
			break;
		}
		greeted = true;
		header.size = 20;
		header.flags = VU_TYPE_REPLY;
		send(l->fd, &header, 16, MSG_NOSIGNAL);
		send(l->fd, "\0\0\0\0", 4, MSG_NOSIGNAL);
	}
	close(l->fd);
	return NULL;
}

static struct vu_client *liar_open(struct liar *l, const void *answer, size_t len)
{
	struct vu_client *client;
	int ends[2];

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	*l = (struct liar){ .fd = ends[0], .answer = answer, .len = len };
	CU_ASSERT_EQUAL_FATAL(pthread_create(&l->thread, NULL, lie, l), 0);
	CU_ASSERT_EQUAL_FATAL(vu_client_open(NULL, ends[1], "liar", NULL, NULL, &client), 0);
	return client;
}

static void a_server_that_dies_breaks_the_client(void)
{
	struct vu_client *c;
	struct liar l;
	uint32_t value;

	c = liar_open(&l, "", 0);
	CU_ASSERT_EQUAL(vu_client_read(c, 0, 0, &value, 4), -EPIPE);
	CU_ASSERT_PTR_NOT_NULL(strstr(weir_error(), "liar: the server has gone away"));
	CU_ASSERT_TRUE(vu_client_broken(c));
	CU_ASSERT_EQUAL(vu_client_reset(c), -EPIPE);
	vu_client_close(c);
	pthread_join(l.thread, NULL);
}

static void answers_that_cannot_be_break_the_client(void)
{
	/* The client's second command has the id 1. */
	static const struct vu_header ok = { .id = 1, .command = VU_REGION_READ, .size = 16, .flags = VU_TYPE_REPLY };
	static const struct vu_header other_id = { .id = 2, .command = VU_REGION_READ, .size = 16, .flags = 1 };
	static const struct vu_header other_command = { .id = 1, .command = VU_REGION_WRITE, .size = 16, .flags = 1 };
	static const struct vu_header long_one = { .id = 1, .command = VU_REGION_READ, .size = 1u << 31, .flags = 1 };
	static const struct vu_header a_command = { .id = 1, .command = VU_DMA_MAP, .size = 16, .flags = 0 };
	static const struct vu_header *const answers[] = { &ok, &other_id, &other_command, &long_one, &a_command };

	for (size_t i = 0; i < 5; i++) {
		struct vu_client *c;
		struct liar l;
		uint32_t value;

		c = liar_open(&l, answers[i], 16);
		CU_ASSERT_EQUAL(vu_client_read(c, 0, 0, &value, 4), -EPIPE);
		CU_ASSERT_TRUE(vu_client_broken(c));
		vu_client_close(c);
		pthread_join(l.thread, NULL);
	}
}

/* Region infos whose capabilities point outside, run in circles, or name areas beyond the region. */
static void region_capabilities_are_checked(void)
{
	struct {
		struct vu_header header;
		struct vfio_region_info info;
		struct {
			struct vfio_info_cap_header header; /* struct vfio_region_info_cap_sparse_mmap, with one area */
			uint32_t nr_areas, reserved;
			struct vfio_region_sparse_mmap_area area;
		} cap;
	} answer;
	static const struct {
		uint32_t cap_offset, next, areas;
		uint64_t offset, size;
		int result;
	} cases[] = {
		{ 32, 0, 1, 0, 4096, 0 },
		{ 32, 0, 1, 0, 8192, 0 },
		{ 4096, 0, 1, 0, 4096, -EPIPE },
		{ 8, 0, 1, 0, 4096, -EPIPE },
		{ 33, 0, 1, 0, 4096, -EPIPE },
		{ 32, 0, 2, 0, 4096, -EPIPE },
		{ 32, 0, 1u << 31, 0, 1, -EPIPE },
		{ 32, 0, 1, 8192, 4096, -EPIPE },
		{ 32, 0, 1, 0, 12288, -EPIPE },
		{ 32, 0, 1, 1, 4096, -EPIPE },
		{ 32, 0, 1, UINT64_MAX - 4095, 4096, -EPIPE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vu_region region;
		struct vu_client *c;
		struct liar l;

		memset(&answer, 0, sizeof(answer));
		answer.header = (struct vu_header){ 1, VU_DEVICE_GET_REGION_INFO, sizeof(answer), VU_TYPE_REPLY, 0 };
		answer.info.flags = VFIO_REGION_INFO_FLAG_CAPS;
		answer.info.size = 8192;
		answer.info.cap_offset = cases[i].cap_offset;
		answer.cap.header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
		answer.cap.header.next = cases[i].next;
		answer.cap.nr_areas = cases[i].areas;
		answer.cap.area.offset = cases[i].offset;
		answer.cap.area.size = cases[i].size;
		c = liar_open(&l, &answer, sizeof(answer));
		CU_ASSERT_EQUAL(vu_client_region(c, 0, &region), cases[i].result);
		vu_client_close(c);
		pthread_join(l.thread, NULL);
	}
	/* A capability that points at itself. */
	answer.cap.header = (struct vfio_info_cap_header){ .id = 99, .next = 32 };
	answer.info.cap_offset = 32;
	{
		struct vu_region region;
		struct vu_client *c;
		struct liar l;

		c = liar_open(&l, &answer, sizeof(answer));
		CU_ASSERT_EQUAL(vu_client_region(c, 0, &region), -EPIPE);
		vu_client_close(c);
		pthread_join(l.thread, NULL);
	}
}

static void a_server_that_is_not_there_gets_a_sentence(void)
{
	char path[200];
	struct vu_client *c;

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	CU_ASSERT_EQUAL(vu_client_connect(NULL, "/nonexistent/socket", NULL, NULL, &c), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(weir_error(), "is the server of the device running?"));
	CU_ASSERT_EQUAL(vu_client_connect(NULL, path, NULL, NULL, &c), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_connect(NULL, "", NULL, NULL, &c), -EINVAL);
	CU_ASSERT_PTR_NULL(c);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "a server that dies breaks the client", a_server_that_dies_breaks_the_client },
		{ "answers that cannot be break the client", answers_that_cannot_be_break_the_client },
		{ "region capabilities are checked", region_capabilities_are_checked },
		{ "a server that is not there gets a sentence", a_server_that_is_not_there_gets_a_sentence },
		{ NULL, NULL },
	};

	return unit_run("vfio-user client", cases);
}
