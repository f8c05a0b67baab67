/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/tag.h"

#include "policy/image/tag_tokens.h"
#include "policy/image/tag_words.h"

/* A tag as the rules see it: its tokens, and what was found out about them once. */
struct reading {
    enum moor_tag_date date;
    unsigned groups; /* of all words */
    size_t numbers;  /* that no word takes: what may be the version */
    bool has_digit;
    bool has_version;              /* one of them stands free or behind a v */
    bool has_release;              /* it has three parts */
    bool is_full;                  /* it has three parts, or is whole in its own way */
    bool was_full;                 /* the same without the last number that was read */
    bool is_whole;                 /* it is whole in its own way */
    uint8_t parts;                 /* see struct moor_tag */
    bool is_open;                  /* a part is the letter x: `1.16.x` */
    bool has_revision;             /* `-r5` behind a version */
    bool has_stage;                /* a stage behind a version */
    bool has_serial;               /* and one of them has a serial */
    bool has_runtime;              /* a runtime is named with its number */
    bool has_base;                 /* an operating system is named with its release */
    struct moor_tag_tokens tokens; /* last: it is filled, not cleared */
};

static const struct moor_tag_token *token_at(const struct reading *tag, size_t index)
{
    static const struct moor_tag_token none = {.kind = MOOR_TAG_WORD, .separator = '\0'};
    return index < tag->tokens.count ? &tag->tokens.list[index] : &none;
}

static bool is_number(const struct reading *tag, size_t index)
{
    const struct moor_tag_token *token = token_at(tag, index);
    return token->kind == MOOR_TAG_NUMBER && !token->taken;
}

static bool is_word(const struct reading *tag, size_t index, const char *word)
{
    return index < tag->tokens.count && moor_tag_token_is(&tag->tokens, index, word);
}

static bool is_joined(const struct reading *tag, size_t index)
{
    return index > 0 && index < tag->tokens.count && tag->tokens.list[index].separator == '\0';
}

/* --- what the words take --------------------------------------------------------------------- */

/* `8u212`, `2019-cu31`, `9-b114`: an update with its number behind a number. */
static bool is_updated(const struct reading *tag, size_t index)
{
    return (token_at(tag, index + 1)->groups & MOOR_WORD_UPDATE) != 0 &&
           token_at(tag, index + 1)->separator != '.' && is_number(tag, index + 2) &&
           is_joined(tag, index + 2);
}

/*
 * Whether the number at `index` belongs to the operating system or runtime before it.  Joined to
 * the word it always does; behind a hyphen it does while it is short: `debian-12`, but not
 * `alpine-v17.5.3` or `alpine-20240107`.
 */
static bool takes_number(const struct reading *tag, size_t index)
{
    const struct moor_tag_token *number = token_at(tag, index);
    if (number->kind != MOOR_TAG_NUMBER) {
        return false;
    }
    return number->separator == '\0' ||
           (number->separator != '.' && number->parts <= 2 && number->digits <= 4);
}

/* Marks the number at `index`, and what is joined to it: `20h2`, `arm64v8`, `x86_64`. */
static void take_number(struct reading *tag, size_t index, bool machine)
{
    do {
        tag->tokens.list[index++].taken = true;
    } while (is_joined(tag, index) ||
             (machine && is_number(tag, index) && token_at(tag, index)->separator == '_'));
}

/* Marks the numbers that belong to the words before them, and the `32` of `32bit`. */
static void take_numbers(struct reading *tag)
{
    for (size_t i = 0; i < tag->tokens.count; i++) {
        unsigned groups = token_at(tag, i)->groups;
        tag->groups |= groups;
        tag->has_base = tag->has_base || (groups & MOOR_WORD_CODENAME) != 0;
        bool machine = (groups & MOOR_WORD_MACHINE) != 0 && is_joined(tag, i + 1);
        if (is_joined(tag, i + 1) && is_word(tag, i + 1, "bit")) {
            tag->tokens.list[i].taken = true;
        } else if (((groups & (MOOR_WORD_SYSTEM | MOOR_WORD_RUNTIME)) != 0 || machine) &&
                   takes_number(tag, i + 1) && !is_updated(tag, i + 1)) {
            tag->has_base = tag->has_base || (groups & MOOR_WORD_SYSTEM) != 0;
            tag->has_runtime = tag->has_runtime || (groups & MOOR_WORD_RUNTIME) != 0;
            take_number(tag, i + 1, machine);
        }
    }
}

