/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast pass for processors with AVX2, BMI and PCLMULQDQ: of Intel since 2013, of AMD since
 * 2015. All of this file is compiled for them, so nothing of it may run elsewhere: json_form.c asks
 * first.
 */

/* What else json_pass.c includes stays as it is for every processor. */
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

    /* A source, not a header: the same one, with other eyes. */
    #include "policy/json/pass.c" /* NOLINT(bugprone-suspicious-include): see above */

    #if defined(__clang__)
        #pragma clang attribute pop
    #endif

#endif
