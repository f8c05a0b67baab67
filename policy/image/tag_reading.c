/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/tag_reading.h"

bool moor_tag_is_year(const struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *number = moor_tag_at(tag, index);
    const char *digit = tag->tokens.text + number->start;
    return number->digits == 4 &&
           ((digit[0] == '1' && digit[1] >= '7') || (digit[0] == '2' && digit[1] == '0'));
}

/* --- numbers of words ------------------------------------------------------------------------- */

/*
 * Returns whether the version before an update can have an update of this kind.  These limits keep
 * other tags from counting: the hex digits of `prod-2b9`, the CUDA version in `2-cu121`, `v1p2`,
 * and the service pack `15-sp4`.
 */
static bool can_be_updated(const struct moor_tag_reading *tag, size_t index)
{
    bool joined = moor_tag_is_joined(tag, index + 1);
    if (moor_tag_has_word(tag, index + 1, "b")) {
        return !joined || moor_tag_at(tag, index)->start <= 1 ||
               (tag->groups & MOOR_WORD_RUNTIME) != 0;
    }
    if (moor_tag_has_word(tag, index + 1, "cu")) {
        return moor_tag_is_year(tag, index);
    }
    bool one_part_will_do = (joined && moor_tag_has_word(tag, index + 1, "u")) ||
                            moor_tag_has_word(tag, index + 1, "kb");
    return one_part_will_do || moor_tag_at(tag, index)->parts >= 2;
}

/*
 * An update joins its number and follows a number: `8u212`, `2019-cu31`, `9-b114`.  A number of an
 * operating system or another word has no update: `1.2-ol8u9`, `db2b9`.
 */
static bool is_updated(const struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *word = moor_tag_at(tag, index + 1);
    bool is_free = !moor_tag_is_joined(tag, index) || moor_tag_has_word(tag, index - 1, "v") ||
                   (moor_tag_at(tag, index - 1)->groups & MOOR_WORD_RUNTIME) != 0;
    return is_free && (word->groups & MOOR_WORD_UPDATE) != 0 && word->separator != '.' &&
           moor_tag_has_number(tag, index + 2) && moor_tag_is_joined(tag, index + 2) &&
           can_be_updated(tag, index);
}

/*
 * Returns whether the number at `index` belongs to the operating system or runtime before it.  A
 * joined number always does.  After a hyphen only a short number does: `debian-12`, but not
 * `alpine-v17.5.3` or `alpine-20240107`.
 */
static bool takes_number(const struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *number = moor_tag_at(tag, index);
    if (number->kind != MOOR_TAG_NUMBER) {
        return false;
    }
    return number->separator == '\0' ||
           (number->separator != '.' && number->parts <= 2 && number->digits <= 4);
}

/* Marks the number and the tokens joined to it: `20h2`, `arm64v8`, `x86_64`. */
static void take_number(struct moor_tag_reading *tag, size_t index, bool machine)
{
    do {
        tag->tokens.list[index++].taken = true;
    } while (moor_tag_is_joined(tag, index) || (machine && moor_tag_has_number(tag, index) &&
                                                moor_tag_at(tag, index)->separator == '_'));
}

/* The `32` of `32bit` precedes its word; all other numbers follow theirs. */
static void take_numbers(struct moor_tag_reading *tag)
{
    for (size_t i = 0; i < tag->tokens.count; i++) {
        tag->groups |= moor_tag_at(tag, i)->groups;
    }
    for (size_t i = 0; i < tag->tokens.count; i++) {
        unsigned groups = moor_tag_at(tag, i)->groups;
        tag->has_base = tag->has_base || (groups & MOOR_WORD_CODENAME) != 0;
        bool machine = (groups & MOOR_WORD_MACHINE) != 0 && moor_tag_is_joined(tag, i + 1);
        if (moor_tag_is_joined(tag, i + 1) && moor_tag_has_word(tag, i + 1, "bit")) {
            tag->tokens.list[i].taken = true;
        } else if (((groups & (MOOR_WORD_SYSTEM | MOOR_WORD_RUNTIME)) != 0 || machine) &&
                   takes_number(tag, i + 1) && !is_updated(tag, i + 1)) {
            tag->has_base = tag->has_base || (groups & MOOR_WORD_SYSTEM) != 0;
            tag->has_runtime = tag->has_runtime || (groups & MOOR_WORD_RUNTIME) != 0;
            take_number(tag, i + 1, machine);
        }
    }
}

