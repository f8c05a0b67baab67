/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_date - finds dates and times in a tag.
 *
 * A date is a day or a week between 2000 and 2099, checked against the calendar.  A piece is the
 * text between `-`, `_` and `.`.  The digits of a date start a piece, or follow the letters that
 * start it.  They end the piece, or precede letters and at most two digits that end it:
 * `20240107`, `v2024.1.7`, `2024-02-06b`, `nightly20240107`, `20240107rc1`, `2026w14`.  Any letters
 * may follow a time of 12 or 14 digits: `20240107123456master2024`.
 *
 * A time is a day with hours and minutes, or a Unix time of 10 digits (13 in milliseconds) that
 * starts with 15 to 19, which is 2017 to 2033.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 * Limits:   texts are in lower case.
 */
#ifndef MOOR_POLICY_IMAGE_TAG_DATE_H
#define MOOR_POLICY_IMAGE_TAG_DATE_H

#include "policy/base/slice.h"

/* Returns whether the byte ends a piece. */
static inline bool moor_tag_is_separator(char byte)
{
    return byte == '-' || byte == '_' || byte == '.';
}

/* Returns the byte at `at`, or NUL after the end; a tag contains no NUL. */
static inline char moor_tag_byte(struct moor_slice text, size_t at)
{
    return at < text.len ? text.ptr[at] : '\0';
}

/* The kinds of dates in a tag, weakest first. */
enum moor_tag_date {
    MOOR_TAG_NO_DATE,
    MOOR_TAG_CALENDAR_VERSION, /* a day, or a version of year, month and patch: `2024.3.1` */
    MOOR_TAG_DAY,              /* a day or a week */
    MOOR_TAG_TIME              /* a day with a time, or a Unix time */
};

/* Returns the strongest date in the text, which is in lower case. */
enum moor_tag_date moor_tag_find_date(struct moor_slice text);

/*
 * Returns whether the piece is a day of eight digits with letters before or after it: `20240206b`.
 * The digits of a commit hash are almost never such a day.
 */
bool moor_tag_is_day_with_letters(struct moor_slice piece);

/* Returns whether the piece is a day of eight digits. */
bool moor_tag_is_day(struct moor_slice piece);

/* Returns whether `text` starts with a day of six digits: two each for year, month and day. */
bool moor_tag_is_short_day(struct moor_slice text);

/* Returns whether a number is a year and a month: `2024.10`, `202410`. */
bool moor_tag_is_month(struct moor_slice number);

#endif
