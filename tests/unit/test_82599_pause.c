/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Flow control of the 82599's model (datasheet 3.7.7): pauses that it obeys, and those that it asks for when its packet
 * buffer fills to a mark.
 */
#include "frames.h"
#include "sim_82599.h"

#include <time.h>

#define FCTTV    0x3200
#define FCRTL    0x3220
#define FCRTH    0x3260
#define FCRTV    0x32a0
#define FCCFG    0x3d00
#define MFLCN    0x4294
#define TFCS     0xce00
#define LXONTXC  0x3f60
#define LXOFFTXC 0x3f68
#define LXONRX   0x41a4
#define LXOFFRX  0x41a8
#define PXONTXC  0x3f00
#define PXOFFTXC 0x3f20
#define PXONRX   0x4140
#define PXOFFRX  0x4160
#define XON2OFF  0x3240

#define PMCF  0x1
#define DPF   0x2
#define RPFCE 0x4
#define RFCE  0x8

static const uint8_t all[6] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01 };
static const uint8_t own[6] = { 0x02, 0x00, 0x00, 0x00, 0x00, 0x01 };

/* Receives everything, and sends; at 1 Mbit/s, where 65,535 quanta are half a minute, which no case waits for. */
static void open_rig(struct rig *r, uint32_t mflcn)
{
	rig_open(r);
	rig_rx(r, 0, 30);
	rig_tx(r);
	set(r, 0x5080, 0x700);
	set(r, MFLCN, mflcn);
	r->nic->speed_mbps = 1;
}

static void control_frame(struct rig *r, const uint8_t *to, unsigned opcode, unsigned a, unsigned b, unsigned c)
{
	uint8_t frame[60] = { [12] = 0x88, [13] = 0x08 };

	memcpy(frame, to, 6);
	put_be16(frame + 14, opcode);
	put_be16(frame + 16, a);
	put_be16(frame + 18, b);
	put_be16(frame + 20, c);
	rig_receive(r, frame, sizeof(frame));
}

/* Sends a frame. Returns how many have come out. */
static unsigned send_one(struct rig *r)
{
	uint8_t frame[SIM_FRAME_MAX];
	unsigned n = 0;

	plain(r->memory + BUFFERS, 100);
	rig_data(r, BUFFERS, 100, 0x09000000, 0, 100);
	rig_bell(r);
	while (weir_sim_take(r->card, frame, sizeof(frame)) > 0)
		n++;
	return n;
}

/* --- received ----------------------------------------------------------------------------------------------------------- */

static void pauses_stop_the_transmitter(void)
{
	static const uint8_t *const addresses[] = { all, own };
	uint8_t frame[SIM_FRAME_MAX];

	for (unsigned i = 0; i < 2; i++) {
		struct rig r;

		open_rig(&r, RFCE | DPF);
		CU_ASSERT_EQUAL(get(&r, TFCS), 0xff);
		control_frame(&r, addresses[i], 1, 0xffff, 0, 0);
		CU_ASSERT_EQUAL(get(&r, LXOFFRX), 1);
		CU_ASSERT_EQUAL(get(&r, TFCS), 0xfe);
		CU_ASSERT_EQUAL(send_one(&r), 0);
		control_frame(&r, addresses[i], 1, 0, 0, 0);
		weir_sim_run(r.sim);
		CU_ASSERT_EQUAL(get(&r, LXONRX), 1);
		CU_ASSERT_EQUAL(weir_sim_take(r.card, frame, sizeof(frame)), 100);
		CU_ASSERT_EQUAL(get(&r, 0x1010), 0); /* none of this was for the host */
		rig_close(&r);
	}
}

static void a_pause_ends_by_itself(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	time_t end = time(NULL) + 30;
	unsigned sent;
	struct rig r;

	open_rig(&r, RFCE);
	control_frame(&r, all, 1, 4, 0, 0); /* 2 ms */
	sent = send_one(&r);                /* may go at once, if this process sleeps */
	while (!sent && time(NULL) < end) {
		weir_sim_run(r.sim);
		sent = weir_sim_take(r.card, frame, sizeof(frame)) == 100;
	}
	CU_ASSERT_EQUAL(sent, 1);
	rig_close(&r);
}

static void pauses_that_are_not_obeyed_are_packets(void)
{
	struct rig r;

	open_rig(&r, DPF); /* which has no effect then */
	control_frame(&r, all, 1, 0xffff, 0, 0);
	CU_ASSERT_EQUAL(get(&r, LXOFFRX), 0);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	CU_ASSERT_EQUAL(send_one(&r), 1);
	set(&r, MFLCN, RFCE); /* obeyed, and passed on */
	control_frame(&r, all, 1, 0, 0, 0);
	CU_ASSERT_EQUAL(get(&r, LXONRX), 1);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 2);
	control_frame(&r, all, 0x77, 0, 0, 0); /* of control, but no pause */
	CU_ASSERT_EQUAL(get(&r, 0x1010), 2);
	set(&r, MFLCN, RFCE | DPF | PMCF);
	control_frame(&r, all, 0x77, 0, 0, 0);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 3);
	rig_close(&r);
}

