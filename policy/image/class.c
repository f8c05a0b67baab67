/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/class.h"

#define ROW(class, name, level, meaning) {name, MOOR_LEVEL_##level, meaning},

static const struct {
    const char *name;
    enum moor_level level;
    const char *meaning;
} classes[] = {MOOR_CLASSES(ROW)};

static const char *const level_names[] = {
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
    return level_names[level];
}

const char *moor_class_meaning(enum moor_class class)
{
    return classes[class].meaning;
}
