/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Semaphores. Owners that died hold them for ever: after some time they are ours.
 */
#include "turns.h"

#include "core/clock.h"
#include "port/registers.h"
#include "regs/advanced.h"

int adv_take_bit(const struct weir_port *port, uint32_t reg, uint32_t bit, uint64_t us)
{
	uint64_t end = now_ns() + us * 1000;

	do {
		port_change(port, reg, 0, bit);
		if (port_read(port, reg) & bit)
			return port_is_gone(port) ? -ENODEV : 0;
		sleep_us(50);
	} while (now_ns() < end);
	return -ETIMEDOUT;
}

/* Between drivers of the card's ports (SMBI: reading takes it), then between software and firmware. */
int adv_turn_enter(const struct weir_port *port, const struct adv_turns *turns)
{
	int err;

	port_wait(port, turns->swsm, SWSM_SMBI, 0, 100 * MS, NULL);
	err = turns->writer ? port_wait(port, turns->owners, turns->writer, 0, 100 * MS, NULL)
	                    : adv_take_bit(port, turns->swsm, SWSM_SWESMBI, 100 * MS);
	if (err)
		adv_turn_leave(port, turns);
	return err;
}

void adv_turn_leave(const struct weir_port *port, const struct adv_turns *turns)
{
	if (turns->writer)
		port_change(port, turns->owners, turns->writer, 0);
	port_change(port, turns->swsm, SWSM_SMBI | SWSM_SWESMBI, 0);
}

int adv_turn_take(const struct weir_port *port, const struct adv_turns *turns, uint32_t what)
{
	uint64_t end = now_ns() + 1 * S * 1000;
	uint32_t theirs = what << turns->firmware;

	for (;;) {
		bool late = now_ns() > end;
		int err = adv_turn_enter(port, turns);
		uint32_t owners;

		if (err)
			return err;
		owners = port_read(port, turns->owners);
		/* Software may take what was held for longer than 1 s (10.5.4). */
		if (!(owners & (what | theirs)) || late) {
			port_write(port, turns->owners, (owners & ~theirs) | what);
			adv_turn_leave(port, turns);
			return 0;
		}
		adv_turn_leave(port, turns);
		if (port_is_gone(port))
			return -ENODEV;
		sleep_us(5 * MS);
	}
}

void adv_turn_give(const struct weir_port *port, const struct adv_turns *turns, uint32_t what)
{
	if (adv_turn_enter(port, turns))
		return;
	port_change(port, turns->owners, what, 0);
	adv_turn_leave(port, turns);
}
