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

/*
 * One row a class: MOOR_CLASS_<first>, its name, its level and its meaning in a few words.  The
 * level of `repository` is the lowest: the policy's entry says which one holds.  policy/REASONS.md
 * describes each class.
 */
#define MOOR_CLASSES(ROW)                                                                    \
    ROW(INVALID, "invalid", NONE, "not an image reference")                                  \
    ROW(DIGEST, "digest", DIGEST, "these bytes and no others")                               \
    ROW(UNTAGGED, "untagged", ROLLING, "no tag and no digest: the runtime takes latest")     \
    ROW(DIRTY, "dirty", ROLLING, "built from uncommitted changes: two trees share the name") \
    ROW(DESCRIBE, "describe", BUILD, "a commit, as git describe names it")                   \
    ROW(TIMESTAMP, "timestamp", BUILD, "the date and time of a build")                       \
    ROW(COMMIT, "commit", BUILD, "the hash of a commit")                                     \
    ROW(AMBIGUOUS, "ambiguous", ROLLING, "hex letters without a digit: a word or a commit")  \
    ROW(BRANCH, "branch", ROLLING, "a branch or a change request: each push moves it")       \
    ROW(BUILD_NUMBER, "build-number", RELEASE, "the serial of a build")                      \
    ROW(CHANNEL, "channel", ROLLING, "a channel: each release moves it")                     \
    ROW(DATE, "date", RELEASE, "the day of a release")                                       \
    ROW(PRERELEASE_CHANNEL, "prerelease-channel", ROLLING,                                   \
        "a pre-release without its serial: the next one takes it")                           \
    ROW(REVISION, "revision", BUILD, "a version with its packaging revision")                \
    ROW(PRERELEASE, "prerelease", RELEASE, "one pre-release")                                \
    ROW(VERSION, "version", RELEASE, "a full version")                                       \
    ROW(PARTIAL_VERSION, "partial-version", ROLLING,                                         \
        "part of a version: the next release takes it")                                      \
    ROW(VARIANT, "variant", ROLLING, "names a base system or runtime, not a release")        \
    ROW(UNKNOWN, "unknown", ROLLING, "no form that is known to stay")                        \
    ROW(PLACEHOLDER, "placeholder", NONE,                                                    \
        "no image yet: something fills it in before a Pod is made")                          \
    ROW(REPOSITORY, "repository", ROLLING, "what the policy knows about this repository")

#define MOOR_CLASS_ENUM(class, name, level, meaning) MOOR_CLASS_##class,

enum moor_class {
    MOOR_CLASSES(MOOR_CLASS_ENUM) MOOR_CLASS_COUNT
};

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
