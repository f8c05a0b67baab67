/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bare_server - the server with a handler that evaluates nothing, for tests of its limits.
 *
 *   bare_server [--NAME VALUE]...      a flag for each limit, see FLAGS
 *
 * It runs in the sandbox of the real server and answers the length of the body; the body `sleep MS`
 * is answered after that time, the body `reply N`, with blanks after it or not, with N bytes.
 * `--metrics-bytes N` makes /metrics that long.
 * Events go to stderr, one line each; on SIGHUP the counters that are not zero are written there
 * too.
 */
#include <stdio.h>
#include <unistd.h>

#include "policy/base/array_size.h"
#include "webhook/http/server.h"
#include "webhook/sandbox_calls.h"
#include "webhook/sandbox_files.h"

struct bare {
    struct moor_server *server;
    enum moor_log_level level;
    size_t metrics_bytes;
};

#define MAX_REPLY_BYTES ((size_t)32 << 20)

struct workspace {
    char text[64];
    char *reply; /* the last long answer */
};

static void write_log(void *context, enum moor_log_level level, const char *message)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    const struct bare *bare = context;
    if (level <= bare->level) {
        (void)fprintf(stderr, "%s: %s\n", names[level], message);
    }
}

static void *begin_thread(void *context)
{
    (void)context;
    return calloc(1, sizeof(struct workspace));
}

static void end_thread(void *context, void *workspace)
{
    (void)context;
    struct workspace *own = workspace;
    free(own->reply);
    free(own);
}

/* The number after `word`, 0 where the body does not begin with the word. */
static unsigned long number_after(struct moor_slice body, const char *word)
{
    char text[32];
    if (!moor_slice_starts_with(body, moor_slice_from(word))) {
        return 0;
    }
    size_t len = body.len < sizeof text ? body.len : sizeof text - 1;
    memcpy(text, body.ptr, len);
    text[len] = '\0';
    return strtoul(text + strlen(word), NULL, 10);
}

static struct moor_slice make_reply(struct workspace *own, size_t len)
{
    free(own->reply);
    own->reply = len <= MAX_REPLY_BYTES ? calloc(1, len) : NULL;
    return (struct moor_slice){own->reply, own->reply != NULL ? len : 0};
}

static void handle(void *context, void *workspace, const struct moor_server_request *request,
                   struct moor_answer *out)
{
    (void)context;
    struct workspace *own = workspace;
    unsigned long reply = number_after(request->body, "reply ");
    (void)usleep((useconds_t)number_after(request->body, "sleep ") * 1000U);
    int len = snprintf(own->text, sizeof own->text, "%zu %.*s\n", request->body.len,
                       MOOR_SLICE_ARGS(request->environment));
    out->status = 200;
    out->content_type = "application/json";
    out->body = reply > 0 ? make_reply(own, reply)
                          : (struct moor_slice){own->text, strnlen(own->text, (size_t)len)};
}

static bool is_ready(void *context, struct moor_buf *checks)
{
    (void)context;
    moor_buf_append_text(checks, "[+]bare ok\n");
    return true;
}

static void write_metrics(void *context, struct moor_buf *out)
{
    const struct bare *bare = context;
    while (out->len < bare->metrics_bytes) {
        moor_buf_append_text(out, "# a line of a comment that is fifty-one bytes long\n");
    }
}

static void print_counter(const char *what, const char *name, const atomic_uint_fast64_t *counter)
{
    uint64_t value = moor_counter_read(counter);
    if (value > 0) {
        (void)fprintf(stderr, "counter: %s %s %llu\n", what, name, (unsigned long long)value);
    }
}

static void print_counters(void *context)
{
    const struct bare *bare = context;
    const struct moor_server_counters *counters = moor_server_counters(bare->server);
    print_counter("server", "accepted", &counters->accepted);
    print_counter("server", "requests", &counters->requests);
    for (int i = 1; i < MOOR_LIMIT_COUNT; i++) {
        print_counter("limit", moor_limit_name((enum moor_limit)i), &counters->limit_hits[i]);
    }
    for (int i = 0; i < MOOR_REQUEST_ERROR_COUNT; i++) {
        print_counter("request", moor_request_error_name((enum moor_request_error)i),
                      &counters->request_errors[i]);
    }
    for (int i = 0; i < MOOR_HANDSHAKE_ERROR_COUNT; i++) {
        print_counter("handshake", moor_handshake_error_name((enum moor_handshake_error)i),
                      &counters->handshake_errors[i]);
    }
    (void)fprintf(stderr, "counter: server open %zu\n", moor_server_open_connections(bare->server));
    (void)fprintf(stderr, "counter: server buffered %zu\n",
                  moor_server_buffered_bytes(bare->server));
    (void)fprintf(stderr, "counter: end\n");
}

