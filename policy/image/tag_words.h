/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_words - the words of tags, and what each says about the numbers beside it.
 *
 * A word is a run of letters in lower case.  To teach the classifier a word, add it to the table in
 * tag_words.c at its place in the alphabet (a test holds the order) with one or more of the groups
 * below.  Only general terms belong there: operating systems, runtimes, channels, build systems;
 * never the name or the habit of one image.  A word that is in no group says nothing.
 *
 * Threads:  pure, any thread.
 * Memory:   constant.
 */
#ifndef MOOR_POLICY_IMAGE_TAG_WORDS_H
#define MOOR_POLICY_IMAGE_TAG_WORDS_H

#include "policy/base/slice.h"

enum moor_tag_group {
    /* Operating systems: the number behind the word is the system's: `alpine3.20`, `debian-12`. */
    MOOR_WORD_SYSTEM = 1 << 0,
    /* Names of one release of an operating system: `bookworm`.  They take no number. */
    MOOR_WORD_CODENAME = 1 << 1,
    /* Languages, servers and tools: the number behind the word is theirs: `jdk17`, `scala_2.12`. */
    MOOR_WORD_RUNTIME = 1 << 2,
    /* Machines: only a number that is joined to the word is theirs: `arm64v8`, `x86_64`. */
    MOOR_WORD_MACHINE = 1 << 3,
    /* Channels: they follow releases.  A full version outweighs them: `stable-2.14.0`. */
    MOOR_WORD_CHANNEL = 1 << 4,
    /*
     * Stages of a version that is not out: behind a version, only a serial fixes them: `1.2-rc.1`.
     * A stage that is a channel or a main branch too is always the image's own, and wins over the
     * serial of a stage before it; another one may be the runtime's.
     */
    MOOR_WORD_STAGE = 1 << 5,
    /* Main branches: they move alone or with words, not with a date or a build. */
    MOOR_WORD_TRUNK = 1 << 6,
    /* What branches and change requests begin with: the number behind it is no version. */
    MOOR_WORD_CHANGE = 1 << 7,
    /* Build systems: the number behind it is the serial of a build. */
    MOOR_WORD_BUILD = 1 << 8,
    /* Updates of a release: with its number the word completes a version: `8u212`, `2019-CU31`. */
    MOOR_WORD_UPDATE = 1 << 9,
    /*
     * Publishers of a runtime.  Where no number tells which release of the runtime it is, the
     * newest is meant, and a full version before it moves with that: `10.1.2-temurin`.
     */
    MOOR_WORD_PUBLISHER = 1 << 10
};

struct moor_tag_word {
    const char *text;
    unsigned groups; /* of enum moor_tag_group */
};

/* The table, for tests. */
extern const struct moor_tag_word moor_tag_words[];
extern const size_t moor_tag_word_count;

/* The groups of a word in lower case; 0 where it is in none. */
unsigned moor_tag_word_groups(struct moor_slice word);

#endif
