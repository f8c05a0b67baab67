/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three views of the parser: the tables of distribution/reference and Kubernetes, what is refused
 * beyond them and with which words, and random texts compared with a plain reading of the grammar.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/image/reference.h"
#include "policy/image/reference_name.h"

#define HEX64     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* --- the tables of the others ---------------------------------------------------------------- */

#define CASES     "tests/data/reference-cases.tsv"
#define MAX_CASES 400

enum column {
    SOURCE,
    FUNCTION,
    INPUT,
    EXPECT,
    ERROR,
    DOMAIN,
    PATH,
    TAG,
    DIGEST,
    CANONICAL,
    NOTE
};

struct row {
    char *line;
    char name[512];
    struct moor_slice field[NOTE + 1];
};

/* What the project refuses although distribution/reference takes it. */
static const struct {
    const char *input;
    const char *why;
} refused_beyond[] = {
    {"sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "containerd runs the image with this ID from the node"},
};

/* Writes `\t` and `\n` of the table back into the bytes that they stand for, in place. */
static struct moor_slice unescape(char *text, size_t len)
{
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        bool escaped = text[i] == '\\' && i + 1 < len && (text[i + 1] == 't' || text[i + 1] == 'n');
        if (escaped) {
            i++;
            text[out++] = text[i] == 't' ? '\t' : '\n';
        } else {
            text[out++] = text[i];
        }
    }
    return (struct moor_slice){text, out};
}

static void split_row(struct row *row, size_t len)
{
    char *at = row->line;
    char *end = row->line + len;
    for (size_t i = 0; i <= NOTE; i++) {
        char *tab = memchr(at, '\t', (size_t)(end - at));
        char *stop = tab != NULL ? tab : end;
        row->field[i] = unescape(at, (size_t)(stop - at));
        at = stop < end ? stop + 1 : end;
    }
    (void)snprintf(row->name, sizeof row->name, "table__%.*s__%.*s", (int)(len < 80 ? len : 80),
                   row->line, MOOR_SLICE_ARGS(moor_slice_sub(row->field[INPUT], 0, 100)));
    for (char *c = row->name; *c != '\0'; c++) {
        *c = *c < ' ' || *c == '#' ? '?' : *c;
    }
}

static size_t read_cases(struct row *rows)
{
    FILE *file = fopen(CASES, "r");
    assert_non_null(file);
    size_t count = 0;
    size_t room = 0;
    char *line = NULL;
    ssize_t len = 0;
    assert_true(getline(&line, &room, file) > 0); /* the heading */
    while (count < MAX_CASES && (len = getline(&line, &room, file)) > 0) {
        rows[count].line = strndup(line, (size_t)len - 1);
        assert_non_null(rows[count].line);
        split_row(&rows[count++], (size_t)len - 1);
    }
    free(line);
    (void)fclose(file);
    return count;
}

/* Upstream's canonical name, which keeps the registry as it is written. */
static void append_upstream_name(struct moor_buf *out, const struct moor_reference *found)
{
    moor_buf_append(out, found->domain);
    moor_buf_append_text(out, found->domain.len > 0 ? "/" : "");
    moor_buf_append_text(out, found->implies_library ? "library/" : "");
    moor_buf_append(out, found->path);
}

/* The canonical form as the row's function gives it. */
static void append_canonical(struct moor_buf *out, const struct moor_reference *found,
                             struct moor_slice function)
{
    append_upstream_name(out, found);
    if (moor_slice_is(function, "k8s ParseImageName")) {
        return;
    }
    bool docker = !moor_slice_is(function, "ParseNormalizedNamed");
    if (found->tag.len > 0 && !(docker && found->digest.len > 0)) {
        moor_buf_printf(out, ":%.*s", MOOR_SLICE_ARGS(found->tag));
    } else if (docker && found->digest.len == 0) {
        moor_buf_append_text(out, ":latest");
    }
    if (found->digest.len > 0) {
        moor_buf_printf(out, "@%.*s", MOOR_SLICE_ARGS(found->digest));
    }
}

