/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/tag_patterns.h"

#include "policy/base/array_size.h"
#include "policy/image/tag_words.h"

#include <string.h>

/* --- signs ------------------------------------------------------------------------------------ */

/* The rules name these words; those without a group are not in the table of words. */
const struct moor_tag_named_word moor_tag_named_words[] = {
    {"bit", 'i'}, {"dirty", 'd'}, {"ls", 'l'}, {"r", 'r'}, {"v", 'v'}, {"version", 'z'},
};
const size_t moor_tag_named_word_count = MOOR_ARRAY_SIZE(moor_tag_named_words);

/* Words of the table that the rules name, before the signs of groups. */
static const struct moor_tag_named_word named[] = {
    {"a", 'A'},      {"alpha", 'B'}, {"b", 'b'},     {"beta", 'B'}, {"c", 'A'},
    {"cu", 'V'},     {"dev", 'D'},   {"devel", 'H'}, {"ea", 'E'},   {"kb", 'K'},
    {"latest", 'T'}, {"m", 'm'},     {"u", 'U'},     {"x", 'X'},
};

/* The signs of groups; each combination of groups in the table of words has one. */
static const struct {
    unsigned groups;
    char sign;
} signs[] = {
    {MOOR_WORD_SYSTEM, 'S'},
    {MOOR_WORD_CODENAME, 'N'},
    {MOOR_WORD_RUNTIME, 'R'},
    {MOOR_WORD_RUNTIME | MOOR_WORD_PUBLISHER, 'P'},
    {MOOR_WORD_MACHINE, 'M'},
    {MOOR_WORD_CHANNEL, 'L'},
    {MOOR_WORD_CHANNEL | MOOR_WORD_STAGE, 'C'},
    {MOOR_WORD_CHANNEL | MOOR_WORD_STAGE | MOOR_WORD_CODENAME, 'Y'},
    {MOOR_WORD_CHANNEL | MOOR_WORD_STAGE | MOOR_WORD_CHANGE, 'W'},
    {MOOR_WORD_STAGE, 'G'},
    {MOOR_WORD_STAGE | MOOR_WORD_TRUNK, 'F'},
    {MOOR_WORD_CHANGE, 'J'},
    {MOOR_WORD_BUILD, 'I'},
    {MOOR_WORD_UPDATE, 'Q'},
};

char moor_tag_sign(size_t index)
{
    const struct moor_tag_word *word = &moor_tag_words[index];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(named); i++) {
        if (strcmp(word->text, named[i].text) == 0) {
            return named[i].sign;
        }
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(signs); i++) {
        if (word->groups == signs[i].groups) {
            return signs[i].sign;
        }
    }
    return 0;
}

/* --- numbers of words ------------------------------------------------------------------------- */

#define NUMBER "[0-9]+(?:[.][0-9]+)*"
#define YEAR   "(?:1[7-9]|20)[0-9]{2}"

/* A number with an update: see can_be_updated() in tag_reading.c.  A joined `b` is separate. */
#define UPDATED                                                           \
    "(?:" NUMBER "[-_]?K|" NUMBER "U|[0-9]+(?:[.][0-9]+)+[-_]?[UQ]|" YEAR \
    "(?:[.][0-9]+)*[-_]?V|" NUMBER "[-_]b)[0-9]"
#define UPDATED_JOINED NUMBER "b[0-9]"

/* Tokens that are joined to a number. */
#define JOINED         "[A-Za-z0-9.]*"

const char moor_tag_parts[] =
    "[RP][-_]?(?:" UPDATED "|" UPDATED_JOINED ")|S[-_]" UPDATED "|[MX][0-9]" JOINED
    "(?:_[0-9]" JOINED ")*(?:[-_,]?" MOOR_TAG_STAGES ")?"
    "|[SRP][-_]?[0-9]" JOINED "(?:[-_,]?" MOOR_TAG_STAGES ")?"
    "|v[0-9]B[0-9]|[hAEb][0-9.]+[hAEb](?:[0-9.]+[hAEb])*"
    "|[0-9.]+i?|[^0-9]";