static void pauses_by_priority_stop_class_0(void)
{
	struct rig r;

	open_rig(&r, RPFCE | DPF);
	control_frame(&r, all, 0x101, 2, 0xffff, 0xffff); /* class 1 only */
	CU_ASSERT_EQUAL(get(&r, PXOFFRX), 0);
	CU_ASSERT_EQUAL(get(&r, PXOFFRX + 4), 1);
	CU_ASSERT_EQUAL(send_one(&r), 1);
	control_frame(&r, all, 0x101, 3, 0xffff, 0);
	CU_ASSERT_EQUAL(get(&r, PXOFFRX), 1);
	CU_ASSERT_EQUAL(get(&r, PXONRX + 4), 1);
	CU_ASSERT_EQUAL(send_one(&r), 0);
	rig_close(&r);
}

/* --- sent --------------------------------------------------------------------------------------------------------------- */

/* Marks at 16 and 64 KiB; frames of 1,500 bytes, which take 1,520 with their records, wait for descriptors. */
static void open_full(struct rig *r, unsigned frames)
{
	open_rig(r, 0);
	set(r, 0x1018, 0);
	set(r, FCTTV, 0x1234);
	set(r, FCRTL, 0x80004000);
	set(r, FCRTH, 0x80010000);
	set(r, FCCFG, 0x8);
	for (unsigned i = 0; i < frames; i++) {
		uint8_t frame[1500];

		plain(frame, sizeof(frame));
		CU_ASSERT_EQUAL(weir_sim_send(r->card, frame, sizeof(frame)), 0);
	}
	weir_sim_run(r->sim);
}

/* The time that the next frame on the wire asks for, -1: there is none. */
static int asked(struct rig *r)
{
	uint8_t frame[SIM_FRAME_MAX];

	if (weir_sim_take(r->card, frame, sizeof(frame)) != 60)
		return -1;
	CU_ASSERT(!memcmp(frame, all, 6));
	CU_ASSERT(!memcmp(frame + 6, own, 6));
	CU_ASSERT(!memcmp(frame + 12, "\x88\x08\x00\x01", 4));
	return frame[16] << 8 | frame[17];
}

static void marks_decide_when_the_partner_is_asked(void)
{
	struct rig r;

	open_full(&r, 43); /* 65,360 bytes */
	CU_ASSERT_EQUAL(asked(&r), -1);
	rig_close(&r);
	open_full(&r, 44); /* 66,880 */
	CU_ASSERT_EQUAL(asked(&r), 0x1234);
	CU_ASSERT_EQUAL(asked(&r), -1);
	CU_ASSERT_EQUAL(get(&r, LXOFFTXC), 1);
	set(&r, 0x1018, 30); /* 14 stay, 21,280 bytes */
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 30);
	CU_ASSERT_EQUAL(asked(&r), -1);
	set(&r, 0x1018, 33); /* 11, 16,720 */
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(asked(&r), -1);
	set(&r, 0x1018, 34); /* 10, 15,200 */
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(asked(&r), 0);
	CU_ASSERT_EQUAL(get(&r, LXONTXC), 1);
	rig_close(&r);
}

static void a_pause_may_end_without_a_word(void)
{
	struct rig r;

	open_full(&r, 44);
	CU_ASSERT_EQUAL(asked(&r), 0x1234);
	set(&r, FCRTL, 0x4000); /* no XON */
	set(&r, 0x1018, 44);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 44);
	CU_ASSERT_EQUAL(asked(&r), -1);
	rig_close(&r);
}

static void the_partner_is_asked_again_before_its_pause_ends(void)
{
	time_t end = time(NULL) + 30;
	struct rig r;
	int time_again;

	open_full(&r, 44);
	CU_ASSERT_EQUAL(asked(&r), 0x1234);
	set(&r, FCTTV, 2);
	set(&r, FCRTV, 1); /* 1 quantum, half a millisecond, after it was asked */
	do {
		weir_sim_run(r.sim);
		time_again = asked(&r);
	} while (time_again < 0 && time(NULL) < end);
	CU_ASSERT_EQUAL(time_again, 2);
	CU_ASSERT(get(&r, LXOFFTXC) >= 2);
	rig_close(&r);
}

static void nobody_is_asked_unless_that_is_on(void)
{
	uint8_t frame[SIM_FRAME_MAX];
	struct rig r;

	open_full(&r, 1);
	set(&r, FCRTH, 0x00000020);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(asked(&r), -1);
	set(&r, FCRTH, 0x80000020);
	set(&r, FCCFG, 0);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(asked(&r), -1);
	set(&r, FCCFG, 0x10); /* by priority: class 0 */
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, frame, sizeof(frame)), 60);
	CU_ASSERT(!memcmp(frame + 12, "\x88\x08\x01\x01\x00\x01\x12\x34\x00\x00", 10));
	CU_ASSERT_EQUAL(get(&r, PXOFFTXC), 1);
	CU_ASSERT_EQUAL(get(&r, XON2OFF), 1);
	set(&r, 0x1018, 30);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, PXONTXC), 1);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "pauses stop the transmitter", pauses_stop_the_transmitter },
	{ "a pause ends by itself", a_pause_ends_by_itself },
	{ "pauses that are not obeyed are packets", pauses_that_are_not_obeyed_are_packets },
	{ "pauses by priority stop class 0", pauses_by_priority_stop_class_0 },
	{ "marks decide when the partner is asked", marks_decide_when_the_partner_is_asked },
	{ "a pause may end without a word", a_pause_may_end_without_a_word },
	{ "the partner is asked again before its pause ends", the_partner_is_asked_again_before_its_pause_ends },
	{ "nobody is asked unless that is on", nobody_is_asked_unless_that_is_on },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 flow control", cases);
}
