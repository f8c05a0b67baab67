/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/tag_date.h"
#include "policy/base/array_size.h"
#include "policy/base/ascii.h"
#include "policy/base/calendar.h"

/* Maximum digits of a serial number after the letters of a date's piece: `20240107rc1`. */
#define MAX_SERIAL_DIGITS 2

/* Beside a day, this many hex digits are an abbreviated commit hash: `20240107abcdef0`. */
#define SHORTEST_HASH     7

static size_t letter_run(struct moor_slice text, size_t at)
{
    size_t end = at;
    while (moor_ascii_is_lower(moor_tag_byte(text, end))) {
        end++;
    }
    return end - at;
}

static size_t digit_run(struct moor_slice text, size_t at)
{
    size_t end = at;
    while (moor_ascii_is_digit(moor_tag_byte(text, end))) {
        end++;
    }
    return end - at;
}

static unsigned value_of(struct moor_slice text, size_t at, size_t len)
{
    unsigned value = 0;
    for (size_t i = at; i < at + len; i++) {
        value = value * 10 + (unsigned)(text.ptr[i] - '0');
    }
    return value;
}

/* --- the calendar ----------------------------------------------------------------------------- */

static bool is_year(unsigned year)
{
    return year >= 2000 && year <= 2099;
}

static bool is_day(unsigned year, unsigned month, unsigned day)
{
    return is_year(year) && month >= 1 && month <= 12 && day >= 1 &&
           day <= moor_calendar_days(year, month);
}

/* Returns the weekday of 31 December; 0 is Sunday. */
static unsigned last_weekday(unsigned year)
{
    return (year + year / 4 - year / 100 + year / 400) % 7;
}

/* ISO 8601: a year that begins or ends on a Thursday has 53 weeks. */
static bool is_week(unsigned year, unsigned week)
{
    unsigned weeks = last_weekday(year) == 4 || last_weekday(year - 1) == 3 ? 53 : 52;
    return is_year(year) && week >= 1 && week <= weeks;
}

/* The caller has checked that there are eight digits at `at`. */
static bool is_plain_day(struct moor_slice text, size_t at)
{
    return is_day(value_of(text, at, 4), value_of(text, at + 4, 2), value_of(text, at + 6, 2));
}

/* `len` is 4 for hours and minutes, 6 with seconds; 60 is a leap second. */
static bool is_clock(struct moor_slice text, size_t at, size_t len)
{
    return value_of(text, at, 2) < 24 && value_of(text, at + 2, 2) < 60 &&
           (len == 4 || value_of(text, at + 4, 2) <= 60);
}

/* --- where digits may begin and end ----------------------------------------------------------- */

static bool is_boundary(struct moor_slice text, size_t at)
{
    char c = moor_tag_byte(text, at);
    return c == '\0' || moor_tag_is_separator(c);
}

/* Letters and a short serial number may end a piece; the Z of UTC is such a letter. */
static bool is_end(struct moor_slice text, size_t at)
{
    size_t letters = letter_run(text, at);
    size_t digits = letters > 0 ? digit_run(text, at + letters) : 0;
    return digits <= MAX_SERIAL_DIGITS && is_boundary(text, at + letters + digits);
}

/* Letters may begin a piece: `v`, `nightly`. */
static bool is_begin(struct moor_slice text, size_t at)
{
    size_t start = at;
    while (start > 0 && moor_ascii_is_lower(text.ptr[start - 1])) {
        start--;
    }
    return start == 0 || moor_tag_is_separator(text.ptr[start - 1]);
}

/* --- the forms -------------------------------------------------------------------------------- */

/* Returns whether a time such as `15-33` or `15-33-07` is at `at`. */
static bool is_spelt_clock(struct moor_slice text, size_t at)
{
    if (digit_run(text, at) != 2 || !moor_tag_is_separator(moor_tag_byte(text, at + 2)) ||
        digit_run(text, at + 3) != 2 || !is_end(text, at + 5)) {
        return false;
    }
    return value_of(text, at, 2) < 24 && value_of(text, at + 3, 2) < 60;
}

/* Reads the time after a day that ends at `at`, if there is one. */
static enum moor_tag_date read_time(struct moor_slice text, size_t at)
{
    char c = moor_tag_byte(text, at);
    enum moor_tag_date day = is_end(text, at) ? MOOR_TAG_DAY : MOOR_TAG_NO_DATE;
    if (c != 't' && !moor_tag_is_separator(c)) {
        return day;
    }
    size_t run = digit_run(text, at + 1);
    bool clock =
        (run == 4 || run == 6) && is_end(text, at + 1 + run) && is_clock(text, at + 1, run);
    return clock || is_spelt_clock(text, at + 1) ? MOOR_TAG_TIME : day;
}

/* The zeros of `2024.01.07` mean a day; `2024.1.7` may be a version, and its month may be one
 * digit. */
