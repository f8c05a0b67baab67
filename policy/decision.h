/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decision - the decision about an image or an object, and the words for it.
 *
 * Every output takes its words from here: metric labels, log fields, annotations, reports and the
 * case files of `tagmoor test`.  The verb is the value of a field (`deny`).  The past tense is for
 * counters and sentences (`3 denied`).  The severity is the word of report formats (`error`).
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_DECISION_H
#define MOOR_POLICY_DECISION_H

/* The decisions, the least severe first. */
enum moor_decision {
    MOOR_DECISION_ALLOW, /* the image satisfies all requirements */
    MOOR_DECISION_AUDIT, /* the image is below `audit`: admitted and audited */
    MOOR_DECISION_WARN,  /* the image is below `warn`: admitted with a warning */
    MOOR_DECISION_DENY   /* the image is below `enforce`: the request is denied */
};

/* The number of decisions. */
#define MOOR_DECISION_COUNT (MOOR_DECISION_DENY + 1)

/* Returns "allow", "audit", "warn" or "deny". */
const char *moor_decision_verb(enum moor_decision decision);

/* Returns "allowed", "audited", "warned" or "denied". */
const char *moor_decision_past(enum moor_decision decision);

/* Returns "none", "note", "warning" or "error". */
const char *moor_decision_severity(enum moor_decision decision);

#endif
