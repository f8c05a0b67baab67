/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generated globs and subjects: what is a glob, and what it matches, is what PCRE2's converter
 * says. GLOB_CASES sets the number of globs.
 */
#include "tests/unit/test.h"

#include "policy/base/glob.h"
#include "tests/unit/glob_converter.h"

#define SUBJECTS   20
#define MAX_GLOB   14
#define MAX_LENGTH 20

struct random {
    uint64_t state;
};

static unsigned draw(struct random *random, size_t below)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return (unsigned)((random->state >> 11) % below);
}

static struct moor_slice draw_text(struct random *random, char *out, size_t len,
                                   const char *alphabet)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = alphabet[draw(random, strlen(alphabet))];
    }
    return (struct moor_slice){out, len};
}

/* A subject that the glob probably matches: stars become a few bytes, and a byte may be left out.
 */
static struct moor_slice draw_subject(struct random *random, char *out, struct moor_slice glob)
{
    size_t len = 0;
    for (size_t i = 0; i < glob.len && len < MAX_LENGTH - 2; i++) {
        char byte = glob.ptr[i];
        if (byte == '*') {
            len += draw_text(random, out + len, draw(random, 3), "aab//n").len;
        } else if (byte != '\\' && draw(random, 20) > 0) {
            out[len++] = byte == '?' ? 'a' : byte;
        }
    }
    return (struct moor_slice){out, len};
}

static void compare(const struct moor_glob *glob, const pcre2_code *reference,
                    struct moor_slice subject, struct moor_matcher *matcher)
{
    int expected = converter_match(reference, subject);
    assert_true(expected >= 0 || expected == PCRE2_ERROR_NOMATCH);
    if (moor_glob_match(glob, subject, matcher) != (expected >= 0)) {
        print_error("'%.*s' on '%.*s': the converter says %d\n", MOOR_SLICE_ARGS(glob->text),
                    MOOR_SLICE_ARGS(subject), expected);
        fail();
    }
}

/* Returns whether the text is a glob. */
static bool try_glob(struct random *random, struct moor_slice text, struct moor_matcher *matcher)
{
    char room[MAX_LENGTH];
    struct moor_glob glob;
    pcre2_code *reference = converter_compile(text);
    int status = moor_glob_compile(&glob, text, NULL);
    assert_int_equal(status == 0, reference != NULL);
    if (reference == NULL) {
        return false;
    }
    for (size_t i = 0; i < SUBJECTS; i++) {
        struct moor_slice subject =
            i % 2 == 0 ? draw_subject(random, room, text)
                       : draw_text(random, room, draw(random, MAX_LENGTH), "aab//a*n.\\?-\n");
        compare(&glob, reference, subject, matcher);
    }
    moor_glob_release(&glob);
    pcre2_code_free(reference);
    return true;
}

static void match__generated_globs__as_the_converter(void **state)
{
    (void)state;
    const char *wanted = getenv("GLOB_CASES"); // NOLINT(concurrency-mt-unsafe): one thread
    unsigned long cases = wanted != NULL ? strtoul(wanted, NULL, 10) : is_short() ? 500 : 20000;
    struct random random = {UINT64_C(88172645463325252)};
    struct moor_matcher *matcher = moor_matcher_new();
    size_t globs = 0;
    char room[MAX_GLOB];
    assert_non_null(matcher);
    for (unsigned long i = 0; i < cases; i++) {
        const char *alphabet = i % 8 == 0 ? "aab//**?*\\.n[]-!" : "aab//**?*\\.n";
        struct moor_slice text = draw_text(&random, room, 1 + draw(&random, MAX_GLOB), alphabet);
        globs += try_glob(&random, text, matcher) ? 1 : 0;
    }
    assert_true(globs > cases / 2);
    moor_matcher_free(matcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(match__generated_globs__as_the_converter)};
    return cmocka_run_group_tests_name("glob_differential", tests, NULL, NULL);
}
