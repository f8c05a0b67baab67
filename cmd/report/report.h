/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report - what judging a set of files found, ready to be written in any format.
 *
 * Threads:  one report, one thread at a time.
 * Memory:   owns copies of all texts in an arena, and the arrays.
 * Limits:   MOOR_REPORT_MAX_BYTES of texts; MOOR_REPORT_MAX_TALLIES names in the counts of what was
 *           not judged, further ones are counted together.
 */
#ifndef MOOR_CMD_REPORT_REPORT_H
#define MOOR_CMD_REPORT_REPORT_H

#include "cmd/input/positions.h"
#include "policy/base/arena.h"
#include "policy/base/buf.h"
#include "policy/decision.h"

#define MOOR_REPORT_MAX_BYTES   ((size_t)1024 * 1024 * 1024)
#define MOOR_REPORT_MAX_TALLIES 64

struct moor_report_finding {
    struct moor_slice file; /* as the operand names it; `-` for standard input */
    struct moor_position position;
    size_t document; /* in the file, from 1 */
    struct moor_slice kind;
    struct moor_slice namespace; /* or empty */
    struct moor_slice name;
    struct moor_slice path; /* `spec.template.spec.containers[0]` */
    struct moor_slice container;
    struct moor_slice image; /* escaped: fit to be shown */
    const char *class;       /* of the image, or the name of an object's fault */
    const char *level;
    enum moor_decision decision;
    struct moor_slice environment;
    struct moor_slice reason;
    struct moor_slice repair;
    struct moor_slice line; /* of the file, where `place` is; empty where it is too long to show */
    bool is_known;          /* the baseline lists it */
};

/* An input that could not be read, or a place where it is broken. */
struct moor_report_input_error {
    struct moor_slice file;
    uint32_t line; /* 0: the file as a whole */
    uint32_t column;
    struct moor_slice text;
};

/* Why something was not judged. */
enum moor_unjudged {
    MOOR_UNJUDGED_PLAIN_KIND,   /* a kind of Kubernetes that holds no image */
    MOOR_UNJUDGED_UNKNOWN_KIND, /* a kind that nothing is known of */
    MOOR_UNJUDGED_NO_OBJECT,    /* a document that is no object of Kubernetes */
    MOOR_UNJUDGED_IMAGE,        /* an image that something else fills in */
    MOOR_UNJUDGED_EMPTY         /* a file without a document */
};

#define MOOR_UNJUDGED_COUNT (MOOR_UNJUDGED_EMPTY + 1)

struct moor_report_tally {
    enum moor_unjudged why;
    struct moor_slice name;
    size_t count;
};

struct moor_report {
    struct moor_arena arena;
    struct moor_report_finding *findings;
    size_t finding_count;
    size_t finding_room;
    struct moor_report_input_error *input_errors;
    size_t input_error_count;
    size_t input_error_room;
    struct moor_report_input_error *stale; /* entries of the baseline that match nothing any more */
    size_t stale_count;
    size_t stale_room;
    struct moor_report_tally tallies[MOOR_REPORT_MAX_TALLIES];
    size_t tally_count;
    size_t unjudged[MOOR_UNJUDGED_COUNT]; /* the sums of the tallies, and what they have no room for
                                           */
    size_t files;
    size_t objects;                     /* judged */
    size_t counts[MOOR_DECISION_COUNT]; /* images allowed, and findings that are not known */
    size_t known;
    bool failed; /* something was lost for want of memory */
};

void moor_report_init(struct moor_report *report);
void moor_report_release(struct moor_report *report);

/* Adds a copy of the finding, texts included. */
void moor_report_add(struct moor_report *report, const struct moor_report_finding *finding);

/* Sorts the findings from the `first` on by their places. */
void moor_report_sort(struct moor_report *report, size_t first);

/* Adds what keeps an input from being judged; `err` may have a place. */
void moor_report_add_input_error(struct moor_report *report, struct moor_slice file,
                                 const struct moor_error *err);

/* Adds an entry of the baseline that matches nothing any more. */
void moor_report_add_stale(struct moor_report *report, struct moor_slice file, uint32_t line,
                           struct moor_slice text);

/* Counts something that was not judged under `name`. */
void moor_report_tally(struct moor_report *report, enum moor_unjudged why, struct moor_slice name);

/* Sets `known`, and `counts` but for the images allowed, from the findings. */
void moor_report_count(struct moor_report *report);

/* The exit status: 2 where something could not be decided, 1 where something is denied, else 0. */
int moor_report_status(const struct moor_report *report);

/* "kinds without images" */
const char *moor_unjudged_name(enum moor_unjudged why);

/* Appends `Deployment shop/web`. */
void moor_report_append_object(struct moor_buf *out, const struct moor_report_finding *finding);

/* Appends the finding in one sentence: reason and repair. */
void moor_report_append_message(struct moor_buf *out, const struct moor_report_finding *finding);

#endif
