/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build_requirements.h"

static enum moor_requirement requirement_or(const struct moor_key_value *value,
                                            enum moor_requirement otherwise)
{
    /* The number alone is not enough: 0 is both `ignore` and the value of an absent key. */
    return value->at != NULL ? (enum moor_requirement)value->number : otherwise;
}

struct moor_requirements moor_build_requirements(const struct moor_schema_requirements *given,
                                                 struct moor_requirements before)
{
    return (struct moor_requirements){.enforce = requirement_or(&given->enforce, before.enforce),
                                      .warn = requirement_or(&given->warn, before.warn),
                                      .audit = requirement_or(&given->audit, before.audit)};
}

/* An image below such a requirement is denied already. */
static void check_level(const struct moor_key_value *value, const char *name,
                        enum moor_requirement enforce, bool may_ignore,
                        struct moor_diagnostics *diagnostics)
{
    if (value->at == NULL || value->number >= (unsigned)enforce ||
        (may_ignore && value->number == MOOR_REQUIREMENT_IGNORE)) {
        return;
    }
    moor_diagnostics_warning(diagnostics, value->at,
                             "'%s: %s' is below 'enforce: %s' and has no effect", name,
                             moor_requirement_name((enum moor_requirement)value->number),
                             moor_requirement_name(enforce));
}

void moor_build_check_requirements(const struct moor_schema_requirements *given,
                                   struct moor_requirements requirements, bool may_ignore,
                                   struct moor_diagnostics *diagnostics)
{
    check_level(&given->warn, "warn", requirements.enforce, may_ignore, diagnostics);
    check_level(&given->audit, "audit", requirements.enforce, may_ignore, diagnostics);
}