/* --- what the numbers say -------------------------------------------------------------------- */

/* 1700 to 2099: a year, or a Windows release such as 1809. */
static bool is_year(const struct reading *tag, size_t index)
{
    const struct moor_tag_token *number = token_at(tag, index);
    const char *digit = tag->tokens.text + number->start;
    return number->digits == 4 &&
           ((digit[0] == '1' && digit[1] >= '7') || (digit[0] == '2' && digit[1] == '0'));
}

/*
 * Whether the number behind makes this one full.  `21_35-jdk` is a build of a runtime, and `1_2_3`
 * has its three parts, while `1_25` is 1.25 written otherwise.  `8.10-1052` is the release of a
 * package; a short one, as in `1.16-1`, may be the rebuild of a series.
 */
static bool is_released(const struct reading *tag, size_t index)
{
    const struct moor_tag_token *release = token_at(tag, index + 1);
    if (!is_number(tag, index + 1)) {
        return false;
    }
    if (release->separator == '_') {
        return (tag->groups & MOOR_WORD_RUNTIME) != 0 ||
               (is_number(tag, index + 2) && token_at(tag, index + 2)->separator == '_');
    }
    return release->separator == '-' && token_at(tag, index)->parts == 2 && release->parts == 1 &&
           release->digits >= 3 && !is_year(tag, index + 1);
}

/*
 * `2.440-jdk17`: two parts of which the second has passed 50, beside a runtime with a version of
 * its own.  Such a number counts releases.  Without a runtime it may be a series that still gets
 * patches: the 1.72 of Rust did.
 */
static bool is_counted(const struct reading *tag, size_t index)
{
    const struct moor_tag_token *number = token_at(tag, index);
    if (number->parts != 2 || !tag->has_runtime) {
        return false;
    }
    const char *second = tag->tokens.text + number->start + number->digits + 1;
    int digits = number->len - number->digits - 1;
    return second[0] != '0' && (digits > 2 || (digits == 2 && second[0] >= '5'));
}

/* `1.16.x`, and not `1.16.x86`. */
static bool is_open(const struct reading *tag, size_t index)
{
    return is_word(tag, index + 1, "x") && token_at(tag, index + 1)->separator == '.' &&
           !is_joined(tag, index + 2);
}

static void note_parts(struct reading *tag, size_t index)
{
    const struct moor_tag_token *number = token_at(tag, index);
    bool is_free = !is_joined(tag, index) || is_word(tag, index - 1, "v");
    if ((is_free || number->parts >= 3) && number->parts > tag->parts) {
        tag->parts = number->parts;
    }
}

static void read_number(struct reading *tag, size_t index)
{
    const struct moor_tag_token *number = token_at(tag, index);
    tag->numbers++;
    tag->was_full = tag->is_full;
    if (!is_joined(tag, index) || is_word(tag, index - 1, "v")) {
        tag->has_version = true;
    }
    tag->is_open = tag->is_open || is_open(tag, index);
    tag->has_release = tag->has_release || number->parts >= 3;
    bool is_whole = is_updated(tag, index) || is_released(tag, index) || is_counted(tag, index);
    if (is_whole || number->parts >= 3) {
        tag->has_version = true;
        tag->is_full = true;
    }
    tag->is_whole = tag->is_whole || is_whole;
    note_parts(tag, index);
}

/*
 * Whether a word is a stage.  A letter alone is one only with a serial that is joined to it, and
 * but for milestones only where two parts are joined before it: `10.1.0-M5`, `3.13.0a2`.
 */
static bool is_stage(const struct reading *tag, size_t index)
{
    const struct moor_tag_token *word = token_at(tag, index);
    if ((word->groups & MOOR_WORD_STAGE) == 0) {
        return false;
    }
    if (word->len > 1) {
        return true;
    }
    bool serial = is_joined(tag, index + 1) && is_number(tag, index + 1);
    bool inside = is_joined(tag, index) && token_at(tag, index - 1)->parts >= 2;
    return serial && (inside || is_word(tag, index, "m"));
}

