/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report - the result of evaluating files, ready to be written in any format.
 *
 * Threads:  one report, one thread at a time.
 * Memory:   owns copies of all texts in an arena, and the arrays.
 * Limits:   MOOR_REPORT_MAX_BYTES of texts; MOOR_REPORT_MAX_TALLIES names of values that were not
 *           evaluated, beyond which they are only counted.
 */
#ifndef MOOR_CMD_REPORT_REPORT_H
#define MOOR_CMD_REPORT_REPORT_H

#include "cmd/input/positions.h"
#include "cmd/report/exemption_uses.h"
#include "policy/base/arena.h"
#include "policy/base/buf.h"
#include "policy/decision.h"

#define MOOR_REPORT_MAX_BYTES   ((size_t)1024 * 1024 * 1024)
#define MOOR_REPORT_MAX_TALLIES 64
#define MOOR_REPORT_RANKS       4

/* Where a suppression of a finding is written. */
enum moor_suppression {
    MOOR_SUPPRESSION_NONE,
    MOOR_SUPPRESSION_COMMENT,   /* a comment in the file */
    MOOR_SUPPRESSION_ANNOTATION /* an annotation of the object or of a Pod template in it */
};

/* The class of the finding for a tag that YAML reads as a number. */
#define MOOR_REPORT_NUMBER_TAG "number-tag"

/* The class of the finding for a reference that named two things in a cluster. */
#define MOOR_REPORT_MOVED      "moved"

/* An image or object that needs attention. */
struct moor_report_finding {
    struct moor_slice file; /* as in the operand; `-` for standard input */
    struct moor_position position;
    size_t document; /* position in the file, from 1 */
    struct moor_slice kind;
    struct moor_slice namespace;  /* empty if the object has none */
    struct moor_slice namespaces; /* comma list, only for a moved reference */
    struct moor_slice name;
    struct moor_slice path; /* `spec.template.spec.containers[0]` */
    struct moor_slice container;
    struct moor_slice image; /* escaped for output */
    const char *class;       /* class of the image, or name of an object's fault */
    const char *level;
    enum moor_decision decision;
    struct moor_slice environment;
    struct moor_slice reason;
    struct moor_slice repair;
    struct moor_slice line; /* the line at `position`; that at `rendered` if `is_unplaced`; empty
                               if too long to show */
    bool is_known;          /* the baseline lists it */
    bool is_guessed;        /* only the names of keys tell that it is an image */
    struct moor_slice rendered_by; /* command that made what was evaluated, `-` for standard input;
                                      empty: `file` itself was evaluated */
    struct moor_slice template;    /* template that the output names, or empty */
    struct moor_position rendered; /* position in the output */
    bool is_unplaced;              /* the line in `file` is unknown, and `position` is its start */
    enum moor_suppression suppression; /* a suppressed finding is listed and never fails a run */
    struct moor_slice justification;   /* the reason that the suppression gives */
};

/* An unreadable input, a stale entry of a baseline, an unused suppression, or a note. */
struct moor_report_input_error {
    struct moor_slice file;
    uint32_t line; /* 0: the file as a whole */
    uint32_t column;
    struct moor_slice text;
};

/* The reason why something was not evaluated. */
enum moor_unjudged {
    MOOR_UNJUDGED_PLAIN_KIND,   /* a built-in kind without images */
    MOOR_UNJUDGED_UNKNOWN_KIND, /* an unknown kind */
    MOOR_UNJUDGED_NO_OBJECT,    /* a document that is not a Kubernetes object */
    MOOR_UNJUDGED_FORMAT,       /* a file of a format that --include reads */
    MOOR_UNJUDGED_IMAGE,        /* an image that a template or a variable fills in */
    MOOR_UNJUDGED_TAG,          /* an image whose tag a chart or a base has */
    MOOR_UNJUDGED_EMPTY,        /* a file without a document */
    MOOR_UNJUDGED_NO_IMAGE,     /* an object of a kind with images that has none */
    MOOR_UNJUDGED_CHART,        /* a Helm chart, whose templates must be rendered */
    MOOR_UNJUDGED_EXCLUDED,     /* a file or folder that a rule excludes */
    MOOR_UNJUDGED_PART          /* a file that is evaluated as a part of a kustomization */
};

#define MOOR_UNJUDGED_COUNT (MOOR_UNJUDGED_PART + 1)

/* The number of values with one reason and name. */
struct moor_report_tally {
    enum moor_unjudged why;
    struct moor_slice name;
    size_t count;
};

