/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What devices that weir.ko hands out see of memory: a domain, which is a file and comes with the first device, or from
 * another process.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bus/physical.h"
#include "bus/weir.h"
#include "kmod/weir.h"

static int space_map(struct bus_domain *domain, uint64_t iova, const struct weir_mem_chunk *chunk, void *at)
{
	struct kmod_space *space = container_of(domain, struct kmod_space, domain);
	struct weir_map map = { .size = sizeof(map),
		                .flags = WEIR_MAP_READ | WEIR_MAP_WRITE,
		                .vaddr = (uintptr_t)at,
		                .iova = iova,
		                .length = chunk->size };

	if (ioctl(space->fd, WEIR_MAP, &map) == 0)
		return 0;
	return vfio_map_failed(domain->weir, -errno, chunk->size);
}

static int space_unmap(struct bus_domain *domain, uint64_t iova, uint64_t size)
{
	struct kmod_space *space = container_of(domain, struct kmod_space, domain);
	struct weir_unmap unmap = { .size = sizeof(unmap), .iova = iova, .length = size };

	return ioctl(space->fd, WEIR_UNMAP, &unmap) < 0 ? -errno : 0;
}

static const struct bus_domain_ops space_ops = { .map = space_map, .unmap = space_unmap };

/* Without an IOMMU: the domain keeps the memory where it is until the device is silent, however the process ends. */
static int unsafe_map(struct bus_domain *domain, uint64_t iova, const struct weir_mem_chunk *chunk, void *at)
{
	int err = space_map(domain, iova, chunk, at);

	if (err)
		return err;
	err = physical_map(domain, iova, chunk, at);
	if (err)
		space_unmap(domain, iova, chunk->size);
	return err;
}

static int unsafe_unmap(struct bus_domain *domain, uint64_t iova, uint64_t size)
{
	physical_unmap(domain, iova, size);
	return space_unmap(domain, iova, size);
}

static const struct bus_domain_ops unsafe_ops = { .map = unsafe_map, .unmap = unsafe_unmap };

static int attach(int dev, int domain)
{
	struct weir_attach attach = { .size = sizeof(attach), .domain = domain };

	if (ioctl(dev, WEIR_ATTACH, &attach) < 0)
		return -errno;
	return domain == WEIR_DOMAIN_NEW ? attach.domain : 0;
}

/* Into one of the domains of this kind that there are: one that devices share, or any. */
static int space_join(struct weir *weir, int dev, const struct bus_domain_ops *ops, bool any, struct kmod_space **space)
{
	for (struct bus_domain *domain = weir->domains; domain; domain = domain->next) {
		struct kmod_space *s = container_of(domain, struct kmod_space, domain);

		if (domain->ops != ops || (domain->own && !any) || attach(dev, s->fd) < 0)
			continue;
		s->users++;
		*space = s;
		return 0;
	}
	return -ENOENT;
}

/* Its file, of a new one or of that which another process has given to this one. */
static int space_open(struct weir *weir, int dev, bool joint)
{
	int fd, err;

	if (!joint)
		return attach(dev, WEIR_DOMAIN_NEW);
	err = attach(dev, weir->joined);
	if (err)
		return err;
	fd = fcntl(weir->joined, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

static int space_init(struct kmod_space *s, struct weir *weir, const struct bus_domain_ops *ops)
{
	if (ops == &unsafe_ops)
		return physical_init(&s->domain, weir, ops);
	bus_domain_init(&s->domain, weir, ops);
	return 0;
}

static int space_new(struct weir *weir, int dev, const struct bus_domain_ops *ops, bool own, struct kmod_space **space)
{
	bool joint = ops == &space_ops && !own && weir->joined >= 0;
	struct kmod_space *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	err = space_init(s, weir, ops);
	if (err)
		goto free;
	s->fd = space_open(weir, dev, joint);
	if (s->fd < 0) {
		err = s->fd;
		goto destroy;
	}
	s->users = 1;
	s->domain.joint = joint;
	bus_domain_link(&s->domain, own);
	*space = s;
	return 0;

destroy:
	physical_destroy(&s->domain);
free:
	free(s);
	return err;
}

int kmod_space_get(struct weir *weir, int dev, const struct bus_pci_conf *conf, struct kmod_space **space)
{
	const struct bus_domain_ops *ops = conf->unsafe ? &unsafe_ops : &space_ops;
	bool own = conf->own_domain;
	int err = -ENOENT;

	pthread_mutex_lock(&weir->lock);
	if (!own)
		err = space_join(weir, dev, ops, false, space);
	if (err)
		err = space_new(weir, dev, ops, own, space);
	/* Where there is a neighbour of its IOMMU group already, the device must go, whatever was wanted. */
	if (err == -EINVAL && space_join(weir, dev, ops, true, space) == 0)
		err = 0;
	pthread_mutex_unlock(&weir->lock);
	return err;
}

void kmod_space_put(struct weir *weir, struct kmod_space *space)
{
	pthread_mutex_lock(&weir->lock);
	if (--space->users == 0) {
		bus_domain_unlink(&space->domain);
		close(space->fd);
		physical_destroy(&space->domain);
		free(space);
	}
	pthread_mutex_unlock(&weir->lock);
}

/* --- between processes --------------------------------------------------------------------------------------------------- */

int weir_mem_domain(struct weir *weir)
{
	struct bus_domain *domain;
	int fd = -ENOENT;

	pthread_mutex_lock(&weir->lock);
	domain = bus_domain_find(weir, &space_ops);
	if (domain) {
		domain->joint = true;
		fd = container_of(domain, struct kmod_space, domain)->fd;
	}
	pthread_mutex_unlock(&weir->lock);
	return fd < 0
	           ? weir_fail(weir, fd, "no device that is bound to weir.ko is open in this context's shared domain")
	           : fd;
}

/* What a process before this one had mapped there, and left when it was killed, goes. */
static int joined_clear(const struct weir *weir, int domain)
{
	struct weir_unmap unmap = { .size = sizeof(unmap),
		                    .iova = BUS_IOVA_BASE + weir->conf.mem_first,
		                    .length = weir->conf.mem_reserve - weir->conf.mem_first };

	return ioctl(domain, WEIR_UNMAP, &unmap) < 0 && errno != ENOENT ? -errno : 0;
}

int weir_mem_join(struct weir *weir, int domain)
{
	int fd, err = 0;

	if (!weir->conf.mem_first)
		return weir_fail(
		    weir, -EINVAL,
		    "a context that joins another one's domain needs memory in a part of its own: open it with "
		    "a mem_first");
	fd = fcntl(domain, F_DUPFD_CLOEXEC, 0);
	if (fd < 0 || joined_clear(weir, fd)) {
		err = weir_fail(weir, -errno, "descriptor %d is no domain of weir.ko (%s)", domain, strerror(errno));
		goto close;
	}
	pthread_mutex_lock(&weir->lock);
	if (weir->joined >= 0 || bus_domain_find(weir, &space_ops))
		err = -EBUSY;
	else
		weir->joined = fd;
	pthread_mutex_unlock(&weir->lock);
	if (!err)
		return 0;
	weir_fail(weir, err,
	          "this context's devices are in a domain already; join another one's before they are opened");
close:
	if (fd >= 0)
		close(fd);
	return err;
}
