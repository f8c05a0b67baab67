/* SPDX-License-Identifier: Apache-2.0 */
/* policy - any bytes as a policy file: loaded or refused with at least one report, never both. */
#include "policy/file/loader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moor_buf diagnostics;
    moor_buf_init(&diagnostics, (size_t)64 * 1024);
    struct moor_policy *policy = NULL;
    size_t errors =
        moor_policy_load(&policy, (struct moor_slice){(const char *)data, size}, "f", &diagnostics);
    bool is_loaded = policy != NULL && policy->default_environment != NULL;
    if ((errors == 0) != is_loaded || (errors > 0 && diagnostics.len == 0) || diagnostics.failed) {
        abort();
    }
    moor_policy_release(policy);
    moor_buf_release(&diagnostics);
    return 0;
}
