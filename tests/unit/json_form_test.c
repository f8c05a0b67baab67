/* SPDX-License-Identifier: Apache-2.0 */
/* Which forms there are: a form that is missing would be noticed by its lack of speed alone. */
#include "tests/unit/test.h"

#include "policy/json/form.h"

#if defined(__x86_64__)
    #define USUAL "sse2"
#elif defined(__AARCH64EL__)
    #define USUAL "neon"
#else
    #define USUAL "plain"
#endif

static void assert_is(const struct moor_json_form *form, const char *name)
{
    assert_non_null(form);
    assert_string_equal(form->name, name);
}

static void usual__of_this_processor(void **state)
{
    (void)state;
    assert_is(&moor_json_form_usual, USUAL);
}

/* Only x86-64 has one that not every processor can run. */
static void fastest__the_usual_or_wider(void **state)
{
    (void)state;
    const struct moor_json_form *fastest = moor_json_form_at(0);
#if defined(__x86_64__)
    if (fastest == &moor_json_form_wide) {
        assert_is(fastest, "avx2");
        fastest = moor_json_form_at(1);
    }
#endif
    assert_ptr_equal(fastest, &moor_json_form_usual);
}

static void last__plain(void **state)
{
    (void)state;
    size_t count = 0;
    while (moor_json_form_at(count) != NULL) {
        count++;
    }
    assert_in_range(count, 2, 3);
    assert_is(moor_json_form_at(count - 1), "plain");
    assert_null(moor_json_form_at(count + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"usual__of_this_processor__" USUAL, usual__of_this_processor, NULL, NULL, NULL},
        cmocka_unit_test(fastest__the_usual_or_wider),
        cmocka_unit_test(last__plain),
    };
    return cmocka_run_group_tests_name("json_form", tests, NULL, NULL);
}
