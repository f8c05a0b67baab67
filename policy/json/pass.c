/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast pass over JSON.  Each block of 64 bytes becomes words with a bit for each byte.  RFC
 * 8259 has requirements for every byte: whether it is escaped, inside a string, a control
 * character, and allowed after its predecessor.  The pass checks each of them for all 64 bytes at
 * once.  Only brackets, numbers and literals are examined one by one.  The words are those of
 * simdjson (Langdale and Lemire, "Parsing Gigabytes of JSON per Second").  The comment at follow()
 * explains why three additions are enough for the grammar.
 *
 * This file is one form of the pass, over the bytes as simd.h sees them here.  pass_wide.c and
 * pass_plain.c include this file to make the other forms.
 */
#include "policy/base/simd.h"
#include "policy/base/utf8.h"
#include "policy/json/form.h"
#include "policy/json/grammar.h"

#ifndef MOOR_JSON_FORM
    #define MOOR_JSON_FORM moor_json_form_usual
#endif

#define ALL         UINT64_MAX
#define EVERY_OTHER UINT64_C(0x5555555555555555)
#define TOP         63
#define WORD        64U
#define SELDOM      __attribute__((noinline))

struct pass {
    const char *at;    /* the block; shorter than 64 bytes only at the end of the text */
    const char *end;   /* the end of the text */
    const char *bytes; /* the block, with 64 readable bytes */
    /* Results of the previous block. */
    uint64_t escaped;   /* bit 0: its first byte is escaped */
    uint64_t in_string; /* all ones: it starts inside a string */
    uint64_t in_scalar; /* bit 0: a number or a literal may go on in it */
    struct moor_simd_block block;
};

/*
 * Expectations of the next block, after surrogate escapes or truncated sequences; few blocks have
 * any.  Separate from the pass: taking the address of that would force its words into memory.
 */
struct pending {
    const char *low;    /* the `u` of the escape that must be a low surrogate */
    uint64_t continued; /* the first bytes of the next block that continue a UTF-8 sequence */
};

static inline struct pass pass_from(const char *at, const char *end)
{
    return (struct pass){.at = at, .end = end};
}

/* A last block shorter than 64 bytes is copied to `tail` and padded with spaces. */
MOOR_SIMD_INLINE void read_block(struct pass *pass, char tail[MOOR_SIMD_BLOCK])
{
    size_t left = (size_t)(pass->end - pass->at);
    pass->bytes = pass->at;
    if (__builtin_expect(left < MOOR_SIMD_BLOCK, 0)) {
        memset(tail, ' ', MOOR_SIMD_BLOCK);
        memcpy(tail, pass->at, left);
        pass->bytes = tail;
    }
    moor_simd_classify(&pass->block, pass->bytes);
}

/* Moves to the next block; returns false after the last. */
static inline bool next_block(struct pass *pass)
{
    if (pass->end - pass->at <= MOOR_SIMD_BLOCK) {
        return false;
    }
    pass->at += MOOR_SIMD_BLOCK;
    return true;
}

/*
 * Finds the bytes after an odd run of backslashes.  For a run that starts at an odd position, the
 * addition carries to the byte after the run.  There, the parity of the position shows that of
 * the run's length, for all runs at once.
 */
static inline uint64_t find_escaped(struct pass *pass)
{
    uint64_t backslash = pass->block.backslash & ~pass->escaped;
    if (backslash == 0) {
        uint64_t escaped = pass->escaped;
        pass->escaped = 0;
        return escaped;
    }
    uint64_t follows = backslash << 1 | pass->escaped;
    uint64_t odd_starts = backslash & ~EVERY_OTHER & ~follows;
    unsigned long long sums = 0;
    pass->escaped = __builtin_add_overflow(odd_starts, backslash, &sums);
    return (EVERY_OTHER ^ (uint64_t)sums << 1) & follows;
}

/* Marks each string from its opening quote to before its closing quote: the parity of quotes. */
static inline uint64_t find_strings(uint64_t quotes)
{
#if defined(MOOR_SIMD_WIDE)
    /* A carry-less product with all ones is the XOR of all shifts, in a single instruction. */
    __m128i product =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)quotes), _mm_set1_epi8(-1), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
#else
    quotes ^= quotes << 1;
    quotes ^= quotes << 2;
    quotes ^= quotes << 4;
    quotes ^= quotes << 8;
    quotes ^= quotes << 16;
    return quotes ^ quotes << 32;
#endif
}