/* Whether the stage is that of the system or runtime before it: `1.3.0-python3.15-rc`. */
static bool is_others_stage(const struct reading *tag, size_t index)
{
    return index > 0 && token_at(tag, index - 1)->taken &&
           (token_at(tag, index)->groups & (MOOR_WORD_CHANNEL | MOOR_WORD_TRUNK)) == 0;
}

/* A stage behind a version, and whether a serial goes with it: behind it, or between both. */
static void read_stage(struct reading *tag, size_t index)
{
    if (is_others_stage(tag, index)) {
        return;
    }
    bool behind = is_number(tag, index + 1);
    bool before = is_number(tag, index - 1) && (tag->was_full || tag->has_revision);
    tag->has_stage = true;
    tag->has_serial = tag->has_serial || behind || before;
}

/* `centos7.9.2009`: where nothing else is the version, the first word's number is, if it is full.
 */
static void give_back_number(struct reading *tag)
{
    const struct moor_tag_token *number = token_at(tag, 1);
    if (tag->numbers == 0 && number->taken && number->parts >= 3) {
        tag->numbers = 1;
        tag->has_version = true;
        tag->is_full = true;
        tag->parts = number->parts;
    }
}

static void read_tokens(struct reading *tag)
{
    take_numbers(tag);
    for (size_t i = 0; i < tag->tokens.count; i++) {
        tag->has_digit = tag->has_digit || token_at(tag, i)->kind == MOOR_TAG_NUMBER;
        if (is_number(tag, i)) {
            read_number(tag, i);
        } else if (tag->has_version && is_stage(tag, i)) {
            read_stage(tag, i);
        } else if (tag->has_version && is_word(tag, i, "r") && token_at(tag, i)->separator == '-' &&
                   is_joined(tag, i + 1)) {
            tag->has_revision = true;
        }
    }
    give_back_number(tag);
}

/* --- the rules ------------------------------------------------------------------------------- */

/* A piece, not the beginning of another word. */
static bool is_dirty(const struct reading *tag)
{
    for (size_t i = 0; i < tag->tokens.count; i++) {
        if (is_word(tag, i, "dirty") && !is_joined(tag, i) && !is_joined(tag, i + 1)) {
            return true;
        }
    }
    return false;
}

/* Ends in `-N-g` and 7 to 40 hex digits. */
static bool is_describe(const struct reading *tag)
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

static bool is_timestamp(const struct reading *tag)
{
    return tag->date == MOOR_TAG_TIME;
}

/* `sha-860c190`, `git860c190`: a word that announces a commit, and hex digits. */
static bool is_announced_commit(struct moor_slice before, struct moor_slice piece)
{
    static const char *const words[] = {"sha", "git", "commit", "rev"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct moor_slice word = moor_slice_from(words[i]);
        struct moor_slice rest = moor_slice_sub(piece, word.len, piece.len);
        if ((moor_slice_equal(before, word) && moor_tag_is_hex(piece, 7, 64, NULL, NULL)) ||
            (moor_slice_starts_with(piece, word) && moor_tag_is_hex(rest, 7, 64, NULL, NULL))) {
            return true;
        }
    }
    return false;
}