static void assert_slices_equal(struct moor_slice actual, struct moor_slice wanted)
{
    if (!moor_slice_equal(actual, wanted)) {
        print_error("\"%.*s\" is not \"%.*s\"\n", MOOR_SLICE_ARGS(actual), MOOR_SLICE_ARGS(wanted));
        fail();
    }
}

static void assert_components(const struct row *row, const struct moor_reference *found)
{
    struct moor_buf text;
    moor_buf_init(&text, 10000);
    moor_buf_append_text(&text, found->implies_library ? "library/" : "");
    moor_buf_append(&text, found->path);
    assert_slices_equal(moor_buf_slice(&text), row->field[PATH]);
    moor_buf_clear(&text);
    append_canonical(&text, found, row->field[FUNCTION]);
    assert_slices_equal(moor_buf_slice(&text), row->field[CANONICAL]);
    moor_buf_release(&text);
    assert_slices_equal(found->domain, row->field[DOMAIN]);
    assert_slices_equal(found->digest, row->field[DIGEST]);
    struct moor_slice tag = found->tag;
    bool named = tag.len > 0 || found->digest.len > 0;
    if (!named && moor_slice_is(row->field[FUNCTION], "k8s ParseImageName")) {
        tag = MOOR_SLICE("latest");
    }
    if (!moor_slice_is(row->field[FUNCTION], "ParseDockerRef")) { /* which drops or adds the tag */
        assert_slices_equal(tag, row->field[TAG]);
    }
}

static bool is_refused_beyond(struct moor_slice text)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(refused_beyond); i++) {
        if (moor_slice_is(text, refused_beyond[i].input)) {
            return true;
        }
    }
    return false;
}

static void table__row__as_upstream(void **state)
{
    const struct row *row = *state;
    struct moor_reference found;
    struct moor_error err = {0};
    bool ok = moor_reference_parse(&found, row->field[INPUT], &err) == 0;
    if (is_refused_beyond(row->field[INPUT])) {
        assert_false(ok);
        assert_slices_equal(row->field[EXPECT], MOOR_SLICE("ok")); /* else the exception is stale */
        return;
    }
    assert_int_equal(ok, moor_slice_is(row->field[EXPECT], "ok"));
    if (ok) {
        assert_components(row, &found);
    }
}

/* --- what is refused, and in which words ----------------------------------------------------- */

struct refusal {
    const char *name;
    struct moor_slice text;
    const char *reason; /* a part of the error's text */
};

/* MOOR_SLICE() for a static table. */
#define BYTES(literal)                    \
    {                                     \
        ("" literal), sizeof(literal) - 1 \
    }

