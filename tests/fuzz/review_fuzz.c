/* SPDX-License-Identifier: Apache-2.0 */
/* review - any bytes as the body of a review. */
#include "tests/fuzz/answering.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return try_body(moor_review_answer, (struct moor_slice){(const char *)data, size});
}
