/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The far ends of the cables of a guest that forwards: sends frames into one of its cards as fast as that takes them, and
 * counts what comes out of another one.
 *
 *   cable IN OUT     sockets where two `-netdev stream` of QEMU find their far ends
 *
 * Orders come by the standard input, a line each: "count NAME LENGTH" begins a measurement with frames of that length, a
 * second after the first of them has come; "stop" ends it and prints NAME, LENGTH, the frames per second, and how many were
 * not as they had been sent but for their addresses. A socket that is full holds the sender up, so that nothing is lost
 * where a card is read too slowly.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST = 1514, SHORTEST = 60, ADDRESSES = 12, BURST = 32, MARK = 4 /* bytes before each frame: its length */ };

#define SETTLE 1.0 /* seconds */

struct cable {
	unsigned char frame[LONGEST];
	atomic_size_t length;
	int in;
	int out;
	unsigned char room[1 << 18]; /* what has come and is not looked at yet */
	size_t filled;
	char name[32]; /* of the measurement, empty when there is none */
	unsigned long frames, bad;
	double since; /* 0: no frame has come yet */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (snprintf(at.sun_path, sizeof(at.sun_path), "%s", path) >= (int)sizeof(at.sun_path))
		errno = ENAMETOOLONG;
	else if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 1) == 0)
		return fd;
	die(path);
	return -1;
}

/* Until the guest ends. */
static void *send_frames(void *arg)
{
	const struct cable *c = arg;
	static unsigned char burst[BURST * (MARK + LONGEST)];
	size_t length, size, sent;
	uint32_t mark;
	ssize_t n;

	do {
		length = c->length;
		mark = htonl((uint32_t)length);
		size = BURST * (MARK + length);
		for (size_t at = 0; at < size; at += MARK + length) {
			memcpy(burst + at, &mark, MARK);
			memcpy(burst + at + MARK, c->frame, length);
		}
		for (sent = 0; sent < size; sent += (size_t)n) {
			n = send(c->in, burst + sent, size - sent, MSG_NOSIGNAL);
			if (n < 0)
				break;
		}
	} while (sent == size);
	return NULL;
}

static void look_at(struct cable *c, const unsigned char *frame, size_t length)
{
	if (c->since == 0)
		c->since = now() + SETTLE;
	if (now() < c->since)
		return;
	c->frames++;
	if (length != c->length || memcmp(frame + ADDRESSES, c->frame + ADDRESSES, length - ADDRESSES) != 0)
		c->bad++;
}

/* Returns false when the guest has ended. */
static bool take_frames(struct cable *c)
{
	ssize_t n = recv(c->out, c->room + c->filled, sizeof(c->room) - c->filled, 0);
	size_t at = 0;
	uint32_t mark;

	if (n <= 0)
		return false;
	c->filled += (size_t)n;
	while (c->filled - at >= MARK) {
		memcpy(&mark, c->room + at, MARK);
		mark = ntohl(mark);
		if (c->filled - at < MARK + mark)
			break;
		look_at(c, c->room + at + MARK, mark);
		at += MARK + mark;
	}
	memmove(c->room, c->room + at, c->filled - at);
	c->filled -= at;
	return true;
}

static void obey(struct cable *c, const char *order)
{
	size_t length;

	if (sscanf(order, "count %31s %zu", c->name, &length) == 2 && length >= SHORTEST && length <= LONGEST) {
		c->length = length;
		c->frames = c->bad = 0;
		c->since = 0;
	} else if (c->name[0]) {
		double seconds = now() - c->since;

		printf("%s %zu %.0f %lu\n", c->name, (size_t)c->length, c->frames ? (double)c->frames / seconds : 0.0,
		       c->bad);
		c->name[0] = '\0';
	}
}

int main(int argc, char **argv)
{
	static struct cable c;
	struct pollfd wait[2];
	char order[128];
	pthread_t sender;

	if (argc != 3) {
		fprintf(stderr, "usage: cable IN OUT\n");
		return 2;
	}
	/* To everyone, from an address that is only local, and of the type for experiments: nobody takes it for more. */
	memset(c.frame, 0xff, 6);
	memcpy(c.frame + 6, "\x02\0\0\0\0\xfe\x88\xb5", 8);
	for (size_t i = 14; i < LONGEST; i++)
		c.frame[i] = (unsigned char)i;
	c.length = SHORTEST;
	setvbuf(stdout, NULL, _IOLBF, 0);
	c.in = listen_at(argv[1]);
	c.out = listen_at(argv[2]);
	c.in = accept(c.in, NULL, NULL);
	c.out = accept(c.out, NULL, NULL);
	if (c.in < 0 || c.out < 0 || pthread_create(&sender, NULL, send_frames, &c) != 0)
		die("accept");
	wait[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	wait[1] = (struct pollfd){ .fd = c.out, .events = POLLIN };
	for (;;) {
		ssize_t n;

		if (poll(wait, 2, -1) < 0 && errno != EINTR)
			die("poll");
		if (wait[1].revents && !take_frames(&c))
			return 0;
		if (!wait[0].revents)
			continue;
		n = read(STDIN_FILENO, order, sizeof(order) - 1);
		if (n <= 0)
			return 0;
		order[n] = '\0';
		obey(&c, order);
	}
}
