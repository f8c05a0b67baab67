/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast pass: each block of 64 bytes is turned into words of a bit a byte, and the questions
 * that RFC 8259 asks of every byte (is it escaped, inside a string, a control character) are
 * answered for all 64 at once.  Only bytes that carry structure are looked at one by one.  The
 * method is that of simdjson (Langdale and Lemire, "Parsing Gigabytes of JSON per Second").
 */
#include "policy/base/json_grammar.h"
#include "policy/base/scan.h"
#include "policy/base/utf8.h"

#define ALL         UINT64_MAX
#define EVERY_OTHER UINT64_C(0x5555555555555555)
#define TOP         63
#define WORD        64U

struct pass {
    const char *at; /* the block; shorter than one only where the text ends in it */
    const char *end;
    const char *bytes; /* the same block, where 64 bytes can be read */
    const char *low;   /* where a low surrogate is expected: the `u` of its escape */
    /* What the block before said about this one. */
    uint64_t escaped;   /* bit 0: its first byte is escaped */
    uint64_t in_string; /* all ones: it starts inside a string */
    uint64_t in_scalar; /* bit 0: a number or a literal may go on in it */
    uint64_t continued; /* its first bytes that end a UTF-8 sequence */
    struct moor_scan_block block;
    char tail[MOOR_SCAN_BLOCK]; /* the last block, filled up with blanks */
};

static struct pass pass_from(const char *at, const char *end)
{
    return (struct pass){.at = at, .end = end, .bytes = at};
}

static inline void read_block(struct pass *pass)
{
    size_t left = (size_t)(pass->end - pass->at);
    pass->bytes = pass->at;
    if (__builtin_expect(left < MOOR_SCAN_BLOCK, 0)) {
        memset(pass->tail, ' ', sizeof pass->tail);
        memcpy(pass->tail, pass->at, left);
        pass->bytes = pass->tail;
    }
    moor_scan_classify(&pass->block, pass->bytes);
}

/*
 * The bytes behind an odd run of backslashes.  A run that starts at an odd place is carried by the
 * addition to the byte behind it, where the parity of places and runs can be compared at once.
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

/* From each quote that opens up to, without, the quote that closes: the parity of quotes so far. */
static inline uint64_t find_strings(uint64_t quotes)
{
    quotes ^= quotes << 1;
    quotes ^= quotes << 2;
    quotes ^= quotes << 4;
    quotes ^= quotes << 8;
    quotes ^= quotes << 16;
    return quotes ^ quotes << 32;
}

/* `at` is the byte behind the backslash; the simple escapes have been dealt with. */
static bool is_unicode_escape(struct pass *pass, const char *at)
{
    if (at >= pass->end || *at != 'u') {
        return false;
    }
    int32_t unit = moor_json_hex4(at + 1, pass->end);
    if (unit < 0xD800 || unit > 0xDFFF) {
        return unit >= 0;
    }
    if (unit >= 0xDC00) {
        return at == pass->low;
    }
    pass->low = at + 6;
    if (pass->end - at < 11 || at[5] != '\\' || at[6] != 'u') {
        return false;
    }
    int32_t low = moor_json_hex4(at + 7, pass->end);
    return low >= 0xDC00 && low <= 0xDFFF;
}

static bool check_escapes(struct pass *pass, uint64_t escaped)
{
    uint64_t others = escaped & ~(pass->block.quote | pass->block.backslash |
                                  moor_scan_escape_letters(pass->bytes));
    for (; others != 0; others &= others - 1) {
        if (!is_unicode_escape(pass, pass->at + __builtin_ctzll(others))) {
            return false;
        }
    }
    return true;
}

static bool check_utf8(struct pass *pass, uint64_t wanted)
{
    uint64_t high = pass->block.high & wanted;
    uint64_t pairs = moor_scan_between(pass->bytes, 0xC2, 0xDF) & wanted;
    uint64_t rest = moor_scan_between(pass->bytes, 0x80, 0xBF) & wanted;
    uint64_t before = pass->continued;
    if (high == (pairs | rest)) {
        pass->continued = pairs >> TOP;
        return rest == (pairs << 1 | before);
    }
    /* Pairs are not looked at across blocks: what the block before promised is checked here. */
    if ((before & ~rest) != 0) {
        return false;
    }
    pass->continued = 0;
    for (uint64_t left = high & ~before; left != 0;) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        size_t length = moor_utf8_length(pass->at + i, pass->end);
        if (length == 0) {
            return false;
        }
        uint64_t sequence = (UINT64_C(1) << length) - 1;
        left &= ~(sequence << i);
        pass->continued = i + length > MOOR_SCAN_BLOCK ? sequence >> (MOOR_SCAN_BLOCK - i) : 0;
    }
    return true;
}

/* Whether what strings hold may stand in strings; `wanted` leaves out what comes behind the end. */
static inline bool check_content(struct pass *pass, uint64_t inside, uint64_t escaped,
                                 uint64_t wanted)
{
    inside &= wanted;
    if ((pass->block.control & inside) != 0) {
        return false;
    }
    if ((escaped & inside) != 0 && !check_escapes(pass, escaped & inside)) {
        return false;
    }
    return (((pass->block.high | pass->continued) & wanted) == 0) || check_utf8(pass, wanted);
}

static bool pass_scalar(const char *at, const char *end)
{
    if (moor_json_pass_scalar(&at, end) != NULL) {
        return false;
    }
    return at == end || moor_scan_is_punctuation(*at) || moor_scan_is_blank(*at);
}