static struct refusal refusals[] = {
    /* cmocka takes no pointer to const */
    {"empty", BYTES(""), "empty"},
    {"space_before", BYTES(" nginx"), "leading blank"},
    {"newline_behind", BYTES("nginx:1\n"), "trailing blank"},
    {"only_blanks", BYTES("  "), "leading blank"},
    {"blank_inside", BYTES("nginx: 1"), "bad character 0x20 in the tag"},
    {"nul_in_repository", BYTES("ngi\0nx:1"), "bad character 0x00 in the repository"},
    {"nul_at_end", BYTES("nginx:1\0"), "bad character 0x00 in the tag"},
    {"upper_case_repository", BYTES("Nginx:1"), "upper-case repository"},
    {"upper_case_behind_domain", BYTES("quay.io/Team/app:1"), "upper-case repository"},
    {"placeholder_word", BYTES("YOUR_IMAGE_NAME"), "upper-case repository"},
    {"tag_empty", BYTES("nginx:"), "bad tag"},
    {"tag_empty_before_digest", BYTES("nginx:@sha256:" HEX64), "bad tag"},
    {"tag_begins_with_dot", BYTES("nginx:.1"), "tag's first place"},
    {"tag_with_plus", BYTES("nginx:1.0+k3s1"), "bad character '+' in the tag"},
    {"tag_twice", BYTES("nginx:1:2"), "bad character ':' in the tag"},
    {"tag_template", BYTES("nginx:{{tag}}"), "bad character '{'"},
    {"repository_variable", BYTES("${image}"), "bad character '$' in the repository"},
    {"not_ascii", BYTES("n\xc3\xa4ginx"), "bad character 0xc3 in the repository"},
    {"digest_short", BYTES("nginx@sha256:123456"), "digest of 6 hex digits instead of 64"},
    {"digest_long", BYTES("nginx@sha256:" HEX64 "0"), "digest of 65 hex digits"},
    {"digest_of_another_length", BYTES("nginx@sha512:" HEX64), "instead of 128"},
    {"digest_empty", BYTES("nginx@"), "digest without"},
    {"digest_without_hex", BYTES("nginx@sha256"), "digest without"},
    {"digest_upper_case",
     BYTES("nginx@sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"),
     "upper-case hex"},
    {"digest_not_hex", BYTES("nginx@sha256:xyz"), "bad character 'x' in the digest"},
    {"digest_twice", BYTES("nginx@sha256:" HEX64 "@sha256:" HEX64), "in the digest"},
    {"algorithm_unknown", BYTES("nginx@blake3:" HEX64), "unknown digest algorithm"},
    {"algorithm_upper_case", BYTES("nginx@SHA256:" HEX64), "unknown digest algorithm"},
    {"image_id", BYTES(HEX64), "image ID"},
    {"node_image_id", BYTES("sha256:" HEX64), "image ID of the node"},
    {"node_image_id_abbreviated", BYTES("sha256:ab"), "image ID of the node"},
    {"node_image_id_sha384", BYTES("sha384:0"), "image ID of the node"},
    {"node_image_id_sha512", BYTES("sha512:deadbeef"), "image ID of the node"},
    {"node_image_id_empty", BYTES("sha256:"), "image ID of the node"},
    {"ko", BYTES("ko://example.com/cmd/app"), "the manifest was not resolved"},
    {"docker_scheme", BYTES("docker://quay.io/app:1"), "URL scheme 'docker://'"},
    {"https_scheme", BYTES("https://quay.io/app:1"), "URL scheme 'https://'"},
    {"other_scheme", BYTES("s3://bucket/app"), "URL scheme 's3://'"},
    {"slash_at_end", BYTES("quay.io/app/"), "empty part"},
    {"slash_before", BYTES("/app"), "empty part"},
    {"slash_twice", BYTES("registry//x"), "empty part"},
    {"domain_alone", BYTES("debian-azurecr.io/"), "no repository"},
    {"domain_and_tag", BYTES("quay.io/:1"), "no repository"},
    {"tag_alone", BYTES(":1.2.3"), "no repository"},
    {"hyphen_at_end", BYTES("app-:1"), "separator at the edge"},
    {"underscores", BYTES("a___b"), "separators in a row"},
    {"dots", BYTES("a..b"), "separators in a row"},
    {"hyphen_before_slash", BYTES("a-/b"), "separator at the edge"},
    {"port_not_a_number", BYTES("reg:50x0/app"), "bad registry name 'reg:50x0'"},
    {"port_empty", BYTES("reg:/app"), "bad registry name 'reg:'"},
    {"ipv6_zone", BYTES("[fe80::1%eth0]:5000/app"), "bad registry name"},
    {"ipv6_open", BYTES("[::1/app"), "bad registry name"},
    {"registry_with_newline", BYTES("reg:50\n00/app"), "bad character 0x0a in the registry name"},
    {"registry_not_ascii", BYTES("r\xc3\xa4g.io/app"), "bad character 0xc3 in the registry name"},
    {"underscore_and_port", BYTES("foo_bar.com:8080/app"), "bad registry name"},
};

static void parse__malformed__refused_with_its_reason(void **state)
{
    const struct refusal *row = *state;
    struct moor_reference found = {.tag = MOOR_SLICE("untouched")};
    struct moor_error err = {0};
    assert_int_equal(moor_reference_parse(&found, row->text, &err), -1);
    assert_slice_equal(found.tag, "untouched");
    if (strstr(err.text, row->reason) == NULL) {
        print_error("\"%s\" does not say \"%s\"\n", err.text, row->reason);
        fail();
    }
}

