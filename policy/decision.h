/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decision - what becomes of an image or an object, and the words for it.
 *
 * Every output takes its words from here: metric labels, log fields, annotations, reports and the
 * case files of `tagmoor test`.  The verb is the value of a field (`deny`), the past tense is for
 * counters and sentences (`3 denied`), and the severity is what report formats call it (`error`).
 *
 * Threads:  pure, any thread.
 */
#ifndef MOOR_POLICY_DECISION_H
#define MOOR_POLICY_DECISION_H

/* Mildest first. */
enum moor_decision {
    MOOR_DECISION_ALLOW,
    MOOR_DECISION_AUDIT, /* below `audit` */
    MOOR_DECISION_WARN,  /* below `warn` */
    MOOR_DECISION_DENY   /* below `enforce` */
};

#define MOOR_DECISION_COUNT (MOOR_DECISION_DENY + 1)

/* "allow", "audit", "warn", "deny" */
const char *moor_decision_verb(enum moor_decision decision);

/* "allowed", "audited", "warned", "denied" */
const char *moor_decision_past(enum moor_decision decision);

/* "none", "note", "warning", "error" */
const char *moor_decision_severity(enum moor_decision decision);

#endif
