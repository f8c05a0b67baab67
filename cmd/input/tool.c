/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/input/tool.h"

#define NOT_STARTED 127 /* exit status of the child of posix_spawn() if exec() failed */

/* A running program. */
struct call {
    const char *const *words;
    struct moor_buf *out;
    struct moor_tool_result *result;
    size_t before; /* bytes in `out` before the call */
    size_t said;   /* bytes in result->said */
    pid_t pid;
    int output; /* our end of the pipe, or -1 */
    int noise;  /* the same for its standard error */
    int64_t deadline_ms;
    bool is_late;
};

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_end(int *end)
{
    if (*end >= 0) {
        (void)close(*end);
        *end = -1;
    }
}

/* --- starting --------------------------------------------------------------------------------- */

/* A prompt for a password would wait for ever, so that standard input is /dev/null. */
static int add_actions(posix_spawn_file_actions_t *actions, int output, int noise)
{
    int status = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (status == 0) {
        status = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    }
    return status == 0 ? posix_spawn_file_actions_adddup2(actions, noise, STDERR_FILENO) : status;
}

static int spawn_with(struct call *call, const posix_spawn_file_actions_t *actions)
{
    posix_spawnattr_t attributes;
    char *words[16] = {0};
    size_t count = 0;
    /* posix_spawn() takes `char *const *`, although it changes no word. */
    while (call->words[count] != NULL && count + 1 < sizeof words / sizeof *words) {
        memcpy(&words[count], &call->words[count], sizeof *words);
        count++;
    }
    if (count == 0 || call->words[count] != NULL) {
        return E2BIG;
    }
    int status = posix_spawnattr_init(&attributes);
    if (status != 0) {
        return status;
    }
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    status = posix_spawnp(&call->pid, call->words[0], actions, &attributes, words, environ);
    (void)posix_spawnattr_destroy(&attributes);
    return status;
}

static int spawn(struct call *call, int output, int noise)
{
    posix_spawn_file_actions_t actions;
    int status = posix_spawn_file_actions_init(&actions);
    if (status != 0) {
        return status;
    }
    status = add_actions(&actions, output, noise);
    status = status == 0 ? spawn_with(call, &actions) : status;
    (void)posix_spawn_file_actions_destroy(&actions);
    return status;
}

static int fail_start(const struct call *call, int code, struct moor_error *err)
{
    call->result->is_missing = code == ENOENT;
    return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot run '%s': %s", call->words[0],
                          strerrordesc_np(code));
}

static int start(struct call *call, struct moor_error *err)
{
    int output[2] = {-1, -1};
    int noise[2] = {-1, -1};
    int status = pipe2(output, O_CLOEXEC) != 0 || pipe2(noise, O_CLOEXEC) != 0
                     ? errno
                     : spawn(call, output[1], noise[1]);
    close_end(&output[1]);
    close_end(&noise[1]);
    call->output = output[0];
    call->noise = noise[0];
    return status == 0 ? 0 : fail_start(call, status, err);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Reads once, and closes the pipe at its end. */
static size_t read_end(int *end, char *chunk, size_t size)
{
    ssize_t got = read(*end, chunk, size);
    if (got == 0 || (got < 0 && errno != EINTR)) {
        close_end(end);
    }
    return got > 0 ? (size_t)got : 0;
}

static void keep_said(struct call *call, const char *chunk, size_t len)
{
    size_t room = sizeof call->result->said - 1 - call->said;
    size_t kept = len < room ? len : room;
    memcpy(call->result->said + call->said, chunk, kept);
    call->said += kept;
    call->result->said[call->said] = '\0';
}

/* Both pipes are read at once: the program would block if one of them were full. */
static void read_both(struct call *call)
{
    char chunk[64 * 1024];
    struct pollfd ends[] = {{.fd = call->output, .events = POLLIN},
                            {.fd = call->noise, .events = POLLIN}};
    int64_t left = call->deadline_ms - now_ms();
    call->is_late = left <= 0;
    if (call->is_late || poll(ends, 2, (int)left) <= 0) {
        return;
    }
    if (ends[0].revents != 0) {
        size_t got = read_end(&call->output, chunk, sizeof chunk);
        moor_buf_append(call->out, (struct moor_slice){chunk, got});
    }
    if (ends[1].revents != 0) {
        keep_said(call, chunk, read_end(&call->noise, chunk, sizeof chunk));
    }
}

/* --- the call --------------------------------------------------------------------------------- */

static int fail_limit(const struct call *call, uint32_t timeout_ms, struct moor_error *err)
{
    return call->is_late
               ? moor_error_set(err, MOOR_ERROR_LIMIT,
                                "'%s' was stopped after %u ms: see --render-timeout",
                                call->words[0], timeout_ms)
               : moor_error_set(err, MOOR_ERROR_LIMIT, "'%s' was stopped after %zu bytes of output",
                                call->words[0], call->out->max);
}

/*
 * A program may close its output and go on, so its end has the same limit of time.  Usually it has
 * ended already, so that asking now and then is enough.
 */
static void wait_for_end(struct call *call)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    siginfo_t info = {0};
    while (!call->is_late &&
           waitid(P_PID, (id_t)call->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0) {
        (void)nanosleep(&pause, NULL);
        call->is_late = now_ms() >= call->deadline_ms;
    }
}

/* Ends the call.  Children of the program can hold the pipes open, so its group is killed too. */
static int await(const struct call *call, uint32_t timeout_ms, struct moor_error *err)
{
    bool is_stopped = call->is_late || call->out->failed;
    int status = 0;
    if (is_stopped) {
        (void)kill(-call->pid, SIGKILL);
    }
    while (waitpid(call->pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (is_stopped) {
        return fail_limit(call, timeout_ms, err);
    }
    /* Under qemu or valgrind, posix_spawn() cannot report that exec() failed: its child returns
     * 127. */
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_STARTED && call->said == 0 &&
        call->out->len == call->before) {
        return fail_start(call, ENOENT, err);
    }
    if (WIFSIGNALED(status)) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "'%s' was terminated by signal %d",
                              call->words[0], WTERMSIG(status));
    }
    return WEXITSTATUS(status) == 0
               ? 0
               : moor_error_set(err, MOOR_ERROR_SYSTEM, "'%s' failed with status %d",
                                call->words[0], WEXITSTATUS(status));
}

int moor_tool_run(struct moor_buf *out, struct moor_tool_result *result, const char *const *words,
                  uint32_t timeout_ms, struct moor_error *err)
{
    struct call call = {.words = words,
                        .out = out,
                        .result = result,
                        .output = -1,
                        .noise = -1,
                        .before = out->len,
                        .deadline_ms = now_ms() + timeout_ms};
    *result = (struct moor_tool_result){0};
    int status = start(&call, err);
    while (status == 0 && !out->failed && !call.is_late && (call.output >= 0 || call.noise >= 0)) {
        read_both(&call);
    }
    close_end(&call.output);
    close_end(&call.noise);
    if (status == 0 && !out->failed && !call.is_late) {
        wait_for_end(&call);
    }
    return status == 0 ? await(&call, timeout_ms, err) : -1;
}
