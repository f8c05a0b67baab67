/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar - the lengths of the months of the Gregorian calendar.
 *
 * Timestamps of the policy file and dates in image tags share this table.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_BASE_CALENDAR_H
#define MOOR_POLICY_BASE_CALENDAR_H

/* Returns the number of days in `month`, from 1 to 12, of `year`. */
static inline unsigned moor_calendar_days(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 ? is_leap : 0);
}

#endif
