/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values - jansson values for the reports that are JSON.
 *
 * Threads:  pure, any thread.
 * Memory:   as jansson counts references; what is lost for want of memory is missing in the output.
 */
#ifndef MOOR_CMD_REPORT_VALUES_H
#define MOOR_CMD_REPORT_VALUES_H

#include <jansson.h>

#include "policy/base/slice.h"

#include <stdio.h>

/* A string, escaped as in all other outputs (policy/base/escape.h). */
json_t *moor_report_text(struct moor_slice text);

/* Sets a member of `object`, not where the text is empty. */
void moor_report_set(json_t *object, const char *key, struct moor_slice text);

/* Sets a member whose name is from outside, and escaped. */
void moor_report_count_name(json_t *object, struct moor_slice name, size_t number);
void moor_report_set_number(json_t *object, const char *key, size_t number);

/* Writes the value on one line and gives its reference back. */
void moor_report_write_value(FILE *out, json_t *value);

#endif
