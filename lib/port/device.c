/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What only hardware has (weir/device.h): checked here, done by drivers; and the events of a port, which the library puts
 * together from what the driver, the bus and the port's health say.
 */
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bus/bus.h"
#include "port/driver.h"

#define LASTING (WEIR_EVENT_REMOVED | WEIR_EVENT_ERROR) /* told once */

/* --- events ---------------------------------------------------------------------------------------------------------------- */

int port_events_open(struct weir_port *port)
{
	port->events.fd = port->events.poll = port->line.fd = port->line.wake = -1;
	if (!port->driver->hardware)
		return 0;
	port->events.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (port->events.fd < 0)
		return weir_fail(port->weir, -errno, "port '%s': no eventfd for its events; raise ulimit -n",
		                 port->spec);
	return 0;
}

void port_events_close(struct weir_port *port)
{
	if (port->events.poll >= 0)
		close(port->events.poll);
	if (port->events.fd >= 0)
		close(port->events.fd);
	port->events.fd = port->events.poll = -1;
}

void port_wake(struct weir_port *port)
{
	uint64_t one = 1;

	/* One that is full is readable as well; ports without hardware have none. */
	if (write(port->events.fd, &one, sizeof(one)) < 0)
		return;
}

static unsigned alarms_of(const struct weir_port *port, struct bus_alarm *alarms)
{
	const struct bus_device *dev = port->device;

	return dev->ops->alarms ? dev->ops->alarms(dev, alarms) : 0;
}

static int poll_add(const struct weir_port *port, int poll)
{
	struct epoll_event wake = { .events = EPOLLIN };
	struct bus_alarm alarms[BUS_ALARMS];
	unsigned count = port->events.told & WEIR_EVENT_REMOVED ? 0 : alarms_of(port, alarms);

	if (epoll_ctl(poll, EPOLL_CTL_ADD, port->events.fd, &wake) < 0)
		return -errno;
	for (unsigned i = 0; i < count; i++) {
		struct epoll_event alarm = { .events = alarms[i].events };

		if (epoll_ctl(poll, EPOLL_CTL_ADD, alarms[i].fd, &alarm) < 0)
			return -errno;
	}
	return line_watch(port, poll);
}

int weir_port_event_fd(struct weir_port *port)
{
	int poll, err;

	if (port->events.fd < 0)
		return port_cannot(port, "tell of events");
	if (port->events.poll >= 0)
		return port->events.poll;
	poll = epoll_create1(EPOLL_CLOEXEC);
	if (poll < 0)
		return weir_fail(port->weir, -errno, "port '%s': no epoll for its events; raise ulimit -n", port->spec);
	err = poll_add(port, poll);
	if (err) {
		close(poll);
		return weir_fail(port->weir, err, "port '%s': its events cannot be waited for: %s", port->spec,
		                 strerror(-err));
	}
	port->events.poll = poll;
	return poll;
}

/* An alarm that does not end would wake the program for ever. */
static void forget_alarms(struct weir_port *port)
{
	struct bus_alarm alarms[BUS_ALARMS];
	unsigned count = port->events.poll >= 0 ? alarms_of(port, alarms) : 0;

	for (unsigned i = 0; i < count; i++)
		epoll_ctl(port->events.poll, EPOLL_CTL_DEL, alarms[i].fd, NULL);
}

/* Without another look at the device, as weir_port_health() takes. */
static int health_of(const struct weir_port *port)
{
	return __atomic_load_n(&port->health, __ATOMIC_ACQUIRE);
}

/* What is there now. What fires the descriptor after it was read comes after what is looked at. */
static int look(struct weir_port *port, uint32_t *events)
{
	struct weir_link link;
	uint64_t fired;

	if (read(port->events.fd, &fired, sizeof(fired)) < 0 && errno != EAGAIN)
		return weir_fail(port->weir, -errno, "port '%s': its event descriptor cannot be read; was it closed?",
		                 port->spec);
	if (port->events.poll >= 0)
		port_line_seen(port->events.poll);
	port_listen(port);
	if (health_of(port) != -ENODEV) {
		*events |= port->driver->hardware->events(port);
		port_line_unmask(port);
	}
	if (health_of(port) != -ENODEV && !weir_port_link(port, &link)) {
		if (link.up != port->events.link.up || (link.up && link.mbps != port->events.link.mbps))
			*events |= WEIR_EVENT_LINK;
		port->events.link = link;
	}
	if (health_of(port))
		*events |= health_of(port) == -ENODEV ? WEIR_EVENT_REMOVED : WEIR_EVENT_ERROR;
	return 0;
}

