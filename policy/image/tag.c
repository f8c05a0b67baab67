/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/tag.h"

#include "policy/base/array_size.h"
#include "policy/image/tag_reading.h"

/* --- the rules -------------------------------------------------------------------------------- */

/* `dirty` must be a piece of its own, with or without a number: `dirtycow` is another word. */
static bool is_dirty(const struct moor_tag_reading *tag)
{
    for (size_t i = 0; i < tag->tokens.count; i++) {
        bool is_word = moor_tag_has_word(tag, i, "dirty") && !moor_tag_is_joined(tag, i);
        if (is_word && (!moor_tag_is_joined(tag, i + 1) || moor_tag_has_number(tag, i + 1))) {
            return true;
        }
    }
    return false;
}

/* Git describe ends in `-N-g` and 7 to 40 hex digits; N counts the commits since the last tag. */
static bool is_describe(const struct moor_tag_reading *tag)
{
    struct moor_slice text = moor_tag_text(&tag->tokens);
    size_t start = text.len;
    while (start > 0 && text.ptr[start - 1] != '-') {
        start--;
    }
    struct moor_slice hash = moor_slice_sub(text, start, text.len);
    if (start < 3 || hash.len == 0 || hash.ptr[0] != 'g' ||
        !moor_tag_is_hex(moor_slice_sub(hash, 1, hash.len), 7, 40, NULL, NULL)) {
        return false;
    }
    size_t digits = start - 1;
    while (digits > 0 && text.ptr[digits - 1] >= '0' && text.ptr[digits - 1] <= '9') {
        digits--;
    }
    return digits < start - 1 && digits > 0 && text.ptr[digits - 1] == '-';
}

/* A day with a time of day identifies one build: a pipeline hardly builds twice in that time. */
static bool is_timestamp(const struct moor_tag_reading *tag)
{
    return tag->date == MOOR_TAG_TIME;
}

/* After a word that announces a commit, hex digits are one; but `git20240107` is a day. */
static bool is_announced(struct moor_slice hex)
{
    return moor_tag_is_hex(hex, 7, 64, NULL, NULL) && !moor_tag_is_day(hex);
}

/* The word may be joined to the hash or separated from it: `git860c190`, `sha-860c190`. */
static bool is_announced_commit(struct moor_slice before, struct moor_slice piece)
{
    static const char *const words[] = {"sha", "git", "commit", "rev"};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(words); i++) {
        struct moor_slice word = moor_slice_from(words[i]);
        struct moor_slice rest = moor_slice_sub(piece, word.len, piece.len);
        if ((moor_slice_equal(before, word) && is_announced(piece)) ||
            (moor_slice_starts_with(piece, word) && is_announced(rest))) {
            return true;
        }
    }
    return false;
}

static bool is_commit(const struct moor_tag_reading *tag)
{
    struct moor_slice text = moor_tag_text(&tag->tokens);
    /*
     * An abbreviated hash alone may have six digits; inside a tag, six hex digits are too few to
     * exclude words and numbers.
     */
    bool letters = false;
    bool digits = false;
    if (moor_tag_is_hex(text, 6, 39, &letters, &digits) && letters && digits &&
        !moor_tag_is_word_with_date(text)) {
        return true;
    }
    struct moor_slice piece;
    struct moor_slice before = MOOR_SLICE("");
    for (size_t at = 0; moor_tag_next_piece(&piece, text, &at); before = piece) {
        if (piece.len >= 7 && (moor_tag_is_commit(piece) || is_announced_commit(before, piece))) {
            return true;
        }
    }
    return false;
}

/*
 * `1.2.3-r4` as packages of distributions count: the publisher raises the number with each rebuild.
 */
static bool is_revision(const struct moor_tag_reading *tag)
{
    return tag->has_revision;
}

/*
 * `version-b8b78cc2` names the version of the program in the image.  Its publisher rebuilds the
 * image under the same tag, although the tag has the program's commit, time or revision in it.
 */
static bool is_upstream_version(const struct moor_tag_reading *tag)
{
    for (size_t i = 0; i + 1 < tag->tokens.count; i++) {
        if (moor_tag_has_word(tag, i, "version") && !moor_tag_is_joined(tag, i + 1)) {
            return is_describe(tag) || is_timestamp(tag) || is_commit(tag) || is_revision(tag);
        }
    }
    return false;
}

/* A word such as `facade` or `decade` has only hex letters; so has a rare abbreviated hash. */
static bool is_ambiguous(const struct moor_tag_reading *tag)
{
    return !tag->has_digit && moor_tag_is_hex(moor_tag_text(&tag->tokens), 6, 40, NULL, NULL);
}