const char moor_tag_updated[] = "^(?:[RP][-_]?(?:" UPDATED "|" UPDATED_JOINED ")|S[-_]" UPDATED ")";
const char moor_tag_taken[] =
    "^(?:[SRPMX][0-9]|[SRP][-_][0-9]{1,4}(?:[.][0-9]+)?(?:[^0-9.]|$)|[0-9.]+i)";
const char moor_tag_no_stage[] = "^(?:v[0-9]B|[hAEb][0-9])";
const char moor_tag_given_back[] =
    "^[-_,]?[SRPMX][0-9]+(?:[.][0-9]+){2,}(?:[-_,]?" MOOR_TAG_STAGES ")?";
const char moor_tag_given_place[] = "^[-_,]?[SRPMX]#(?:[-_,]?o)?";
const char moor_tag_headers[] = "[NY]|[SRP][-_]?#";

/* --- dates ------------------------------------------------------------------------------------ */

#define START       "(?:^|[-_.])[a-z]*"
/* A date with separators does not start inside a number. */
#define START_SPELT "(?:(?:^|[-_.])[a-z]+|^|[-_]|[^0-9][.])"
#define END         "(?:[a-z]+[0-9]{0,2})?(?:[-_.]|$)"
#define CLOCK       "(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9]|60)?"
#define SPELT_CLOCK "(?:[01][0-9]|2[0-3])[-_.][0-5][0-9]"
#define LEAP        "(?:[02468][048]|[13579][26])"

/* A month and day that exist in every year. */
#define DAY_OF_YEAR(zero, separator)                                                      \
    "(?:(?:" zero "[13578]|1[02])" separator "(?:" zero "[1-9]|[12][0-9]|3[01])|(?:" zero \
    "[469]|11)" separator "(?:" zero "[1-9]|[12][0-9]|30)|" zero "2" separator "(?:" zero \
    "[1-9]|1[0-9]|2[0-8]))"
#define YEAR_AND_DAY(zero, separator)                                                              \
    "(?:[0-9]{2}" separator DAY_OF_YEAR(zero, separator) "|" LEAP separator zero "2" separator "2" \
                                                         "9"                                       \
                                                         ")"
#define DAY            "20" YEAR_AND_DAY("0", "")
#define HYPHENATED_DAY "20" YEAR_AND_DAY("0", "-")
#define UNDERLINED_DAY "20" YEAR_AND_DAY("0", "_")
#define DOTTED_DAY     "20" YEAR_AND_DAY("0?", "[.]")

/* Years of 53 weeks, by ISO 8601. */
#define LONG_YEAR      "(?:04|09|15|20|26|32|37|43|48|54|60|65|71|76|82|88|93|99)"
#define WEEK                                                                        \
    "20(?:[0-9]{2}[-_.]?(?:wk?|week|[kc]w)(?:0?[1-9]|[1-4][0-9]|5[0-2])|" LONG_YEAR \
    "[-_.]?(?:wk?|week|[kc]w)53)"

#define TIME_AFTER_DAY \
    START DAY "(?:[-_.t](?:" CLOCK "|" SPELT_CLOCK ")" END "|" CLOCK "(?:[^0-9]|$))"
#define TIME_AFTER_SPELT                                                                  \
    START_SPELT "(?:" HYPHENATED_DAY "|" UNDERLINED_DAY "|" DOTTED_DAY ")[-_.t](?:" CLOCK \
                "|" SPELT_CLOCK ")" END
#define UNIX_TIME "(?:^|[-_.])v?1[5-9][0-9]{8}(?:[0-9]{3})?z?(?:[-_.]|$)"
#define ANY_DAY \
    START "(?:" DAY "|" WEEK ")" END "|" START_SPELT "(?:" HYPHENATED_DAY "|" UNDERLINED_DAY ")" END
#define CALENDAR_VERSION START_SPELT DOTTED_DAY END
/* With a zero in it, a date with dots is a day. */
#define PADDED           "20[0-9]{2}[.](?:0[1-9][.]|[0-9]{1,2}[.]0[1-9])"
#define SHORT_DAY        YEAR_AND_DAY("0", "")

/* --- commits ---------------------------------------------------------------------------------- */

