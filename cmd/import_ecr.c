/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "cmd/import_ecr.h"
#include "policy/base/array_size.h"
#include "policy/file/keys.h"
#include "policy/file/quote.h"
#include "policy/image/reference.h"

#include <string.h>

#define MAX_BYTES ((size_t)64 * 1024 * 1024)

/* A mode of AWS and its meaning for tags.  The entries of a policy are written in this order. */
static const struct mode {
    const char *name;
    bool has_filters;
    bool is_fixed; /* tags without a matching filter cannot be overwritten */
} modes[] = {
    {"IMMUTABLE", false, true},
    {"IMMUTABLE_WITH_EXCLUSION", true, true},
    {"MUTABLE_WITH_EXCLUSION", true, false},
    {"MUTABLE", false, false},
};

#define MUTABLE (&modes[MOOR_ARRAY_SIZE(modes) - 1])

struct moor_ecr_repository {
    struct moor_slice uri;
    const struct mode *mode;
    struct moor_slice filters[MOOR_ECR_MAX_FILTERS];
    size_t filter_count;
};

void moor_ecr_init(struct moor_ecr *out)
{
    *out = (struct moor_ecr){0};
    moor_arena_init(&out->arena, MAX_BYTES);
}

void moor_ecr_release(struct moor_ecr *ecr)
{
    moor_arena_release(&ecr->arena);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Returns the text of a member; empty if it is missing or not a text. */
static struct moor_slice text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value)
               ? (struct moor_slice){json_string_value(value), json_string_length(value)}
               : (struct moor_slice){0};
}

static int fail(struct moor_error *err, const struct moor_ecr_repository *repository,
                const char *what, struct moor_slice found)
{
    return moor_error_set(err, MOOR_ERROR_VALUE, "repository '%s': %s '%s'",
                          moor_quote(repository->uri).text, what, moor_quote(found).text);
}

/*
 * Reads the repository's name, which the policy uses as a glob.  The name must be a reference with
 * a registry, without a tag or a digest.
 */
static int read_uri(struct moor_ecr_repository *out, const json_t *object, size_t place,
                    struct moor_error *err)
{
    struct moor_reference reference;
    struct moor_error wrong = {0};
    out->uri = text_of(object, "repositoryUri");
    bool is_reference = moor_reference_parse(&reference, out->uri, &wrong) == 0;
    if (!is_reference || reference.tag.len > 0 || reference.digest.len > 0 ||
        !moor_slice_starts_with(out->uri, reference.domain)) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "repositories[%zu] has no 'repositoryUri' such as "
                              "123456789012.dkr.ecr.eu-west-2.amazonaws.com/app: '%s'",
                              place, moor_quote(out->uri).text);
    }
    return 0;
}

/* Older versions of the API omit the mode of a mutable repository. */
static int read_mode(struct moor_ecr_repository *out, const json_t *object, struct moor_error *err)
{
    struct moor_slice name = text_of(object, "imageTagMutability");
    out->mode = MUTABLE;
    if (json_object_get(object, "imageTagMutability") == NULL) {
        return 0;
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(modes); i++) {
        if (moor_slice_is(name, modes[i].name)) {
            out->mode = &modes[i];
            return 0;
        }
    }
    return fail(err, out, "unknown imageTagMutability", name);
}