/* --- numbers of the version ------------------------------------------------------------------- */

/*
 * Returns whether a number can be the release of a package.  Such a number is long, and is not a
 * year, a machine (`1.25-386`) or a release of Ubuntu without its dot (`12.1-2204`).
 */
static bool is_package_release(const struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *number = moor_tag_at(tag, index);
    struct moor_slice text = {tag->tokens.text + number->start, number->len};
    struct moor_slice month = moor_slice_sub(text, 2, text.len);
    bool is_ubuntu = text.len == 4 && (moor_slice_is(month, "04") || moor_slice_is(month, "10"));
    return number->digits >= 3 && !is_ubuntu && !moor_slice_is(text, "386") &&
           !moor_tag_is_year(tag, index);
}

/*
 * Returns whether the next number makes this one a full version.  `21_35-jdk` is a build of the
 * runtime, which has no number.  `1_2_3` has three parts, while `1_25` is another spelling of 1.25.
 * `8.10-1052` is the release of a package.  A short number, as in `1.16-1`, may count rebuilds of a
 * series, except after a year and a month: `2024.10-1`.
 */
static bool is_released(const struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *release = moor_tag_at(tag, index + 1);
    if (!moor_tag_has_number(tag, index + 1)) {
        return false;
    }
    if (release->separator == '_') {
        bool is_runtime = (tag->groups & MOOR_WORD_RUNTIME) != 0 && !tag->has_runtime;
        return is_runtime || (moor_tag_has_number(tag, index + 2) &&
                              moor_tag_at(tag, index + 2)->separator == '_');
    }
    const struct moor_tag_token *number = moor_tag_at(tag, index);
    struct moor_slice text = {tag->tokens.text + number->start, number->len};
    bool is_month = moor_tag_is_month(text) && !moor_tag_is_year(tag, index + 1);
    return release->separator == '-' && number->parts == 2 && release->parts == 1 &&
           (is_month || is_package_release(tag, index + 1));
}

/*
 * `2.440-jdk17`: the second of two parts is 50 or more, beside a runtime with its own version.
 * Such a number counts releases.  Without a runtime it may be a series that still gets patches,
 * as Rust 1.72 did.
 */
static bool is_counted(const struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *number = moor_tag_at(tag, index);
    if (number->parts != 2 || !tag->has_runtime) {
        return false;
    }
    const char *second = tag->tokens.text + number->start + number->digits + 1;
    int digits = number->len - number->digits - 1;
    return second[0] != '0' && (digits > 2 || (digits == 2 && second[0] >= '5'));
}

/* `1.16.x` is open, `1.16.x86` is not. */
static bool is_open(const struct moor_tag_reading *tag, size_t index)
{
    return moor_tag_has_word(tag, index + 1, "x") &&
           moor_tag_at(tag, index + 1)->separator == '.' && !moor_tag_is_joined(tag, index + 2);
}

/* A number inside a word, such as the 2 of `db2`, counts only if it looks like a full version. */
static void note_parts(struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *number = moor_tag_at(tag, index);
    bool is_free = !moor_tag_is_joined(tag, index) || moor_tag_has_word(tag, index - 1, "v");
    if ((is_free || number->parts >= 3) && number->parts > tag->parts) {
        tag->parts = number->parts;
    }
}

