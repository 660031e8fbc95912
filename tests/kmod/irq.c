/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of weir.ko: interrupts, as eventfds.
 */
#include "rig.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EDU_STATUS 0x24
#define EDU_RAISE  0x60
#define EDU_ACK    0x64

/* How often it was signalled, within a second for the first time. */
static uint64_t fired(int event, int ms)
{
	struct pollfd ready = { .fd = event, .events = POLLIN };
	uint64_t count = 0;

	if (poll(&ready, 1, ms) == 1 && read(event, &count, sizeof(count)) != sizeof(count))
		count = 0;
	return count;
}

static int open_with_event(const char *name, int *event)
{
	int dev = must_open(name);

	must_attach(dev, WEIR_DOMAIN_NEW, 0);
	*event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return dev;
}

static void msi(void)
{
	int event, none = -1, dev = open_with_event("a", &event);

	want("WEIR_IRQ", irq(dev, WEIR_IRQ_MSI, 0, 1, &event), 0);
	master(dev, true);
	for (unsigned i = 0; i < 3; i++) {
		edu_write(dev, EDU_RAISE, 1);
		need(fired(event, 2000) == 1, "interrupt %u did not come", i);
		edu_write(dev, EDU_ACK, 1);
	}
	want("another type at the same time", irq(dev, WEIR_IRQ_INTX, 0, 1, &event), -EBUSY);
	want("disconnecting", irq(dev, WEIR_IRQ_MSI, 0, 1, &none), 0);
	edu_write(dev, EDU_RAISE, 1);
	need(fired(event, 200) == 0, "an interrupt that was disconnected came");
	edu_write(dev, EDU_ACK, 1);
	want("connecting again", irq(dev, WEIR_IRQ_MSI, 0, 1, &event), 0);
	edu_write(dev, EDU_RAISE, 1);
	need(fired(event, 2000) == 1, "it did not come after it was connected again");
	edu_write(dev, EDU_ACK, 1);
	want("turning MSI off", irq(dev, WEIR_IRQ_MSI, 0, 0, NULL), 0);
}

static void bad_requests(void)
{
	int event, dev = open_with_event("x", &event), events[3] = { event, event, 9999 };
	unsigned vectors = dev_info(dev).vectors[WEIR_IRQ_MSIX];

	want("an eventfd that is none", irq(dev, WEIR_IRQ_MSIX, 0, 3, events), -EBADF);
	events[2] = dev;
	want("a file that is no eventfd", irq(dev, WEIR_IRQ_MSIX, 0, 3, events), -EINVAL);
	want("more than there are", irq(dev, WEIR_IRQ_MSIX, vectors, 1, &event), -EINVAL);
	want("far more", irq(dev, WEIR_IRQ_MSIX, 1, 0xffffffff, &event), -EINVAL);
	want("of no type", irq(dev, WEIR_IRQ_TYPES, 0, 1, &event), -EINVAL);
	want("from nowhere", irq(dev, WEIR_IRQ_MSIX, 0, 3, NULL), -EFAULT);
	want("two", irq(dev, WEIR_IRQ_MSIX, 0, 2, events), 0);
	want("a third, where two were asked for", irq(dev, WEIR_IRQ_MSIX, 2, 1, &event), -EINVAL);
	want("none", irq(dev, WEIR_IRQ_MSIX, 0, 0, NULL), 0);
	want("all", irq(dev, WEIR_IRQ_MSIX, 0, 1, &event), 0);
	want("unmasking what is no INTx", irq_unmask(dev), -EINVAL);
}

/* INTx masks itself when it comes, and comes again when it is unmasked and still there. */
static void intx(void)
{
	int event, dev = open_with_event("a", &event);

	want("WEIR_IRQ", irq(dev, WEIR_IRQ_INTX, 0, 1, &event), 0);
	edu_write(dev, EDU_RAISE, 1);
	need(fired(event, 2000) == 1, "it did not come");
	need(fired(event, 200) == 0, "it came again without being unmasked");
	want("unmasking", irq_unmask(dev), 0);
	need(fired(event, 2000) == 1, "it did not come again, though nobody served the device");
	edu_write(dev, EDU_ACK, 1);
	want("unmasking", irq_unmask(dev), 0);
	need(fired(event, 200) == 0, "it came though the device was served");
	edu_write(dev, EDU_RAISE, 2);
	need(fired(event, 2000) == 1, "the next one did not come");
	edu_write(dev, EDU_ACK, 2);
}

struct fire {
	int dev;
	bool stop;
};

static void *fire(void *arg)
{
	struct fire *f = arg;
	uint32_t one = 1;

	while (!__atomic_load_n(&f->stop, __ATOMIC_RELAXED)) {
		if (pwrite(f->dev, &one, 4, EDU_RAISE) < 0 || pwrite(f->dev, &one, 4, EDU_ACK) < 0)
			break;
	}
	return NULL;
}

/* The eventfd is closed at once after the interrupt was disconnected: the kernel must not signal what is gone. */
static void torn_down_under_fire(void)
{
	struct fire f = { .dev = must_open("a") };
	pthread_t thread;

	must_attach(f.dev, WEIR_DOMAIN_NEW, 0);
	master(f.dev, true);
	pthread_create(&thread, NULL, fire, &f);
	for (unsigned i = 0; i < 100; i++) {
		int event = eventfd(0, EFD_NONBLOCK), type = i & 1 ? WEIR_IRQ_MSI : WEIR_IRQ_INTX;

		want("connecting", irq(f.dev, (unsigned)type, 0, 1, &event), 0);
		if (i & 2)
			fired(event, 5);
		want("disconnecting", irq(f.dev, (unsigned)type, 0, 0, NULL), 0);
		close(event);
	}
	__atomic_store_n(&f.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

/* Vectors of MSI-X are as many as were asked for, each with its own eventfd. */
static void msix(void)
{
	int event, dev = open_with_event("x", &event), events[5] = { -1, -1, -1, -1, -1 };
	unsigned vectors = dev_info(dev).vectors[WEIR_IRQ_MSIX];

	need(vectors == 5, "%u vectors", vectors);
	for (unsigned i = 0; i < 5; i++)
		events[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	want("WEIR_IRQ", irq(dev, WEIR_IRQ_MSIX, 0, 5, events), 0);
	master(dev, true);
	for (unsigned i = 0; i < 5; i++) {
		/* 82574L: IVAR, IMS and ICS; the causes are receive and send queues 0 and 1, and others. */
		edu_write(dev, 0xe4, 0xcba98);
		edu_write(dev, 0xd0, 0x1f00000);
		edu_write(dev, 0xc8, 1u << (20 + i));
		need(fired(events[i], 2000) >= 1, "vector %u did not come", i);
	}
}

const struct kmod_case irq_cases[] = {
	{ "I25: interrupts are torn down under fire", torn_down_under_fire },
	{ "I26: INTx masks itself until it is served", intx },
	{ "interrupts: MSI", msi },
	{ "interrupts: MSI-X", msix },
	{ "interrupts: what cannot be connected", bad_requests },
	{ NULL, NULL },
};
