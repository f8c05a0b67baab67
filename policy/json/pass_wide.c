/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast pass for processors with AVX2, BMI and PCLMULQDQ: Intel since 2013, AMD since 2015.  All
 * code of this file is compiled for them and must not run elsewhere; form.c checks the processor.
 */

/* These headers come before the pragma, so that their functions run on every processor. */
#include "policy/base/utf8.h"
#include "policy/json/form.h"
#include "policy/json/grammar.h"

#if defined(__x86_64__)

    #include <immintrin.h>

    #define MOOR_SIMD_WIDE
    #define MOOR_JSON_FORM moor_json_form_wide

    #if defined(__clang__)
        #pragma clang attribute push(__attribute__((target("avx2,bmi,pclmul"))), \
                                     apply_to = function)
    #else
        #pragma GCC target("avx2,bmi,pclmul")
    #endif

    /* The file is a source: each inclusion compiles the same code for another instruction set. */
    #include "policy/json/pass.c" /* NOLINT(bugprone-suspicious-include): see above */

    #if defined(__clang__)
        #pragma clang attribute pop
    #endif

#endif