static bool is_commit(const struct reading *tag)
{
    struct moor_slice text = moor_tag_text(&tag->tokens);
    bool letters = false;
    bool digits = false;
    if (moor_tag_is_hex(text, 6, 39, &letters, &digits) && letters && digits &&
        !moor_tag_is_word_with_year(text)) {
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

static bool is_ambiguous(const struct reading *tag)
{
    return !tag->has_digit && moor_tag_is_hex(moor_tag_text(&tag->tokens), 6, 40, NULL, NULL);
}

static bool is_branch(const struct reading *tag)
{
    if ((token_at(tag, 0)->groups & MOOR_WORD_CHANGE) != 0 && tag->tokens.count > 1) {
        return true;
    }
    return (tag->groups & MOOR_WORD_TRUNK) != 0 && tag->numbers == 0;
}

/* The whole tag is a number of four or more digits that is no year, date or Windows release. */
static bool is_serial(const struct reading *tag)
{
    size_t first = is_word(tag, 0, "v") ? 1 : 0;
    const struct moor_tag_token *number = token_at(tag, first);
    if (tag->tokens.count != first + 1 || number->kind != MOOR_TAG_NUMBER || number->parts > 1 ||
        number->digits < 4 || tag->date != MOOR_TAG_NO_DATE || number->start > first) {
        return false;
    }
    return !is_year(tag, first);
}

static bool is_build_number(const struct reading *tag)
{
    for (size_t i = 0; i + 1 < tag->tokens.count; i++) {
        if ((token_at(tag, i)->groups & MOOR_WORD_BUILD) != 0 && is_number(tag, i + 1) &&
            token_at(tag, i + 1)->parts == 1) {
            return true;
        }
    }
    return is_serial(tag);
}

static bool is_channel(const struct reading *tag)
{
    return !tag->has_digit ||
           (tag->numbers == 0 && (tag->groups & (MOOR_WORD_CHANNEL | MOOR_WORD_STAGE)) != 0);
}

static bool is_date(const struct reading *tag)
{
    return tag->date == MOOR_TAG_DAY;
}

static bool is_prerelease_channel(const struct reading *tag)
{
    return tag->has_stage && !tag->has_serial;
}

static bool is_revision(const struct reading *tag)
{
    return tag->has_revision;
}

static bool is_prerelease(const struct reading *tag)
{
    return tag->has_stage;
}

/* `10.1.2-temurin`: the image's version is full, that of the runtime in it is not named at all. */
static bool is_runtime_left_open(const struct reading *tag)
{
    return (tag->groups & MOOR_WORD_PUBLISHER) != 0 && !tag->has_runtime;
}

static bool is_version(const struct reading *tag)
{
    return tag->is_full && !tag->is_open && !is_runtime_left_open(tag);
}

static bool is_partial_version(const struct reading *tag)
{
    return tag->has_version;
}

/* All numbers belong to operating systems and runtimes. */
static bool is_variant(const struct reading *tag)
{
    return tag->numbers == 0;
}

/* The first that holds decides. */
static const struct {
    enum moor_class class;
    bool (*holds)(const struct reading *tag);
} rules[] = {
    {MOOR_CLASS_DIRTY, is_dirty},
    {MOOR_CLASS_DESCRIBE, is_describe},
    {MOOR_CLASS_TIMESTAMP, is_timestamp},
    {MOOR_CLASS_COMMIT, is_commit},
    {MOOR_CLASS_AMBIGUOUS, is_ambiguous},
    {MOOR_CLASS_BRANCH, is_branch},
    {MOOR_CLASS_BUILD_NUMBER, is_build_number},
    {MOOR_CLASS_CHANNEL, is_channel},
    {MOOR_CLASS_DATE, is_date},
    {MOOR_CLASS_PRERELEASE_CHANNEL, is_prerelease_channel},
    {MOOR_CLASS_REVISION, is_revision},
    {MOOR_CLASS_PRERELEASE, is_prerelease},
    {MOOR_CLASS_VERSION, is_version},
    {MOOR_CLASS_PARTIAL_VERSION, is_partial_version},
    {MOOR_CLASS_VARIANT, is_variant},
};

static enum moor_class first_rule(const struct reading *tag)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].holds(tag)) {
            return rules[i].class;
        }
    }
    return MOOR_CLASS_UNKNOWN;
}

struct moor_tag moor_tag_classify(struct moor_slice tag)
{
    struct reading reading;
    memset(&reading, 0, offsetof(struct reading, tokens));
    struct moor_tag found = {.class = MOOR_CLASS_UNKNOWN};
    if (!moor_tag_tokens_init(&reading.tokens, tag)) {
        return found;
    }
    reading.date = moor_tag_find_date(moor_tag_text(&reading.tokens));
    read_tokens(&reading);
    found.class = first_rule(&reading);
    found.base_unpinned = found.class == MOOR_CLASS_VERSION && !reading.has_base;
    found.foreign_commit = found.class == MOOR_CLASS_COMMIT && reading.has_release;
    found.is_whole = reading.is_whole;
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
