/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of image references against a plain reading of the grammar, on random texts.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "tests/unit/reference_text.h"

#include "policy/base/array_size.h"

#define DC       "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
#define HOST     "(?:" DC "(?:\\." DC ")*|\\[[a-fA-F0-9:]+\\])"
#define PART     "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*"
#define NAME     "(?:(" HOST "(?::[0-9]+)?)/)?(" PART "(?:/" PART ")*)"
#define GRAMMAR  "\\A" NAME "(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(" DIGESTS "))?\\z"
#define DIGESTS  "sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}"
#define REFUSED  "\\A(?:\\s.*|.*\\s|(?i:[a-f0-9]{64}|sha(?:256|384|512):[a-f0-9]*))\\z"
#define ROUNDS   200000
#define MAX_TEXT 400

struct plain {
    pcre2_code *grammar;
    pcre2_code *refused;
    pcre2_match_data *groups;
};

static pcre2_code *compile(const char *expression)
{
    int code = 0;
    PCRE2_SIZE at = 0;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)expression, PCRE2_ZERO_TERMINATED,
                                         PCRE2_DOTALL, &code, &at, NULL);
    assert_non_null(compiled);
    return compiled;
}

static bool plain_match(const struct plain *plain, const pcre2_code *code, const char *text)
{
    return pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0, plain->groups, NULL) >= 0;
}

/* Upstream's splitDockerDomain, word for word, on a NUL-terminated text. */
static void plain_normalise(char *out, size_t room, const char *text)
{
    const char *slash = strchr(text, '/');
    size_t len = slash != NULL ? (size_t)(slash - text) : 0;
    char first[MAX_TEXT] = "";
    memcpy(first, text, len);
    const char *domain = "docker.io";
    const char *rest = text;
    bool upper = strpbrk(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL;
    if (slash != NULL && strcmp(first, "index.docker.io") == 0) {
        rest = slash + 1;
    } else if (slash != NULL &&
               (strcmp(first, "localhost") == 0 || strpbrk(first, ".:") != NULL || upper)) {
        domain = first;
        rest = slash + 1;
    }
    bool library = strcmp(domain, "docker.io") == 0 && strchr(rest, '/') == NULL;
    (void)snprintf(out, room, "%s/%s%s", domain, library ? "library/" : "", rest);
}

static struct moor_slice plain_group(const struct plain *plain, const char *text, size_t group)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(plain->groups);
    bool set = group < pcre2_get_ovector_count(plain->groups) && at[2 * group] != PCRE2_UNSET;
    return set ? (struct moor_slice){text + at[2 * group], at[2 * group + 1] - at[2 * group]}
               : MOOR_SLICE("");
}

/* An error's text goes to logs and terminals. */
static bool is_printable(const char *text)
{
    while (*text >= ' ' && *text <= '~') {
        text++;
    }
    return *text == '\0';
}

static bool compare(const struct plain *plain, const char *text)
{
    char normal[3 * MAX_TEXT];
    plain_normalise(normal, sizeof normal, text);
    bool wanted = !plain_match(plain, plain->refused, text) &&
                  plain_match(plain, plain->grammar, normal) &&
                  plain_group(plain, normal, 2).len <= 255;
    struct moor_reference found;
    struct moor_error err = {0};
    bool ok = moor_reference_parse(&found, moor_slice_from(text), &err) == 0;
    if (ok != wanted) {
        print_error("'%s': %s, the grammar says %s\n", text, ok ? "accepted" : err.text,
                    wanted ? "accept" : "refuse");
        fail();
    }
    if (!ok) {
        assert_true(err.text[0] != '\0' && is_printable(err.text));
        return false;
    }
    assert_slices_equal(found.domain, plain_group(plain, normal, 1));
    assert_slices_equal(found.tag, plain_group(plain, normal, 3));
    assert_slices_equal(found.digest, plain_group(plain, normal, 4));
    struct moor_buf name;
    moor_buf_init(&name, 4096);
    append_upstream_name(&name, &found);
    assert_true(moor_slice_starts_with(moor_slice_from(normal), moor_buf_slice(&name)));
    moor_buf_release(&name);
    return true;
}

/* xorshift: the same texts at each run. */
static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* One to seven pieces in a row. */
static void write_random(char text[static MAX_TEXT], uint32_t *seed)
{
    static const char sha256[] = "@sha256:" HEX64;
    static const char sha384[] = "@sha384:0123456789abcdef0123456789abcdef" HEX64;
    static const char sha512[] = "@sha512:" HEX64 HEX64;
    static const char sha512_short[] = "@sha512:" HEX64;
    static const char *const pieces[] = {
        "a",          "b",
        "Z",          "7",
        "0",          "-",
        "--",         "_",
        "__",         ".",
        "/",          "/",
        ":",          "@",
        "[",          "]",
        "::1",        "app",
        "nginx",      "localhost",
        "docker.io/", "index.docker.io/",
        "quay.io/",   ":5000/",
        ":1.2",       "sha256:",
        HEX64,        "library/",
        " ",          "+",
        "\n",         "\xc3",
        "_a.b/",      sha256,
        sha384,       sha512,
        sha512_short,
    };
    uint32_t count = 1 + next_random(seed) % 7;
    size_t len = 0;
    for (uint32_t i = 0; i < count; i++) {
        const char *piece = pieces[next_random(seed) % MOOR_ARRAY_SIZE(pieces)];
        int written = snprintf(text + len, MAX_TEXT - len, "%s", piece);
        len += (size_t)written < MAX_TEXT - len ? (size_t)written : 0;
    }
    text[len] = '\0';
}

static void parse__random_texts__as_the_plain_grammar(void **state)
{
    (void)state;
    struct plain plain = {compile(GRAMMAR), compile(REFUSED), pcre2_match_data_create(8, NULL)};
    uint32_t seed = 20240107;
    int rounds = is_short() ? ROUNDS / 10 : ROUNDS;
    int accepted = 0;
    for (int round = 0; round < rounds; round++) {
        char text[MAX_TEXT] = "";
        write_random(text, &seed);
        accepted += compare(&plain, text) ? 1 : 0;
    }
    assert_in_range(accepted, rounds / 20, rounds / 2); /* both sides are tried */
    pcre2_match_data_free(plain.groups);
    pcre2_code_free(plain.grammar);
    pcre2_code_free(plain.refused);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__random_texts__as_the_plain_grammar),
    };
    return cmocka_run_group_tests_name("reference_grammar", tests, NULL, NULL);
}
