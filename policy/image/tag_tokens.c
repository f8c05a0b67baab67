/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/tag_tokens.h"
#include "policy/base/ascii.h"

#include "policy/image/tag_date.h"
#include "policy/image/tag_words.h"

/* --- words and numbers ------------------------------------------------------------------------ */

/*
 * Letters only: in `bookworm12` the word ends before its number, which belongs to it but is read as
 * a token of its own.
 */
static size_t word_len(struct moor_slice text, size_t at)
{
    size_t end = at;
    while (moor_ascii_is_lower(moor_tag_byte(text, end))) {
        end++;
    }
    return end - at;
}

/* A number has digits, and single dots between them. */
static struct moor_tag_token read_number(struct moor_slice text, size_t at)
{
    struct moor_tag_token token = {.kind = MOOR_TAG_NUMBER, .start = (uint8_t)at, .parts = 1};
    size_t end = at;
    while (moor_ascii_is_digit(moor_tag_byte(text, end))) {
        end++;
        if (moor_tag_byte(text, end) == '.' && moor_ascii_is_digit(moor_tag_byte(text, end + 1))) {
            token.digits = token.parts == 1 ? (uint8_t)(end - at) : token.digits;
            token.parts++;
            end++;
        }
    }
    token.len = (uint8_t)(end - at);
    token.digits = token.parts == 1 ? token.len : token.digits;
    return token;
}

/* The groups are looked up here, once, because many rules ask for them. */
static struct moor_tag_token read_word(struct moor_slice text, size_t at)
{
    size_t len = word_len(text, at);
    return (struct moor_tag_token){.kind = MOOR_TAG_WORD,
                                   .start = (uint8_t)at,
                                   .len = (uint8_t)len,
                                   .groups =
                                       moor_tag_word_groups(moor_slice_sub(text, at, at + len))};
}

/*
 * Registries compare tags by case, but publishers use `v1.2-RC1` and `v1.2-rc1` alike, so rules see
 * lower case only. A tag of 128 bytes has at most 128 tokens, so the list needs no check of its
 * own.
 */
bool moor_tag_tokens_init(struct moor_tag_tokens *out, struct moor_slice tag)
{
    if (tag.len == 0 || tag.len > MOOR_TAG_MAX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < tag.len; i++) {
        out->text[i] = moor_ascii_lower(tag.ptr[i]);
    }
    out->len = tag.len;
    out->count = 0;
    struct moor_slice text = moor_tag_text(out);
    char separator = '\0';
    for (size_t at = 0; at < text.len;) {
        char c = text.ptr[at];
        if (moor_tag_is_separator(c)) {
            separator = c;
            at++;
            continue;
        }
        if (!moor_ascii_is_digit(c) && !moor_ascii_is_lower(c)) {
            return false;
        }
        struct moor_tag_token token =
            moor_ascii_is_digit(c) ? read_number(text, at) : read_word(text, at);
        token.separator = separator;
        separator = '\0';
        at += token.len;
        out->list[out->count++] = token;
    }
    return true;
}

/* Pieces are for hashes: a hash mixes letters and digits, so it is several tokens but one piece. */
bool moor_tag_next_piece(struct moor_slice *out, struct moor_slice text, size_t *at)
{
    if (*at >= text.len) {
        return false;
    }
    size_t end = *at;
    while (end < text.len && !moor_tag_is_separator(text.ptr[end])) {
        end++;
    }
    *out = moor_slice_sub(text, *at, end);
    *at = end + 1;
    return true;
}

/* --- hashes ----------------------------------------------------------------------------------- */

/*
 * Also reports which kinds of hex digits there are, because a commit without one of them is
 * unlikely.
 */
bool moor_tag_is_hex(struct moor_slice piece, size_t from, size_t to, bool *letters, bool *digits)
{
    bool has_letter = false;
    bool has_digit = false;
    for (size_t i = 0; i < piece.len; i++) {
        char c = piece.ptr[i];
        if (moor_ascii_is_digit(c)) {
            has_digit = true;
        } else if (c >= 'a' && c <= 'f') {
            has_letter = true;
        } else {
            return false;
        }
    }
    if (letters != NULL && digits != NULL) {
        *letters = has_letter;
        *digits = has_digit;
    }
    return piece.len >= from && piece.len <= to;
}

static bool is_year(struct moor_slice text)
{
    return text.len == 4 && moor_ascii_is_digit(text.ptr[2]) && moor_ascii_is_digit(text.ptr[3]) &&
           ((text.ptr[0] == '1' && text.ptr[1] == '9') ||
            (text.ptr[0] == '2' && text.ptr[1] == '0'));
}

/* `feed2024` and `2024face` have hex digits only; they are names with a year and no hashes. */
static bool is_word_with_year(struct moor_slice piece)
{
    if (piece.len < 5) {
        return false;
    }
    size_t letters = word_len(piece, 0);
    if (letters > 0) {
        return is_year(moor_slice_sub(piece, letters, piece.len));
    }
    return is_year(moor_slice_sub(piece, 0, 4)) && word_len(piece, 4) == piece.len - 4;
}

/* Of the months, only `feb` and `dec` have hex letters alone: `07feb2024`, `24dec23`. */
static bool is_day_of_hex_month(struct moor_slice piece)
{
    size_t day = 0;
    while (day < piece.len && moor_ascii_is_digit(piece.ptr[day])) {
        day++;
    }
    struct moor_slice month = moor_slice_sub(piece, day, day + 3);
    size_t year = piece.len - day - month.len;
    return (day == 1 || day == 2) && (year == 2 || year == 4) &&
           (moor_slice_is(month, "feb") || moor_slice_is(month, "dec")) &&
           word_len(piece, day) == 3;
}

bool moor_tag_is_word_with_date(struct moor_slice piece)
{
    return is_word_with_year(piece) || is_day_of_hex_month(piece) ||
           moor_tag_is_day_with_letters(piece);
}

/* An abbreviated hash needs letters and digits: without them it may be a word or a number. */
bool moor_tag_is_commit(struct moor_slice piece)
{
    bool letters = false;
    bool digits = false;
    /* Git describe writes `g` before a hash, and some pipelines write `v`. */
    if (piece.len > 7 && (piece.ptr[0] == 'g' || piece.ptr[0] == 'v')) {
        piece = moor_slice_sub(piece, 1, piece.len);
    }
    if (!moor_tag_is_hex(piece, 7, 64, &letters, &digits)) {
        return false;
    }
    /* At the full length of SHA-1 or SHA-256, chance does not explain hex digits of one kind. */
    if (piece.len == 40 || piece.len == 64) {
        return true;
    }
    return piece.len < 40 && letters && digits && !moor_tag_is_word_with_date(piece);
}