/* Parses `len` bytes of 'a' between a prefix and a suffix; `reason` is NULL where that is kept. */
static void assert_limit(const char *prefix, int len, const char *suffix, const char *reason)
{
    char filler[MOOR_REFERENCE_MAX_BYTES + 1];
    memset(filler, 'a', sizeof filler);
    struct moor_buf text;
    moor_buf_init(&text, (size_t)2 * MOOR_REFERENCE_MAX_BYTES);
    moor_buf_printf(&text, "%s%.*s%s", prefix, len, filler, suffix);
    assert_int_equal(moor_buf_check(&text, NULL), 0);
    struct moor_reference found;
    struct moor_error err = {0};
    int status = moor_reference_parse(&found, moor_buf_slice(&text), &err);
    moor_buf_release(&text);
    assert_int_equal(status, reason == NULL ? 0 : -1);
    assert_string_equal(err.text, reason == NULL ? "" : reason);
    assert_int_equal(err.code, reason == NULL ? MOOR_ERROR_NONE : MOOR_ERROR_LIMIT);
}

static void parse__at_and_past_each_limit__kept_and_refused(void **state)
{
    (void)state;
    assert_limit("nginx:", 128, "", NULL);
    assert_limit("nginx:", 129, "", "tag longer than 128 bytes");
    assert_limit("quay.io/", 255, "", NULL);
    assert_limit("quay.io/", 256, ":1", "repository longer than 255 bytes");
    assert_limit("", 247, "", NULL);
    assert_limit("", 248, "", "repository longer than 255 bytes"); /* `library/` counts */
    assert_limit("my_registry.io/", 240, "", NULL);
    assert_limit("my_registry.io/", 241, "", "repository longer than 255 bytes");
    assert_limit("", 4096 - 8, ".com/app", NULL);
    assert_limit("", 4097 - 8, ".com/app", "longer than 4096 bytes");
}

static void parse__parts__borrowed_from_the_text(void **state)
{
    (void)state;
    struct moor_slice text = MOOR_SLICE("index.docker.io/nginx:1.2@sha256:" HEX64);
    struct moor_reference found;
    assert_int_equal(moor_reference_parse(&found, text, NULL), 0);
    assert_slice_equal(found.domain, "docker.io");
    assert_slice_equal(found.path, "nginx");
    assert_slice_equal(found.repository, "index.docker.io/nginx");
    assert_slice_equal(found.tag, "1.2");
    assert_slice_equal(found.digest, "sha256:" HEX64);
    assert_true(found.implies_library);
    assert_ptr_equal(found.tag.ptr, text.ptr + strlen("index.docker.io/nginx:"));
}

static void parse__word_that_is_no_hex_behind_sha256__a_tag(void **state)
{
    (void)state;
    struct moor_reference found;
    assert_int_equal(moor_reference_parse(&found, MOOR_SLICE("sha256:latest"), NULL), 0);
    assert_slice_equal(found.tag, "latest");
    assert_int_equal(moor_reference_parse(&found, MOOR_SLICE("my/sha256:abc"), NULL), 0);
    assert_int_equal(moor_reference_parse(&found, MOOR_SLICE("sha256"), NULL), 0);
}

/* --- canonical names ------------------------------------------------------------------------- */

struct name_row {
    const char *name;
    const char *text;
    const char *canonical;
};