/* AWS permits these characters only.  Others could have a meaning in a regular expression. */
static bool is_filter(struct moor_slice filter)
{
    static const char known[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._*-";
    for (size_t i = 0; i < filter.len; i++) {
        if (memchr(known, filter.ptr[i], sizeof known - 1) == NULL) {
            return false;
        }
    }
    return filter.len > 0 && filter.len <= MOOR_ECR_MAX_FILTER_BYTES;
}

/* An unknown type is an error: a filter that is misread would make mutable tags trusted. */
static int read_filter(struct moor_ecr_repository *out, const json_t *object,
                       struct moor_error *err)
{
    struct moor_slice type = text_of(object, "filterType");
    struct moor_slice filter = text_of(object, "filter");
    if (!moor_slice_is(type, "WILDCARD")) {
        return fail(err, out, "unknown filterType", type);
    }
    if (!is_filter(filter)) {
        return fail(err, out, "invalid filter (1 to 128 letters, digits and '._*-')", filter);
    }
    out->filters[out->filter_count++] = filter;
    return 0;
}

static int read_filters(struct moor_ecr_repository *out, const json_t *object,
                        struct moor_error *err)
{
    const json_t *list = json_object_get(object, "imageTagMutabilityExclusionFilters");
    size_t count = json_array_size(list);
    bool is_list = list == NULL || json_is_null(list) || json_is_array(list);
    if (!is_list || (count > 0) != out->mode->has_filters || count > MOOR_ECR_MAX_FILTERS) {
        return moor_error_set(
            err, MOOR_ERROR_VALUE, "repository '%s': %s has %s imageTagMutabilityExclusionFilters",
            moor_quote(out->uri).text, out->mode->name, out->mode->has_filters ? "1 to 5" : "no");
    }
    for (size_t i = 0; i < count; i++) {
        if (read_filter(out, json_array_get(list, i), err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int compare_slices(struct moor_slice left, struct moor_slice right)
{
    size_t len = left.len < right.len ? left.len : right.len;
    int order = len > 0 ? memcmp(left.ptr, right.ptr, len) : 0;
    return order != 0 ? order : (left.len > right.len) - (left.len < right.len);
}

/* Equal settings share an entry, so sorting puts them side by side. */
static int compare_settings(const struct moor_ecr_repository *left,
                            const struct moor_ecr_repository *right)
{
    int order = (left->mode > right->mode) - (left->mode < right->mode);
    for (size_t i = 0; order == 0 && i < left->filter_count && i < right->filter_count; i++) {
        order = compare_slices(left->filters[i], right->filters[i]);
    }
    return order != 0 ? order
                      : (left->filter_count > right->filter_count) -
                            (left->filter_count < right->filter_count);
}

static int compare_filters(const void *left, const void *right)
{
    return compare_slices(*(const struct moor_slice *)left, *(const struct moor_slice *)right);
}

static int compare_repositories(const void *left, const void *right)
{
    const struct moor_ecr_repository *first = left;
    const struct moor_ecr_repository *second = right;
    int order = compare_settings(first, second);
    return order != 0 ? order : compare_slices(first->uri, second->uri);
}

static int read_repository(struct moor_ecr_repository *out, const json_t *object, size_t place,
                           struct moor_error *err)
{
    if (read_uri(out, object, place, err) != 0 || read_mode(out, object, err) != 0 ||
        read_filters(out, object, err) != 0) {
        return -1;
    }
    qsort(out->filters, out->filter_count, sizeof *out->filters, compare_filters);
    return 0;
}

/* A truncated list would silently omit repositories from the policy. */
static bool has_more(const json_t *root)
{
    const json_t *by_api = json_object_get(root, "nextToken");
    const json_t *by_client = json_object_get(root, "NextToken");
    return json_is_string(by_api) || json_is_string(by_client);
}

int moor_ecr_read(struct moor_ecr *out, const json_t *root, struct moor_error *err)
{
    const json_t *list = json_is_array(root) ? root : json_object_get(root, "repositories");
    size_t count = json_array_size(list);
    if (json_is_array(list) && count == 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "the list of 'repositories' is empty: check the account and the "
                              "region of 'aws'");
    }
    if (count == 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "no list of 'repositories': give the output of "
                              "'aws ecr describe-repositories --output json'");
    }
    if (has_more(root)) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "the list is incomplete ('nextToken'): run 'aws' without "
                              "--max-items and --no-paginate");
    }
    out->repositories = moor_arena_alloc(&out->arena, count * sizeof *out->repositories);
    if (out->repositories == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu repositories", count);
    }
    for (; out->count < count; out->count++) {
        if (read_repository(&out->repositories[out->count], json_array_get(list, out->count),
                            out->count, err) != 0) {
            return -1;
        }
    }
    qsort(out->repositories, count, sizeof *out->repositories, compare_repositories);
    return 0;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Writes a filter as a regular expression, which tagmoor anchors at both ends. */
static void write_pattern(FILE *out, struct moor_slice filter, const char *flags)
{
    (void)fprintf(out, "'%s", flags);
    for (size_t i = 0; i < filter.len; i++) {
        char byte = filter.ptr[i];
        if (byte == '*') {
            (void)fputs(".*", out);
        } else if (byte == '.') {
            (void)fputs("\\.", out);
        } else {
            (void)fputc(byte, out);
        }
    }
    (void)fputc('\'', out);
}

/*
 * AWS does not document whether filters ignore case.  The safe assumption trusts fewer tags: a
 * match that makes a tag rolling ignores case, and a match that makes it a build does not.
 */
static void write_settings(FILE *out, const struct moor_ecr_repository *repository)
{
    const struct mode *mode = repository->mode;
    (void)fprintf(out, "  reason: \"Amazon ECR: %s\"\n", mode->name);
    for (size_t i = 0; i < repository->filter_count; i++) {
        (void)fputs(i > 0 ? ", " : mode->is_fixed ? "  rolling: [" : "  build: [", out);
        write_pattern(out, repository->filters[i], mode->is_fixed ? "(?i)" : "");
    }
    (void)fputs(repository->filter_count > 0 ? "]\n" : "", out);
    (void)fputs(mode->is_fixed ? "  otherwise: build\n" : "", out);
}

/* Names the repositories from `first` on, which get no entry. */
static void write_comment(FILE *out, const struct moor_ecr *ecr, size_t first)
{
    for (size_t i = first; i < ecr->count; i++) {
        struct moor_slice uri = ecr->repositories[i].uri;
        if (i == first || !moor_slice_equal(uri, ecr->repositories[i - 1].uri)) {
            (void)fprintf(out, "#   %.*s\n", MOOR_SLICE_ARGS(uri));
        }
    }
}

/* Returns the first repository without an entry.  Mutable repositories are sorted last. */
static size_t find_mutable(const struct moor_ecr *ecr)
{
    size_t first = 0;
    while (first < ecr->count && ecr->repositories[first].mode != MUTABLE) {
        first++;
    }
    return first;
}

/* A host of ECR in parts: `ACCOUNT`, `.dkr.ecr.`, the region, and the domain of AWS. */
struct host {
    struct moor_slice account;
    struct moor_slice region;
    struct moor_slice rest; /* the path of the repository, with a slash */
};

/* Finds the parts of a host whose other spellings are documented. */
static bool read_host(struct host *out, struct moor_slice uri)
{
    static const struct moor_slice middle = {".dkr.ecr.", 9};
    static const struct moor_slice domain = {".amazonaws.com/", 15};
    const char *start = memmem(uri.ptr, uri.len, middle.ptr, middle.len);
    const char *end = memmem(uri.ptr, uri.len, domain.ptr, domain.len);
    if (start == NULL || end == NULL || end < start + middle.len) {
        return false;
    }
    size_t region = (size_t)(start - uri.ptr) + middle.len;
    size_t path = (size_t)(end - uri.ptr) + domain.len - 1;
    *out = (struct host){moor_slice_sub(uri, 0, (size_t)(start - uri.ptr)),
                         moor_slice_sub(uri, region, (size_t)(end - uri.ptr)),
                         moor_slice_sub(uri, path, uri.len)};
    return memchr(out->region.ptr, '.', out->region.len) == NULL;
}

/* The same repository has a dual-stack host, and in the United States hosts with FIPS. */
static const struct spelling {
    const char *middle;
    const char *domain;
    bool is_fips;
} spellings[] = {
    {".dkr-ecr.", ".on.aws", false},
    {".dkr.ecr-fips.", ".amazonaws.com", true},
    {".dkr-ecr-fips.", ".on.aws", true},
};

#define SPELLINGS_MAX (1 + MOOR_ARRAY_SIZE(spellings))

static void write_spellings(FILE *out, const struct host *host)
{
    bool has_fips = moor_slice_starts_with(host->region, MOOR_SLICE("us-"));
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(spellings); i++) {
        if (has_fips || !spellings[i].is_fips) {
            (void)fprintf(out, "  - \"%.*s%s%.*s%s%.*s\"\n", MOOR_SLICE_ARGS(host->account),
                          spellings[i].middle, MOOR_SLICE_ARGS(host->region), spellings[i].domain,
                          MOOR_SLICE_ARGS(host->rest));
        }
    }
}

/* Writes the globs for the repositories [first, end): each in the spellings of its host. */
static void write_globs(FILE *out, const struct moor_ecr *ecr, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        struct moor_slice uri = ecr->repositories[i].uri;
        struct host host;
        if (i > first && moor_slice_equal(uri, ecr->repositories[i - 1].uri)) {
            continue;
        }
        (void)fprintf(out, "  - \"%.*s\"\n", MOOR_SLICE_ARGS(uri));
        if (read_host(&host, uri)) {
            write_spellings(out, &host);
        }
    }
}

/* A policy limits the globs of one entry, so a long group is split. */
static void write_entries(FILE *out, const struct moor_ecr *ecr, size_t count)
{
    for (size_t first = 0; first < count;) {
        size_t end = first + 1;
        while (end < count && end - first < MOOR_KEYS_MAX_ITEMS / SPELLINGS_MAX &&
               compare_settings(&ecr->repositories[end], &ecr->repositories[first]) == 0) {
            end++;
        }
        (void)fputs("- match:\n", out);
        write_globs(out, ecr, first, end);
        write_settings(out, &ecr->repositories[first]);
        first = end;
    }
}

void moor_ecr_write(FILE *out, const struct moor_ecr *ecr)
{
    size_t entries = find_mutable(ecr);
    (void)fputs("# Tags that Amazon ECR protects from being overwritten, for a policy ('tagmoor "
                "import ecr').\n"
                "# Users with access to these settings can still move a tag.\n",
                out);
    if (entries < ecr->count) {
        (void)fputs("# Mutable repositories, whose tags are classified by their form:\n", out);
        write_comment(out, ecr, entries);
    }
    (void)fputs(entries > 0 ? "repositories:\n" : "", out);
    write_entries(out, ecr, entries);
}