/* `at` is the byte after the backslash.  A surrogate must be one of a pair, high before low. */
static bool is_unicode_escape(const char *at, const char *end, struct pending *pending)
{
    if (at >= end || *at != 'u') {
        return false;
    }
    int32_t unit = moor_json_hex4(at + 1, end);
    if (unit < 0xD800 || unit > 0xDFFF) {
        return unit >= 0;
    }
    if (unit >= 0xDC00) {
        return at == pending->low;
    }
    pending->low = at + 6;
    if (end - at < 11 || at[5] != '\\' || at[6] != 'u') {
        return false;
    }
    int32_t low = moor_json_hex4(at + 7, end);
    return low >= 0xDC00 && low <= 0xDFFF;
}

static bool is_simple_escape(char letter)
{
    return letter == 'n' || letter == 't' || letter == 'r' || letter == '/' || letter == 'b' ||
           letter == 'f';
}

static bool check_escapes(const char *at, const char *end, uint64_t letters,
                          struct pending *pending)
{
    for (; letters != 0; letters &= letters - 1) {
        const char *letter = at + __builtin_ctzll(letters);
        if (letter >= end ||
            (!is_simple_escape(*letter) && !is_unicode_escape(letter, end, pending))) {
            return false;
        }
    }
    return true;
}

/*
 * If a block has only sequences of two bytes, two words check all of them at once.  Any other block
 * is decoded sequence by sequence.
 */
static bool check_utf8(const char *bytes, const char *at, const char *end, uint64_t high,
                       uint64_t wanted, struct pending *pending)
{
    uint64_t pairs = moor_simd_between(bytes, 0xC2, 0xDF) & wanted;
    uint64_t rest = moor_simd_between(bytes, 0x80, 0xBF) & wanted;
    uint64_t before = pending->continued;
    if (high == (pairs | rest)) {
        pending->continued = pairs >> TOP;
        return rest == (pairs << 1 | before);
    }
    /* Sequences are decoded within a block, so the promise of the previous block is checked here.
     */
    if ((before & ~rest) != 0) {
        return false;
    }
    pending->continued = 0;
    for (uint64_t left = high & ~before; left != 0;) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        size_t length = moor_utf8_length(at + i, end);
        if (length == 0) {
            return false;
        }
        uint64_t sequence = (UINT64_C(1) << length) - 1;
        left &= ~(sequence << i);
        pending->continued = i + length > MOOR_SIMD_BLOCK ? sequence >> (MOOR_SIMD_BLOCK - i) : 0;
    }
    return true;
}

/* Checks the contents of strings; `wanted` excludes the bytes after the end of the value. */
static inline bool check_content(const struct pass *pass, uint64_t inside, uint64_t escaped,
                                 uint64_t wanted, struct pending *pending)
{
    inside &= wanted;
    if ((pass->block.control & inside) != 0) {
        return false;
    }
    uint64_t letters = escaped & inside & ~(pass->block.quote | pass->block.backslash);
    if (letters != 0 && !check_escapes(pass->at, pass->end, letters, pending)) {
        return false;
    }
    uint64_t high = pass->block.high & wanted;
    return (high | pending->continued) == 0 ||
           check_utf8(pass->bytes, pass->at, pass->end, high, wanted, pending);
}

/* --- structure -------------------------------------------------------------------------------- */

/*
 * The position in the structure.  The reader itself changes only if the pass succeeds, so that the
 * events can start again from the same point.
 */
struct context {
    struct moor_json_reader *reader;
    uint32_t base;
    uint32_t depth;
    uint64_t arrays; /* the reader's bits of the innermost levels; the top bit is the innermost */
    /*
     * At most one of these is 1, for the last start of the previous block.  If all are 0, the start
     * was a value or closed one.
     */
    unsigned char after_item; /* it opened a level, or was a comma */
    unsigned char after_colon;
    unsigned char after_name;
};

static inline struct context context_from(struct moor_json_reader *reader, uint32_t base)
{
    uint8_t state = reader->expect;
    uint32_t level = reader->depth - 1; /* the innermost open level */
    return (struct context){
        .reader = reader,
        .base = base,
        .depth = reader->depth,
        .arrays = reader->depth == 0 ? 0 : reader->arrays[level / WORD] << (TOP - level % WORD),
        .after_item = state == MOOR_JSON_FIRST_MEMBER || state == MOOR_JSON_FIRST_ITEM ||
                      state == MOOR_JSON_NAME || state == MOOR_JSON_ITEM,
        .after_colon = state == MOOR_JSON_MEMBER_VALUE || state == MOOR_JSON_START,
        .after_name = state == MOOR_JSON_COLON,
    };
}

