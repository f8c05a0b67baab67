/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/service.h"

#include "webhook/admission/image_review.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct moor_service {
    struct moor_server_handler handler;
    struct moor_log *log;
    pthread_mutex_t mutex;      /* protects `policy` */
    struct moor_policy *policy; /* policy in force */
    struct moor_metrics *metrics;
    const struct moor_server *server; /* NULL until it is attached */
    const struct moor_service_chores *chores;
};

/*
 * A request holds its own reference, so that a reload can release the previous policy at any time.
 */
static struct moor_policy *hold_policy(struct moor_service *service)
{
    (void)pthread_mutex_lock(&service->mutex);
    struct moor_policy *policy = moor_policy_hold(service->policy);
    (void)pthread_mutex_unlock(&service->mutex);
    return policy;
}

static uint64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Workspace of a thread.  Reviews of several threads share nothing. */
struct service_context {
    struct moor_review review;
    struct moor_log_room log_room;
};

static void end_thread(void *context, void *workspace)
{
    (void)context;
    struct service_context *own = workspace;
    if (own != NULL) {
        moor_review_release(&own->review);
        moor_log_room_release(&own->log_room);
    }
    free(own);
}

static void *begin_thread(void *context)
{
    struct moor_service *service = context;
    struct moor_error err = {0};
    /*
     * One allocation for the lifetime of a thread: a request that finds no memory must still be
     * answered.
     */
    struct service_context *own = malloc(sizeof *own);
    if (own == NULL) {
        return NULL;
    }
    moor_log_room_init(&own->log_room);
    if (moor_review_init(&own->review, &err) != 0) {
        moor_log_event(service->log, MOOR_LOG_ERROR, "%s", err.text);
        end_thread(service, own);
        return NULL;
    }
    return own;
}

/*
 * Requests without a verdict are logged with a limited rate, because any client can send such
 * bodies.
 */
static void answer(void *context, void *workspace, const struct moor_server_request *request,
                   struct moor_answer *out)
{
    struct moor_service *service = context;
    struct service_context *own = workspace;
    struct moor_review *review = &own->review;
    struct moor_policy *policy = hold_policy(service);
    (request->is_image_review ? moor_image_review_answer : moor_review_answer)(
        /* Exemptions end at dates, so this is the wall clock; durations use the monotonic one. */
        review, policy, request->environment, request->body, (int64_t)time(NULL));
    out->status = review->status;
    out->content_type = review->status == 200 ? "application/json" : "text/plain";
    out->body = moor_buf_slice(&review->answer);
    uint64_t duration_us = now_us() - request->received_us;
    moor_metrics_count_body(service->metrics, request->body.len, review->status);
    if (review->is_judged) {
        moor_metrics_count_verdict(service->metrics, &review->verdict, duration_us);
        struct moor_log_review line = {
            .room = &own->log_room,
            .policy = policy,
            .verdict = &review->verdict,
            .peer = request->peer,
            .client_certificate = request->client_certificate,
            .duration_us = duration_us,
        };
        moor_log_review(service->log, &line);
    } else {
        moor_log_limited(service->log, MOOR_LOG_TOPIC_REQUEST, MOOR_LOG_WARN,
                         "review from '%.*s' not evaluated: HTTP %d, %.*s",
                         MOOR_SLICE_ARGS(request->peer), review->status,
                         MOOR_SLICE_ARGS(moor_slice_sub(out->body, 0, 300)));
    }
    moor_policy_release(policy);
    moor_arena_reset(&review->workspace.arena); /* an idle thread must not keep megabytes */
}

/* The text has the form of the verbose probes of Kubernetes' own components. */
static bool is_ready(void *context, struct moor_buf *checks)
{
    (void)context; /* a service always has a policy */
    moor_buf_append_text(checks, "[+]policy ok\n");
    return true;
}

static void reload(void *context)
{
    const struct moor_service *service = context;
    if (service->chores != NULL) {
        service->chores->reload(service->chores->context);
    }
}

static void tick(void *context)
{
    const struct moor_service *service = context;
    moor_log_tick(service->log);
    if (service->chores != NULL) {
        service->chores->tick(service->chores->context);
    }
}

static void write_metrics(void *context, struct moor_buf *out)
{
    struct moor_service *service = context;
    struct moor_policy *policy = hold_policy(service);
    const struct moor_metrics_sources sources = {service->server, service->log, policy};
    moor_metrics_write(out, service->metrics, &sources);
    moor_policy_release(policy);
}

void moor_service_attach(struct moor_service *service, const struct moor_server *server,
                         const struct moor_service_chores *chores)
{
    service->server = server;
    service->chores = chores;
}

/* The previous policy is released outside the lock, because freeing a large policy takes time. */
void moor_service_replace_policy(struct moor_service *service, struct moor_policy *policy)
{
    (void)pthread_mutex_lock(&service->mutex);
    struct moor_policy *old = service->policy;
    service->policy = policy;
    (void)pthread_mutex_unlock(&service->mutex);
    moor_policy_release(old);
}

/* Limits the rate of debug lines, because any client can cause them. */
static void log_event(void *context, enum moor_log_level level, const char *message)
{
    const struct moor_service *service = context;
    if (level == MOOR_LOG_DEBUG) {
        moor_log_limited(service->log, MOOR_LOG_TOPIC_CONNECTION, level, "%s", message);
    } else {
        moor_log_event(service->log, level, "%s", message);
    }
}

static void flush_log(void *context)
{
    const struct moor_service *service = context;
    moor_log_flush(service->log);
}

int moor_service_open(struct moor_service **out, struct moor_policy *policy, struct moor_log *log,
                      struct moor_metrics *metrics, struct moor_error *err)
{
    struct moor_service *service = calloc(1, sizeof *service);
    if (service == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the service");
    }
    service->handler = (struct moor_server_handler){
        .context = service,
        .thread_begin = begin_thread,
        .thread_end = end_thread,
        .handle = answer,
        .ready = is_ready,
        .metrics = write_metrics,
        .reload = reload,
        .tick = tick,
        .log = log_event,
        .flush = flush_log,
    };
    service->log = log;
    service->metrics = metrics;
    service->policy = policy;
    (void)pthread_mutex_init(&service->mutex, NULL);
    *out = service;
    return 0;
}

void moor_service_close(struct moor_service *service)
{
    if (service == NULL) {
        return;
    }
    moor_policy_release(service->policy);
    (void)pthread_mutex_destroy(&service->mutex);
    free(service);
}

const struct moor_server_handler *moor_service_handler(struct moor_service *service)
{
    return &service->handler;
}
