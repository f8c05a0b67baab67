/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The most memory that the loader uses for a policy file of 1 MiB.  A child process measures the
 * peak of its resident memory, which includes that of libyaml and PCRE2, and the peak of the
 * allocations of our own code, touched or not.
 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/file/loader.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_KIB ((size_t)24 * 1024)

/* --- counted allocations ---------------------------------------------------------------------- */

static size_t live_bytes;
static size_t peak_bytes;

/* NOLINTBEGIN(cert-dcl37-c,readability-identifier-naming): the linker's --wrap gives the names */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *piece);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *piece);

static void *note(void *piece)
{
    live_bytes += malloc_usable_size(piece);
    peak_bytes = live_bytes > peak_bytes ? live_bytes : peak_bytes;
    return piece;
}

void *__wrap_malloc(size_t size)
{
    return note(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return note(__real_calloc(count, size));
}

void *__wrap_realloc(void *old, size_t size)
{
    live_bytes -= malloc_usable_size(old);
    return note(__real_realloc(old, size));
}

void __wrap_free(void *piece)
{
    live_bytes -= malloc_usable_size(piece);
    __real_free(piece);
}

/* NOLINTEND(cert-dcl37-c,readability-identifier-naming) */

/* --- measuring -------------------------------------------------------------------------------- */

/* The results of a child process. */
struct found {
    size_t errors;
    size_t peak_bytes;
    char report[128]; /* its beginning */
};

static struct moor_policy *load(struct found *out, struct moor_slice text)
{
    struct moor_policy *policy = NULL;
    struct moor_buf diagnostics;
    moor_buf_init(&diagnostics, (size_t)64 * 1024);
    out->errors = moor_policy_load(&policy, text, "p", &diagnostics);
    struct moor_slice begin =
        moor_slice_sub(moor_buf_slice(&diagnostics), 0, sizeof out->report - 1);
    (void)snprintf(out->report, sizeof out->report, "%.*s", MOOR_SLICE_ARGS(begin));
    moor_buf_release(&diagnostics);
    out->peak_bytes = peak_bytes;
    return policy;
}

/* A sanitizer or an emulator takes memory of its own: there, the text is only loaded. */
static bool has_own_heap(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#else
    return !is_short();
#endif
}

/* The peak of a child that loads the text so many times, in KiB. */
static size_t peak_of_child(struct found *out, struct moor_slice text, int times)
{
    struct rusage usage;
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        live_bytes = 0;
        peak_bytes = 0;
        for (int i = 0; i < times; i++) {
            (void)load(out, text); /* kept, as the one in force is during a reload */
        }
        _exit(0);
    }
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    assert_int_equal(status, 0);
    return (size_t)usage.ru_maxrss;
}

/* --- files ------------------------------------------------------------------------------------ */

static const char head[] =
    "version: 1\nenvironments:\n- {name: all, default: true, enforce: any}\n";

/*
 * A file: the head, `before`, then `unit` as often as there is room or `most` times, then `after`.
 * In the unit, `#` is replaced by its number and `$` by `item`.
 */
struct form {
    const char *before;
    const char *unit;
    const char *after;
    unsigned most;
    const char *item; /* replacement of `$` in the unit */
};

/* NOLINTNEXTLINE(misc-no-recursion): an item has no items */
static void append_unit(struct moor_buf *out, const char *unit, unsigned number, const char *item)
{
    for (const char *at = unit; *at != '\0'; at++) {
        if (*at == '#') {
            moor_buf_append_u64(out, number);
        } else if (*at == '$' && item != NULL) {
            append_unit(out, item, number, NULL);
        } else {
            moor_buf_append_byte(out, *at);
        }
    }
}

static void write_form(struct moor_buf *out, const struct form *form)
{
    moor_buf_append_text(out, head);
    moor_buf_append_text(out, form->before);
    size_t len = out->len;
    for (unsigned i = 0; form->most == 0 || i < form->most; i++) {
        append_unit(out, form->unit, i, form->item);
        if (out->failed || out->len + strlen(form->after) > out->max) {
            break;
        }
        len = out->len;
    }
    moor_buf_truncate(out, len);
    out->failed = false;
    moor_buf_append_text(out, form->after);
    assert_false(out->failed);
}