static inline bool is_in_array(const struct context *context)
{
    return context->arrays >> TOP != 0;
}

static inline bool push_level(struct context *context, bool is_array)
{
    if (context->depth == MOOR_JSON_MAX_DEPTH) {
        return false;
    }
    context->depth++;
    context->arrays = context->arrays >> 1 | (uint64_t)is_array << TOP;
    if (context->depth % WORD == 0) {
        context->reader->arrays[context->depth / WORD - 1] = context->arrays;
    }
    return true;
}

static inline void pop_level(struct context *context)
{
    context->depth--;
    context->arrays <<= 1;
    if (context->depth % WORD == 0) {
        context->arrays =
            context->depth == 0 ? 0 : context->reader->arrays[context->depth / WORD - 1];
    }
}

static inline bool take_bracket(struct context *context, bool opens, bool is_array)
{
    if (opens) {
        return push_level(context, is_array);
    }
    if (is_array != is_in_array(context)) {
        return false;
    }
    pop_level(context);
    return true;
}

/* Returns the bits from the lowest up to this one inclusive. */
static inline uint64_t up_to(unsigned bit)
{
    return ALL >> (TOP - bit);
}

/*
 * Finds the opening brackets of empty objects and arrays; half of all pairs are empty.  An empty
 * level is a value like a scalar, and needs no entry in the levels.  The result is 0 if one of them
 * could be the value to skip, or could exceed the depth.  A pair across two blocks is not found.
 */
static inline uint64_t find_empty(const struct context *context, const struct pass *pass,
                                  uint64_t open, uint64_t close)
{
    if (context->depth == context->base || context->depth + WORD > MOOR_JSON_MAX_DEPTH) {
        return 0;
    }
    uint64_t is_other_sort = pass->block.brace ^ pass->block.brace >> 1;
    return open & close >> 1 & ~is_other_sort;
}

/*
 * Opens and closes the levels of a block.  Sets for each byte whether it is in an object.  Returns
 * the bits that belong to the value to skip, or 0 on failure.
 */
static inline uint64_t follow_brackets(struct context *context, const struct pass *pass,
                                       uint64_t brackets, uint64_t *in_object)
{
    uint64_t objects = is_in_array(context) ? 0 : ALL;
    for (; brackets != 0; brackets &= brackets - 1) {
        unsigned i = (unsigned)__builtin_ctzll(brackets);
        bool is_array = (pass->block.brace >> i & 1U) == 0;
        if (!take_bracket(context, (pass->block.open >> i & 1U) != 0, is_array)) {
            return 0;
        }
        if (context->depth == context->base) {
            *in_object = objects;
            return up_to(i);
        }
        uint64_t after = ALL << 1 << i;
        objects = is_in_array(context) ? objects & ~after : objects | after;
    }
    *in_object = objects;
    return ALL;
}

/*
 * Finds for each bit of `some` the start that comes next.  The bytes `between` are those that start
 * nothing.  The addition carries each bit over them to the next start.  `*carry` connects this
 * block with the previous and the next one.
 */
static inline uint64_t next_start(uint64_t some, uint64_t between, unsigned char *carry)
{
    return moor_simd_add(some, some | between, carry) & ~between;
}

static bool pass_scalar(const char *at, const char *end)
{
    if (moor_json_pass_scalar(&at, end) != NULL) {
        return false;
    }
    return at == end || moor_simd_is_punctuation(*at) || moor_simd_is_blank(*at);
}

static bool pass_scalars(const struct pass *pass, uint64_t scalars)
{
    for (; scalars != 0; scalars &= scalars - 1) {
        if (!pass_scalar(pass->at + __builtin_ctzll(scalars), pass->end)) {
            return false;
        }
    }
    return true;
}

/* Checks that the last byte before each bracket is not a comma: JSON has no trailing commas. */
static SELDOM bool close_at_once(const char *at, uint64_t brackets)
{
    for (; brackets != 0; brackets &= brackets - 1) {
        const char *before = at + __builtin_ctzll(brackets) - 1;
        while (moor_simd_is_blank(*before)) {
            before--;
        }
        if (*before == ',') {
            return false;
        }
    }
    return true;
}

