/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/class.h"

static const struct {
    const char *name;
    enum moor_level level;
    const char *meaning;
} classes[MOOR_CLASS_COUNT] = {
    [MOOR_CLASS_INVALID] = {"invalid", MOOR_LEVEL_NONE, "not an image reference"},
    [MOOR_CLASS_DIGEST] = {"digest", MOOR_LEVEL_DIGEST, "these bytes and no others"},
    [MOOR_CLASS_UNTAGGED] = {"untagged", MOOR_LEVEL_ROLLING,
                             "no tag and no digest: the runtime takes latest"},
    [MOOR_CLASS_DIRTY] = {"dirty", MOOR_LEVEL_ROLLING,
                          "built from uncommitted changes: two trees share the name"},
    [MOOR_CLASS_DESCRIBE] = {"describe", MOOR_LEVEL_BUILD, "a commit, as git describe names it"},
    [MOOR_CLASS_TIMESTAMP] = {"timestamp", MOOR_LEVEL_BUILD, "the date and time of a build"},
    [MOOR_CLASS_COMMIT] = {"commit", MOOR_LEVEL_BUILD, "the hash of a commit"},
    [MOOR_CLASS_AMBIGUOUS] = {"ambiguous", MOOR_LEVEL_ROLLING,
                              "hex letters without a digit: a word or a commit"},
    [MOOR_CLASS_BRANCH] = {"branch", MOOR_LEVEL_ROLLING,
                           "a branch or a change request: each push moves it"},
    [MOOR_CLASS_BUILD_NUMBER] = {"build-number", MOOR_LEVEL_RELEASE, "the serial of a build"},
    [MOOR_CLASS_CHANNEL] = {"channel", MOOR_LEVEL_ROLLING, "a channel: each release moves it"},
    [MOOR_CLASS_DATE] = {"date", MOOR_LEVEL_RELEASE, "the day of a release"},
    [MOOR_CLASS_PRERELEASE_CHANNEL] = {"prerelease-channel", MOOR_LEVEL_ROLLING,
                                       "a pre-release without its serial: the next one takes it"},
    [MOOR_CLASS_REVISION] = {"revision", MOOR_LEVEL_BUILD, "a version with its packaging revision"},
    [MOOR_CLASS_PRERELEASE] = {"prerelease", MOOR_LEVEL_RELEASE, "one pre-release"},
    [MOOR_CLASS_VERSION] = {"version", MOOR_LEVEL_RELEASE, "a full version"},
    [MOOR_CLASS_PARTIAL_VERSION] = {"partial-version", MOOR_LEVEL_ROLLING,
                                    "part of a version: the next release takes it"},
    [MOOR_CLASS_VARIANT] = {"variant", MOOR_LEVEL_ROLLING,
                            "names a base system or runtime, not a release"},
    [MOOR_CLASS_UNKNOWN] = {"unknown", MOOR_LEVEL_ROLLING, "no form that is known to stay"},
    [MOOR_CLASS_PLACEHOLDER] = {"placeholder", MOOR_LEVEL_NONE,
                                "no image yet: something fills it in before a Pod is made"},
    [MOOR_CLASS_REPOSITORY] = {"repository", MOOR_LEVEL_ROLLING,
                               "what the policy knows about this repository"},
};

static const char *const requirements[] = {
    [MOOR_LEVEL_NONE] = "none",       [MOOR_LEVEL_ROLLING] = "rolling",
    [MOOR_LEVEL_RELEASE] = "release", [MOOR_LEVEL_BUILD] = "build",
    [MOOR_LEVEL_DIGEST] = "digest",
};

const char *moor_class_name(enum moor_class class)
{
    return classes[class].name;
}

enum moor_level moor_class_level(enum moor_class class)
{
    return classes[class].level;
}

const char *moor_level_name(enum moor_level level)
{
    return requirements[level];
}

const char *moor_class_meaning(enum moor_class class)
{
    return classes[class].meaning;
}
