/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device of one interrupt: who waits is woken, and takes nothing from another who waits. And what a bus has to tell of a
 * device: that it is gone, or broken.
 */
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bus/bus.h"
#include "pools.h"
#include "port/driver.h"

static struct {
	struct bus_device dev;
	bool gone, failed;
	int alarm;      /* an eventfd */
	int own;        /* the bus's own descriptor of the interrupt; -1: it fires an eventfd */
	int irq, fd;    /* what is connected; -1: nothing */
	unsigned masks; /* times that it was unmasked */
} fake;

static void fake_close(struct bus_device *dev)
{
	(void)dev;
}

static bool fake_gone(const struct bus_device *dev)
{
	(void)dev;
	return fake.gone;
}

static int fake_config_read(struct bus_device *dev, unsigned offset, unsigned size, uint32_t *value)
{
	(void)dev, (void)offset, (void)size;
	*value = 0x8086;
	return 0;
}

static int fake_irq_set(struct bus_device *dev, enum bus_irq irq, unsigned first, unsigned count, const int *fds)
{
	(void)dev, (void)first;
	fake.irq = count ? (int)irq : -1;
	fake.fd = count ? fds[0] : -1;
	return 0;
}

static int fake_irq_unmask(struct bus_device *dev, enum bus_irq irq)
{
	(void)dev, (void)irq;
	fake.masks++;
	return 0;
}

static int fake_irq_fd(const struct bus_device *dev)
{
	(void)dev;
	return fake.own;
}

static unsigned fake_alarms(const struct bus_device *dev, struct bus_alarm alarms[BUS_ALARMS])
{
	(void)dev;
	alarms[0] = (struct bus_alarm){ .fd = fake.alarm, .events = EPOLLIN };
	return 1;
}

static bool fake_failed(struct bus_device *dev)
{
	bool failed = fake.failed;

	(void)dev;
	fake.failed = false;
	return failed;
}

static struct bus_ops ops = {
	.name = "fake",
	.close = fake_close,
	.gone = fake_gone,
	.config_read = fake_config_read,
	.irq_set = fake_irq_set,
	.irq_unmask = fake_irq_unmask,
	.alarms = fake_alarms,
	.failed = fake_failed,
};

static uint32_t no_events(struct weir_port *port)
{
	(void)port;
	return 0;
}

static int nothing(struct weir_port *port)
{
	(void)port;
	return 0;
}

static int fake_open(struct weir_port *port, const struct spec *spec)
{
	(void)spec;
	port->info.sends = true;
	port->info.tx_queues_max = 1;
	return 0;
}

static const struct device_ops hardware = { .events = no_events };

static const struct weir_driver fake_driver = {
	.name = "fake",
	.port_size = sizeof(struct weir_port),
	.txq_size = sizeof(struct weir_txq),
	.open = fake_open,
	.start = nothing,
	.stop = nothing,
	.close = nothing,
	.hardware = &hardware,
};

static int fake_resolve(struct weir *weir, struct spec *spec)
{
	fake.dev.weir = weir;
	spec->driver = &fake_driver;
	spec->device = &fake.dev;
	return 0;
}

static const struct weir_driver fake_bus = { .name = "fake", .raw = true, .resolve = fake_resolve };

/* The table of the library, for a program that has no other drivers. */
const struct weir_driver *const weir_drivers[] = { &fake_bus };
const unsigned weir_driver_count = 1;

static struct weir *weir;
static struct weir_port *port;

static void begin(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.irq = fake.fd = fake.own = -1;
	fake.alarm = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fake.dev.ops = &ops;
	ops.irq_fd = NULL;
	weir = open_weir();
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", NULL, &port), 0);
}

static void end(void)
{
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	weir_close(weir);
	close(fake.alarm);
}

static void fire(int fd)
{
	uint64_t one = 1;

	CU_ASSERT_EQUAL(write(fd, &one, sizeof(one)), sizeof(one));
}

static bool woken(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	return poll(&poller, 1, 0) == 1;
}

static uint32_t events(void)
{
	uint32_t told;

	CU_ASSERT_EQUAL(weir_port_events(port, &told), 0);
	return told & ~WEIR_EVENT_LINK;
}