static struct name_row names[] = {
    {"name__short", "nginx:1", "docker.io/library/nginx"},
    {"name__organisation", "vendor/agent", "docker.io/vendor/agent"},
    {"name__other_port__kept", "registry.example.com:5000/app:1", "registry.example.com:5000/app"},
    {"name__upper_case_host", "CGR.dev/chainguard/crane:1", "cgr.dev/chainguard/crane"},
    {"name__default_port", "cgr.dev:443/x:1.2.3", "cgr.dev/x"},
    {"name__default_port_with_zeros", "cgr.dev:00443/x:1.2.3", "cgr.dev/x"},
    {"name__port_with_zeros", "cgr.dev:05000/x", "cgr.dev:5000/x"},
    {"name__port_that_begins_as_the_default_one__kept", "cgr.dev:4430/x", "cgr.dev:4430/x"},
    {"name__port_zero__kept", "cgr.dev:000/x", "cgr.dev:0/x"},
    {"name__registry_of_docker_hub", "registry-1.docker.io/library/nginx",
     "docker.io/library/nginx"},
    {"name__registry_of_docker_hub__short", "registry-1.docker.io/nginx:1",
     "docker.io/library/nginx"},
    {"name__index__in_upper_case_and_with_port", "Index.Docker.IO:443/nginx",
     "docker.io/library/nginx"},
    {"name__old_name_of_docker_hub", "registry.hub.docker.com/vendor/agent",
     "docker.io/vendor/agent"},
    {"name__docker_hub_with_port", "docker.io:0443/nginx", "docker.io/library/nginx"},
    {"name__docker_hub_with_another_port__another_registry", "docker.io:5000/nginx",
     "docker.io:5000/nginx"},
    {"name__host_that_ends_as_docker_hub__another_registry", "mydocker.io/nginx",
     "mydocker.io/nginx"},
    {"name__localhost", "LOCALHOST:443/app", "localhost/app"},
    {"name__host_without_a_dot__keeps_the_default_port", "registry:0443/app", "registry:443/app"},
    {"name__host_without_a_dot__gets_the_default_port", "REGISTRY/app", "registry:443/app"},
    {"name__ipv6", "[2001:DB8::1]:443/app", "[2001:db8::1]/app"},
    {"name__ipv6_with_port", "[2001:DB8::1]:0500/app", "[2001:db8::1]:500/app"},
    {"name__ipv4", "10.0.0.5:443/app", "10.0.0.5/app"},
    {"name__no_domain", "my_registry.io/app", "my_registry.io/app"},
};

/* The canonical name is the row's, and its own canonical name. */
static void name__row__canonical_once_and_again(void **state)
{
    const struct name_row *row = *state;
    struct moor_slice text = moor_slice_from(row->text);
    struct moor_reference found;
    struct moor_buf name;
    struct moor_buf again;
    moor_buf_init(&name, 8192);
    moor_buf_init(&again, 8192);
    assert_int_equal(moor_reference_parse(&found, text, NULL), 0);
    moor_reference_append_name(&name, &found);
    assert_slice_equal(moor_buf_slice(&name), row->canonical);
    assert_int_equal(moor_reference_parse(&found, moor_buf_slice(&name), NULL), 0);
    moor_reference_append_name(&again, &found);
    assert_slice_equal(moor_buf_slice(&again), row->canonical);
    moor_buf_release(&name);
    moor_buf_release(&again);
}

/* --- random texts against a plain reading of the grammar ------------------------------------- */

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
    static struct row rows[MAX_CASES];
    static struct CMUnitTest tests[MAX_CASES + 160];
    size_t row_count = read_cases(rows);
    size_t count = 0;
    for (size_t i = 0; i < row_count; i++) {
        tests[count++] = (struct CMUnitTest){
            .name = rows[i].name, .test_func = table__row__as_upstream, .initial_state = &rows[i]};
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(refusals); i++) {
        tests[count++] = (struct CMUnitTest){.name = refusals[i].name,
                                             .test_func = parse__malformed__refused_with_its_reason,
                                             .initial_state = &refusals[i]};
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(names); i++) {
        tests[count++] = (struct CMUnitTest){.name = names[i].name,
                                             .test_func = name__row__canonical_once_and_again,
                                             .initial_state = &names[i]};
    }
    const struct CMUnitTest singles[] = {
        cmocka_unit_test(parse__at_and_past_each_limit__kept_and_refused),
        cmocka_unit_test(parse__parts__borrowed_from_the_text),
        cmocka_unit_test(parse__word_that_is_no_hex_behind_sha256__a_tag),
        cmocka_unit_test(parse__random_texts__as_the_plain_grammar),
    };
    memcpy(&tests[count], singles, sizeof singles);
    count += MOOR_ARRAY_SIZE(singles);
    int failed = _cmocka_run_group_tests("reference", tests, count, NULL, NULL);
    for (size_t i = 0; i < row_count; i++) {
        free(rows[i].line);
    }
    return failed;
}
