/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of weir.ko: devices that move between domains while they have work to do. The numbers t0 to t10 are those of the
 * experiments by which the rules were found: each starts a transfer that the device carries out 100 ms later.
 */
#include "rig.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RW      (WEIR_MAP_READ | WEIR_MAP_WRITE)
#define REPLACE WEIR_ATTACH_REPLACE
#define LATE_MS 300 /* QEMU on a busy machine is later than the 100 ms that edu promises */

/* Another page at the same address, for a domain that the device is going to see. */
struct other {
	int domain;
	uint8_t *at;
};

/* A domain comes only from a device: it is made by moving there, and back. */
static struct other other_domain(struct bench *b)
{
	struct other o = { .at = pages(1) };

	o.domain = must_attach(b->dev, WEIR_DOMAIN_NEW, REPLACE);
	want("WEIR_MAP", map(o.domain, o.at, IOVA, PAGE, RW), 0);
	must_attach(b->dev, b->domain, REPLACE);
	master(b->dev, true);
	return o;
}

static void t0(void)
{
	struct bench b = bench_open("a");

	master(b.dev, false);
	edu_start(b.dev, IOVA, 64);
	settle(b.dev);
	need(is_zero(b.at, PAGE), "it wrote without bus mastering");
}

static void t1(void)
{
	struct bench b = bench_open("a");

	edu_start(b.dev, IOVA, 64);
	settle(b.dev);
	need(edu_landed(b.at), "nothing arrived");
	need(is_zero(b.at + 64, PAGE - 64), "more arrived than was sent");
}

static void move_and_see(const char *name, unsigned flags)
{
	struct bench b = bench_open(name);
	struct other o = other_domain(&b);
	struct weir_attach said;

	edu_start(b.dev, IOVA, 64);
	want("WEIR_ATTACH", attach(b.dev, o.domain, REPLACE | flags, 0, &said), 0);
	soon(is_zero(b.at, PAGE));
	need(said.was == WEIR_WAS_OTHER, "it says it was %u", said.was);
	need(said.quiesced & WEIR_QUIESCED_MASTER && said.quiesced & WEIR_QUIESCED_WAITED, "quiesced: %x",
	     said.quiesced);
	need(!(flags & WEIR_ATTACH_RESET) == !(said.quiesced & WEIR_QUIESCED_RESET), "quiesced: %x", said.quiesced);
	settle(b.dev);
	need(is_zero(o.at, PAGE), "a transfer that began in one domain ended in the other");
	need(is_zero(b.at, PAGE), "a transfer was carried out though the device was silenced");
	master(b.dev, true);
	settle(b.dev);
	need(is_zero(o.at, PAGE) && is_zero(b.at, PAGE), "it was carried out later");
	edu_start(b.dev, IOVA, 64);
	settle(b.dev);
	if (!(flags & WEIR_ATTACH_RESET)) {
		need(edu_landed(o.at), "the next transfer does not arrive in the new domain");
		need(is_zero(b.at, PAGE), "the next transfer arrives in the old domain");
	}
}

static void t3(void)
{
	move_and_see("a", 0);
}

static void t3_behind_a_port(void)
{
	move_and_see("r", 0);
}

static void t3_reset(void)
{
	move_and_see("r", WEIR_ATTACH_RESET);
}

static void t4(void)
{
	struct bench b = bench_open("a");

	edu_start(b.dev, IOVA, 64);
	must_attach(b.dev, WEIR_DOMAIN_NONE, REPLACE);
	soon(is_zero(b.at, PAGE));
	settle(b.dev);
	need(is_zero(b.at, PAGE), "a device that was detached wrote");
}

static void t5(void)
{
	struct bench b = bench_open("a");

	edu_start(b.dev, IOVA, 64);
	master(b.dev, false);
	soon(is_zero(b.at, PAGE));
	settle(b.dev);
	master(b.dev, true);
	settle(b.dev);
	need(is_zero(b.at, PAGE), "what was to be done without bus mastering was done later");
}

/* edu is a sloppy device: a reset of its bus does not stop it. What it does lands where it was meant to, or nowhere. */
static void t8(void)
{
	struct bench b = bench_open("r");
	struct weir_reset said;

	edu_start(b.dev, IOVA, 64);
	want("WEIR_RESET", reset(b.dev, &said), 0);
	need(!(config_get(b.dev, COMMAND, 2) & COMMAND_MASTER), "bus mastering is on after a reset");
	need(dev_info(b.dev).flags & WEIR_DEV_ATTACHED, "it is not attached after a reset");
	master(b.dev, true);
	settle(b.dev);
	need(is_zero(b.at, PAGE) || edu_landed(b.at), "something else arrived");
	need(is_zero(b.at + 64, PAGE - 64), "more arrived than was sent");
}

/* Bus mastering off and on around the move: @at_once, as quickly as a caller can, or when the transfer's time is over. */
static void silence_and_move(bool at_once)
{
	struct bench b = bench_open("a");
	struct other o = other_domain(&b);

	edu_start(b.dev, IOVA, 64);
	master(b.dev, false);
	soon(is_zero(b.at, PAGE));
	want("WEIR_ATTACH", attach(b.dev, o.domain, REPLACE, LATE_MS, NULL), 0);
	if (!at_once)
		settle(b.dev);
	master(b.dev, true);
	settle(b.dev);
	need(is_zero(o.at, PAGE), "a transfer that began in one domain ended in the other");
	need(is_zero(b.at, PAGE), "a transfer arrived in a domain that the device had left");
}