/* The bits up to and with this one. */
static inline uint64_t up_to(unsigned bit)
{
    return ALL >> (TOP - bit);
}

/* A walk over the bytes of structure; the reader itself moves only where the pass succeeds. */
struct walk {
    struct moor_json_reader *reader;
    uint32_t base;
    uint32_t depth;
    uint64_t arrays; /* the reader's word of the innermost levels, its top bit for the last one */
    uint8_t state;
};

/* The word at `depth`, with as many levels as it holds. */
static inline uint64_t load_arrays(const struct moor_json_reader *reader, uint32_t depth)
{
    return depth == 0 ? 0 : reader->arrays[(depth - 1) / WORD] << (WORD - depth % WORD) % WORD;
}

static inline bool push_level(struct walk *walk, bool is_array)
{
    if (walk->depth == MOOR_JSON_MAX_DEPTH) {
        return false;
    }
    walk->depth++;
    walk->arrays = walk->arrays >> 1 | (uint64_t)is_array << TOP;
    walk->state = is_array ? MOOR_JSON_FIRST_ITEM : MOOR_JSON_FIRST_MEMBER;
    if (walk->depth % WORD == 0) {
        walk->reader->arrays[walk->depth / WORD - 1] = walk->arrays;
    }
    return true;
}

static inline void end_value(struct walk *walk)
{
    uint8_t next = (walk->arrays >> TOP) != 0 ? MOOR_JSON_NEXT_ITEM : MOOR_JSON_NEXT_MEMBER;
    walk->state = walk->depth == 0 ? MOOR_JSON_DONE : next;
}

static inline void pop_level(struct walk *walk)
{
    walk->depth--;
    walk->arrays <<= 1;
    if (walk->depth % WORD == 0) {
        walk->arrays = load_arrays(walk->reader, walk->depth);
    }
    end_value(walk);
}

/* What another byte than a quote, a comma or a colon asks for. */
static inline bool act(struct walk *walk, uint8_t action, const char *at, const char *end)
{
    switch (action) {
    case MOOR_JSON_OPEN_OBJECT:
        return push_level(walk, false);
    case MOOR_JSON_CLOSE:
        pop_level(walk);
        return true;
    case MOOR_JSON_OPEN_ARRAY:
        return push_level(walk, true);
    case MOOR_JSON_SCALAR:
        end_value(walk);
        return pass_scalar(at, end);
    default:
        return false;
    }
}

/* Follows the grammar over `starts`.  Returns the bits that belong to the value, 0 for failure. */
static inline uint64_t follow(struct walk *into, const struct pass *pass, uint64_t starts)
{
    struct walk walk = *into; /* in registers */
    const char *at = pass->at;
    uint64_t wanted = ALL;
    for (; starts != 0; starts &= starts - 1) {
        unsigned i = (unsigned)__builtin_ctzll(starts);
        uint8_t next = moor_json_grammar[walk.state][moor_json_classify(at[i])];
        if (next < MOOR_JSON_STATES) {
            walk.state = next;
            continue;
        }
        if (!act(&walk, next, at + i, pass->end)) {
            return 0;
        }
        if (walk.depth == walk.base) {
            wanted = up_to(i);
            break;
        }
    }
    *into = walk;
    return wanted;
}

bool moor_json_pass(struct moor_json_reader *reader, uint32_t base)
{
    struct pass pass = pass_from(reader->at, reader->end);
    struct walk walk = {reader, base, reader->depth, load_arrays(reader, reader->depth),
                        reader->expect};
    for (; pass.at < pass.end; pass.at += MOOR_SCAN_BLOCK) {
        read_block(&pass);
        uint64_t escaped = find_escaped(&pass);
        uint64_t quotes = pass.block.quote & ~escaped;
        uint64_t inside = find_strings(quotes) ^ pass.in_string;
        uint64_t scalar = ~(pass.block.punctuation | pass.block.blank | quotes);
        uint64_t starts =
            pass.block.punctuation | quotes | (scalar & ~(scalar << 1 | pass.in_scalar));
        starts &= ~(inside ^ quotes);
        uint64_t wanted = follow(&walk, &pass, starts);
        if (wanted == 0 || !check_content(&pass, inside, escaped, wanted)) {
            return false;
        }
        if (walk.depth == base) {
            reader->at = pass.at + (TOP - __builtin_clzll(wanted)) + 1;
            reader->depth = walk.depth;
            reader->expect = walk.state;
            return true;
        }
        pass.in_string = (inside >> TOP) != 0 ? ALL : 0;
        pass.in_scalar = scalar >> TOP;
        if (pass.end - pass.at <= MOOR_SCAN_BLOCK) {
            break;
        }
    }
    return false;
}

const char *moor_json_pass_string(const char *at, const char *end, bool *escaped)
{
    struct pass pass = pass_from(at, end);
    uint64_t backslashes = 0;
    while (pass.at < pass.end) {
        read_block(&pass);
        uint64_t escaped_bytes = find_escaped(&pass);
        uint64_t quotes = pass.block.quote & ~escaped_bytes;
        uint64_t wanted = quotes == 0 ? ALL : up_to((unsigned)__builtin_ctzll(quotes));
        if (!check_content(&pass, ALL, escaped_bytes, wanted)) {
            return NULL;
        }
        backslashes |= pass.block.backslash & wanted;
        if (quotes != 0) {
            *escaped = backslashes != 0;
            return pass.at + __builtin_ctzll(quotes);
        }
        if (pass.end - pass.at <= MOOR_SCAN_BLOCK) {
            break;
        }
        pass.at += MOOR_SCAN_BLOCK;
    }
    return NULL;
}