static void load__form__within_24_mib_also_while_another_is_in_force(void **state)
{
    const struct form *form = *state;
    struct moor_buf text;
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    write_form(&text, form);
    if (!has_own_heap()) {
        struct found unmeasured = {0};
        moor_policy_release(load(&unmeasured, moor_buf_slice(&text)));
        moor_buf_release(&text);
        return;
    }
    struct found *found =
        mmap(NULL, sizeof *found, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(found, MAP_FAILED);
    size_t before = peak_of_child(found, moor_buf_slice(&text), 0);
    size_t once = peak_of_child(found, moor_buf_slice(&text), 1) - before;
    size_t counted_once = found->peak_bytes / 1024;
    size_t twice = peak_of_child(found, moor_buf_slice(&text), 2) - before;
    print_message("# %zu bytes: %zu KiB (%zu counted), %zu KiB with another; %zu errors: %s\n",
                  text.len, once, counted_once, twice, found->errors, found->report);
    assert_in_range(once, 0, MOST_KIB);
    assert_in_range(counted_once, 0, MOST_KIB);
    assert_in_range(twice, 0, MOST_KIB);
    (void)munmap(found, sizeof *found);
    moor_buf_release(&text);
}

#define TEN(text)  text text text text text text text text text text
#define EXEMPTION  "- {name: e#, reason: 12345678, permanent: true, match: {"
#define REPOSITORY "- {match: [r#.example/*], "
/* Eight globs of up to 512 bytes in each of 256 exemptions. */
#define GLOBS                                                                                \
    EXEMPTION "users: ['$', '$'], groups: ['$', '$'], names: ['$', '$'], containers: ['$', " \
              "'$']}}\n"

static const struct {
    const char *name;
    struct form form;
} rows[] = {
    {"load__short_scalars", {"placeholders: [", "a,", "a]", 0, NULL}},
    {"load__as_many_scalars_as_are_read", {"placeholders: [", "abcdefghijklm,", "a]", 65000, NULL}},
    {"load__as_many_keys_as_are_read", {"", "key-#: v\n", "", 32000, NULL}},
    {"load__empty_mappings", {"repositories: [", "{},", "{}]", 0, NULL}},
    {"load__one_long_text", {"reason: '", TEN("text "), "'", 0, NULL}},
    {"load__text_of_escapes", {"reason: \"", "\\L", "\"", 0, NULL}},
    {"load__lines_of_a_block", {"reason: |\n", "  x\n", "", 0, NULL}},
    {"load__brackets", {"x: ", "[", "", 0, NULL}},
    {"load__dashes", {"x:\n", "- ", "", 0, NULL}},
    {"load__deep_lists", {"x: [", TEN("[[[") TEN("]]]") ",", "a]", 0, NULL}},
    {"load__comments", {"", "#\n", "", 0, NULL}},
    {"load__long_anchor", {"x: &", "a", "", 0, NULL}},
    {"load__long_tag", {"x: !<", "a", "", 0, NULL}},
    {"load__globs_with_stars", {"exemptions:\n", GLOBS, "", 256, TEN(TEN("*?*?*"))}},
    {"load__globs_with_double_stars", {"exemptions:\n", GLOBS, "", 256, TEN(TEN("a**?"))}},
    {"load__globs_with_sets", {"exemptions:\n", GLOBS, "", 256, TEN(TEN("[ab]"))}},
    {"load__globs_with_negated_sets", {"exemptions:\n", GLOBS, "", 256, TEN("[!a-fk-z]*[0-9]*")}},
    {"load__many_short_globs",
     {"exemptions:\n", EXEMPTION "users: [" TEN(TEN("'*a?',")) "'*']}}\n", "", 256, NULL}},
    {"load__image_globs",
     {"exemptions:\n", EXEMPTION "images: [" TEN("'a.b/*a:*a@*',") "'a.b/c*:1*']}}\n", "", 256,
      NULL}},
    {"load__namespaces",
     {"", "- {name: n#, namespaces: [" TEN(TEN("x-#-*,")) "y], enforce: any}\n", "", 63, NULL}},
    {"load__patterns_of_the_largest_size",
     {"repositories:\n", REPOSITORY "build: ['(?:[ab]c){180}', '(?:[^c]){230}x']}\n", "", 512,
      NULL}},
    {"load__patterns_that_nest",
     {"repositories:\n", REPOSITORY "build: ['((a{1,100}){1,100}){1,100}']}\n", "", 1024, NULL}},
    {"load__pattern_near_the_length_limit",
     {"repositories:\n", REPOSITORY "build: ['" TEN(TEN("(a|b)")) "']}\n", "", 1000, NULL}},
    {"load__labels",
     {"",
      "- {name: n#, namespaceLabels: {a: [$], b: [$], c: [$], d: [$], e: [$], f: [$], g: [$], h: "
      "[$]}, enforce: any}\n",
      "", 63, TEN(TEN("v,")) "v"}},
    {"load__custom_resources",
     {"customResources:\n",
      "- {resource: x#.a.b, kind: K#, podSpecs: [a.b.c.d.e.f, b.c.d], images: [c.d.e, d.e.f]}\n",
      "", 256, NULL}},
    {"load__custom_resources_with_many_paths",
     {"customResources:\n",
      "- {resource: x#.a.b, kind: K#, podSpecs: [a$, b$, c$, d$, e$, f$, g$, h$, i$, j$, k$, l$], "
      "images: [m$, n$, o$, p$, q$, r$, s$, t$, u$, v$, w$, x$]}\n",
      "", 256, ".b.c.d.e.f.g.h.i.j.k"}},
    {"load__all_at_once",
     {"customResources:\n"
      "- {resource: a.b.c, kind: K, podSpecs: [a.b.c.d]}\n"
      "repositories:\n",
      "- {match: [r#.example/*], build: ['$', '$'], rolling: ['$', '$'], reason: 'reason reason "
      "reason "
      "reason reason reason reason reason reason reason reason reason'}\n",
      "exemptions:\n"
      "- {name: e, reason: 12345678, permanent: true, match: {users: [" TEN(TEN("a,")) "b]}}\n",
      230, TEN("(a|b)[cd]")}},
    {"load__image_rules",
     {"", "- {name: n#, namespaces: [x#], enforce: any, images: [" TEN("$, $, $,") "$]}\n", "", 63,
      "{match: ['a.b/c*d?', 'e.f/[gh]*'], enforce: digest}"}},
    {"load__repositories",
     {"repositories:\n", REPOSITORY "versionParts: 2, reason: $}\n", "", 900,
      "'" TEN(TEN("a reason ")) "'"}},
    {"load__long_reasons",
     {"exemptions:\n", "- {name: e#, permanent: true, match: {users: [a]}, reason: $}\n", "", 256,
      "'" TEN(TEN("a reason that goes on and on, ")) "'"}},
};

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows)];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = test_of_row(
            rows[i].name, load__form__within_24_mib_also_while_another_is_in_force, &rows[i].form);
    }
    return cmocka_run_group_tests_name("loader_memory", tests, NULL, NULL);
}
