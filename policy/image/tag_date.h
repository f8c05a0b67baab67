/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_date - the dates and times in a tag.
 *
 * A date is a day or a week between 2000 and 2099, checked against the calendar.  Its digits begin
 * where a piece begins (a piece is the text between `-`, `_` and `.`), after the letters that begin
 * the piece, and end where the piece ends, before letters and at most two digits that end it:
 * `20240107`, `v2024.1.7`, `2024-02-06b`, `nightly20240107`, `20240107rc1`, `2026w14`.  After a
 * time of 12 or 14 digits any letters may follow: `20240107123456master2024`.
 *
 * A time is a day with hours and minutes, or the seconds since 1970 in 10 digits (milliseconds in
 * 13) that begin with 15 to 19.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 * Limits:   texts are in lower case.
 */
#ifndef MOOR_POLICY_IMAGE_TAG_DATE_H
#define MOOR_POLICY_IMAGE_TAG_DATE_H

#include "policy/base/slice.h"

/* Whether the byte ends a piece. */
static inline bool moor_tag_is_separator(char byte)
{
    return byte == '-' || byte == '_' || byte == '.';
}

/* The byte at `at`, or NUL after the end: a tag has no NUL. */
static inline char moor_tag_byte(struct moor_slice text, size_t at)
{
    return at < text.len ? text.ptr[at] : '\0';
}

/* What a date in a tag says. */
enum moor_tag_date {
    MOOR_TAG_NO_DATE,
    MOOR_TAG_CALENDAR_VERSION, /* a day, or a version of year, month and patch: `2024.3.1` */
    MOOR_TAG_DAY,              /* a day or a week */
    MOOR_TAG_TIME
};

/* The strongest date in the text. */
enum moor_tag_date moor_tag_find_date(struct moor_slice text);

/* Whether the piece is a day of eight digits with letters before or after it, as `20240206b`: the
 * digits of a commit's hash are almost never such a day. */
bool moor_tag_is_day_with_letters(struct moor_slice piece);

/* Whether the piece is a day of eight digits. */
bool moor_tag_is_day(struct moor_slice piece);

/* Whether the six digits at the start of `text` are a day: year, month and day with two each. */
bool moor_tag_is_short_day(struct moor_slice text);

/* Whether a number is a year and a month: `2024.10`, `202410`. */
bool moor_tag_is_month(struct moor_slice number);

#endif