int weir_port_events(struct weir_port *port, uint32_t *events)
{
	uint32_t now = 0, new;
	int err;

	*events = 0;
	if (port->events.fd < 0)
		return port_cannot(port, "tell of events");
	do {
		err = look(port, &now);
		if (err)
			return err;
		/* What looking has found out for good fired the descriptor, too: once more. */
		new = now &LASTING & ~port->events.told;
		*events |= (now & ~LASTING) | new;
		port->events.told |= new;
	} while (new);
	if (*events & WEIR_EVENT_REMOVED)
		forget_alarms(port);
	return 0;
}

/* --- the rest ---------------------------------------------------------------------------------------------------------------- */

int weir_port_set_flow_control(struct weir_port *port, const struct weir_flow_control *flow)
{
	const struct device_ops *ops = port->driver->hardware;
	int err;

	if (!ops || !ops->set_flow_control)
		return port_cannot(port, "control the flow");
	if (flow->high && flow->low >= flow->high)
		return weir_fail(port->weir, -EINVAL,
		                 "port '%s': flow control's lower mark of %u bytes must be below the upper one of %u",
		                 port->spec, flow->low, flow->high);
	err = port_present(port);
	return err ? err : ops->set_flow_control(port, flow);
}

int weir_port_flow_control(struct weir_port *port, struct weir_flow_control *flow)
{
	const struct device_ops *ops = port->driver->hardware;
	int err;

	memset(flow, 0, sizeof(*flow));
	if (!ops || !ops->flow_control)
		return port_cannot(port, "control the flow");
	err = port_present(port);
	return err ? err : ops->flow_control(port, flow);
}

int weir_port_identify(struct weir_port *port, bool on)
{
	const struct device_ops *ops = port->driver->hardware;
	int err;

	if (!ops || !ops->identify)
		return port_cannot(port, "blink");
	err = port_present(port);
	return err ? err : ops->identify(port, on);
}

int weir_port_register(struct weir_port *port, unsigned index, struct weir_register *reg)
{
	const struct device_ops *ops = port->driver->hardware;
	int err;

	memset(reg, 0, sizeof(*reg));
	if (!ops || !ops->reg)
		return port_cannot(port, "show registers: they have none");
	err = health_of(port) == -ENODEV ? port_present(port) : 0;
	return err ? err : ops->reg(port, index, reg);
}

static int check_range(struct weir_port *port, const char *what, uint32_t size, uint32_t offset, uint32_t len)
{
	if (offset <= size && len <= size - offset)
		return 0;
	return weir_fail(port->weir, -EINVAL, "port '%s': %u bytes from %u on are not in its %s of %u bytes",
	                 port->spec, len, offset, what, size);
}

int weir_port_eeprom(struct weir_port *port, struct weir_eeprom *eeprom)
{
	const struct device_ops *ops = port->driver->hardware;
	int err;

	memset(eeprom, 0, sizeof(*eeprom));
	if (!ops || !ops->eeprom)
		return port_cannot(port, "show an EEPROM: they have none");
	err = port_present(port);
	return err ? err : ops->eeprom(port, eeprom);
}

/* Words in a piece: what software and firmware share is to be held for a short time only. */
#define EEPROM_PIECE 64u

int weir_port_read_eeprom(struct weir_port *port, uint32_t offset, void *data, uint32_t len)
{
	const struct device_ops *ops = port->driver->hardware;
	uint16_t words[EEPROM_PIECE];
	uint32_t end = offset + len;
	uint8_t *to = data;
	int err;

	if (!ops || !ops->read_eeprom)
		return port_cannot(port, "show an EEPROM: they have none");
	err = port_present(port);
	if (!err)
		err = check_range(port, "EEPROM", ops->eeprom_size(port), offset, len);
	while (!err && offset < end) {
		uint32_t first = offset / 2, left = (end + 1) / 2 - first,
			 n = left < EEPROM_PIECE ? left : EEPROM_PIECE;

		err = ops->read_eeprom(port, first, words, n);
		for (; !err && offset < end && offset / 2 < first + n; offset++)
			*to++ = (uint8_t)(words[offset / 2 - first] >> offset % 2 * 8);
	}
	return err;
}

int weir_port_module(struct weir_port *port, struct weir_module *module)
{
	const struct device_ops *ops = port->driver->hardware;
	int err;

	memset(module, 0, sizeof(*module));
	if (!ops || !ops->module)
		return port_cannot(port, "show a module: they take none");
	err = port_present(port);
	return err ? err : ops->module(port, module);
}

int weir_port_read_module(struct weir_port *port, uint32_t offset, void *data, uint32_t len)
{
	const struct device_ops *ops = port->driver->hardware;
	struct weir_module module;
	int err;

	err = weir_port_module(port, &module);
	if (!err)
		err = check_range(port, "module", module.size, offset, len);
	return err ? err : ops->read_module(port, offset, data, len);
}
