/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor serve`: runs the admission webhook. */
#include "cmd/serve.h"

#include "cmd/command.h"
#include "cmd/policy_file.h"
#include "policy/base/array_size.h"
#include "webhook/http/server.h"
#include "webhook/observe/expiry.h"
#include "webhook/observe/log.h"
#include "webhook/reload.h"
#include "webhook/sandbox_calls.h"
#include "webhook/sandbox_files.h"
#include "webhook/service.h"

#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#define DEFAULT_LISTEN "[::]:8443"

/* The values of the options.  Options of the server are stored in `config` directly. */
struct values {
    struct moor_server_config config;
    const char *policy;
    struct moor_option_list listen;
    struct moor_option_list client_names;
    unsigned max_connections;
    int log_format;
    int log_level;
    int log_requests;
    bool no_sandbox;
};

#define AT(member) offsetof(struct values, member)

static const struct moor_option options[] = {
    MOOR_POLICY_OPTION(AT(policy)),
    {.name = "listen",
     .type = MOOR_OPTION_LIST,
     .offset = AT(listen),
     .argument = "ADDRESS:PORT",
     .help = "address to serve on; port 0 picks a free port",
     .fallback = "" DEFAULT_LISTEN ", both families"},
    {.name = "metrics-listen",
     .type = MOOR_OPTION_TEXT,
     .offset = AT(config.metrics_listen),
     .argument = "ADDRESS:PORT",
     .help = "address for /livez, /readyz and /metrics over plain HTTP; 'off' for none"},
    {.name = "tls-cert-file",
     .type = MOOR_OPTION_TEXT,
     .offset = AT(config.tls.cert_file),
     .argument = "FILE",
     .help = "serving certificate and its chain, PEM",
     .completion = MOOR_COMPLETION_FILES},
    {.name = "tls-private-key-file",
     .type = MOOR_OPTION_TEXT,
     .offset = AT(config.tls.key_file),
     .argument = "FILE",
     .help = "private key of the certificate, PEM",
     .completion = MOOR_COMPLETION_FILES},
    {.name = "client-ca-file",
     .type = MOOR_OPTION_TEXT,
     .offset = AT(config.tls.client_ca_file),
     .argument = "FILE",
     .help = "mutual TLS: accept only clients with a certificate of these CAs, PEM",
     .fallback = "any client",
     .completion = MOOR_COMPLETION_FILES},
    {.name = "client-name",
     .type = MOOR_OPTION_LIST,
     .offset = AT(client_names),
     .argument = "NAME",
     .help = "accept only clients with this common name or DNS name",
     .fallback = "any name"},
    {.name = "threads",
     .type = MOOR_OPTION_COUNT,
     .offset = AT(config.threads),
     .argument = "N",
     .help = "number of worker threads",
     .fallback = "the number of CPUs available, at least 2, at most 4",
     .max = MOOR_SERVER_MAX_THREADS},
    {.name = "lame-duck",
     .type = MOOR_OPTION_DURATION,
     .offset = AT(config.lame_duck_ms),
     .argument = "DURATION",
     .help = "time to keep serving after SIGTERM while /readyz fails"},
    {.name = "handshake-timeout",
     .type = MOOR_OPTION_DURATION,
     .offset = AT(config.times.handshake_timeout_ms),
     .argument = "DURATION",
     .help = "maximum time for a TLS handshake"},
    {.name = "request-timeout",
     .type = MOOR_OPTION_DURATION,
     .offset = AT(config.times.request_timeout_ms),
     .argument = "DURATION",
     .help = "maximum time for the headers and the body of a request"},
    {.name = "idle-timeout",
     .type = MOOR_OPTION_DURATION,
     .offset = AT(config.times.idle_timeout_ms),
     .argument = "DURATION",
     .help = "maximum idle time of a connection; keep it longer than the API server's 90s"},
    {.name = "max-body-bytes",
     .type = MOOR_OPTION_SIZE,
     .offset = AT(config.max_body_bytes),
     .argument = "SIZE",
     .help = "maximum size of a request body"},
    {.name = "max-buffered-bytes",
     .type = MOOR_OPTION_SIZE,
     .offset = AT(config.max_buffered_bytes),
     .argument = "SIZE",
     .help = "maximum memory for requests that are being read, across all connections"},
    {.name = "max-connections",
     .type = MOOR_OPTION_COUNT,
     .offset = AT(max_connections),
     .argument = "N",
     .help = "maximum number of connections; beyond it, new clients wait until one is closed"},
    {.name = "log-format",
     .type = MOOR_OPTION_CHOICE,
     .offset = AT(log_format),
     .argument = "json|text",
     .help = "format of the lines on standard error",
     .fallback = "text on a terminal, else json"},
    {.name = "log-level",
     .type = MOOR_OPTION_CHOICE,
     .offset = AT(log_level),
     .argument = "error|warn|info|debug",
     .help = "least severe level to log"},
    {.name = "log-requests",
     .type = MOOR_OPTION_CHOICE,
     .offset = AT(log_requests),
     .argument = "findings|changes|all",
     .help = "requests to log; 'changes' omits dry runs and updates that introduce no new image"},
    {.name = "no-sandbox",
     .type = MOOR_OPTION_FLAG,
     .offset = AT(no_sandbox),
     .help = "keep all files and system calls accessible, for debugging"},
};

/* The parts of a running server, beside its configuration and policy. */
struct parts {
    const struct values *values;
    struct moor_reload *reload;
    struct moor_service *service;
    struct moor_metrics *metrics;
    struct moor_log *log;
};

/* The log format depends on the terminal, so the defaults are computed. */
static struct values defaults(void)
{
    struct values values = {
        .config = moor_server_config_defaults(),
        .log_format = isatty(STDERR_FILENO) ? MOOR_LOG_TEXT : MOOR_LOG_JSON,
        .log_level = MOOR_LOG_INFO,
        .log_requests = MOOR_LOG_REQUESTS_CHANGES,
    };
    values.config.metrics_listen = "[::]:8080";
    values.max_connections = (unsigned)values.config.max_connections;
    return values;
}

/* Reports why the server does not start: in JSON if the log is, else as other commands do. */
MOOR_PRINTF(2, 3)

static int fail(const struct parts *parts, const char *format, ...)
{
    char text[1024];
    /* Log collectors of a cluster parse JSON, and a line of plain text would be lost in them. */
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (parts->values->log_format == MOOR_LOG_TEXT) {
        return moor_command_fail("%s", text);
    }
    moor_log_event(parts->log, MOOR_LOG_ERROR, "%s", text);
    return MOOR_EXIT_UNDECIDED;
}

/* Copies the options whose values have another form than the configuration. */
static void configure(struct moor_server_config *config, const struct values *values)
{
    for (size_t i = 0; i < values->listen.count; i++) {
        config->listen[i] = values->listen.items[i];
    }
    config->listen_count = values->listen.count;
    /* The default is set here, because an option of a list adds to the values that are there. */
    if (config->listen_count == 0) {
        config->listen[config->listen_count++] = DEFAULT_LISTEN;
    }
    if (strcmp(config->metrics_listen, "off") == 0) {
        config->metrics_listen = NULL;
    }
    for (size_t i = 0; i < values->client_names.count; i++) {
        config->client_names[i] = values->client_names.items[i];
    }
    config->client_name_count = values->client_names.count;
    config->max_connections = values->max_connections;
}

/* Appends the names of the environments: `development, production`. */
static void append_environments(struct moor_buf *out, const struct moor_policy *policy)
{
    for (size_t i = 0; i < policy->environment_count; i++) {
        moor_buf_append_text(out, i > 0 ? ", " : "");
        moor_buf_append(out, policy->environments[i].name);
    }
}

/* The line has everything that a user needs to compare with an expected configuration. */
static void log_ready(struct moor_log *log, const struct moor_server *server,
                      const struct moor_policy *policy)
{
    const struct moor_tls_certificate *certificate = moor_server_certificate(server);
    char until[MOOR_EXPIRY_TIME_BYTES];
    struct moor_buf environments;
    moor_buf_init(&environments, 512);
    append_environments(&environments, policy);
    moor_log_event(
        log, MOOR_LOG_INFO,
        "ready: tagmoor %s, policy %s (mode %s; environments %.*s), certificate %s (%s), "
        "valid until %s",
        MOOR_VERSION, policy->digest, moor_mode_name(policy->mode),
        MOOR_SLICE_ARGS(moor_buf_slice(&environments)), certificate->subject, certificate->names,
        moor_expiry_format(until, certificate->not_after_s));
    moor_buf_release(&environments);
}

static void do_reload(void *context)
{
    moor_reload_now(context);
}

static void do_tick(void *context)
{
    moor_reload_tick(context);
}

/* A cluster's CA signs many certificates, so clients besides the API server would be accepted. */
static void warn_of_any_client(struct moor_log *log, const struct moor_server_config *config)
{
    if (config->tls.client_ca_file != NULL && config->client_name_count == 0) {
        moor_log_event(log, MOOR_LOG_WARN,
                       "every client with a certificate of '%s' is accepted: set --client-name to "
                       "the name of the API server",
                       config->tls.client_ca_file);
    }
}

/* Serving matters more than the sandbox: an older kernel without it is only a warning. */
static void limit_files(const struct parts *parts)
{
    const struct values *values = parts->values;
    const char *const files[] = {values->config.tls.cert_file, values->config.tls.key_file,
                                 values->config.tls.client_ca_file, values->policy};
    struct moor_error err = {0};
    if (!values->no_sandbox && moor_sandbox_limit_files(files, MOOR_ARRAY_SIZE(files), &err) != 0) {
        moor_log_event(parts->log, MOOR_LOG_WARN, "sandbox: %s", err.text);
    }
}

static void limit_calls(const struct parts *parts)
{
    struct moor_error err = {0};
    if (!parts->values->no_sandbox && moor_sandbox_limit_calls(&err) != 0) {
        moor_log_event(parts->log, MOOR_LOG_WARN, "sandbox: %s", err.text);
    }
}

/* Starts all threads within the sandbox, in the order that sandbox_files.h requires. */
static int start(struct moor_server *server, const struct parts *parts, struct moor_error *err)
{
    limit_files(parts);
    if (moor_log_start(parts->log, err) != 0 || moor_server_start(server, err) != 0) {
        return -1;
    }
    limit_calls(parts);
    return 0;
}

/* Opens the server and serves until SIGTERM or SIGINT. */
static int serve(const struct moor_server_config *config, const struct parts *parts,
                 const struct moor_policy *policy)
{
    const struct moor_service_chores chores = {parts->reload, do_reload, do_tick};
    const struct moor_reload_targets targets = {parts->service, parts->metrics, parts->log};
    struct moor_server *server = NULL;
    struct moor_error err = {0};
    if (moor_server_open(&server, config, moor_service_handler(parts->service), &err) != 0) {
        return fail(parts, "serve: %s", err.text);
    }
    /*
     * The server needs the handler of the service to open, so that the service learns of its server
     * only now.
     */
    moor_service_attach(parts->service, server, &chores);
    int status = start(server, parts, &err);
    if (status == 0) {
        /* Logged only after the server has started, because scripts wait for this line. */
        log_ready(parts->log, server, policy);
        moor_reload_attach(parts->reload, server, &targets);
        warn_of_any_client(parts->log, config);
        moor_server_run(server);
    } else {
        moor_log_event(parts->log, MOOR_LOG_ERROR, "%s", err.text);
    }
    moor_server_free(server);
    return status == 0 ? MOOR_EXIT_CLEAN : MOOR_EXIT_UNDECIDED;
}

/* Opens the parts in the order of their dependencies, and closes them in reverse. */
static int serve_policy(const struct moor_server_config *config, struct parts *parts,
                        struct moor_policy *policy)
{
    struct moor_error err = {0};
    int status = MOOR_EXIT_UNDECIDED;
    if (moor_metrics_open(&parts->metrics, &err) != 0 ||
        moor_service_open(&parts->service, policy, parts->log, parts->metrics, &err) != 0) {
        (void)fail(parts, "serve: %s", err.text);
    } else {
        /* The service owns the caller's reference now, and run() still releases one. */
        (void)moor_policy_hold(policy);
        status = serve(config, parts, policy);
    }
    moor_service_close(parts->service);
    moor_metrics_close(parts->metrics);
    return status;
}

static struct moor_policy *load_policy(const struct parts *parts)
{
    struct moor_error err = {0};
    struct moor_buf diagnostics;
    moor_buf_init(&diagnostics, MOOR_POLICY_FILE_MAX_DIAGNOSTICS);
    struct moor_policy *policy =
        moor_policy_file_load_regular(parts->values->policy, &diagnostics, &err);
    if (parts->values->log_format == MOOR_LOG_TEXT) {
        moor_policy_file_print(&diagnostics);
    } else {
        moor_log_lines(parts->log, policy != NULL ? MOOR_LOG_WARN : MOOR_LOG_ERROR,
                       "policy: ", moor_buf_slice(&diagnostics));
    }
    if (policy == NULL) {
        (void)fail(parts, "%s", err.text);
    }
    moor_buf_release(&diagnostics);
    return policy;
}

static int load_and_serve(struct values *values, struct moor_log *log)
{
    struct moor_server_config *config = &values->config;
    struct moor_reload reload;
    struct parts parts = {.values = values, .reload = &reload, .log = log};
    if (config->tls.cert_file == NULL || config->tls.key_file == NULL) {
        return fail(&parts,
                    "serve: --tls-cert-file and --tls-private-key-file are required, because the "
                    "API server uses TLS only: for a trial, create both with 'tagmoor certs "
                    "DIRECTORY'");
    }
    configure(config, values);
    /* The watch starts before the first load, so that it notices a change during the load. */
    moor_reload_init(&reload, &config->tls, values->policy);
    struct moor_policy *policy = load_policy(&parts);
    if (policy == NULL) {
        return MOOR_EXIT_UNDECIDED;
    }
    int status = serve_policy(config, &parts, policy);
    moor_policy_release(policy);
    return status;
}

/* Nothing must be saved before the server runs, so the process can end in the handler. */
static void end_now(int signal)
{
    (void)signal;
    _exit(MOOR_EXIT_CLEAN);
}

/*
 * SIGHUP stays pending until the server can reload.  Until the server handles them, SIGTERM and
 * SIGINT end the process; as the first process of a container, it would ignore them by default.  A
 * log file at its size limit loses lines, and SIGXFSZ must not end the server.
 */
static void prepare_signals(void)
{
    const struct sigaction ending = {.sa_handler = end_now};
    sigset_t hangup;
    (void)sigemptyset(&hangup);
    (void)sigaddset(&hangup, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &hangup, NULL);
    (void)sigaction(SIGTERM, &ending, NULL);
    (void)sigaction(SIGINT, &ending, NULL);
    (void)signal(SIGXFSZ, SIG_IGN);
}

/* An error in the flags is printed as text, because it may be in the flags of the log. */
static int run(const struct moor_command *command, int argc, char **argv)
{
    prepare_signals();
    struct values values = defaults();
    struct moor_log *log = NULL;
    struct moor_error err = {0};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    if (first != argc) {
        return moor_command_misused(command, "unexpected operand '%s'", argv[first]);
    }
    const struct moor_log_config log_config = {
        .fd = STDERR_FILENO,
        .level = (enum moor_log_level)values.log_level,
        .format = (enum moor_log_format)values.log_format,
        .requests = (enum moor_log_requests)values.log_requests,
    };
    if (moor_log_open(&log, &log_config, &err) != 0) {
        return moor_command_fail("serve: %s", err.text);
    }
    status = load_and_serve(&values, log);
    moor_log_close(log);
    return status;
}

const char *moor_serve_library_version(void)
{
    return moor_server_library_version();
}

const struct moor_command moor_command_serve = {
    .name = "serve",
    .summary = "run the admission webhook",
    .about = "Durations are written 250ms, 5s or 2m; sizes 512KiB or 7MiB.",
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run,
};
