/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forms - runs tests of the JSON reader once with each form of its fast pass that this machine has.
 */
#ifndef MOOR_TESTS_UNIT_FORMS_H
#define MOOR_TESTS_UNIT_FORMS_H

#include "tests/unit/test.h"

#include "policy/json/form.h"
#include "policy/json/reader.h"

#include <stdio.h>
#include <stdlib.h>

/* Two members of a row: a text that may hold NUL, and its length. */
#define TEXT(literal) (literal), sizeof(literal) - 1

/* Walks over all events of the rest of the text.  Returns whether it was JSON. */
static inline bool walk(struct moor_json_reader *reader)
{
    struct moor_json_token token;
    enum moor_json_event event = MOOR_JSON_NULL;
    while (event != MOOR_JSON_END && event != MOOR_JSON_ERROR) {
        event = moor_json_next(reader, &token);
    }
    return event == MOOR_JSON_END;
}

/* Returns how many tests failed; each group is named `group` and the form's name. */
static inline int run_in_each_form(const char *group, const struct CMUnitTest *tests, size_t count)
{
    int failed = 0;
    const struct moor_json_form *form = NULL;
    for (size_t i = 0; (form = moor_json_form_at(i)) != NULL; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s_%s", group, form->name);
        moor_json_use_form(form);
        failed += _cmocka_run_group_tests(name, tests, count, NULL, NULL);
    }
    return failed;
}

#endif
