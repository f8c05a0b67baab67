/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "policy/rules/loader.h"
#include "webhook/expiry.h"
#include "webhook/reload.h"

#define REPORTS_MAX ((size_t)16 * 1024)
#define DAY_S       86400

void moor_reload_init(struct moor_reload *out, const struct moor_tls_files *tls,
                      const char *policy_file)
{
    const char *const files[MOOR_RELOAD_TLS_FILES] = {tls->cert_file, tls->key_file,
                                                      tls->client_ca_file};
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < MOOR_RELOAD_TLS_FILES; i++) {
        if (files[i] != NULL) {
            moor_file_watch_init(&out->tls[out->tls_count++], files[i]);
        }
    }
    out->has_policy = policy_file != NULL;
    if (out->has_policy) {
        moor_file_watch_init(&out->policy, policy_file);
    }
}

/* --- certificate, key, client CA -------------------------------------------------------------- */

static void load_tls(struct moor_reload *reload)
{
    struct moor_error err = {0};
    bool changed = reload->tls_changed;
    reload->tls_changed = false;
    reload->tls_failed = moor_server_reload_tls(reload->server, &err) != 0;
    if (!reload->tls_failed) {
        char until[MOOR_EXPIRY_TIME_BYTES];
        const struct moor_tls_certificate *certificate = moor_server_certificate(reload->server);
        moor_log_event(reload->log, MOOR_LOG_INFO,
                       "certificate reloaded: %s (%s), valid until %s; connections with the old "
                       "one end after their next answer",
                       certificate->subject, certificate->names,
                       moor_expiry_format(until, certificate->not_after_s));
        moor_metrics_count_reload(reload->metrics, MOOR_RELOAD_CERTIFICATE, true);
        reload->warned_at_s = 0;
    } else if (changed || strcmp(err.text, reload->tls_error) != 0) {
        moor_log_event(reload->log, MOOR_LOG_ERROR,
                       "certificate not reloaded, the one in force stays: %s", err.text);
        moor_metrics_count_reload(reload->metrics, MOOR_RELOAD_CERTIFICATE, false);
        (void)snprintf(reload->tls_error, sizeof reload->tls_error, "%s", err.text);
    }
}

/* --- policy ----------------------------------------------------------------------------------- */

static int read_file(struct moor_buf *out, const char *path, struct moor_error *err)
{
    char chunk[16 * 1024];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = fd >= 0 ? 1 : -1;
    while (got > 0 && !out->failed) {
        got = read(fd, chunk, sizeof chunk);
        moor_buf_append(out, (struct moor_slice){chunk, got > 0 ? (size_t)got : 0});
    }
    int code = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (out->failed) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "'%s' is larger than %zu bytes", path,
                              out->max);
    }
    char why[128];
    return got == 0 ? 0
                    : moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot read '%s': %s", path,
                                     strerror_r(code, why, sizeof why));
}

static void log_reports(const struct moor_reload *reload, struct moor_slice reports,
                        enum moor_log_level level)
{
    while (reports.len > 0) {
        const char *end = memchr(reports.ptr, '\n', reports.len);
        size_t len = end != NULL ? (size_t)(end - reports.ptr) : reports.len;
        moor_log_event(reload->log, level, "policy: %.*s", (int)len, reports.ptr);
        reports = moor_slice_sub(reports, len + 1, reports.len);
    }
}

/* NULL where it cannot be used; that was logged then. */
static struct moor_policy *load_policy(const struct moor_reload *reload)
{
    struct moor_error err = {0};
    struct moor_policy *policy = NULL;
    size_t errors = 1;
    struct moor_buf text;
    struct moor_buf reports;
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    moor_buf_init(&reports, REPORTS_MAX);
    if (read_file(&text, reload->policy.path, &err) != 0) {
        moor_log_event(reload->log, MOOR_LOG_ERROR, "policy: %s", err.text);
    } else {
        errors = moor_policy_load(&policy, moor_buf_slice(&text), reload->policy.path, &reports);
        log_reports(reload, moor_buf_slice(&reports), errors > 0 ? MOOR_LOG_ERROR : MOOR_LOG_WARN);
    }
    if (errors > 0) {
        moor_log_event(reload->log, MOOR_LOG_ERROR,
                       "policy '%s' not reloaded, the one in force stays: %zu error%s",
                       reload->policy.path, errors, errors == 1 ? "" : "s");
    }
    moor_buf_release(&reports);
    moor_buf_release(&text);
    return policy;
}

static void take_policy(struct moor_reload *reload)
{
    struct moor_policy *policy = load_policy(reload);
    moor_metrics_count_reload(reload->metrics, MOOR_RELOAD_POLICY, policy != NULL);
    if (policy != NULL) {
        moor_log_event(reload->log, MOOR_LOG_INFO,
                       "policy reloaded: %s (mode %s, %zu environments)", policy->digest,
                       moor_mode_name(policy->mode), policy->environment_count);
        moor_service_replace_policy(reload->service, policy);
    }
}

/* --- looking ---------------------------------------------------------------------------------- */

/* Returns whether a file was written to a moment ago. */
static bool look(struct moor_reload *reload, bool at_once)
{
    bool unsettled = false;
    for (size_t i = 0; i < reload->tls_count; i++) {
        enum moor_file_change change = moor_file_watch_look(&reload->tls[i], at_once);
        reload->tls_changed = reload->tls_changed || change == MOOR_FILE_CHANGED;
        unsettled = unsettled || change == MOOR_FILE_UNSETTLED;
    }
    if ((reload->tls_changed || reload->tls_failed) && !unsettled) {
        load_tls(reload);
    }
    enum moor_file_change change =
        reload->has_policy ? moor_file_watch_look(&reload->policy, at_once) : MOOR_FILE_SAME;
    if (change == MOOR_FILE_CHANGED) {
        take_policy(reload);
    }
    return unsettled || change == MOOR_FILE_UNSETTLED;
}

static void warn_of_expiry(struct moor_reload *reload)
{
    int64_t now_s = (int64_t)time(NULL);
    if (now_s >= reload->warned_at_s && now_s - reload->warned_at_s < DAY_S) {
        return;
    }
    reload->warned_at_s = now_s;
    moor_expiry_warn(moor_server_certificate(reload->server), now_s, reload->log);
}

void moor_reload_attach(struct moor_reload *reload, struct moor_server *server,
                        const struct moor_reload_targets *targets)
{
    reload->server = server;
    reload->service = targets->service;
    reload->metrics = targets->metrics;
    reload->log = targets->log;
    warn_of_expiry(reload);
}

void moor_reload_tick(struct moor_reload *reload)
{
    reload->seconds++;
    if (reload->seconds >= MOOR_RELOAD_POLL_S) {
        /* What was written to a moment ago is looked at in the next second. */
        reload->seconds = look(reload, false) ? MOOR_RELOAD_POLL_S - 1 : 0;
    }
    warn_of_expiry(reload);
}

void moor_reload_now(struct moor_reload *reload)
{
    moor_log_event(reload->log, MOOR_LOG_INFO, "SIGHUP: looking for changed files");
    (void)look(reload, true);
    reload->seconds = 0;
}
