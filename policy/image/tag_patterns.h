/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_patterns - the rules of tag.c as regular expressions, for languages that cannot call C.
 *
 * `tagmoor policy export vap` writes these tables as an expression of CEL.  The words come from the
 * table of tag_words.c, so that a new word reaches both forms.  A test runs the tables with PCRE2
 * and compares each class with that of moor_tag_classify().
 *
 * A tag, in lower case, is evaluated in three steps:
 *
 *   1. Signs.  MOOR_TAG_CUT cuts the tag into words, numbers and runs of separators.  Each word
 *      becomes one sign: that of moor_tag_sign(), `h` for other words of hex letters, `w` for all
 *      others.  A run of separators becomes its last one, and a dot becomes a comma, because the
 *      dots that remain belong to numbers: `v1.25.3-alpine3.20` becomes `v1.25.3-S3.20`.
 *   2. Parts.  MOOR_TAG_PARTS cuts the signs again.  A part that matches MOOR_TAG_TAKEN and not
 *      MOOR_TAG_UPDATED loses its numbers, which belong to a system, runtime or machine, to `#`:
 *      `S3.20` becomes `S#`.  In such a part, and in a part that matches MOOR_TAG_NO_STAGE,
 *      the signs of stages become `o`.  MOOR_TAG_GIVEN_BACK and MOOR_TAG_HEADERS then correct
 *      two cases.
 *   3. Rules.  The first rule whose conditions all hold gives the class.
 *
 * The syntax is what RE2 and PCRE2 share, and means the same in both.
 *
 * Threads:  constant tables, any thread.
 * Memory:   static.
 * Limits:   classes differ from those of tag.c for rare tags; the test bounds their number.
 */
#ifndef MOOR_POLICY_IMAGE_TAG_PATTERNS_H
#define MOOR_POLICY_IMAGE_TAG_PATTERNS_H

#include "policy/image/class.h"

/* Step 1: the words, numbers and separators of a tag, each as one match. */
#define MOOR_TAG_CUT "[a-z]+|[0-9]+(?:[.][0-9]+)*|[-_.]+"

/* Step 2: the parts, each as one match, and the three kinds of parts that change. */
extern const char moor_tag_parts[];
extern const char moor_tag_updated[];
extern const char moor_tag_taken[];
extern const char moor_tag_no_stage[];

/* Step 2: the pieces of a part that changes, and the signs of stages among them. */
#define MOOR_TAG_PIECES "[0-9.]+|[^0-9.]"
#define MOOR_TAG_STAGES "[ABEGbm]"

/*
 * If no number is left, the number of the first word is the version, provided that the signs of
 * step 1 start with this: `centos7.9.2009`.  It replaces the beginning that matches the second.
 */
extern const char moor_tag_given_back[];
extern const char moor_tag_given_place[];

/* If this matches, `H` (the word devel) names the variant with headers, and becomes `o`. */
extern const char moor_tag_headers[];

/* The subjects of a condition. */
enum moor_tag_subject {
    MOOR_TAG_OF_TEXT,  /* the tag in lower case */
    MOOR_TAG_OF_SIGNS, /* the result of step 2 */
    MOOR_TAG_OF_PIECE  /* a run of at least 7 letters and digits; one must satisfy all of these */
};

/* Cuts the tag into the subjects of MOOR_TAG_OF_PIECE. */
#define MOOR_TAG_LONG_PIECE "[0-9a-z]{7,}"

/* A condition of a rule. */
struct moor_tag_condition {
    enum moor_tag_subject subject;
    bool is_negated;     /* the pattern must not match */
    const char *pattern; /* NULL: no further condition */
};

/* Maximum number of conditions of a rule. */
#define MOOR_TAG_CONDITIONS 5

/* A rule: if its conditions hold, the tag has the class. */
struct moor_tag_rule {
    enum moor_class class;
    struct moor_tag_condition conditions[MOOR_TAG_CONDITIONS];
};

extern const struct moor_tag_rule moor_tag_rules[];
extern const size_t moor_tag_rule_count;

/* Returns the sign of the word at `index` of moor_tag_words; 0 if it is an ordinary word. */
char moor_tag_sign(size_t index);

/* A word that no group has, and its sign. */
struct moor_tag_named_word {
    const char *text;
    char sign;
};

extern const struct moor_tag_named_word moor_tag_named_words[];
extern const size_t moor_tag_named_word_count;

#endif