/*
 * Branches contain words such as `feature` or `pr`; beside a full date, the word describes a build
 * of the branch instead.
 */
static bool is_branch(const struct moor_tag_reading *tag)
{
    if ((moor_tag_at(tag, 0)->groups & MOOR_WORD_CHANGE) != 0 && tag->tokens.count > 1) {
        return true;
    }
    if (tag->has_change && tag->date < MOOR_TAG_DAY) {
        return true;
    }
    return (tag->groups & MOOR_WORD_TRUNK) != 0 && tag->numbers == 0;
}

/* Returns whether the words around the version name only its base, or are unknown. */
static bool has_only_variants(const struct moor_tag_reading *tag, size_t version)
{
    static const unsigned variants =
        MOOR_WORD_SYSTEM | MOOR_WORD_CODENAME | MOOR_WORD_RUNTIME | MOOR_WORD_MACHINE;
    for (size_t i = 0; i < tag->tokens.count; i++) {
        const struct moor_tag_token *token = moor_tag_at(tag, i);
        bool is_v = i + 1 == version && moor_tag_has_word(tag, i, "v");
        bool is_variant = (token->groups & variants) != 0 || (token->groups == 0 && i > version);
        if (token->kind == MOOR_TAG_WORD && !is_v && !is_variant) {
            return false;
        }
    }
    return true;
}

/* Six digits may be any number; beside names of variants they are a day: `221105-bullseye`. */
static bool is_short_day(const struct moor_tag_reading *tag)
{
    for (size_t i = 0; i < tag->tokens.count && tag->numbers == 1; i++) {
        const struct moor_tag_token *number = moor_tag_at(tag, i);
        if (moor_tag_has_number(tag, i)) {
            struct moor_slice text = {tag->tokens.text + number->start, number->len};
            bool is_alone =
                (i == 0 || !moor_tag_is_joined(tag, i) || moor_tag_has_word(tag, i - 1, "v")) &&
                !moor_tag_is_joined(tag, i + 1);
            return is_alone && number->parts == 1 && moor_tag_is_short_day(text) &&
                   has_only_variants(tag, i);
        }
    }
    return false;
}

/* A tag that is a single number of four or more digits, unless it is a date or Windows release. */
static bool is_serial(const struct moor_tag_reading *tag)
{
    size_t first = moor_tag_has_word(tag, 0, "v") ? 1 : 0;
    const struct moor_tag_token *number = moor_tag_at(tag, first);
    if (tag->tokens.count != first + 1 || number->kind != MOOR_TAG_NUMBER || number->parts > 1 ||
        number->digits < 4 || tag->date != MOOR_TAG_NO_DATE || number->start > first) {
        return false;
    }
    struct moor_slice text = {tag->tokens.text + number->start, number->len};
    return !moor_tag_is_year(tag, first) && !moor_tag_is_month(text) && !is_short_day(tag);
}

/* A pipeline numbers its runs, and a run builds once: `build-1234`, or the number alone. */
static bool is_build_number(const struct moor_tag_reading *tag)
{
    for (size_t i = 0; i + 1 < tag->tokens.count; i++) {
        if ((moor_tag_at(tag, i)->groups & MOOR_WORD_BUILD) != 0 &&
            moor_tag_has_number(tag, i + 1) && moor_tag_at(tag, i + 1)->parts == 1) {
            return true;
        }
    }
    return is_serial(tag) || (tag->has_build && !tag->has_revision);
}

/* Without a digit, a tag cannot distinguish one build from the next. */
static bool is_channel(const struct moor_tag_reading *tag)
{
    return !tag->has_digit ||
           (tag->numbers == 0 && (tag->groups & (MOOR_WORD_CHANNEL | MOOR_WORD_STAGE)) != 0);
}

/*
 * `1.2.3-SNAPSHOT` moves until the release, and so does `1.2.3-rc` without a number; `1.2.3-rc1`
 * does not.
 */
static bool is_prerelease_channel(const struct moor_tag_reading *tag)
{
    return tag->has_stage && (!tag->has_serial || tag->has_channel);
}

/* `2024.3.1-SNAPSHOT` is a version: a release of that day would have no stage. */
static bool is_date(const struct moor_tag_reading *tag)
{
    bool is_version = tag->date == MOOR_TAG_CALENDAR_VERSION && is_prerelease_channel(tag);
    return tag->date == MOOR_TAG_DAY || (tag->date == MOOR_TAG_CALENDAR_VERSION && !is_version) ||
           is_short_day(tag);
}