static void read_number(struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *number = moor_tag_at(tag, index);
    tag->numbers++;
    tag->was_full = tag->is_full;
    if (!moor_tag_is_joined(tag, index) || moor_tag_has_word(tag, index - 1, "v")) {
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

/* --- words after the version ------------------------------------------------------------------ */

static bool is_hex_word(const struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *word = moor_tag_at(tag, index);
    struct moor_slice text = {tag->tokens.text + word->start, word->len};
    return word->kind == MOOR_TAG_WORD && moor_tag_is_hex(text, 1, text.len, NULL, NULL);
}

/* Returns whether hex letters surround the word and its number: the `ea` of `2.46.0.0e19ea`. */
static bool is_inside_hex(const struct moor_tag_reading *tag, size_t index)
{
    bool before = index > 1 && moor_tag_is_joined(tag, index) &&
                  moor_tag_is_joined(tag, index - 1) && is_hex_word(tag, index - 2);
    bool after = moor_tag_is_joined(tag, index + 1) && moor_tag_is_joined(tag, index + 2) &&
                 is_hex_word(tag, index + 2);
    return is_hex_word(tag, index) && (before || after);
}

/*
 * Beside a system or runtime with its release, `devel` means the variant with development headers:
 * `12.2.0-devel-ubuntu22.04`.
 */
static bool is_headers(const struct moor_tag_reading *tag, size_t index)
{
    return (tag->has_base || tag->has_runtime) && moor_tag_has_word(tag, index, "devel");
}

/* `v1beta1` is an API version of Kubernetes, not a pre-release. */
static bool is_api_version(const struct moor_tag_reading *tag, size_t index)
{
    return index > 1 &&
           (moor_tag_has_word(tag, index, "alpha") || moor_tag_has_word(tag, index, "beta")) &&
           moor_tag_has_word(tag, index - 2, "v") && moor_tag_is_joined(tag, index - 1) &&
           moor_tag_at(tag, index - 1)->len == 1 && moor_tag_is_joined(tag, index) &&
           moor_tag_is_joined(tag, index + 1);
}

/*
 * A single letter is a stage only with a joined serial number.  Except for milestones, it must also
 * be joined to a number of two or more parts: `10.1.0-M5`, `3.13.0a2`.
 */
static bool is_stage(const struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *word = moor_tag_at(tag, index);
    if ((word->groups & MOOR_WORD_STAGE) == 0 || is_inside_hex(tag, index) ||
        is_headers(tag, index) || is_api_version(tag, index)) {
        return false;
    }
    if (word->len > 1) {
        return true;
    }
    bool serial = moor_tag_is_joined(tag, index + 1) && moor_tag_has_number(tag, index + 1);
    bool inside = moor_tag_is_joined(tag, index) && moor_tag_at(tag, index - 1)->parts >= 2;
    return serial && (inside || moor_tag_has_word(tag, index, "m"));
}

/* Returns whether the stage belongs to the system or runtime before it: `1.3.0-python3.15-rc`. */
static bool is_others_stage(const struct moor_tag_reading *tag, size_t index)
{
    return index > 0 && moor_tag_at(tag, index - 1)->taken &&
           (moor_tag_at(tag, index)->groups & (MOOR_WORD_CHANNEL | MOOR_WORD_TRUNK)) == 0;
}

/*
 * Returns whether the number after a channel is its serial number: `2.8-dev6`, `1.2.3-nightly.20`,
 * `1.2.3-main-5`.  After a partial version and a hyphen, the number may belong to a variant
 * (`1.2-dev-17`).  `latest` never has a serial number.
 */
static bool is_channel_serial(const struct moor_tag_reading *tag, size_t index)
{
    const struct moor_tag_token *number = moor_tag_at(tag, index + 1);
    return number->parts == 1 && (number->separator != '-' || tag->is_full) &&
           !moor_tag_has_word(tag, index, "latest");
}

/*
 * Returns whether the stage has a serial number, after it or before it.  A number before a channel
 * is not a serial number (`1.2.3-1-latest`), except before `dev`: `3.2.0-42.0.dev` is a build of
 * Dart, and `1.21.3-r2-dev` is a variant of a revision.
 */
static bool has_serial(const struct moor_tag_reading *tag, size_t index, bool is_channel)
{
    if (moor_tag_has_number(tag, index + 1)) {
        return !is_channel || is_channel_serial(tag, index);
    }
    bool before = moor_tag_has_number(tag, index - 1) && (tag->was_full || tag->has_revision);
    bool is_dart = moor_tag_at(tag, index)->separator == '.' && !tag->has_stage;
    bool counts =
        !is_channel || (moor_tag_has_word(tag, index, "dev") && (tag->has_revision || is_dart));
    return before && counts;
}

/* With a v, the tag is that of a git release: `v0.21.2-beta`.  Without it, images move such tags.
 */
static bool is_git_tag(const struct moor_tag_reading *tag, size_t index)
{
    return index == 2 && moor_tag_has_word(tag, 0, "v") && moor_tag_is_joined(tag, 1) &&
           moor_tag_at(tag, 1)->parts == 3 && moor_tag_at(tag, 2)->separator == '-' &&
           (moor_tag_has_word(tag, 2, "alpha") || moor_tag_has_word(tag, 2, "beta"));
}

/* Debian's `experimental` is a channel and also the name of a base system. */
static void read_stage(struct moor_tag_reading *tag, size_t index)
{
    unsigned groups = moor_tag_at(tag, index)->groups;
    if (is_others_stage(tag, index)) {
        return;
    }
    bool is_channel = (groups & (MOOR_WORD_CHANNEL | MOOR_WORD_TRUNK)) != 0;
    bool serial = has_serial(tag, index, is_channel);
    tag->has_stage = true;
    tag->has_channel =
        (tag->has_channel || (is_channel && (groups & MOOR_WORD_CODENAME) == 0)) && !serial;
    tag->has_serial = tag->has_serial || serial || is_git_tag(tag, index);
}

/* A counter is a letter or two with a joined number, after a hyphen: `-r5`, `-ls21`. */
static bool is_counter(const struct moor_tag_reading *tag, size_t index, const char *word)
{
    return moor_tag_has_word(tag, index, word) && moor_tag_at(tag, index)->separator == '-' &&
           moor_tag_is_joined(tag, index + 1);
}

static void read_word(struct moor_tag_reading *tag, size_t index)
{
    if (is_counter(tag, index, "ls")) {
        tag->has_build = tag->has_version || tag->date != MOOR_TAG_NO_DATE;
    }
    if (!tag->has_version) {
        return;
    }
    tag->has_change = tag->has_change || (moor_tag_at(tag, index)->groups & MOOR_WORD_CHANGE) != 0;
    tag->has_revision = tag->has_revision || is_counter(tag, index, "r");
    if (is_stage(tag, index)) {
        read_stage(tag, index);
    }
}

/* --- the whole tag ---------------------------------------------------------------------------- */

/* `centos7.9.2009`: without another version, a full number of the first word is the version. */
static void give_back_number(struct moor_tag_reading *tag)
{
    for (size_t i = 0; i < tag->tokens.count; i++) {
        if (moor_tag_has_number(tag, i)) {
            return;
        }
    }
    if (moor_tag_at(tag, 1)->taken && moor_tag_at(tag, 1)->parts >= 3) {
        tag->tokens.list[1].taken = false;
    }
}

static void read_tokens(struct moor_tag_reading *tag)
{
    take_numbers(tag);
    give_back_number(tag);
    for (size_t i = 0; i < tag->tokens.count; i++) {
        tag->has_digit = tag->has_digit || moor_tag_at(tag, i)->kind == MOOR_TAG_NUMBER;
        if (moor_tag_has_number(tag, i)) {
            read_number(tag, i);
        } else if (moor_tag_at(tag, i)->kind == MOOR_TAG_WORD) {
            read_word(tag, i);
        }
    }
}

bool moor_tag_read(struct moor_tag_reading *out, struct moor_slice tag)
{
    memset(out, 0, offsetof(struct moor_tag_reading, tokens));
    if (!moor_tag_tokens_init(&out->tokens, tag)) {
        return false;
    }
    out->date = moor_tag_find_date(moor_tag_text(&out->tokens));
    read_tokens(out);
    return true;
}
