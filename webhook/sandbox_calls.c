/* SPDX-License-Identifier: Apache-2.0 */
/* System calls of a server whose threads all run: seccomp. */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/base/array_size.h"
#include "policy/base/slice.h"
#include "webhook/sandbox_calls.h"

/* System calls that are allowed with any arguments. */
static const int calls[] = {
    /* connections: the calls of libh2o; sockets cannot be created, bound or connected */
    SCMP_SYS(accept4),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockname),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(shutdown),
    /* descriptors: sockets, the log, reloaded files */
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(lseek),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(pread64),
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    /* detection of replaced files, and metrics of the process */
    SCMP_SYS(getdents64),
    SCMP_SYS(getrusage),
    SCMP_SYS(newfstatat),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(stat),
    SCMP_SYS(statx),
    /* memory: malloc and malloc_trim; mmap and mprotect are below */
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    /* threads: locks and exit; no thread can be started */
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(futex),
    SCMP_SYS(membarrier),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list),
    /* signals: the wait of the main thread, SIGSTOP and SIGCONT during any wait, abort() */
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigtimedwait),
    /* time, if the vDSO cannot provide it */
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(nanosleep),
    SCMP_SYS(time),
    /* identity: OpenSSL's random numbers, and qsort(), which asks for the size of the memory */
    SCMP_SYS(getcpu),
    SCMP_SYS(getpid),
    SCMP_SYS(getrandom),
    SCMP_SYS(gettid),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
};

/* System calls that are allowed with certain arguments. */
static const struct {
    int call;
    unsigned count;
    struct scmp_arg_cmp wants[2];
} limited[] = {
    /* files are opened for reading only */
    {SCMP_SYS(openat),
     1,
     {{.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = O_ACCMODE | O_CREAT | O_TRUNC}}},
    /* no memory becomes executable */
    {SCMP_SYS(mmap), 1, {{.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC}}},
    {SCMP_SYS(mprotect), 1, {{.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC}}},
    /* no F_SETOWN: descriptors cannot send signals to other processes */
    {SCMP_SYS(fcntl), 1, {{.arg = 1, .op = SCMP_CMP_EQ, .datum_a = F_GETFD}}},
    {SCMP_SYS(fcntl), 1, {{.arg = 1, .op = SCMP_CMP_EQ, .datum_a = F_SETFD}}},
    {SCMP_SYS(fcntl), 1, {{.arg = 1, .op = SCMP_CMP_EQ, .datum_a = F_GETFL}}},
    {SCMP_SYS(fcntl), 1, {{.arg = 1, .op = SCMP_CMP_EQ, .datum_a = F_SETFL}}},
    /* only isatty() */
    {SCMP_SYS(ioctl), 1, {{.arg = 1, .op = SCMP_CMP_EQ, .datum_a = TCGETS}}},
    /* limits of the process are read, not set */
    {SCMP_SYS(prlimit64),
     2,
     {{.arg = 0, .op = SCMP_CMP_EQ, .datum_a = 0}, {.arg = 2, .op = SCMP_CMP_EQ, .datum_a = 0}}},
    {SCMP_SYS(getrlimit), 0, {{0}}},
};

/* abort() sends a signal to its own thread.  Signals to other processes stay forbidden. */
static int allow_own_signals(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp own = {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (uint64_t)getpid()};
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &own);
}

static int add_rules(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(calls); i++) {
        int status = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[i], 0, NULL);
        if (status != 0) {
            return status;
        }
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(limited); i++) {
        int status = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, limited[i].call,
                                            limited[i].count, limited[i].wants);
        if (status != 0) {
            return status;
        }
    }
    return allow_own_signals(filter);
}

/*
 * Loads the filter for all threads.  System calls of another architecture fail like those that are
 * not listed, instead of ending the process.
 */
static int load(scmp_filter_ctx filter)
{
    static const struct {
        enum scmp_filter_attr attribute;
        uint32_t value;
    } attributes[] = {
        {SCMP_FLTATR_CTL_TSYNC, 1},
        {SCMP_FLTATR_CTL_OPTIMIZE, 2}, /* a binary tree needs few steps for each call */
        {SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)},
        {SCMP_FLTATR_API_SYSRAWRC, 1}, /* returns errors of the kernel unchanged */
    };

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(attributes); i++) {
        int status = seccomp_attr_set(filter, attributes[i].attribute, attributes[i].value);
        if (status != 0) {
            return status;
        }
    }
    int status = add_rules(filter);
    return status != 0 ? status : seccomp_load(filter);
}

static int restrict_calls(struct moor_error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (filter == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "seccomp: no memory for the filter");
    }
    int status = load(filter);
    seccomp_release(filter);
    char why[128];
    return status == 0 ? 0
                       : moor_error_set(err, MOOR_ERROR_SYSTEM,
                                        "seccomp: system calls are not restricted: %s",
                                        strerror_r(-status, why, sizeof why));
}

int moor_sandbox_limit_calls(struct moor_error *err)
{
#ifdef MOOR_WITHOUT_SANDBOX
    (void)restrict_calls;
    return moor_error_set(err, MOOR_ERROR_SYSTEM, "system calls are not restricted in this build");
#else
    return restrict_calls(err);
#endif
}