#define ANNOUNCED        "(?:^|[-_.])(?:sha|git|commit|rev)[-_.]?"
#define HEX_PIECE        "^[gv]?[0-9a-f]{7,39}$"
/* See moor_tag_is_word_with_date(). */
#define DAY_NOT_HASH                                                                             \
    "(?:[a-f]+(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[a-f]+|[0-9]{1,2}(?:feb|dec)(?:[0-9]{2}){1,2}|" \
    "[a-f]{1,6}" DAY "|" DAY "(?:[a-f]{1,4}[0-9]{0,2}|[a-f]{5}[0-9]?|[a-f]{6}))"

/* --- versions --------------------------------------------------------------------------------- */

#define LAST    "(?:[^0-9.]|$)"

/* A number that is free, follows a v, has three parts or has an update. */
#define VERSION "(?:(?:^|[-_,vRP])[0-9]|[0-9][.][0-9]+[.][0-9])"
#define RUNTIME "[RP][-_]?#"

/* The release of a package: see is_package_release() in tag_reading.c. */
#define PACKAGE_RELEASE                                                                  \
    "(?:[0-24-9][0-9]{2}|3(?:[0-79][0-9]|8[0-57-9])|(?:0[0-9]|1[0-6]|2[1-9]|[3-9][0-9])" \
    "(?:0[0-35-9]|1[1-9]|[2-9][0-9])|[0-9]{5,})" LAST
#define PACKAGED "(?:^|[^0-9.])[0-9]+[.][0-9]+-" PACKAGE_RELEASE
#define MONTHLY                                                             \
    "(?:^|[^0-9.])20[0-9]{2}[.](?:0?[1-9]|1[0-2])-(?:[0-9]{1,3}|[0-9]{5,}|" \
    "(?:0[0-9]|1[0-6]|2[1-9]|[3-9][0-9])[0-9]{2})" LAST
#define COUNTED "(?:^|[^0-9.])[0-9]+[.](?:[1-9][0-9]{2,}|[5-9][0-9])" LAST
#define UPDATED_VERSION                                    \
    "(?:^|[-_,v]|[RP][-_]?)" UPDATED "|^v?" UPDATED_JOINED \
    "|[RP](?:.*[-_,v]|[-_]?)" UPDATED_JOINED "|(?:^|[-_,v])" UPDATED_JOINED ".*[RP]"
#define FULL          "(?:[0-9][.][0-9]+[.][0-9]|(?:^|[-_,v]|[RP][-_]?)" UPDATED "|" PACKAGED ")"

/* Stages.  Those of a system or runtime are `w` since step 2. */
#define PLAIN_STAGE   "[BEG]"
#define CHANNEL       "[CDFHTWY]"
#define LETTER_STAGE  VERSION "(?:.*[0-9])?[.][0-9]+[Ab][0-9]|" VERSION ".*m[0-9]"
#define STAGE         VERSION ".*[BCDEFGHTWY]|" LETTER_STAGE
#define REVISION      VERSION ".*-r[0-9#]"
#define ONE_PART      "[0-9]+" LAST

/* A number before a stage is its serial number if another one is the full version. */
#define NUMBER_BEFORE "(?:" FULL "|" REVISION ")(?:.*[^0-9.])?[0-9.]+"
#define SERIAL                                                                                    \
    LETTER_STAGE "|" VERSION ".*" PLAIN_STAGE "[-_,]?[0-9]|" FULL                                 \
                 "(?:.*[^0-9.])[0-9.]+[-_,]?" PLAIN_STAGE "|" REVISION                            \
                 "(?:.*[^0-9.])?[0-9.]*[-_,]?" PLAIN_STAGE "|" VERSION ".*[CDFHWY][_,]?" ONE_PART \
                 "|" FULL ".*[CDFHWY]-" ONE_PART "|" DEV_AFTER_NUMBER                             \
                 "|^v[0-9]+[.][0-9]+[.][0-9]+-B"
#define DEV_AFTER_NUMBER                                                          \
    REVISION "(?:.*[^0-9.])?[0-9.]*[-_,]?D(?:[-_,]?[^-_,0-9]|$)|^[^A-HTWY]*" FULL \
             "[^A-HTWY]*[^0-9.A-HTWY][0-9.]+,D(?:[-_,]?[^-_,0-9]|$)"
