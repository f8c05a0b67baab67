/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/timestamp.h"
#include "policy/base/ascii.h"
#include "policy/base/calendar.h"

#define DAY_S    INT64_C(86400)
#define HOUR_S   INT64_C(3600)
#define MINUTE_S INT64_C(60)

/* The part of the text that is not parsed yet. */
struct cursor {
    const char *at;
    const char *end;
};

static bool take(struct cursor *cursor, char byte)
{
    if (cursor->at == cursor->end || *cursor->at != byte) {
        return false;
    }
    cursor->at++;
    return true;
}

/* The number of digits is fixed: RFC 3339 allows neither `2027-3-1` nor a five-digit year. */
static bool take_number(struct cursor *cursor, int digits, int min, int max, int *out)
{
    int number = 0;
    for (int i = 0; i < digits; i++) {
        if (cursor->at == cursor->end || !moor_ascii_is_digit(*cursor->at)) {
            return false;
        }
        number = number * 10 + (*cursor->at++ - '0');
    }
    *out = number;
    return number >= min && number <= max;
}

/* 719162 is the number of days from 0001-01-01 to 1970-01-01. */
static int64_t day_number(int year, int month, int day)
{
    int before = year - 1;
    int64_t days = (int64_t)before * 365 + before / 4 - before / 100 + before / 400 - 719162;
    for (int i = 1; i < month; i++) {
        days += moor_calendar_days((unsigned)year, (unsigned)i);
    }
    return days + day - 1;
}

/* Years before 1970 would give negative times, which no exemption needs. */
static bool take_day(struct cursor *cursor, int64_t *out)
{
    int year = 0;
    int month = 0;
    int day = 0;
    if (!take_number(cursor, 4, 1970, 9999, &year) || !take(cursor, '-') ||
        !take_number(cursor, 2, 1, 12, &month) || !take(cursor, '-') ||
        !take_number(cursor, 2, 1, (int)moor_calendar_days((unsigned)year, (unsigned)month),
                     &day)) {
        return false;
    }
    *out = day_number(year, month, day);
    return true;
}

/*
 * Fractions are accepted, because tools write them, and ignored, because times are compared in
 * seconds.
 */
static bool take_fraction(struct cursor *cursor)
{
    if (!take(cursor, '.')) {
        return true;
    }
    const char *first = cursor->at;
    while (cursor->at < cursor->end && moor_ascii_is_digit(*cursor->at)) {
        cursor->at++;
    }
    return cursor->at > first;
}

/* Takes the offset of the local time from UTC in seconds. */
static bool take_offset(struct cursor *cursor, int64_t *out)
{
    int hours = 0;
    int minutes = 0;
    *out = 0;
    if (take(cursor, 'Z') || take(cursor, 'z')) {
        return true;
    }
    bool is_west = take(cursor, '-');
    if ((!is_west && !take(cursor, '+')) || !take_number(cursor, 2, 0, 23, &hours) ||
        !take(cursor, ':') || !take_number(cursor, 2, 0, 59, &minutes)) {
        return false;
    }
    *out = (hours * HOUR_S + minutes * MINUTE_S) * (is_west ? -1 : 1);
    return true;
}

static bool take_time(struct cursor *cursor, int64_t *out)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    int64_t offset = 0;
    if ((!take(cursor, 'T') && !take(cursor, 't')) || !take_number(cursor, 2, 0, 23, &hour) ||
        !take(cursor, ':') || !take_number(cursor, 2, 0, 59, &minute) || !take(cursor, ':') ||
        /* RFC 3339 allows a second 60, for leap seconds. */
        !take_number(cursor, 2, 0, 60, &second) || !take_fraction(cursor) ||
        !take_offset(cursor, &offset)) {
        return false;
    }
    *out = hour * HOUR_S + minute * MINUTE_S + second - offset;
    return true;
}

/* A date alone means the end of that day in UTC: an exemption until a day includes the day. */
int moor_timestamp_parse(int64_t *out, struct moor_slice text, struct moor_error *err)
{
    struct cursor cursor = {text.ptr, text.len > 0 ? text.ptr + text.len : text.ptr};
    int64_t day = 0;
    int64_t time = DAY_S;
    bool is_good = take_day(&cursor, &day) &&
                   (cursor.at == cursor.end || take_time(&cursor, &time)) &&
                   cursor.at == cursor.end;
    if (!is_good) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "a date such as 2027-03-31 or a time such as 2027-03-31T18:00:00Z");
    }
    *out = day * DAY_S + time;
    return 0;
}
