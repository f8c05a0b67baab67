/* SPDX-License-Identifier: Apache-2.0 */
/*
 * results - the state of a replay: its settings, and what it has counted.
 *
 * Threads:  one replay, one thread at a time.
 * Memory:   what is counted is bounded by the limits below; an event's memory is reused.
 * Limits:   the macros below; those of evaluator.h and tally.h.
 */
#ifndef MOOR_CMD_REPLAY_RESULTS_H
#define MOOR_CMD_REPLAY_RESULTS_H

#include "cmd/audit/evaluator.h"
#include "cmd/audit/seen.h"
#include "cmd/audit/tally.h"
#include "cmd/audit/unwrap.h"

#define MOOR_REPLAY_MAX_NAMES       10000 /* users; the same for namespaces and environments */
#define MOOR_REPLAY_MAX_NAME_BYTES  ((size_t)2 * 1024 * 1024)
#define MOOR_REPLAY_MAX_IMAGES      50000
#define MOOR_REPLAY_MAX_IMAGE_BYTES ((size_t)12 * 1024 * 1024)
#define MOOR_REPLAY_MAX_FINDINGS    20000
#define MOOR_REPLAY_MAX_TEXT_BYTES  ((size_t)24 * 1024 * 1024)
/* Images of old objects, shared by both policies with --compare. */
#define MOOR_REPLAY_MAX_OLD_BYTES   ((size_t)48 * 1024 * 1024)
/* Texts of one event with escapes, and with --unwrap the event itself. */
#define MOOR_REPLAY_MAX_EVENT_BYTES ((size_t)16 * 1024 * 1024)

/* Why a line or an event is not evaluated. */
enum moor_replay_skip {
    MOOR_REPLAY_STAGE,     /* another stage than ResponseComplete */
    MOOR_REPLAY_DUPLICATE, /* an event that occurred before */
    MOOR_REPLAY_TIME,      /* outside of --from and --to */
    MOOR_REPLAY_READ,      /* a read, which admission never sees */
    MOOR_REPLAY_FORBIDDEN, /* denied before admission: by authentication or authorization */
    MOOR_REPLAY_EXCLUDED,  /* in a namespace of --exclude */
    MOOR_REPLAY_OPERATION, /* the scopes of policy/object/request.h */
    MOOR_REPLAY_KIND,
    MOOR_REPLAY_SUBRESOURCE,
    MOOR_REPLAY_MIRROR
};

#define MOOR_REPLAY_SKIP_COUNT (MOOR_REPLAY_MIRROR + 1)

/* Lines that are not events. */
enum moor_replay_damage {
    MOOR_REPLAY_NO_JSON,  /* the line is not JSON; the last of a log can be incomplete */
    MOOR_REPLAY_NO_EVENT, /* it is JSON, but not an event of audit.k8s.io */
    MOOR_REPLAY_TOO_LONG
};

#define MOOR_REPLAY_DAMAGE_COUNT (MOOR_REPLAY_TOO_LONG + 1)

/* The fields of a finding: an image, or an object, that is denied or decided differently. */
enum moor_replay_field {
    MOOR_REPLAY_ENVIRONMENT,
    MOOR_REPLAY_NAMESPACE,
    MOOR_REPLAY_KIND_NAME,
    MOOR_REPLAY_NAME, /* name of the workload, such as `web-*` for a generated one */
    MOOR_REPLAY_USER,
    MOOR_REPLAY_PATH,
    MOOR_REPLAY_CONTAINER,
    MOOR_REPLAY_IMAGE,
    MOOR_REPLAY_CLASS, /* or the fault of the object */
    MOOR_REPLAY_DECISION,
    MOOR_REPLAY_BEFORE, /* decision of the older policy; empty without --compare */
    MOOR_REPLAY_REPAIR
};

#define MOOR_REPLAY_FIELD_COUNT (MOOR_REPLAY_REPAIR + 1)

/* The counters of a finding: what happened to the request then. */
enum moor_replay_then {
    MOOR_REPLAY_THEN_ADMITTED,
    MOOR_REPLAY_THEN_DENIED,
    MOOR_REPLAY_THEN_FAILED
};

/* The names by which decisions are counted. */
enum moor_replay_by {
    MOOR_REPLAY_BY_ENVIRONMENT,
    MOOR_REPLAY_BY_NAMESPACE,
    MOOR_REPLAY_BY_USER,
    MOOR_REPLAY_BY_IMAGE
};

#define MOOR_REPLAY_BY_COUNT (MOOR_REPLAY_BY_IMAGE + 1)

/*
 * Takes a request that is evaluated, in place of counting it.  The evaluator has the request, and
 * its verdict for these values of `undecided`: MOOR_UNDECIDED_NOT, and those about the old object,
 * where images that are certainly unchanged are marked so.
 */
typedef void moor_replay_request(void *context, const struct moor_review_source *source,
                                 const struct moor_evaluator *evaluator,
                                 enum moor_undecided undecided);

/* The replay: settings of the caller, then the results. */
struct moor_replay {
    moor_replay_request *request;  /* NULL: the request is counted here */
    void *context;                 /* for `request` */
    enum moor_unwrap unwrap;       /* how the lines contain events */
    struct moor_slice environment; /* the environment in the URL path, or empty */
    const char *const *excluded;   /* namespaces */
    size_t excluded_count;
    bool has_now; /* exemptions are evaluated at `now`, not at the time of the event */
    int64_t now;
    int64_t from; /* the first second, and the first after the last */
    int64_t to;
    size_t policy_count; /* 2 with an older policy to compare with */
    struct moor_evaluator evaluators[2];

    uint64_t files;
    uint64_t lines;
    uint64_t events; /* lines that are events */
    uint64_t damaged[MOOR_REPLAY_DAMAGE_COUNT];
    uint64_t skipped[MOOR_REPLAY_SKIP_COUNT];
    uint64_t undecided[MOOR_UNDECIDED_COUNT];
    uint64_t evaluated;
    uint64_t dry_runs; /* dry runs among the evaluated requests */
    uint64_t decisions[MOOR_DECISION_COUNT];
    uint64_t before[MOOR_DECISION_COUNT][MOOR_DECISION_COUNT];   /* by the older decision */
    uint64_t then[MOOR_EVENT_ANSWER_COUNT][MOOR_DECISION_COUNT]; /* by what was answered */
    struct moor_tally by[MOOR_REPLAY_BY_COUNT];
    struct moor_tally findings;
    bool has_time;
    int64_t first; /* times of the first and the last event that was not skipped by --from, --to */
    int64_t last;

    /* Internal. */
    struct moor_seen seen;
    struct moor_arena arena;
    struct moor_buf body;
    struct moor_buf key;
    struct moor_buf text;
};

/* Returns the reason as in outputs: "read". */
const char *moor_replay_skip_name(enum moor_replay_skip reason);

/* Returns "not-json", "not-an-event" or "too-long". */
const char *moor_replay_damage_name(enum moor_replay_damage damage);

/* Returns "environments", "namespaces", "users" or "images". */
const char *moor_replay_by_name(enum moor_replay_by by);

#endif