/* A channel without a serial number, and no serial number after it. */
#define OPEN_STAGE "[BEG](?:[-_,]?[A-Za-z#]|$)"
#define NO_SERIAL  "(?:[^A-HTWYbm]|" OPEN_STAGE ")*$"
#define OPEN_CHANNEL                                                     \
    VERSION ".*(?:T|[CDFHW](?:[-_,]?(?:$|[^-_,0-9.A-HTWYbm]|" OPEN_STAGE \
            ")|[-_,]?[0-9]+[.][0-9]))" NO_SERIAL
#define HYPHEN_CHANNEL      VERSION ".*[CDFHW]-" ONE_PART NO_SERIAL
#define FULL_HYPHEN_CHANNEL FULL ".*[CDFHW]-" ONE_PART

/* --- the rules -------------------------------------------------------------------------------- */

/* Short names keep a rule on a line or two. */
#define TEXT(pattern)                      \
    {                                      \
        MOOR_TAG_OF_TEXT, false, (pattern) \
    }
#define NO_TEXT(pattern)                  \
    {                                     \
        MOOR_TAG_OF_TEXT, true, (pattern) \
    }
#define SIGNS(pattern)                      \
    {                                       \
        MOOR_TAG_OF_SIGNS, false, (pattern) \
    }
#define NO_SIGNS(pattern)                  \
    {                                      \
        MOOR_TAG_OF_SIGNS, true, (pattern) \
    }
#define PIECE(pattern)                      \
    {                                       \
        MOOR_TAG_OF_PIECE, false, (pattern) \
    }
#define NO_PIECE(pattern)                  \
    {                                      \
        MOOR_TAG_OF_PIECE, true, (pattern) \
    }
#define RULE(name, ...)    \
    {                      \
        MOOR_CLASS_##name, \
        {                  \
            __VA_ARGS__    \
        }                  \
    }

/* Cheap conditions come first: in most tags they decide that a costly one need not be tried. */
#define HAS_YEAR TEXT("20[0-9]{2}")

