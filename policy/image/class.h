/* SPDX-License-Identifier: Apache-2.0 */
/*
 * class - the class of an image reference, and how firmly the reference identifies an image.
 *
 * Every reference has one class, and every class has one level.  The names of the classes are
 * stable: messages, logs, metrics and reports use them as reason codes.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_IMAGE_CLASS_H
#define MOOR_POLICY_IMAGE_CLASS_H

#include "policy/base/slice.h"

/* How firmly a reference identifies an image, weakest first. */
enum moor_level {
    MOOR_LEVEL_NONE,    /* not a valid reference */
    MOOR_LEVEL_ROLLING, /* the publisher moves the tag to new releases */
    MOOR_LEVEL_RELEASE, /* one release, which the publisher may rebuild */
    MOOR_LEVEL_BUILD,   /* one build */
    MOOR_LEVEL_DIGEST   /* the exact content of the image */
};

/*
 * The classes: MOOR_CLASS_<first>, the name, the level, and the meaning in a few words.  The level
 * of `repository` is the lowest, because the policy's entry gives the level.  policy/REASONS.md
 * describes each class.
 */
#define MOOR_CLASSES(ROW)                                                                         \
    ROW(INVALID, "invalid", NONE, "not an image reference")                                       \
    ROW(DIGEST, "digest", DIGEST, "the exact content of an image")                                \
    ROW(UNTAGGED, "untagged", ROLLING, "no tag and no digest: the runtime pulls latest")          \
    ROW(DIRTY, "dirty", ROLLING,                                                                  \
        "built from uncommitted changes: different builds can share the tag")                     \
    ROW(DESCRIBE, "describe", BUILD, "a commit in the form of git describe")                      \
    ROW(TIMESTAMP, "timestamp", BUILD, "the date and time of a build")                            \
    ROW(COMMIT, "commit", BUILD, "the hash of a commit")                                          \
    ROW(AMBIGUOUS, "ambiguous", ROLLING, "hex letters without a digit: a word or a commit hash")  \
    ROW(BRANCH, "branch", ROLLING, "a branch or a change request: each push moves the tag")       \
    ROW(BUILD_NUMBER, "build-number", RELEASE, "the serial number of a build")                    \
    ROW(CHANNEL, "channel", ROLLING, "a channel: each release moves the tag")                     \
    ROW(DATE, "date", RELEASE, "the day of a release")                                            \
    ROW(PRERELEASE_CHANNEL, "prerelease-channel", ROLLING,                                        \
        "a pre-release without a serial number: the next one moves the tag")                      \
    ROW(REVISION, "revision", BUILD, "a version with its packaging revision")                     \
    ROW(PRERELEASE, "prerelease", RELEASE, "one pre-release")                                     \
    ROW(VERSION, "version", RELEASE, "a full version")                                            \
    ROW(PARTIAL_VERSION, "partial-version", ROLLING,                                              \
        "part of a version: the next release moves the tag")                                      \
    ROW(VARIANT, "variant", ROLLING, "names a base system or runtime, not a release")             \
    ROW(UNKNOWN, "unknown", ROLLING, "not a known form of a fixed tag")                           \
    ROW(PLACEHOLDER, "placeholder", NONE, "not an image yet: a tool or controller sets it later") \
    ROW(REPOSITORY, "repository", ROLLING, "classified by the policy's entry for the repository")

/* Expands a row to its enumerator. */
#define MOOR_CLASS_ENUM(class, name, level, meaning) MOOR_CLASS_##class,

/* The classes, and their number. */
enum moor_class {
    MOOR_CLASSES(MOOR_CLASS_ENUM) MOOR_CLASS_COUNT
};

/* Returns the name of the class: "partial-version". */
const char *moor_class_name(enum moor_class class);

/* Returns the level of the class; for MOOR_CLASS_REPOSITORY the lowest that an entry can give. */
enum moor_level moor_class_level(enum moor_class class);

/* Returns the name of the level: "rolling"; "none" for MOOR_LEVEL_NONE. */
const char *moor_level_name(enum moor_level level);

/* Returns a short explanation: "part of a version: the next release moves the tag". */
const char *moor_class_meaning(enum moor_class class);

#endif
