/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/tag_tokens.h"

#include "policy/image/tag_words.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_separator(char c)
{
    return c == '-' || c == '_' || c == '.';
}

/* The byte at `at`, or NUL behind the end: a tag holds none. */
static char byte_at(struct moor_slice text, size_t at)
{
    return at < text.len ? text.ptr[at] : '\0';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* --- words and numbers ----------------------------------------------------------------------- */

static size_t word_len(struct moor_slice text, size_t at)
{
    size_t end = at;
    while (is_letter(byte_at(text, end))) {
        end++;
    }
    return end - at;
}

/* Digits, and single dots between digits. */
static struct moor_tag_token read_number(struct moor_slice text, size_t at)
{
    struct moor_tag_token token = {.kind = MOOR_TAG_NUMBER, .start = (uint8_t)at, .parts = 1};
    size_t end = at;
    while (is_digit(byte_at(text, end))) {
        end++;
        if (byte_at(text, end) == '.' && is_digit(byte_at(text, end + 1))) {
            token.digits = token.parts == 1 ? (uint8_t)(end - at) : token.digits;
            token.parts++;
            end++;
        }
    }
    token.len = (uint8_t)(end - at);
    token.digits = token.parts == 1 ? token.len : token.digits;
    return token;
}

static struct moor_tag_token read_word(struct moor_slice text, size_t at)
{
    size_t len = word_len(text, at);
    return (struct moor_tag_token){.kind = MOOR_TAG_WORD,
                                   .start = (uint8_t)at,
                                   .len = (uint8_t)len,
                                   .groups =
                                       moor_tag_word_groups(moor_slice_sub(text, at, at + len))};
}

bool moor_tag_tokens_init(struct moor_tag_tokens *out, struct moor_slice tag)
{
    if (tag.len == 0 || tag.len > MOOR_TAG_MAX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < tag.len; i++) {
        out->text[i] = lower(tag.ptr[i]);
    }
    out->len = tag.len;
    out->count = 0;
    struct moor_slice text = moor_tag_text(out);
    char separator = '\0';
    for (size_t at = 0; at < text.len;) {
        char c = text.ptr[at];
        if (is_separator(c)) {
            separator = c;
            at++;
            continue;
        }
        if (!is_digit(c) && !is_letter(c)) {
            return false;
        }
        struct moor_tag_token token = is_digit(c) ? read_number(text, at) : read_word(text, at);
        token.separator = separator;
        separator = '\0';
        at += token.len;
        out->list[out->count++] = token;
    }
    return true;
}

bool moor_tag_next_piece(struct moor_slice *out, struct moor_slice text, size_t *at)
{
    if (*at >= text.len) {
        return false;
    }
    size_t end = *at;
    while (end < text.len && !is_separator(text.ptr[end])) {
        end++;
    }
    *out = moor_slice_sub(text, *at, end);
    *at = end + 1;
    return true;
}

/* --- hashes ---------------------------------------------------------------------------------- */

bool moor_tag_is_hex(struct moor_slice piece, size_t from, size_t to, bool *letters, bool *digits)
{
    bool has_letter = false;
    bool has_digit = false;
    for (size_t i = 0; i < piece.len; i++) {
        char c = piece.ptr[i];
        if (is_digit(c)) {
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
    return text.len == 4 && is_digit(text.ptr[2]) && is_digit(text.ptr[3]) &&
           ((text.ptr[0] == '1' && text.ptr[1] == '9') ||
            (text.ptr[0] == '2' && text.ptr[1] == '0'));
}

bool moor_tag_is_word_with_year(struct moor_slice piece)
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

bool moor_tag_is_commit(struct moor_slice piece)
{
    bool letters = false;
    bool digits = false;
    if (piece.len > 7 && (piece.ptr[0] == 'g' || piece.ptr[0] == 'v')) {
        piece = moor_slice_sub(piece, 1, piece.len);
    }
    if (!moor_tag_is_hex(piece, 7, 64, &letters, &digits)) {
        return false;
    }
    if (piece.len == 40 || piece.len == 64) {
        return true;
    }
    return piece.len < 40 && letters && digits && !moor_tag_is_word_with_year(piece);
}

/* --- dates ----------------------------------------------------------------------------------- */

static unsigned value_of(struct moor_slice text, size_t at, size_t len)
{
    unsigned value = 0;
    for (size_t i = at; i < at + len; i++) {
        value = value * 10 + (unsigned)(text.ptr[i] - '0');
    }
    return value;
}

static size_t digit_run(struct moor_slice text, size_t at)
{
    size_t end = at;
    while (is_digit(byte_at(text, end))) {
        end++;
    }
    return end - at;
}

static bool is_day(unsigned year, unsigned month, unsigned day)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 2000 || year > 2099 || month < 1 || month > 12 || day < 1) {
        return false;
    }
    unsigned leap = month == 2 && year % 4 == 0 ? 1 : 0; /* 2000 is one, and 2100 is too far */
    return day <= days[month - 1] + leap;
}

/* Two or three groups of two digits: hours, minutes and maybe seconds. */
static bool is_clock(struct moor_slice text, size_t at, size_t len)
{
    return value_of(text, at, 2) < 24 && value_of(text, at + 2, 2) < 60 &&
           (len == 4 || value_of(text, at + 4, 2) <= 60);
}

/* Whether the digits may end here: at the end, at a separator, or at the Z of a time in UTC. */
static bool is_end(struct moor_slice text, size_t at)
{
    char c = byte_at(text, at);
    if (c == 'z') {
        c = byte_at(text, at + 1);
    }
    return c == '\0' || is_separator(c);
}

/* `15-33`, `15-33-07`: returns whether such a time stands at `at`. */
static bool is_spelt_clock(struct moor_slice text, size_t at)
{
    if (digit_run(text, at) != 2 || !is_separator(byte_at(text, at + 2)) ||
        digit_run(text, at + 3) != 2 || !is_end(text, at + 5)) {
        return false;
    }
    return value_of(text, at, 2) < 24 && value_of(text, at + 3, 2) < 60;
}

/* What follows a day that ends at `at`. */
static enum moor_tag_date read_time(struct moor_slice text, size_t at)
{
    char c = byte_at(text, at);
    if (c != 't' && !is_separator(c)) {
        return is_end(text, at) ? MOOR_TAG_DAY : MOOR_TAG_NO_DATE;
    }
    size_t run = digit_run(text, at + 1);
    bool clock =
        (run == 4 || run == 6) && is_end(text, at + 1 + run) && is_clock(text, at + 1, run);
    if (clock || is_spelt_clock(text, at + 1)) {
        return MOOR_TAG_TIME;
    }
    return is_end(text, at) ? MOOR_TAG_DAY : MOOR_TAG_NO_DATE;
}

/* `2024-01-07`, `2024_01_07`, `2024.01.07`, and `2024.1.7`. */
static enum moor_tag_date read_spelt_day(struct moor_slice text, size_t at)
{
    char separator = byte_at(text, at + 4);
    bool inside_number = at > 1 && text.ptr[at - 1] == '.' && is_digit(text.ptr[at - 2]);
    if (!is_separator(separator) || inside_number) {
        return MOOR_TAG_NO_DATE;
    }
    size_t month = digit_run(text, at + 5);
    size_t day_at = at + 5 + month + 1;
    size_t day = digit_run(text, day_at);
    size_t shortest = separator == '.' ? 1 : 2;
    if (month < shortest || month > 2 || day < shortest || day > 2 ||
        byte_at(text, at + 5 + month) != separator ||
        !is_day(value_of(text, at, 4), value_of(text, at + 5, month),
                value_of(text, day_at, day))) {
        return MOOR_TAG_NO_DATE;
    }
    return read_time(text, day_at + day);
}

/* What a run of `len` digits at `at` is. */
static enum moor_tag_date read_date(struct moor_slice text, size_t at, size_t len)
{
    if (len == 4) {
        return read_spelt_day(text, at);
    }
    if (len == 10 || len == 13) {
        bool recent = text.ptr[at] == '1' && text.ptr[at + 1] >= '5';
        return recent && is_end(text, at + len) ? MOOR_TAG_TIME : MOOR_TAG_NO_DATE;
    }
    if ((len != 8 && len != 12 && len != 14) ||
        !is_day(value_of(text, at, 4), value_of(text, at + 4, 2), value_of(text, at + 6, 2))) {
        return MOOR_TAG_NO_DATE;
    }
    if (len == 8) {
        return read_time(text, at + len);
    }
    bool time = is_end(text, at + len) && is_clock(text, at + 8, len - 8);
    return time ? MOOR_TAG_TIME : MOOR_TAG_NO_DATE;
}

/* Whether a piece begins at `at`, or one behind the v that begins it. */
static bool is_begin(struct moor_slice text, size_t at)
{
    bool behind_v = at > 0 && text.ptr[at - 1] == 'v';
    size_t start = behind_v ? at - 1 : at;
    return start == 0 || is_separator(text.ptr[start - 1]);
}

enum moor_tag_date moor_tag_find_date(struct moor_slice text)
{
    enum moor_tag_date found = MOOR_TAG_NO_DATE;
    for (size_t at = 0; at < text.len && found != MOOR_TAG_TIME;) {
        size_t run = digit_run(text, at);
        if (run >= 4 && is_begin(text, at)) {
            enum moor_tag_date date = read_date(text, at, run);
            found = date > found ? date : found;
        }
        at += run > 0 ? run : 1;
    }
    return found;
}