/* `latest-kafka-3.9.0` is the newest build for a version of something else: no word says more. */
static bool is_latest(const struct moor_tag_reading *tag)
{
    for (size_t i = 0; i < tag->tokens.count && tag->has_version; i++) {
        if (moor_tag_has_word(tag, i, "latest")) {
            return true;
        }
    }
    return false;
}

/* The stage has a serial here, because is_prerelease_channel() comes earlier in the table. */
static bool is_prerelease(const struct moor_tag_reading *tag)
{
    return tag->has_stage;
}

/* `10.1.2-temurin`: the runtime has no number, so the publisher moves the tag to newer runtimes. */
static bool is_runtime_left_open(const struct moor_tag_reading *tag)
{
    return (tag->groups & MOOR_WORD_PUBLISHER) != 0 && !tag->has_runtime;
}

/*
 * A full version with every number given; an open number such as `1.2.x` would be filled by the
 * next release.
 */
static bool is_version(const struct moor_tag_reading *tag)
{
    return tag->is_full && !tag->is_open && !is_runtime_left_open(tag);
}

/* Every version that is not full: is_version() comes earlier in the table. */
static bool is_partial_version(const struct moor_tag_reading *tag)
{
    return tag->has_version;
}

/* Every number belongs to an operating system or a runtime, so none is the image's version. */
static bool is_variant(const struct moor_tag_reading *tag)
{
    return tag->numbers == 0;
}

/*
 * The first rule that holds gives the class, so stronger evidence comes first: uncommitted changes
 * outweigh everything, and a commit or time outweighs the version beside it.
 */
static const struct {
    enum moor_class class;
    bool (*holds)(const struct moor_tag_reading *tag);
} rules[] = {
    {MOOR_CLASS_DIRTY, is_dirty},
    {MOOR_CLASS_VERSION, is_upstream_version},
    {MOOR_CLASS_DESCRIBE, is_describe},
    {MOOR_CLASS_TIMESTAMP, is_timestamp},
    {MOOR_CLASS_COMMIT, is_commit},
    {MOOR_CLASS_AMBIGUOUS, is_ambiguous},
    {MOOR_CLASS_BRANCH, is_branch},
    {MOOR_CLASS_BUILD_NUMBER, is_build_number},
    {MOOR_CLASS_CHANNEL, is_channel},
    {MOOR_CLASS_DATE, is_date},
    {MOOR_CLASS_PRERELEASE_CHANNEL, is_prerelease_channel},
    {MOOR_CLASS_CHANNEL, is_latest},
    {MOOR_CLASS_REVISION, is_revision},
    {MOOR_CLASS_PRERELEASE, is_prerelease},
    {MOOR_CLASS_VERSION, is_version},
    {MOOR_CLASS_PARTIAL_VERSION, is_partial_version},
    {MOOR_CLASS_VARIANT, is_variant},
};

static enum moor_class first_rule(const struct moor_tag_reading *tag)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rules); i++) {
        if (rules[i].holds(tag)) {
            return rules[i].class;
        }
    }
    return MOOR_CLASS_UNKNOWN;
}

struct moor_tag moor_tag_classify(struct moor_slice tag)
{
    /* moor_tag_read() sets all members in use; zeroing the tokens costs more than a short tag. */
    __attribute__((uninitialized)) struct moor_tag_reading reading;
    struct moor_tag found = {.class = MOOR_CLASS_UNKNOWN};
    if (!moor_tag_read(&reading, tag)) {
        return found;
    }
    found.class = first_rule(&reading);
    found.base_unpinned = found.class == MOOR_CLASS_VERSION && !reading.has_base;
    found.foreign_commit = found.class == MOOR_CLASS_COMMIT && reading.has_release;
    found.is_whole = reading.is_whole || is_upstream_version(&reading);
    found.is_open = reading.is_open;
    found.parts = reading.parts;
    return found;
}

enum moor_class moor_tag_class_by_parts(const struct moor_tag *tag, unsigned parts)
{
    if (tag->class == MOOR_CLASS_PARTIAL_VERSION && !tag->is_open && tag->parts >= parts) {
        return MOOR_CLASS_VERSION;
    }
    if (tag->class == MOOR_CLASS_VERSION && !tag->is_whole && tag->parts < parts) {
        return MOOR_CLASS_PARTIAL_VERSION;
    }
    return tag->class;
}

/* A digest wins: runtimes ignore the tag beside it. */
struct moor_tag moor_reference_classify(const struct moor_reference *reference)
{
    if (reference->digest.len > 0) {
        return (struct moor_tag){.class = MOOR_CLASS_DIGEST};
    }
    if (reference->tag.len == 0) {
        return (struct moor_tag){.class = MOOR_CLASS_UNTAGGED};
    }
    return moor_tag_classify(reference->tag);
}
