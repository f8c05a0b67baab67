/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/json/form.h"

static const struct moor_json_form *in_use = &moor_json_form_usual;

/* pass_wide.c is compiled for these three extensions, so all of them must be present. */
static bool can_run_wide(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("pclmul");
#else
    return false;
#endif
}

const struct moor_json_form *moor_json_form_at(size_t number)
{
    static const struct moor_json_form *const forms[] = {
#if defined(__x86_64__)
        &moor_json_form_wide,
#endif
        &moor_json_form_usual,
        &moor_json_form_plain,
        NULL,
    };
    size_t at = forms[0] != &moor_json_form_usual && !can_run_wide() ? 1 : 0;
    while (number > 0 && forms[at] != NULL) {
        at++;
        number--;
    }
    return forms[at];
}

void moor_json_use_form(const struct moor_json_form *form)
{
    in_use = form;
}

/* A constructor runs before main() starts threads, so that readers need no lock for the choice. */
__attribute__((constructor)) static void use_fastest_form(void)
{
    moor_json_use_form(moor_json_form_at(0));
}

bool moor_json_pass(struct moor_json_reader *reader, uint32_t base)
{
    return in_use->pass(reader, base);
}

const char *moor_json_pass_string(const char *at, const char *end, bool *escaped)
{
    return in_use->pass_string(at, end, escaped);
}
