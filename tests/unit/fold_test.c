/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/object/fold.h"

struct row {
    const char *name;
    const char *key;
    const char *field;
    bool is_equal;
};

static struct row rows[] = {
    {"equal__same__yes", "containers", "containers", true},
    {"equal__capitals__yes", "CONTAINERS", "containers", true},
    {"equal__capital_in_the_field__yes", "initcontainers", "initContainers", true},
    {"equal__long_s__yes", "container\xc5\xbf", "containers", true},
    {"equal__long_s_alone__yes", "\xc5\xbf", "s", true},
    {"equal__kelvin_sign__yes", "\xe2\x84\xaaind", "kind", true},
    {"equal__longer__no", "specs", "spec", false},
    {"equal__shorter__no", "spe", "spec", false},
    {"equal__empty__no", "", "spec", false},
    {"equal__empty_field__no", "s", "", false},
    {"equal__dotless_i__no", "\xc4\xb1mage", "image", false},
    {"equal__half_a_long_s__no", "\xc5", "s", false},
    {"equal__bytes_beside_letters__no", "@mage", "image", false},
};

static void equal_as_listed(void **state)
{
    const struct row *row = *state;
    assert_int_equal(moor_fold_equal(moor_slice_from(row->key), moor_slice_from(row->field)),
                     row->is_equal);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows)];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = (struct CMUnitTest){rows[i].name, equal_as_listed, NULL, NULL, &rows[i]};
    }
    return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
