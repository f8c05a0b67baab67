/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_shim - makes calls of the server fail while it runs, as LD_PRELOAD.
 *
 * MOOR_FAULTS names a file of FAULT_COUNT bytes that is mapped before the sandbox closes; a test
 * writes to it.  A byte of 0: the call works; N: every N-th call fails, 1 for each.
 */
/* NOLINTBEGIN(concurrency-mt-unsafe,readability-inconsistent-declaration-parameter-name) */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum fault {
    FAULT_EPOLL_ADD,  /* ENOSPC: the user watches too many descriptors */
    FAULT_EPOLL_WAIT, /* EBADF: nothing that can be mended */
    FAULT_ACCEPT,     /* EMFILE */
    FAULT_SSL_NEW,    /* no memory */
    FAULT_COUNT
};

static volatile unsigned char *faults;
static atomic_uint calls[FAULT_COUNT];

__attribute__((constructor)) static void map_faults(void)
{
    const char *file = getenv("MOOR_FAULTS");
    int fd = file != NULL ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        void *found = mmap(NULL, FAULT_COUNT, PROT_READ, MAP_SHARED, fd, 0);
        faults = found != MAP_FAILED ? found : NULL;
        (void)close(fd);
    }
}

static bool fails(enum fault fault)
{
    unsigned every = faults != NULL ? faults[fault] : 0;
    return every > 0 && atomic_fetch_add(&calls[fault], 1) % every == every - 1;
}

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    int (*next)(int, int, int, struct epoll_event *) = NULL;
    *(void **)&next = real("epoll_ctl");
    if (operation == EPOLL_CTL_ADD && fails(FAULT_EPOLL_ADD)) {
        errno = ENOSPC;
        return -1;
    }
    return next(epoll, operation, fd, event);
}

int epoll_wait(int epoll, struct epoll_event *events, int max, int timeout)
{
    int (*next)(int, struct epoll_event *, int, int) = NULL;
    *(void **)&next = real("epoll_wait");
    if (fails(FAULT_EPOLL_WAIT)) {
        errno = EBADF;
        return -1;
    }
    return next(epoll, events, max, timeout);
}

int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
    int (*next)(int, struct sockaddr *, socklen_t *, int) = NULL;
    *(void **)&next = real("accept4");
    if (fails(FAULT_ACCEPT)) {
        errno = EMFILE;
        return -1;
    }
    return next(fd, address, len, flags);
}

SSL *SSL_new(SSL_CTX *context)
{
    SSL *(*next)(SSL_CTX *) = NULL;
    *(void **)&next = real("SSL_new");
    return fails(FAULT_SSL_NEW) ? NULL : next(context);
}

/* NOLINTEND(concurrency-mt-unsafe,readability-inconsistent-declaration-parameter-name) */