/* --- the line ----------------------------------------------------------------------------------------------------------- */

static void all_who_wait_are_woken(int fires)
{
	int first = port_line_fd(port), second = port_line_fd(port), all = weir_port_event_fd(port);

	events();
	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT(!woken(first) && !woken(second) && !woken(all));
		fire(fires);
		CU_ASSERT(woken(first) && woken(second) && woken(all));
		port_line_seen(first);
		CU_ASSERT(!woken(first) && woken(second) && woken(all));
		fake.masks = 0;
		events();
		CU_ASSERT_EQUAL(fake.masks, 1);
		CU_ASSERT(woken(second) && !woken(all));
		port_line_seen(second);
	}
	port_line_wake(port);
	CU_ASSERT(woken(first) && woken(second) && !woken(all));
	close(first);
	close(second);
}

static void a_line_wakes_all_who_wait(void)
{
	begin();
	CU_ASSERT_EQUAL_FATAL(port_line_open(port, BUS_IRQ_INTX), 0);
	CU_ASSERT_EQUAL(fake.irq, BUS_IRQ_INTX);
	all_who_wait_are_woken(fake.fd);
	port_line_close(port);
	CU_ASSERT_EQUAL(fake.irq, -1);
	end();
}

static void it_may_be_a_descriptor_of_the_bus(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	begin();
	ops.irq_fd = fake_irq_fd;
	fake.own = fd;
	weir_port_event_fd(port); /* before the line is there */
	CU_ASSERT_EQUAL_FATAL(port_line_open(port, BUS_IRQ_INTX), 0);
	all_who_wait_are_woken(fd);
	port_line_close(port);
	fire(fd);
	CU_ASSERT(!woken(weir_port_event_fd(port)));
	end();
	CU_ASSERT_EQUAL(close(fd), 0); /* it was left to the bus */
}

static void messages_need_no_unmasking(void)
{
	begin();
	CU_ASSERT_EQUAL_FATAL(port_line_open(port, BUS_IRQ_MSI), 0);
	CU_ASSERT_EQUAL(fake.irq, BUS_IRQ_MSI);
	port_line_unmask(port);
	CU_ASSERT_EQUAL(fake.masks, 0);
	port_line_close(port);
	end();
}

/* --- alarms ------------------------------------------------------------------------------------------------------------- */

static void a_device_that_goes_away_is_an_event(void)
{
	begin();
	CU_ASSERT(!woken(weir_port_event_fd(port)) || events() == 0);
	fake.gone = true;
	fire(fake.alarm);
	CU_ASSERT(woken(weir_port_event_fd(port)));
	CU_ASSERT_EQUAL(events(), WEIR_EVENT_REMOVED);
	CU_ASSERT(!woken(weir_port_event_fd(port))); /* though nobody has read the alarm */
	CU_ASSERT_EQUAL(events(), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), -ENODEV);
	CU_ASSERT_EQUAL(weir_port_health(port, NULL), -ENODEV);
	end();
}

static void an_error_on_the_bus_damages_the_port(void)
{
	const char *why;

	begin();
	CU_ASSERT_EQUAL(weir_port_health(port, NULL), 0);
	fake.failed = true;
	CU_ASSERT_EQUAL(events(), WEIR_EVENT_ERROR);
	CU_ASSERT_EQUAL(weir_port_health(port, &why), -EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "an error of the device"));
	CU_ASSERT_EQUAL(weir_port_start(port), 0); /* begins anew */
	CU_ASSERT_EQUAL(weir_port_health(port, NULL), 0);
	end();
}

static const struct unit_case cases[] = {
	{ "a line wakes all who wait", a_line_wakes_all_who_wait },
	{ "it may be a descriptor of the bus", it_may_be_a_descriptor_of_the_bus },
	{ "messages need no unmasking", messages_need_no_unmasking },
	{ "a device that goes away is an event", a_device_that_goes_away_is_an_event },
	{ "an error on the bus damages the port", an_error_on_the_bus_damages_the_port },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("port_line", cases);
}
