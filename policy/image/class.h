/* SPDX-License-Identifier: Apache-2.0 */
/*
 * class - why an image reference names what it names, and how firmly.
 *
 * Every reference has one class; a class has one level.  The names are stable: they are the reason
 * codes of messages, logs, metrics and reports.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_IMAGE_CLASS_H
#define MOOR_POLICY_IMAGE_CLASS_H

#include "policy/base/slice.h"

/* How firmly a reference names something, weakest first. */
enum moor_level {
    MOOR_LEVEL_NONE,    /* it is no reference */
    MOOR_LEVEL_ROLLING, /* whatever it points at today */
    MOOR_LEVEL_RELEASE, /* one release, rebuilt at will by its publisher */
    MOOR_LEVEL_BUILD,   /* one build */
    MOOR_LEVEL_DIGEST   /* these bytes */
};

enum moor_class {
    MOOR_CLASS_INVALID, /* no reference at all */
    MOOR_CLASS_DIGEST,
    MOOR_CLASS_UNTAGGED,
    MOOR_CLASS_DIRTY,
    MOOR_CLASS_DESCRIBE,
    MOOR_CLASS_TIMESTAMP,
    MOOR_CLASS_COMMIT,
    MOOR_CLASS_AMBIGUOUS,
    MOOR_CLASS_BRANCH,
    MOOR_CLASS_BUILD_NUMBER,
    MOOR_CLASS_CHANNEL,
    MOOR_CLASS_DATE,
    MOOR_CLASS_PRERELEASE_CHANNEL,
    MOOR_CLASS_REVISION,
    MOOR_CLASS_PRERELEASE,
    MOOR_CLASS_VERSION,
    MOOR_CLASS_PARTIAL_VERSION,
    MOOR_CLASS_VARIANT,
    MOOR_CLASS_UNKNOWN,
    MOOR_CLASS_PLACEHOLDER, /* stands in for an image that something fills in later */
    MOOR_CLASS_REPOSITORY   /* the policy's entry for the repository decided, and says the level */
};

#define MOOR_CLASS_COUNT (MOOR_CLASS_REPOSITORY + 1)

/* The class's name: "partial-version". */
const char *moor_class_name(enum moor_class class);

/* The level that goes with a class; of MOOR_CLASS_REPOSITORY, the lowest. */
enum moor_level moor_class_level(enum moor_class class);

/* The level's name: "rolling"; "none" for MOOR_LEVEL_NONE. */
const char *moor_level_name(enum moor_level level);

/* What the class means, in a few words for people: "two parts of a version: the next release takes
 * it". */
const char *moor_class_meaning(enum moor_class class);

#endif