/* Sets the number that a flag names. */
static int set_number(struct moor_server_config *config, const char *flag, unsigned long value)
{
    const struct {
        const char *flag;
        size_t *size;
        uint32_t *ms;
    } flags[] = {
        {"--max-body-bytes", &config->max_body_bytes, NULL},
        {"--max-head-bytes", &config->max_head_bytes, NULL},
        {"--max-handshake-bytes", &config->max_handshake_bytes, NULL},
        {"--max-buffered-bytes", &config->max_buffered_bytes, NULL},
        {"--max-connections", &config->max_connections, NULL},
        {"--threads", NULL, &config->threads},
        {"--lame-duck", NULL, &config->lame_duck_ms},
        {"--drain", NULL, &config->drain_ms},
        {"--handshake-timeout", NULL, &config->times.handshake_timeout_ms},
        {"--request-timeout", NULL, &config->times.request_timeout_ms},
        {"--idle-timeout", NULL, &config->times.idle_timeout_ms},
        {"--new-connection-idle", NULL, &config->times.new_connection_idle_ms},
        {"--unsent-timeout", NULL, &config->times.unsent_timeout_ms},
    };

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(flags); i++) {
        bool known = strcmp(flags[i].flag, flag) == 0;
        if (known && flags[i].size != NULL) {
            *flags[i].size = value;
        } else if (known) {
            *flags[i].ms = (uint32_t)value;
        }
        if (known) {
            return 0;
        }
    }
    return -1;
}

static int parse(struct bare *bare, struct moor_server_config *config, int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--listen") == 0 && config->listen_count < MOOR_SERVER_MAX_LISTENERS) {
            config->listen[config->listen_count++] = argv[i + 1];
        } else if (strcmp(argv[i], "--cert") == 0) {
            config->tls.cert_file = argv[i + 1];
        } else if (strcmp(argv[i], "--key") == 0) {
            config->tls.key_file = argv[i + 1];
        } else if (strcmp(argv[i], "--metrics-listen") == 0) {
            config->metrics_listen = argv[i + 1];
        } else if (strcmp(argv[i], "--metrics-bytes") == 0) {
            bare->metrics_bytes = strtoul(argv[i + 1], NULL, 10);
        } else if (set_number(config, argv[i], strtoul(argv[i + 1], NULL, 10)) != 0) {
            (void)fprintf(stderr, "unknown flag '%s'\n", argv[i]);
            return -1;
        }
    }
    return 0;
}

/* Serves in the sandbox of the real server; where there is none, as without it. */
static int serve(struct moor_server *server, const struct moor_server_config *config,
                 struct moor_error *err)
{
    const char *const files[] = {config->tls.cert_file, config->tls.key_file,
                                 config->tls.client_ca_file};
    struct moor_error missing = {0};
    if (moor_sandbox_limit_files(files, 3, &missing) != 0) {
        (void)fprintf(stderr, "warn: sandbox: %s\n", missing.text);
    }
    if (moor_server_start(server, err) != 0) {
        return -1;
    }
    if (moor_sandbox_limit_calls(&missing) != 0) {
        (void)fprintf(stderr, "warn: sandbox: %s\n", missing.text);
    }
    moor_server_run(server);
    return 0;
}

int main(int argc, char **argv)
{
    struct bare bare = {.level = MOOR_LOG_DEBUG};
    const struct moor_server_handler handler = {
        .context = &bare,
        .thread_begin = begin_thread,
        .thread_end = end_thread,
        .handle = handle,
        .ready = is_ready,
        .metrics = write_metrics,
        .reload = print_counters,
        .log = write_log,
    };
    struct moor_server_config config = moor_server_config_defaults();
    if (parse(&bare, &config, argc, argv) != 0) {
        return 2;
    }
    struct moor_error err = {0};
    if (moor_server_open(&bare.server, &config, &handler, &err) != 0 ||
        serve(bare.server, &config, &err) != 0) {
        (void)fprintf(stderr, "bare_server: %s\n", err.text);
        moor_server_free(bare.server);
        return 1;
    }
    moor_server_free(bare.server);
    return 0;
}
