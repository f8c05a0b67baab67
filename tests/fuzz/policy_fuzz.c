/* SPDX-License-Identifier: Apache-2.0 */
/* policy - any bytes as a policy file: loaded or refused with at least one report, never both. */
#include "policy/file/loader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moor_buf reports;
    moor_buf_init(&reports, (size_t)64 * 1024);
    struct moor_policy *policy = NULL;
    size_t errors =
        moor_policy_load(&policy, (struct moor_slice){(const char *)data, size}, "f", &reports);
    bool is_loaded = policy != NULL && policy->default_environment != NULL;
    if ((errors == 0) != is_loaded || (errors > 0 && reports.len == 0) || reports.failed) {
        abort();
    }
    moor_policy_release(policy);
    moor_buf_release(&reports);
    return 0;
}