/*
 * Follows the grammar over the starts: brackets, commas, colons, strings, numbers and literals.
 * Which starts may follow a start depends only on its kind and on whether it is in an object.  So
 * three additions are enough: the next start after each item, each colon and each name.
 *
 * Returns the bits that belong to the value to skip, or 0 on failure.
 */
static inline uint64_t follow(struct context *context, const struct pass *pass, uint64_t strings,
                              uint64_t scalars, uint64_t outside)
{
    uint64_t open = pass->block.open & outside;
    uint64_t close = pass->block.close & outside;
    uint64_t colons = pass->block.colon & outside;
    uint64_t commas = pass->block.comma & outside;
    uint64_t values = open | strings | scalars;
    uint64_t starts = values | close | colons | commas;
    if (starts == 0) { /* as in the middle of a long text */
        return ALL;
    }
    uint64_t empty = find_empty(context, pass, open, close);
    open ^= empty;
    close ^= empty << 1;

    uint64_t in_object = 0;
    uint64_t wanted = follow_brackets(context, pass, open | close, &in_object);

    uint64_t at_item = next_start(open | commas, ~starts, &context->after_item);
    uint64_t at_value = next_start(colons, ~starts, &context->after_colon);
    uint64_t at_name = at_item & in_object;
    uint64_t at_colon = next_start(at_name & strings, ~starts, &context->after_name);

    /* Only values and closing brackets may follow an opening bracket, a comma or a colon. */
    uint64_t closed = at_item & close;
    uint64_t wrong = (at_item | at_value) ^ closed ^ values;
    wrong |= (at_name & ~strings & ~closed) | (at_colon ^ colons);
    if ((wrong & wanted) != 0 ||
        ((closed & wanted) != 0 && !close_at_once(pass->at, closed & wanted))) {
        return 0;
    }
    return pass_scalars(pass, scalars & wanted) ? wanted : 0;
}

static bool pass_to_level(struct moor_json_reader *reader, uint32_t base)
{
    struct pass pass = pass_from(reader->at, reader->end);
    struct context context = context_from(reader, base);
    struct pending pending = {0};
    char tail[MOOR_SIMD_BLOCK];
    do {
        read_block(&pass, tail);
        uint64_t escaped = find_escaped(&pass);
        uint64_t quotes = pass.block.quote & ~escaped;
        uint64_t inside = find_strings(quotes) ^ pass.in_string;
        uint64_t scalar = ~(pass.block.open | pass.block.close | pass.block.colon |
                            pass.block.comma | pass.block.blank | quotes);
        uint64_t scalars = scalar & ~(scalar << 1 | pass.in_scalar) & ~inside;
        uint64_t wanted = follow(&context, &pass, quotes & inside, scalars, ~inside);
        if (wanted == 0 || !check_content(&pass, inside, escaped, wanted, &pending)) {
            return false;
        }
        if (context.depth == base) {
            reader->at = pass.at + (TOP - __builtin_clzll(wanted)) + 1;
            reader->depth = base;
            reader->expect = moor_json_after_value(reader->arrays, base);
            return true;
        }
        pass.in_string = (inside >> TOP) != 0 ? ALL : 0;
        pass.in_scalar = scalar >> TOP;
    } while (next_block(&pass));
    return false;
}

static const char *pass_string(const char *at, const char *end, bool *escaped)
{
    struct pass pass = pass_from(at, end);
    struct pending pending = {0};
    char tail[MOOR_SIMD_BLOCK];
    uint64_t backslashes = 0;
    do {
        read_block(&pass, tail);
        uint64_t escaped_bytes = find_escaped(&pass);
        uint64_t quotes = pass.block.quote & ~escaped_bytes;
        uint64_t wanted = quotes == 0 ? ALL : up_to((unsigned)__builtin_ctzll(quotes));
        if (!check_content(&pass, ALL, escaped_bytes, wanted, &pending)) {
            return NULL;
        }
        backslashes |= pass.block.backslash & wanted;
        if (quotes != 0) {
            *escaped = backslashes != 0;
            return pass.at + __builtin_ctzll(quotes);
        }
    } while (next_block(&pass));
    return NULL;
}

static void classify(struct moor_simd_block *out, const char *at)
{
    moor_simd_classify(out, at);
}

static uint64_t between(const char *at, unsigned char low, unsigned char high)
{
    return moor_simd_between(at, low, high);
}

const struct moor_json_form MOOR_JSON_FORM = {
    .name = MOOR_SIMD_FORM,
    .pass = pass_to_level,
    .pass_string = pass_string,
    .classify = classify,
    .between = between,
};
