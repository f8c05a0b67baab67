/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/glob.h"

#include "policy/base/pattern.h"

/*
 * The costs of matching in steps, as measured: a glob that fails at its first or last byte, a glob
 * that is matched, a byte of it, and a search for a byte with the bytes that it skips.
 */
#define REFUSED_COST          4
#define GLOB_COST             16
#define BYTE_COST             2
#define SEARCH_COST           8
#define SEARCH_BYTES_PER_STEP 16

static bool has_byte(struct moor_slice text, char byte)
{
    return text.len > 0 && memchr(text.ptr, byte, text.len) != NULL;
}

static enum moor_glob_kind kind_of(struct moor_slice text)
{
    if (has_byte(text, '[')) {
        return MOOR_GLOB_SETS;
    }
    return has_byte(text, '*') || has_byte(text, '?') || has_byte(text, '\\') ? MOOR_GLOB_STARS
                                                                              : MOOR_GLOB_LITERAL;
}

static struct moor_pattern pattern_of(const struct moor_glob *glob)
{
    return (struct moor_pattern){.text = glob->text, .code = glob->code, .charge = glob->charge};
}

int moor_glob_compile(struct moor_glob *out, struct moor_slice text, struct moor_error *err)
{
    struct moor_glob glob = {.text = text, .kind = kind_of(text)};
    struct moor_pattern pattern = {0};
    if (text.len == 0 || text.len > MOOR_GLOB_MAX_BYTES) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "a pattern has 1 to %d bytes, not %zu",
                              MOOR_GLOB_MAX_BYTES, text.len);
    }
    /* Only PCRE2 decides which globs are valid, although most are matched without it. */
    if (glob.kind == MOOR_GLOB_STARS && moor_pattern_check_glob(text, err) != 0) {
        return -1;
    }
    if (glob.kind == MOOR_GLOB_SETS && moor_pattern_compile_glob(&pattern, text, err) != 0) {
        return -1;
    }
    glob.code = pattern.code;
    glob.charge = pattern.charge;
    *out = glob;
    return 0;
}

void moor_glob_release(struct moor_glob *glob)
{
    struct moor_pattern pattern = pattern_of(glob);
    moor_pattern_release(&pattern);
    *glob = (struct moor_glob){0};
}

size_t moor_glob_size(const struct moor_glob *glob)
{
    struct moor_pattern pattern = pattern_of(glob);
    return moor_pattern_size(&pattern);
}

/* --- matching without PCRE2 ------------------------------------------------------------------- */

/* A point to backtrack to: the match resumes at `resume` with a later byte of the subject. */
struct star {
    bool is_open;
    size_t resume;
    size_t at;    /* offset in the subject */
    size_t limit; /* last offset that the star can reach */
};

struct match {
    struct moor_slice glob;
    struct moor_slice subject;
    size_t in_glob;
    size_t in_subject;
    struct star star;      /* the last `*`, which does not cross slashes */
    struct star stars;     /* the last `**` */
    bool is_segment;       /* `stars` is a `**` between slashes: it resumes only after a slash */
    bool ends_in_anything; /* the glob ends in `**`, which matches any rest */
    uint64_t steps;
};

/* Returns the first offset of `byte` in the range from `at` to `end` exclusive, or `end`. */
static size_t find_byte(struct match *match, char byte, size_t at, size_t end)
{
    const char *found =
        at < end ? memchr(match->subject.ptr + at, (unsigned char)byte, end - at) : NULL;
    size_t place = found != NULL ? (size_t)(found - match->subject.ptr) : end;
    match->steps += SEARCH_COST + (place - at) / SEARCH_BYTES_PER_STEP;
    return place;
}

static void open_single(struct match *match)
{
    size_t at = match->in_subject;
    match->in_glob++;
    match->star = (struct star){.is_open = true,
                                .resume = match->in_glob,
                                .at = at,
                                .limit = find_byte(match, '/', at, match->subject.len)};
}

/* Opens a `**`, which ends at `next`, or at the slash that belongs to it. */
static void open_double(struct match *match, size_t next)
{
    struct moor_slice glob = match->glob;
    size_t first = match->in_glob;
    size_t slash = next;
    if (slash + 1 < glob.len && glob.ptr[slash] == '\\' && glob.ptr[slash + 1] == '/') {
        slash++;
    }
    bool is_behind_slash = first == 0 || glob.ptr[first - 1] == '/';
    match->ends_in_anything = next == glob.len;
    match->is_segment = is_behind_slash && slash < glob.len && glob.ptr[slash] == '/';
    match->in_glob = match->is_segment ? slash + 1 : next;
    match->star.is_open = false;
    match->stars = (struct star){.is_open = true,
                                 .resume = match->in_glob,
                                 .at = match->in_subject,
                                 .limit = match->subject.len};
}

static void open_star(struct match *match)
{
    size_t next = match->in_glob;
    while (next < match->glob.len && match->glob.ptr[next] == '*') {
        next++;
    }
    if (next == match->in_glob + 1) {
        open_single(match);
    } else {
        open_double(match, next);
    }
}

/*
 * Moves the star to the next offset of the subject at which the pattern can resume.  If a plain
 * byte follows the star, memchr() skips to it.  Returns false if the star reaches no such offset.
 */