static enum moor_tag_date read_spelt_day(struct moor_slice text, size_t at)
{
    char separator = moor_tag_byte(text, at + 4);
    bool inside_number = at > 1 && text.ptr[at - 1] == '.' && moor_ascii_is_digit(text.ptr[at - 2]);
    if (!moor_tag_is_separator(separator) || inside_number) {
        return MOOR_TAG_NO_DATE;
    }
    size_t month = digit_run(text, at + 5);
    size_t day_at = at + 5 + month + 1;
    size_t day = digit_run(text, day_at);
    size_t shortest = separator == '.' ? 1 : 2;
    if (month < shortest || month > 2 || day < shortest || day > 2 ||
        moor_tag_byte(text, at + 5 + month) != separator ||
        !is_day(value_of(text, at, 4), value_of(text, at + 5, month),
                value_of(text, day_at, day))) {
        return MOOR_TAG_NO_DATE;
    }
    enum moor_tag_date date = read_time(text, day_at + day);
    bool is_padded = text.ptr[at + 5] == '0' || text.ptr[day_at] == '0';
    return date == MOOR_TAG_DAY && separator == '.' && !is_padded ? MOOR_TAG_CALENDAR_VERSION
                                                                  : date;
}

/* The abbreviations are English and German. */
static bool is_week_word(struct moor_slice text, size_t at, size_t len)
{
    static const char *const words[] = {"w", "wk", "week", "kw", "cw"};
    struct moor_slice word = moor_slice_sub(text, at, at + len);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(words); i++) {
        if (moor_slice_is(word, words[i])) {
            return true;
        }
    }
    return false;
}

/* A separator may precede the word: `2026w14`, `2026-w14`. */
static enum moor_tag_date read_week(struct moor_slice text, size_t at)
{
    size_t word = at + 4 + (moor_tag_is_separator(moor_tag_byte(text, at + 4)) ? 1 : 0);
    size_t len = letter_run(text, word);
    size_t digits = digit_run(text, word + len);
    bool week = is_week_word(text, word, len) && (digits == 1 || digits == 2) &&
                is_end(text, word + len + digits) &&
                is_week(value_of(text, at, 4), value_of(text, word + len, digits));
    return week ? MOOR_TAG_DAY : MOOR_TAG_NO_DATE;
}

/* A Unix time must be alone in its piece: with letters beside it, it is usually part of a hash. */
static enum moor_tag_date read_unix_time(struct moor_slice text, size_t at, size_t len)
{
    bool is_after_v = at > 0 && text.ptr[at - 1] == 'v';
    size_t start = is_after_v ? at - 1 : at;
    bool alone = (start == 0 || moor_tag_is_separator(text.ptr[start - 1])) &&
                 is_boundary(text, at + len + (moor_tag_byte(text, at + len) == 'z' ? 1 : 0));
    /* 1,500,000,000 was in July 2017: smaller numbers are rather serial numbers or hashes. */
    bool recent = text.ptr[at] == '1' && text.ptr[at + 1] >= '5';
    return alone && recent ? MOOR_TAG_TIME : MOOR_TAG_NO_DATE;
}

/* The number of digits determines which form a date can have. */
static enum moor_tag_date read_date(struct moor_slice text, size_t at, size_t len)
{
    if (len == 4) {
        enum moor_tag_date day = read_spelt_day(text, at);
        return day != MOOR_TAG_NO_DATE ? day : read_week(text, at);
    }
    if (len == 10 || len == 13) {
        return read_unix_time(text, at, len);
    }
    if ((len != 8 && len != 12 && len != 14) || !is_plain_day(text, at)) {
        return MOOR_TAG_NO_DATE;
    }
    if (len == 8) {
        return read_time(text, at + len);
    }
    return is_clock(text, at + 8, len - 8) ? MOOR_TAG_TIME : MOOR_TAG_NO_DATE;
}

enum moor_tag_date moor_tag_find_date(struct moor_slice text)
{
    enum moor_tag_date found = MOOR_TAG_NO_DATE;
    /* Nothing is more precise than a time, so that the search can end there. */
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

bool moor_tag_is_day_with_letters(struct moor_slice piece)
{
    size_t letters = letter_run(piece, 0);
    size_t end = letters + 8;
    if (digit_run(piece, letters) != 8 || !is_plain_day(piece, letters)) {
        return false;
    }
    bool is_short = piece.len - 8 < SHORTEST_HASH;
    return is_short && (letters > 0 ? end == piece.len : end < piece.len && is_end(piece, end));
}

bool moor_tag_is_day(struct moor_slice piece)
{
    return piece.len == 8 && digit_run(piece, 0) == 8 && is_plain_day(piece, 0);
}

bool moor_tag_is_short_day(struct moor_slice text)
{
    return digit_run(text, 0) == 6 &&
           is_day(2000 + value_of(text, 0, 2), value_of(text, 2, 2), value_of(text, 4, 2));
}

bool moor_tag_is_month(struct moor_slice number)
{
    size_t year = digit_run(number, 0);
    size_t at = year == 6 ? 4 : 5;
    size_t month = digit_run(number, at);
    bool has_form = year == 6 || (year == 4 && moor_tag_byte(number, 4) == '.');
    return has_form && month >= 1 && month <= 2 && number.len == at + month &&
           is_day(value_of(number, 0, 4), value_of(number, at, month), 1);
}
