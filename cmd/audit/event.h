/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event - decodes an audit event of the API server.
 *
 * Follows audit.k8s.io/v1 as k8s.io/apiserver writes it, one JSON object a line.  Objects stay
 * undecoded JSON, because most events are reads and need none.  The annotations tell what was
 * answered when the event was written: tagmoor's webhook adds its decision and the environment,
 * and the API server adds failures of a ValidatingAdmissionPolicy.
 *
 * Threads:  pure, any thread.
 * Memory:   texts borrow from the line, or from the arena if they had escapes.
 * Limits:   those of the JSON reader.
 */
#ifndef MOOR_CMD_AUDIT_EVENT_H
#define MOOR_CMD_AUDIT_EVENT_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* The object that a request is about: `objectRef`. */
struct moor_event_target {
    struct moor_slice group;
    struct moor_slice resource;
    struct moor_slice namespace;
    struct moor_slice name;
    struct moor_slice subresource;
};

/* The answer to the request, at the time of the event. */
enum moor_event_answer {
    MOOR_EVENT_ALLOW, /* the decision of tagmoor's webhook; the same for the next three */
    MOOR_EVENT_AUDIT,
    MOOR_EVENT_WARN,
    MOOR_EVENT_DENY,
    MOOR_EVENT_ADMITTED, /* the request succeeded, and no annotation of tagmoor tells more */
    MOOR_EVENT_REJECTED, /* another webhook or policy of admission denied it */
    MOOR_EVENT_FAILED    /* the request failed for another reason */
};

/* The number of answers. */
#define MOOR_EVENT_ANSWER_COUNT (MOOR_EVENT_FAILED + 1)

/* An audit event. */
struct moor_event {
    struct moor_slice id; /* auditID */
    struct moor_slice stage;
    struct moor_slice verb;
    struct moor_slice uri;
    struct moor_slice user;            /* JSON of the user whom admission saw */
    struct moor_slice request_object;  /* JSON, or empty */
    struct moor_slice response_object; /* JSON, or empty */
    struct moor_event_target target;
    int64_t time;                  /* seconds since 1970 at which the stage was reached */
    unsigned code;                 /* HTTP status of the response; 0 if there is none */
    struct moor_slice message;     /* message of the response */
    struct moor_slice environment; /* environment in the URL path of tagmoor's webhook, or empty */
    bool has_decision;             /* tagmoor's webhook answered; `decision` is its answer */
    enum moor_event_answer decision;
    bool is_forbidden;      /* the authorizer denied the request, so that admission never saw it */
    bool is_truncated;      /* the backend removed the objects because the event was too large */
    bool is_policy_failure; /* a ValidatingAdmissionPolicy failed */
    /* Internal: members from which the others are made. */
    struct moor_slice kind;
    struct moor_slice version;
    struct moor_slice received;
    struct moor_slice staged;
    struct moor_slice impersonated;
};

/*
 * Decodes `line`.  Returns -1 if it is not JSON (MOOR_ERROR_SYNTAX), not an audit event, or has an
 * invalid value (MOOR_ERROR_VALUE), and MOOR_ERROR_MEMORY if the arena is full.
 */
int moor_event_decode(struct moor_event *out, struct moor_slice line, struct moor_arena *arena,
                      struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether the response is a success. */
static inline bool moor_event_succeeded(const struct moor_event *event)
{
    return event->code >= 200 && event->code < 300;
}

/* Returns whether the request was a dry run, which stores nothing. */
bool moor_event_is_dry_run(const struct moor_event *event);

/* Returns what was answered then. */
enum moor_event_answer moor_event_answer_of(const struct moor_event *event);

/* Returns "allow", "audit", "warn", "deny", "admitted", "rejected" or "failed". */
const char *moor_event_answer_name(enum moor_event_answer answer);

#endif