static bool advance(struct match *match, struct star *star)
{
    if (!star->is_open || star->at >= star->limit) {
        return false;
    }
    size_t at = star->at + 1;
    if (star->resume == match->glob.len) {
        at = star->limit; /* a final star must reach the end of the subject */
    } else {
        char wanted = match->glob.ptr[star->resume];
        /* The byte at the limit ends the range of the star, and may be the byte that follows it. */
        size_t end = star->limit < match->subject.len ? star->limit + 1 : star->limit;
        bool is_plain = wanted != '?' && wanted != '\\' && wanted != '*';
        at = is_plain ? find_byte(match, wanted, at, end) : at;
        if (is_plain && at == end) {
            return false;
        }
    }
    star->at = at;
    return true;
}

static bool advance_double(struct match *match)
{
    struct star *stars = &match->stars;
    if (!match->is_segment) {
        return advance(match, stars);
    }
    size_t slash = stars->is_open ? find_byte(match, '/', stars->at, stars->limit) : stars->limit;
    stars->at = slash + 1;
    return slash < stars->limit;
}

/* Backtracks to the last star, or to the last `**` if that star is exhausted. */
static bool go_back(struct match *match)
{
    const struct star *star = &match->star;
    if (!advance(match, &match->star)) {
        match->star.is_open = false;
        star = &match->stars;
        if (!match->stars.is_open || !advance_double(match)) {
            return false;
        }
    }
    match->in_subject = star->at;
    match->in_glob = star->resume;
    return true;
}

/* Compares the current byte of the subject with the glob and advances both if they match. */
static bool take_byte(struct match *match)
{
    if (match->in_glob == match->glob.len || match->in_subject == match->subject.len) {
        return false;
    }
    char wanted = match->glob.ptr[match->in_glob];
    char byte = match->subject.ptr[match->in_subject];
    size_t step = 1;
    if (wanted == '?') {
        /* A `?` does not match a slash.  It then stays a `?`, which differs from the slash. */
        wanted = byte == '/' ? '?' : byte;
    } else if (wanted == '\\') {
        /* There is a next byte: a glob that ends in a single backslash is invalid. */
        wanted = match->glob.ptr[match->in_glob + 1];
        step = 2;
    }
    if (wanted != byte) {
        return false;
    }
    match->in_glob += step;
    match->in_subject++;
    return true;
}

static bool is_at_star(const struct match *match)
{
    return match->in_glob < match->glob.len && match->glob.ptr[match->in_glob] == '*';
}

/*
 * Only the last star is backtracked to, and the last `**` before it.  An earlier star ends as early
 * as it can, which leaves the later ones every possible match; so the cost is not exponential.
 *
 * A function of its own: most globs fail before this point, and need none of its registers.
 */
__attribute__((noinline)) static bool match_stars(const struct moor_glob *glob,
                                                  struct moor_slice subject,
                                                  struct moor_matcher *matcher)
{
    struct match match = {.glob = glob->text, .subject = subject, .steps = GLOB_COST};
    uint64_t most =
        matcher->budget - (matcher->steps < matcher->budget ? matcher->steps : matcher->budget);
    bool is_match = false;
    for (bool goes_on = true; goes_on && match.steps <= most;) {
        match.steps += BYTE_COST;
        if (is_at_star(&match)) {
            open_star(&match);
            is_match = match.ends_in_anything;
            goes_on = !is_match;
        } else if (match.in_glob == match.glob.len && match.in_subject == subject.len) {
            is_match = true;
            goes_on = false;
        } else {
            goes_on = take_byte(&match) || go_back(&match);
        }
    }
    return moor_matcher_take(matcher, match.steps) && is_match;
}

/* Returns whether the first or last byte of a glob allows this byte of the subject. */
static bool lets(char wanted, char byte)
{
    return wanted == byte || wanted == '*' || wanted == '?' || wanted == '\\';
}

/* Most globs fail at their first or last byte.  Testing those first avoids setting up a match. */
static bool can_match(struct moor_slice glob, struct moor_slice subject)
{
    return subject.len == 0 || (lets(glob.ptr[0], subject.ptr[0]) &&
                                lets(glob.ptr[glob.len - 1], subject.ptr[subject.len - 1]));
}

bool moor_glob_match(const struct moor_glob *glob, struct moor_slice subject,
                     struct moor_matcher *matcher)
{
    if (glob->kind == MOOR_GLOB_STARS && can_match(glob->text, subject)) {
        return match_stars(glob, subject, matcher);
    }
    if (glob->kind == MOOR_GLOB_STARS) {
        (void)moor_matcher_take(matcher, REFUSED_COST);
        return false;
    }
    if (glob->kind == MOOR_GLOB_SETS) {
        const struct moor_pattern pattern = pattern_of(glob);
        return moor_pattern_match_glob(&pattern, subject, matcher) == MOOR_PATTERN_MATCH;
    }
    return moor_matcher_take(matcher, moor_matcher_compare_cost(glob->text, subject)) &&
           moor_slice_equal(glob->text, subject);
}

uint64_t moor_glob_cost(const struct moor_glob *glob, size_t len)
{
    return glob->kind == MOOR_GLOB_LITERAL ? moor_matcher_compare_cost(glob->text, glob->text)
           : glob->kind == MOOR_GLOB_STARS ? GLOB_COST + BYTE_COST * len
                                           : (1 + len) * glob->charge;
}

bool moor_glob_list_match(const struct moor_glob_list *globs, struct moor_slice subject,
                          struct moor_matcher *matcher)
{
    for (size_t i = 0; i < globs->count; i++) {
        if (moor_glob_match(&globs->items[i], subject, matcher)) {
            return true;
        }
    }
    return false;
}

void moor_glob_list_release(struct moor_glob_list *globs)
{
    for (size_t i = 0; i < globs->count; i++) {
        moor_glob_release(&globs->items[i]);
    }
    *globs = (struct moor_glob_list){0};
}
