/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Page faults on registers: which instruction it was, what it wants, doing it.
 *
 * Compilers make register accesses of few forms: mov between memory and a register, mov of a constant to memory, a load
 * with sign extension, a store from a vector register; DPDK writes doorbells by movdiri on processors that have it.
 * Others are not met in Debian's build; they end the program with the bytes in question.
 */
#include "trap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "sim/card.h"

#define IMAGES 8
#define PAGE   4096u

struct image {
	uint8_t *at; /* NULL: none */
	uint64_t size;
	struct bus_device *dev;
	struct weir_sim_nic *nic; /* NULL: by messages */
};

static struct image images[IMAGES];
static uint64_t caught;

uint64_t trap_count(void)
{
	return __atomic_load_n(&caught, __ATOMIC_RELAXED);
}

/* --- the instruction ---------------------------------------------------------------------------------------------- */

enum form { LOAD, LOAD_SIGNED, STORE, STORE_CONSTANT, STORE_VECTOR };

struct instruction {
	enum form form;
	bool wide;         /* 64-bit destination */
	unsigned reg;      /* as processors number them */
	uint32_t constant; /* what STORE_CONSTANT stores */
	unsigned length;
};

/* The length of the memory operand that begins with the ModRM byte at @at, or 0: it is none. */
static unsigned operand_length(const uint8_t *at)
{
	unsigned mode = at[0] >> 6, rm = at[0] & 7, length = 1;
	bool absolute = mode == 0 && rm == 5;

	if (mode == 3)
		return 0;
	if (rm == 4) {
		absolute = mode == 0 && (at[1] & 7) == 5;
		length++;
	}
	return length + (mode == 2 || absolute ? 4 : mode == 1 ? 1 : 0);
}

static bool decode(const uint8_t *code, struct instruction *in)
{
	const uint8_t *at = code;
	unsigned rex = 0, operand;
	bool prefix = *at == 0x66;

	at += prefix;
	if ((*at & 0xf0) == 0x40)
		rex = *at++;
	in->wide = rex & 8;
	if (prefix && (at[0] != 0x0f || at[1] != 0x7e))
		return false;
	switch (*at++) {
	case 0x8b:
		in->form = LOAD;
		break;
	case 0x63:
		in->form = LOAD_SIGNED;
		break;
	case 0x89:
		in->form = STORE;
		break;
	case 0xc7:
		in->form = STORE_CONSTANT;
		break;
	case 0x0f: /* movd of a vector register; or movdiri, where the processor has it */
		if (!prefix && (at[0] != 0x38 || at[1] != 0xf9))
			return false;
		at += prefix ? 1 : 2;
		in->form = prefix ? STORE_VECTOR : STORE;
		break;
	default:
		return false;
	}
	/* A register has 32 bits: only a load that extends them may fill more. */
	if (in->wide && in->form != LOAD_SIGNED)
		return false;
	operand = operand_length(at);
	if (!operand)
		return false;
	in->reg = ((*at >> 3) & 7) | (rex & 4) << 1;
	at += operand;
	if (in->form == STORE_CONSTANT) {
		memcpy(&in->constant, at, sizeof(in->constant));
		at += sizeof(in->constant);
	}
	in->length = (unsigned)(at - code);
	return true;
}

static greg_t *reg_of(ucontext_t *context, unsigned number)
{
	static const int places[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
		                        REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

	return &context->uc_mcontext.gregs[places[number]];
}

/* --- the fault ---------------------------------------------------------------------------------------------------- */

static uint32_t reg_read(const struct image *image, uint64_t offset)
{
	uint32_t value;

	if (!image->nic)
		return bus_read32(image->dev, 0, offset);
	card_lock(image->nic);
	card_ops.read(image->nic->nic, 0, offset, &value, sizeof(value));
	card_unlock(image->nic);
	return value;
}

static void reg_write(const struct image *image, uint64_t offset, uint32_t value)
{
	if (!image->nic) {
		bus_write32(image->dev, 0, offset, value);
		return;
	}
	card_lock(image->nic);
	card_ops.write(image->nic->nic, 0, offset, &value, sizeof(value));
	card_unlock(image->nic);
}

static void perform(const struct image *image, uint64_t offset, const struct instruction *in, ucontext_t *context)
{
	greg_t *reg = reg_of(context, in->reg);
	uint32_t value;

	switch (in->form) {
	case LOAD:
		*reg = reg_read(image, offset);
		break;
	case LOAD_SIGNED:
		value = reg_read(image, offset);
		*reg = in->wide ? (greg_t)(int32_t)value : (greg_t)value;
		break;
	case STORE:
		reg_write(image, offset, (uint32_t)*reg);
		break;
	case STORE_VECTOR:
		reg_write(image, offset, context->uc_mcontext.fpregs->_xmm[in->reg].element[0]);
		break;
	default:
		reg_write(image, offset, in->constant);
		break;
	}
}

static const struct image *image_of(const void *address)
{
	for (unsigned i = 0; i < IMAGES; i++)
		if (images[i].at && (uintptr_t)address - (uintptr_t)images[i].at < images[i].size)
			return &images[i];
	return NULL;
}

static void fault(int number, siginfo_t *info, void *arg)
{
	ucontext_t *context = arg;
	const uint8_t *code = (const uint8_t *)context->uc_mcontext.gregs[REG_RIP];
	const struct image *image = image_of(info->si_addr);
	struct instruction in = { 0 };
	char text[160];
	int saved = errno;

	if (!image || !decode(code, &in)) {
		if (image) {
			snprintf(text, sizeof(text),
			         "a register is reached by %02x %02x %02x %02x %02x %02x %02x %02x\n", code[0], code[1],
			         code[2], code[3], code[4], code[5], code[6], code[7]);
			(void)!write(STDERR_FILENO, text, strlen(text));
		}
		signal(number, SIG_DFL);
		return;
	}
	__atomic_fetch_add(&caught, 1, __ATOMIC_RELAXED);
	perform(image, (uint64_t)((uintptr_t)info->si_addr - (uintptr_t)image->at), &in, context);
	context->uc_mcontext.gregs[REG_RIP] += in.length;
	errno = saved;
}

void trap_install(void)
{
	struct sigaction action = { .sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_NODEFER };

	sigemptyset(&action.sa_mask);
	sigaction(SIGSEGV, &action, NULL);
}

/* --- images ------------------------------------------------------------------------------------------------------- */

/* Puts a second view of each page that the bus has mapped into the image. */
static bool show_mapped(struct bus_device *dev, uint8_t *at, uint64_t size)
{
	for (uint64_t offset = 0; offset < size; offset += PAGE) {
		void *page = (void *)dev->ops->map(dev, 0, offset, PAGE);

		if (page && mremap(page, 0, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at + offset) == MAP_FAILED)
			return false;
	}
	return true;
}

void *trap_map(struct bus_device *dev, struct weir_sim_nic *nic)
{
	uint64_t size = dev->regions[0].size;
	struct image *image = images;
	void *at;

	while (image < images + IMAGES && image->at)
		image++;
	if (image == images + IMAGES)
		return NULL;
	at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return NULL;
	if (!show_mapped(dev, at, size)) {
		munmap(at, size);
		return NULL;
	}
	*image = (struct image){ .at = at, .size = size, .dev = dev, .nic = nic };
	return at;
}

void trap_unmap(struct bus_device *dev)
{
	for (unsigned i = 0; i < IMAGES; i++)
		if (images[i].at && images[i].dev == dev) {
			munmap(images[i].at, images[i].size);
			images[i].at = NULL;
		}
}
