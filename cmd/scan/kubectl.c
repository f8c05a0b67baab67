/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/report/page.h"
#include "cmd/scan/kubectl.h"

#define LONGEST_LINE ((size_t)64 * 1024) /* for standard error; longer lines are split */

/* A running call of kubectl. */
struct call {
    struct moor_kubectl *kubectl;
    struct moor_buf *out;
    pid_t pid;
    int output;           /* our end of the pipe, or -1 */
    int noise;            /* the same for its standard error */
    bool has_line;        /* the first line of standard error is complete */
    struct moor_buf line; /* bytes of standard error that were not passed on yet */
};

void moor_kubectl_option(struct moor_kubectl *kubectl, const char *name, const char *value)
{
    if (value != NULL && kubectl->option_count + 2 <= MOOR_KUBECTL_MAX_ARGUMENTS) {
        kubectl->options[kubectl->option_count++] = name;
        kubectl->options[kubectl->option_count++] = value;
    }
}

static void close_end(int *end)
{
    if (*end >= 0) {
        (void)close(*end);
        *end = -1;
    }
}

/* --- starting --------------------------------------------------------------------------------- */

/* Lists the words of the command line in the form of posix_spawn(). */
static int list_words(char **words, const struct moor_kubectl *kubectl,
                      const char *const *arguments, struct moor_error *err)
{
    const char *list[MOOR_KUBECTL_MAX_ARGUMENTS] = {kubectl->program};
    size_t count = 1;
    for (size_t i = 0; arguments[i] != NULL; i++) {
        if (count + kubectl->option_count + 1 >= MOOR_KUBECTL_MAX_ARGUMENTS) {
            return moor_error_set(err, MOOR_ERROR_LIMIT, "too many arguments for '%s'",
                                  kubectl->program);
        }
        list[count++] = arguments[i];
    }
    memcpy(list + count, kubectl->options, kubectl->option_count * sizeof *list);
    memcpy(words, list, sizeof list);
    return 0;
}

/* Without a shell, so no argument is interpreted. */
static int spawn(struct call *call, char *const *words, int output, int noise)
{
    posix_spawn_file_actions_t actions;
    int status = posix_spawn_file_actions_init(&actions);
    if (status != 0) {
        return status;
    }
    status = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (status == 0) {
        status = posix_spawn_file_actions_adddup2(&actions, noise, STDERR_FILENO);
    }
    if (status == 0) {
        status = posix_spawnp(&call->pid, call->kubectl->program, &actions, NULL, words, environ);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return status;
}

static int start(struct call *call, const char *const *arguments, struct moor_error *err)
{
    char *words[MOOR_KUBECTL_MAX_ARGUMENTS] = {0};
    int output[2] = {-1, -1};
    int noise[2] = {-1, -1};
    if (list_words(words, call->kubectl, arguments, err) != 0) {
        return -1;
    }
    int status = pipe2(output, O_CLOEXEC) != 0 || pipe2(noise, O_CLOEXEC) != 0
                     ? errno
                     : spawn(call, words, output[1], noise[1]);
    close_end(&output[1]);
    close_end(&noise[1]);
    call->output = output[0];
    call->noise = noise[0];
    return status == 0 ? 0
                       : moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot run '%s': %s",
                                        call->kubectl->program, strerrordesc_np(status));
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Reads once, and closes the pipe at its end. */
static size_t read_end(int *end, char *chunk, size_t size)
{
    ssize_t got = read(*end, chunk, size);
    if (got < 0 && errno == EINTR) {
        return 0;
    }
    if (got <= 0) {
        close_end(end);
    }
    return got > 0 ? (size_t)got : 0;
}

/* Warnings of kubectl and its plugins come first; the last line explains a failure. */
static void keep_last_line(struct call *call, struct moor_slice text)
{
    char *said = call->kubectl->said;
    size_t len = strlen(said);
    for (size_t i = 0; i < text.len; i++) {
        len = call->has_line ? 0 : len;
        call->has_line = text.ptr[i] == '\n';
        if (!call->has_line && len + 1 < sizeof call->kubectl->said) {
            said[len++] = text.ptr[i];
        }
    }
    said[len] = '\0';
}

/* Escapes the line, because API servers and plugins can print any bytes. */
static void put_line(struct moor_buf *line)
{
    moor_page_escape(stderr, moor_buf_slice(line));
    (void)fputc('\n', stderr);
    moor_buf_clear(line);
}

/* Passes on complete lines, and keeps the rest in `line`. */
static void pass_lines_on(struct moor_buf *line, struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\n' || line->len == LONGEST_LINE) {
            put_line(line);
        }
        if (text.ptr[i] != '\n') {
            moor_buf_append_byte(line, text.ptr[i]);
        }
    }
}

