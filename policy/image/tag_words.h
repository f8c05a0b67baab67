/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_words - the words of tags, and what each means for the numbers beside it.
 *
 * A word is a run of lower-case letters.  To teach the classifier a word, add it to the table in
 * tag_words.c in alphabetical order (a test checks the order), with one or more of the groups
 * below.  The table is for general terms: operating systems, runtimes, channels, build systems.  Do
 * not add the name or a habit of a single image.  A word without a group has no effect.
 *
 * Threads:  pure, any thread.
 * Memory:   constant.
 */
#ifndef MOOR_POLICY_IMAGE_TAG_WORDS_H
#define MOOR_POLICY_IMAGE_TAG_WORDS_H

#include "policy/base/slice.h"

/* The groups of words, as bits. */
enum moor_tag_group {
    /* Operating systems.  A number after the word is theirs: `alpine3.20`, `debian-12`. */
    MOOR_WORD_SYSTEM = 1 << 0,
    /* Code names of a release of an operating system: `bookworm`.  They take no number. */
    MOOR_WORD_CODENAME = 1 << 1,
    /* Languages, servers and tools.  A number after the word is theirs: `jdk17`, `scala_2.12`. */
    MOOR_WORD_RUNTIME = 1 << 2,
    /* Machines.  Only a number that is joined to the word is theirs: `arm64v8`, `x86_64`. */
    MOOR_WORD_MACHINE = 1 << 3,
    /* Channels, which follow releases.  A full version outweighs them: `stable-2.14.0`. */
    MOOR_WORD_CHANNEL = 1 << 4,
    /*
     * Stages of an unreleased version.  After a version, only a serial number makes them fixed:
     * `1.2-rc.1`.  A stage that is also a channel or a main branch always belongs to the image, and
     * outweighs the serial number of a stage before it.  Any other stage may belong to the runtime.
     */
    MOOR_WORD_STAGE = 1 << 5,
    /* Main branches.  They move alone or with words, but not with a date or a build. */
    MOOR_WORD_TRUNK = 1 << 6,
    /* First words of branches and change requests.  A number after them is not a version. */
    MOOR_WORD_CHANGE = 1 << 7,
    /* Build systems.  A number after the word is the serial number of a build. */
    MOOR_WORD_BUILD = 1 << 8,
    /* Updates of a release.  With its number the word completes a version: `8u212`, `2019-CU31`. */
    MOOR_WORD_UPDATE = 1 << 9,
    /*
     * Publishers of a runtime.  Without a number, the tag gets the newest release of the runtime,
     * so even a tag with a full version before the word moves: `10.1.2-temurin`.
     */
    MOOR_WORD_PUBLISHER = 1 << 10
};

/* A row of the table. */
struct moor_tag_word {
    const char *text; /* lower-case letters */
    unsigned groups;  /* enum moor_tag_group */
};

/* The table, for tests. */
extern const struct moor_tag_word moor_tag_words[];
extern const size_t moor_tag_word_count;

/* Returns the groups of a word, which is in lower case; 0 if it is unknown. */
unsigned moor_tag_word_groups(struct moor_slice word);

#endif