/* clang-format off */
const struct moor_tag_rule moor_tag_rules[] = {
    /* The most common form; the rules below would give it the same class. */
    RULE(VERSION, TEXT("^v?[0-9]{1,3}(?:[.][0-9]{1,3}){2}$")),
    RULE(DIRTY, SIGNS("(?:^|[-_,])d")),
    /* moor_tag.c: a commit, a time or a revision after the word version is the program's. */
    RULE(VERSION, SIGNS("z[-_,]."), TEXT("-[0-9]+-g[0-9a-f]{7,40}$|" ANNOUNCED "[0-9a-f]{7,64}(?:[-_.]|$)")),
    RULE(VERSION, SIGNS("z[-_,]."), HAS_YEAR, TEXT(TIME_AFTER_DAY "|" TIME_AFTER_SPELT)),
    RULE(VERSION, SIGNS("z[-_,]."), TEXT(UNIX_TIME)),
    RULE(VERSION, SIGNS("z[-_,]."), PIECE(HEX_PIECE), PIECE("[a-f]"), PIECE("[0-9]"), NO_PIECE("^[gv]?" DAY_NOT_HASH "$")),
    RULE(VERSION, SIGNS("z[-_,]."), SIGNS(REVISION)),
    RULE(DESCRIBE, TEXT("-[0-9]+-g[0-9a-f]{7,40}$")),
    RULE(TIMESTAMP, TEXT(UNIX_TIME)),
    RULE(TIMESTAMP, HAS_YEAR, TEXT(TIME_AFTER_DAY "|" TIME_AFTER_SPELT)),
    RULE(COMMIT, PIECE("^[gv]?[0-9a-f]{7,64}$"), PIECE("^[gv]?(?:[0-9a-f]{40}|[0-9a-f]{64})$")),
    RULE(COMMIT, PIECE(HEX_PIECE), PIECE("[a-f]"), PIECE("[0-9]"), NO_PIECE("^[gv]?" DAY_NOT_HASH "$")),
    RULE(COMMIT, TEXT("^[0-9a-f]{6}$"), TEXT("[a-f]"), TEXT("[0-9]"), NO_TEXT("^" DAY_NOT_HASH "$")),
    RULE(COMMIT, TEXT(ANNOUNCED "[0-9a-f]{7,64}(?:[-_.]|$)"), NO_TEXT(ANNOUNCED DAY "(?:[-_.]|$)")),
    RULE(AMBIGUOUS, TEXT("^[a-f]{6,40}$")),
    RULE(BRANCH, SIGNS("^[-_,]?[JW][-_,]?[^-_,]")),
    RULE(BRANCH, SIGNS(VERSION ".*[JW]"), NO_TEXT(ANY_DAY), NO_TEXT(START_SPELT PADDED)),
    RULE(BRANCH, SIGNS("F"), NO_SIGNS("[0-9]")),
    RULE(BUILD_NUMBER, SIGNS("I[-_,]?" ONE_PART)),
    RULE(BUILD_NUMBER, TEXT("^v?[0-9]{4,}[-_.]*$"), NO_TEXT("^v?" YEAR "[-_.]*$"), NO_TEXT("^v?20[0-9]{2}(?:0[1-9]|1[0-2])[-_.]*$"),
         NO_TEXT("^v?(?:" DAY "|" SHORT_DAY ")[-_.]*$")),
    RULE(BUILD_NUMBER, SIGNS(VERSION ".*-l[0-9#]"), NO_SIGNS(REVISION)),
    RULE(BUILD_NUMBER, SIGNS("-l[0-9#]"), HAS_YEAR, TEXT(ANY_DAY "|" CALENDAR_VERSION), NO_SIGNS(REVISION)),
    RULE(CHANNEL, NO_TEXT("[0-9]")),
    RULE(CHANNEL, NO_SIGNS("[0-9]"), SIGNS("[ABCDEFGHLTWYbmo]")),
    RULE(DATE, HAS_YEAR, TEXT(ANY_DAY)),
    RULE(DATE, HAS_YEAR, TEXT(CALENDAR_VERSION), TEXT(START_SPELT PADDED)),
    RULE(DATE, SIGNS("^(?:[-_,SNRPMXY#]*[-_,])?v?" SHORT_DAY "(?:[-_,][-_,SNRPMXYwhvzdilr#]*)?$")),
    RULE(PRERELEASE_CHANNEL, SIGNS(STAGE), NO_SIGNS(SERIAL)),
    RULE(PRERELEASE_CHANNEL, SIGNS(OPEN_CHANNEL), NO_SIGNS(DEV_AFTER_NUMBER)),
    RULE(PRERELEASE_CHANNEL, SIGNS(HYPHEN_CHANNEL), NO_SIGNS(FULL_HYPHEN_CHANNEL)),
    RULE(DATE, HAS_YEAR, TEXT(CALENDAR_VERSION)),
    RULE(CHANNEL, SIGNS("T"), SIGNS(VERSION)),
    RULE(REVISION, SIGNS(REVISION)),
    RULE(PRERELEASE, SIGNS(STAGE)),
    RULE(PARTIAL_VERSION, SIGNS(VERSION), SIGNS("[0-9],X(?:[-_,]|$)")),
    RULE(PARTIAL_VERSION, SIGNS(VERSION), SIGNS("P"), NO_SIGNS(RUNTIME)),
    RULE(VERSION, SIGNS("[0-9][.][0-9]+[.][0-9]|" UPDATED_VERSION "|[0-9]_[0-9.]+_[0-9]")),
    RULE(VERSION, SIGNS(PACKAGED "|" MONTHLY)),
    RULE(VERSION, SIGNS("[RP]"), NO_SIGNS(RUNTIME), SIGNS("[0-9]_[0-9]")),
    RULE(VERSION, SIGNS(RUNTIME), SIGNS(COUNTED)),
    RULE(PARTIAL_VERSION, SIGNS(VERSION)),
    RULE(VARIANT, NO_SIGNS("[0-9]")),
};
/* clang-format on */
const size_t moor_tag_rule_count = MOOR_ARRAY_SIZE(moor_tag_rules);
