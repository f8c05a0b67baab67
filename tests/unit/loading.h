/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loading - loads policies from text, and what tests of the loader assert.
 */
#ifndef MOOR_TESTS_UNIT_LOADING_H
#define MOOR_TESTS_UNIT_LOADING_H

#include "tests/unit/test.h"

#include "policy/file/loader.h"
#include "policy/rules/requirements.h"

#define SMALLEST "version: 1\nenvironments:\n- {name: e, default: true, enforce: any}\n"

#define IGNORE   MOOR_REQUIREMENT_IGNORE
#define ANY      MOOR_REQUIREMENT_ANY
#define RELEASE  MOOR_REQUIREMENT_RELEASE
#define BUILD    MOOR_REQUIREMENT_BUILD
#define DIGEST   MOOR_REQUIREMENT_DIGEST

static inline size_t load(struct moor_policy **out, struct moor_slice text,
                          struct moor_buf *diagnostics)
{
    moor_buf_init(diagnostics, (size_t)64 * 1024);
    return moor_policy_load(out, text, "p.yaml", diagnostics);
}

/* Loads a policy that must have no errors and no warnings. */
static inline struct moor_policy *load_clean(struct moor_slice text)
{
    struct moor_policy *policy = NULL;
    struct moor_buf diagnostics;
    size_t errors = load(&policy, text, &diagnostics);
    if (errors != 0 || diagnostics.len != 0) {
        print_error("%.*s", MOOR_SLICE_ARGS(moor_buf_slice(&diagnostics)));
    }
    assert_int_equal(errors, 0);
    assert_int_equal(diagnostics.len, 0);
    assert_non_null(policy);
    moor_buf_release(&diagnostics);
    return policy;
}

static inline void assert_requirements(struct moor_requirements requirements,
                                       struct moor_requirements expected)
{
    assert_string_equal(moor_requirement_name(requirements.enforce),
                        moor_requirement_name(expected.enforce));
    assert_string_equal(moor_requirement_name(requirements.warn),
                        moor_requirement_name(expected.warn));
    assert_string_equal(moor_requirement_name(requirements.audit),
                        moor_requirement_name(expected.audit));
}

static inline struct moor_requirements in_field(const struct moor_environment *environment,
                                                enum moor_field field)
{
    return moor_requirements_overlay(environment->requirements, &environment->fields[field]);
}

static inline struct moor_requirements unchanged(const struct moor_environment *environment)
{
    return moor_requirements_overlay(environment->requirements, &environment->unchanged);
}

#endif