/* A report. */
struct moor_report {
    struct moor_arena arena;
    struct moor_report_finding *findings;
    size_t finding_count;
    size_t finding_room;
    struct moor_report_input_error *input_errors;
    size_t input_error_count;
    size_t input_error_room;
    struct moor_report_input_error *stale; /* baseline entries without a finding */
    size_t stale_count;
    size_t stale_room;
    struct moor_report_input_error *unused; /* suppressions that suppress nothing */
    size_t unused_count;
    size_t unused_room;
    struct moor_report_input_error *notes; /* values that were not evaluated, if asked for */
    size_t note_count;
    size_t note_room;
    struct moor_report_tally tallies[MOOR_REPORT_MAX_TALLIES];
    size_t tally_count;
    size_t unjudged[MOOR_UNJUDGED_COUNT]; /* totals, including values without a tally */
    struct moor_slice *unused_excludes;   /* patterns of --exclude that matched nothing */
    size_t unused_exclude_count;
    size_t unused_exclude_room;
    struct moor_slice *read; /* files without an input error; only listed if `lists_read` is set */
    size_t read_count;
    size_t read_room;
    bool lists_read; /* set by the caller */
    size_t files;
    size_t unlabelled;                  /* objects and formats whose namespace has unknown labels */
    size_t objects;                     /* evaluated objects */
    size_t counts[MOOR_DECISION_COUNT]; /* allowed images, and active findings */
    size_t known;                       /* findings that the baseline lists */
    size_t suppressed;
    size_t moved;     /* findings for references that named two things, in no other count */
    bool fails_moved; /* they fail a run, too; false at first */
    enum moor_decision fails_from; /* the least severe decision that fails a run; DENY at first */
    struct moor_exemption_uses exemptions;
    bool failed; /* memory was short, so the report is incomplete */
};

/* Prepares an empty report. */
void moor_report_init(struct moor_report *report);
void moor_report_release(struct moor_report *report);

/* Adds a copy of the finding and its texts. */
void moor_report_add(struct moor_report *report, const struct moor_report_finding *finding);

/* Sorts the findings from index `first` on by their positions. */
void moor_report_sort(struct moor_report *report, size_t first);

/* Adds an input error.  `err` may have a position. */
void moor_report_add_input_error(struct moor_report *report, struct moor_slice file,
                                 const struct moor_error *err);

/* Adds an input error without a position, whose text can be longer than that of an error. */
void moor_report_add_input_error_text(struct moor_report *report, struct moor_slice file,
                                      struct moor_slice text);

/* Replaces the repair of a finding of this report by a copy of `repair`. */
void moor_report_set_repair(struct moor_report *report, struct moor_report_finding *finding,
                            struct moor_slice repair);

/* Adds a baseline entry without a finding. */
void moor_report_add_stale(struct moor_report *report, struct moor_slice file, uint32_t line,
                           struct moor_slice text);

/* Adds a suppression without a finding; `text` names it. */
void moor_report_add_unused(struct moor_report *report, struct moor_slice file,
                            const struct moor_position *position, struct moor_slice text);

/* Adds a note that concerns a position in a file. */
void moor_report_add_note(struct moor_report *report, struct moor_slice file,
                          const struct moor_position *position, struct moor_slice text);

/* Adds a pattern of --exclude that matched nothing. */
void moor_report_add_unused_exclude(struct moor_report *report, struct moor_slice pattern);

/* Lists a file that was read completely, if `lists_read` is set. */
void moor_report_add_read(struct moor_report *report, struct moor_slice file);

/* Counts a value that was not evaluated under `name`. */
void moor_report_tally(struct moor_report *report, enum moor_unjudged why, struct moor_slice name);

/*
 * Returns whether the finding is active: neither suppressed nor known.  Only an active finding can
 * fail a run.
 */
bool moor_report_is_active(const struct moor_report_finding *finding);

/* Returns the name of a file for readers: `<stdin>` for `-`. */
struct moor_slice moor_report_shown(struct moor_slice file);

/* Returns "suppressed", "known", or NULL for an active finding. */
const char *moor_report_state(const struct moor_report_finding *finding);

/* Returns "comment" or "annotation". */
const char *moor_suppression_name(enum moor_suppression suppression);

/* Sets `known`, `suppressed` and `counts`, except for allowed images, from the findings. */
void moor_report_count(struct moor_report *report);

/* Returns whether the finding fails the run: it is active, and not milder than `fails_from`. */
bool moor_report_fails(const struct moor_report *report, const struct moor_report_finding *finding);

/* Returns the number of findings that fail the run. */
size_t moor_report_failures(const struct moor_report *report);

/* Returns the exit status: 2 after an input error, 1 if a finding fails the run, else 0. */
int moor_report_status(const struct moor_report *report);

/* Returns the name of a reason, such as "kinds without images". */
const char *moor_unjudged_name(enum moor_unjudged why);

/* Appends `2 denied, 1 warned, 3 allowed (3 objects in 2 files)`. */
void moor_report_append_counts(struct moor_buf *out, const struct moor_report *report);

/*
 * Returns the rank of the finding by its importance: 0 for a denied one, and the highest rank,
 * MOOR_REPORT_RANKS - 1, for a known one.
 */
unsigned moor_report_rank(const struct moor_report_finding *finding);

/* Appends `Deployment shop/web`. */
void moor_report_append_object(struct moor_buf *out, const struct moor_report_finding *finding);

/*
 * Appends `suppressed: OPS-1234; ` with the reason of the suppression, `known: `, or nothing for an
 * active finding, for formats that cannot express this otherwise.
 */
void moor_report_append_state(struct moor_buf *out, const struct moor_report_finding *finding);

/* Appends the reason and the repair of the finding, and whether it is guessed, as one sentence. */
void moor_report_append_message(struct moor_buf *out, const struct moor_report_finding *finding);

#endif
