/* SPDX-License-Identifier: Apache-2.0 */
/* image_review - any bytes as the body of an ImageReview. */
#include "tests/fuzz/answering.h"
#include "webhook/admission/image_review.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return try_body(moor_image_review_answer, (struct moor_slice){(const char *)data, size});
}