static void t9(void)
{
	silence_and_move(true);
}

static void t10(void)
{
	silence_and_move(false);
}

/* The same by way of nowhere. */
static void t9_detached_between(void)
{
	struct bench b = bench_open("a");
	struct other o = other_domain(&b);

	edu_start(b.dev, IOVA, 64);
	must_attach(b.dev, WEIR_DOMAIN_NONE, REPLACE);
	want("WEIR_ATTACH", attach(b.dev, o.domain, 0, LATE_MS, NULL), 0);
	master(b.dev, true);
	settle(b.dev);
	need(is_zero(o.at, PAGE), "a transfer that began in one domain ended in the other");
}

/* The same by closing the device, and opening it again. */
static void t9_closed_between(void)
{
	struct bench b = bench_open("r");
	struct weir_attach said;

	edu_start(b.dev, IOVA, 64);
	close(b.dev);
	b.dev = must_open("r");
	b.at = pages(1);
	want("WEIR_ATTACH", attach(b.dev, WEIR_DOMAIN_NEW, 0, LATE_MS, &said), 0);
	want("WEIR_MAP", map(said.domain, b.at, IOVA, PAGE, RW), 0);
	master(b.dev, true);
	settle(b.dev);
	need(is_zero(b.at, PAGE), "what one caller began ended in the next one's memory");
}

/* Which of the calls of the one verb are refused, and that these change nothing. */
static void the_one_verb(void)
{
	struct bench b = bench_open("a");
	struct weir_attach said;

	want("NEW without REPLACE", attach(b.dev, WEIR_DOMAIN_NEW, 0, 0, &said), -EBUSY);
	want("NONE without REPLACE", attach(b.dev, WEIR_DOMAIN_NONE, 0, 0, &said), -EBUSY);
	want("COPY of nothing", attach(b.dev, WEIR_DOMAIN_NONE, REPLACE | WEIR_ATTACH_COPY, 0, &said), -EINVAL);
	want("an hour of drain", attach(b.dev, WEIR_DOMAIN_NEW, REPLACE, 3600000, &said), -EINVAL);
	want("where it is", attach(b.dev, b.domain, 0, 0, &said), 0);
	need(said.was == WEIR_WAS_SAME && !said.quiesced, "it was moved from where it is to where it is");
	need(config_get(b.dev, COMMAND, 2) & COMMAND_MASTER, "refused calls silenced the device");
	edu_start(b.dev, IOVA, 64);
	settle(b.dev);
	need(edu_landed(b.at), "refused calls moved the device");
	want("NONE", attach(b.dev, WEIR_DOMAIN_NONE, REPLACE, 0, &said), 0);
	want("NONE again", attach(b.dev, WEIR_DOMAIN_NONE, 0, 0, &said), 0);
	need(said.was == WEIR_WAS_BLOCKED, "it says it was %u", said.was);
	need(domain_info(b.domain).devices == 0 && domain_info(b.domain).maps == 1, "mappings went with the device");
}

/* Two devices in one domain: sharing costs one call, and takes nothing from anybody. */
static void share_and_unshare(void)
{
	struct bench a = bench_open("a"), b = bench_open("b");
	int own = b.domain;

	must_attach(b.dev, a.domain, REPLACE);
	need(domain_info(a.domain).devices == 2, "%u devices", domain_info(a.domain).devices);
	need(domain_info(own).maps == 1 && domain_info(own).devices == 0, "sharing destroyed a mapping");
	master(b.dev, true);
	edu_start(b.dev, IOVA, 64);
	settle(b.dev);
	need(edu_landed(a.at) && is_zero(b.at, PAGE), "the second device sees other memory than the first");
	memset(a.at, 0, PAGE);
	must_attach(b.dev, own, REPLACE);
	master(b.dev, true);
	edu_start(b.dev, IOVA, 64);
	settle(b.dev);
	need(edu_landed(b.at) && is_zero(a.at, PAGE), "unsharing did not bring its own memory back");
	edu_start(a.dev, IOVA, 64);
	settle(a.dev);
	need(edu_landed(a.at), "the first device noticed");
}

const struct kmod_case move_cases[] = {
	{ "t0: without bus mastering nothing is written", t0 },
	{ "t1: with it, what was sent arrives", t1 },
	{ "I36 t3: a transfer does not follow into another domain", t3 },
	{ "I36 t3: nor behind a root port", t3_behind_a_port },
	{ "I36 t3: nor with a reset between", t3_reset },
	{ "I3 t4: a detached device writes nothing", t4 },
	{ "t5: what was missed is not done later", t5 },
	{ "t8: what a reset does not stop stays in its domain", t8 },
	{ "I36 t9: bus mastering off and on makes no difference", t9 },
	{ "I36 t9: nor does a detour by nowhere", t9_detached_between },
	{ "I36 t9: nor closing the device between", t9_closed_between },
	{ "I36 t10: silence, a move, and time", t10 },
	{ "one verb: what is refused changes nothing", the_one_verb },
	{ "one verb: share and unshare", share_and_unshare },
	{ NULL, NULL },
};
