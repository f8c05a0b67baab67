/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_probe - enters the server's sandbox, tries what it must refuse, and says what happened.
 *
 *   sandbox_probe ALLOWED [FILE]...    files, calls or both; the FILEs are those that may be read
 *
 * Between the two steps it starts a thread.  Then it prints a line for each attempt in each of the
 * two threads, `main openat-write ENOSYS`, and for each line of its standard input, which is the
 * path of a file, whether the file can be read: `read PATH 0`.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/base/array_size.h"
#include "policy/base/slice.h"
#include "webhook/sandbox_calls.h"
#include "webhook/sandbox_files.h"

static int try_execve(void)
{
    char name[] = "/bin/true";
    char *arguments[] = {name, NULL};
    return execve(name, arguments, arguments + 1);
}

static int try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static int unbound = -1; /* sockets and a file of before the sandbox */
static int written = -1;

static int try_bind(void)
{
    const struct sockaddr_in any = {.sin_family = AF_INET};
    return bind(unbound, (const struct sockaddr *)&any, sizeof any);
}

static int try_connect(void)
{
    const struct sockaddr_in any = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    return connect(unbound, (const struct sockaddr *)&any, sizeof any);
}

static int try_write(void)
{
    return open("/tmp/tagmoor-sandbox-probe", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static int try_read_write(void)
{
    return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int try_passwd(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int try_unlink(void)
{
    return unlink("/tmp/tagmoor-sandbox-probe");
}

static int try_ptrace(void)
{
    return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int try_kill(void)
{
    return kill(getppid(), 0);
}

static int try_tgkill(void)
{
    return (int)syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static int try_fork(void)
{
    return (int)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL); /* arm64 has no other */
}

static void *nothing(void *context)
{
    return context;
}

static int try_thread(void)
{
    pthread_t thread;
    errno = pthread_create(&thread, NULL, nothing, NULL);
    return errno == 0 ? 0 : -1;
}

static int try_code(void)
{
    void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(code, 4096, PROT_READ | PROT_EXEC);
}

static int try_limits(void)
{
    const struct rlimit limit = {10, 10};
    return setrlimit(RLIMIT_NOFILE, &limit);
}

static int try_own_signal(void)
{
    return (int)syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 0);
}

static int try_write_open(void)
{
    return (int)write(written, "x", 1);
}

static int try_urandom(void)
{
    return open("/dev/urandom", O_RDONLY | O_CLOEXEC);
}

static int try_status(void)
{
    return open("/proc/self/status", O_RDONLY | O_CLOEXEC);
}

static const struct {
    const char *name;
    int (*attempt)(void);
    bool is_lasting; /* would change this process where it is allowed: only tried with `calls` */
} attempts[] = {
    {"execve", try_execve, false},
    {"socket", try_socket, false},
    {"bind", try_bind, false},
    {"connect", try_connect, false},
    {"open-to-write", try_write, false},
    {"open-to-read-and-write", try_read_write, false},
    {"open-etc-passwd", try_passwd, false},
    {"unlink", try_unlink, false},
    {"ptrace", try_ptrace, true},
    {"kill-another", try_kill, false},
    {"tgkill-another", try_tgkill, false},
    {"fork", try_fork, true},
    {"thread", try_thread, true},
    {"make-code", try_code, true},
    {"set-limits", try_limits, true},
    {"tgkill-itself", try_own_signal, false},
    {"write-to-open-file", try_write_open, false},
    {"open-urandom", try_urandom, false},
    {"open-proc-self-status", try_status, false},
};

static bool calls_are_limited;

static void say(const char *who, const char *what, bool failed)
{
    const char *name = failed ? strerrorname_np(errno) : NULL;
    (void)printf("%s %s %s\n", who, what, name != NULL ? name : "0");
}

static void *try_all(void *context)
{
    const char *who = context;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(attempts); i++) {
        if (calls_are_limited || !attempts[i].is_lasting) {
            errno = 0;
            bool failed = attempts[i].attempt() < 0;
            say(who, attempts[i].name, failed);
        }
    }
    return NULL;
}

/* The first thread's gate: it is there before the calls are limited, and tries after. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *wait_and_try(void *context)
{
    (void)pthread_mutex_lock(&gate);
    (void)pthread_mutex_unlock(&gate);
    return try_all(context);
}

static void read_named_files(void)
{
    char path[4096];
    while (fgets(path, sizeof path, stdin) != NULL) {
        path[strcspn(path, "\n")] = '\0';
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        (void)printf("read ");
        say(path, "", fd < 0);
        (void)fflush(stdout);
        (void)(fd >= 0 ? close(fd) : 0);
    }
}

int main(int argc, char **argv)
{
    static char main_name[] = "main";
    static char other_name[] = "other";
    bool wants_files = argc > 1 && strcmp(argv[1], "calls") != 0;
    bool wants_calls = argc > 1 && strcmp(argv[1], "files") != 0;
    const char *const *files = (const char *const *)argv + 2;
    struct moor_error err = {0};
    pthread_t other;
    unbound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    written = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)pthread_mutex_lock(&gate);
    if (argc < 2 || unbound < 0 || written < 0 ||
        (wants_files && moor_sandbox_limit_files(files, (size_t)argc - 2, &err) != 0) ||
        pthread_create(&other, NULL, wait_and_try, other_name) != 0 ||
        (wants_calls && moor_sandbox_limit_calls(&err) != 0)) {
        (void)fprintf(stderr, "sandbox_probe: %s\n", err.text);
        return 2;
    }
    calls_are_limited = wants_calls;
    (void)pthread_mutex_unlock(&gate);
    (void)pthread_join(other, NULL);
    (void)try_all(main_name);
    (void)printf("ready\n");
    (void)fflush(stdout);
    read_named_files();
    return 0;
}