static void pass_on(const struct moor_kubectl *kubectl, struct moor_buf *line,
                    struct moor_slice text)
{
    if (text.len > 0 && kubectl->before_noise != NULL) {
        kubectl->before_noise(kubectl->context);
    }
    /* A credential plugin can prompt for a password, so a terminal receives each byte at once. */
    if (isatty(STDERR_FILENO) == 0) {
        pass_lines_on(line, text);
        return;
    }
    for (size_t at = 0; at < text.len;) {
        ssize_t put = write(STDERR_FILENO, text.ptr + at, text.len - at);
        if (put <= 0 && errno != EINTR) {
            return;
        }
        at += put > 0 ? (size_t)put : 0;
    }
}

/* Both pipes are read at once: kubectl would block if one of them were full. */
static void read_both(struct call *call)
{
    char chunk[64 * 1024];
    struct pollfd ends[] = {{.fd = call->output, .events = POLLIN},
                            {.fd = call->noise, .events = POLLIN}};
    if (poll(ends, 2, -1) < 0) {
        return;
    }
    if (ends[0].revents != 0) {
        size_t got = read_end(&call->output, chunk, sizeof chunk);
        moor_buf_append(call->out, (struct moor_slice){chunk, got});
    }
    if (ends[1].revents != 0) {
        struct moor_slice text = {chunk, read_end(&call->noise, chunk, sizeof chunk)};
        keep_last_line(call, text);
        if (!call->kubectl->is_quiet) {
            pass_on(call->kubectl, &call->line, text);
        }
    }
}

/* --- the call --------------------------------------------------------------------------------- */

static int await(const struct call *call, struct moor_error *err)
{
    const struct moor_kubectl *kubectl = call->kubectl;
    int status = 0;
    while (waitpid(call->pid, &status, 0) < 0 && errno == EINTR) {
    }
    /* Checked first: kubectl fails with a broken pipe then, which would hide the cause. */
    if (call->out->failed) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "'%s' printed more than %zu bytes",
                              kubectl->program, call->out->max);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return 0;
    }
    if (WIFSIGNALED(status)) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "'%s' was terminated by signal %d",
                              kubectl->program, WTERMSIG(status));
    }
    return moor_error_set(err, MOOR_ERROR_SYSTEM, "'%s' failed with status %d", kubectl->program,
                          WEXITSTATUS(status));
}

void moor_kubectl_pass_on(const struct moor_kubectl *kubectl)
{
    struct moor_buf line;
    moor_buf_init(&line, LONGEST_LINE);
    pass_on(kubectl, &line, moor_slice_from(kubectl->said));
    pass_on(kubectl, &line, MOOR_SLICE("\n"));
    moor_buf_release(&line);
}

/* Both pipes are read together: kubectl would wait forever for the one that is not read. */
int moor_kubectl_run(struct moor_buf *out, struct moor_kubectl *kubectl,
                     const char *const *arguments, struct moor_error *err)
{
    struct call call = {.kubectl = kubectl, .out = out, .output = -1, .noise = -1};
    moor_buf_init(&call.line, LONGEST_LINE);
    kubectl->said[0] = '\0';
    int status = start(&call, arguments, err);
    while (status == 0 && !out->failed && (call.output >= 0 || call.noise >= 0)) {
        read_both(&call);
    }
    close_end(&call.output);
    close_end(&call.noise);
    if (call.line.len > 0) {
        put_line(&call.line);
    }
    moor_buf_release(&call.line);
    return status == 0 ? await(&call, err) : -1;
}
