/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/message.h"

#include "policy/base/utf8.h"
#include "policy/rules/cost.h"

#define LONGEST_NAME          128
#define LONGEST_PLACE         256
#define LONGEST_REASON        256
#define LONGEST_PATTERN       128
/* A warning has 256 characters for everything. */
#define LONGEST_WARNED_IMAGE  96
#define LONGEST_WARNED_NAME   40
#define LONGEST_WARNED_PLACE  60
#define LONGEST_WARNED_REASON 64

/* --- the parts of a message ------------------------------------------------------------------- */

static const char *const required[] = {
    [MOOR_REQUIREMENT_IGNORE] = "nothing",    [MOOR_REQUIREMENT_ANY] = "a valid image reference",
    [MOOR_REQUIREMENT_RELEASE] = "a release", [MOOR_REQUIREMENT_BUILD] = "one build",
    [MOOR_REQUIREMENT_DIGEST] = "a digest",
};

static const char *const named[] = {
    [MOOR_LEVEL_NONE] = "no valid image reference",
    [MOOR_LEVEL_ROLLING] = "rolling",
    [MOOR_LEVEL_RELEASE] = "a release",
    [MOOR_LEVEL_BUILD] = "one build",
    [MOOR_LEVEL_DIGEST] = "a digest",
};

/* What to use instead, by demand: what to call it, and an example of a tag. */
static const struct {
    const char *what;
    const char *tag;
} repairs[] = {
    [MOOR_REQUIREMENT_IGNORE] = {"a tag", NULL},
    [MOOR_REQUIREMENT_ANY] = {"a version", NULL},
    [MOOR_REQUIREMENT_RELEASE] = {"a version", NULL},
    [MOOR_REQUIREMENT_BUILD] = {"a commit with its time", "1a6dd44-20240107123456"},
    [MOOR_REQUIREMENT_DIGEST] = {NULL, NULL},
};

/* `1.2.3`, or with more parts where the repository's versions have them. */
static void append_version(struct moor_buf *out, const struct moor_repository *entry)
{
    unsigned parts = entry != NULL && entry->version_parts > 3 ? entry->version_parts : 3;
    for (unsigned part = 1; part <= parts; part++) {
        moor_buf_append_text(out, part == 1 ? "" : ".");
        moor_buf_append_u64(out, part);
    }
}

/* The first pattern of the entry that does for the demand; empty where there is none to show. */
static struct moor_slice find_pattern(const struct moor_repository *entry,
                                      enum moor_requirement requirement)
{
    const struct moor_pattern_list *patterns = &entry->patterns[MOOR_PATTERNS_BUILD];
    if (patterns->count == 0 && requirement != MOOR_REQUIREMENT_BUILD) {
        patterns = &entry->patterns[MOOR_PATTERNS_RELEASE];
    }
    return patterns->count > 0 ? patterns->items[0].text : (struct moor_slice){0};
}

/* A tag that would do; returns false where none would. */
static bool append_better_tag(struct moor_buf *out, struct moor_slice repository,
                              struct moor_repair repair, enum moor_requirement requirement)
{
    if (repair.by == MOOR_REPAIR_DIGEST || repairs[requirement].what == NULL) {
        return false;
    }
    if (repair.by == MOOR_REPAIR_ENTRY) {
        struct moor_slice pattern = find_pattern(repair.entry, requirement);
        if (pattern.len > 0 && repository.len > 0) {
            moor_buf_append_text(out, "a tag of the pattern ");
            moor_escape_append(out, pattern, LONGEST_PATTERN);
            return true;
        }
        if (pattern.len > 0) {
            moor_buf_append_text(out, "a tag that the policy's entry accepts");
            return true;
        }
        if (requirement == MOOR_REQUIREMENT_BUILD) {
            return false;
        }
    }
    moor_buf_append_text(out, repairs[requirement].what);
    moor_buf_append_text(out, " such as ");
    moor_escape_append(out, repository, MOOR_MESSAGE_MAX_IMAGE);
    moor_buf_append_text(out, repository.len > 0 ? ":" : "");
    if (repairs[requirement].tag != NULL) {
        moor_buf_append_text(out, repairs[requirement].tag);
    } else {
        append_version(out, repair.entry);
    }
    return true;
}

void moor_message_append_repair(struct moor_buf *out, struct moor_slice repository,
                                struct moor_repair repair, enum moor_requirement requirement)
{
    moor_buf_append_text(out, "use ");
    if (append_better_tag(out, repository, repair, requirement)) {
        moor_buf_append_text(out, ", or ");
    }
    if (repository.len == 0) {
        moor_buf_append_text(out, "a digest");
        return;
    }
    moor_escape_append(out, repository, MOOR_MESSAGE_MAX_IMAGE);
    moor_buf_append_text(out, "@sha256:<digest>");
}

struct lengths {
    size_t place;
    size_t name;
    size_t image;
    size_t reason;
};

static const struct lengths full = {LONGEST_PLACE, LONGEST_NAME, MOOR_MESSAGE_MAX_IMAGE,
                                    LONGEST_REASON};
static const struct lengths brief = {LONGEST_WARNED_PLACE, LONGEST_WARNED_NAME,
                                     LONGEST_WARNED_IMAGE, LONGEST_WARNED_REASON};

/* `spec.containers[0] "web": ` */
static void append_place(struct moor_buf *out, const struct moor_object_image *image,
                         const struct lengths *lengths)
{
    moor_escape_append(out, image->where, lengths->place);
    if (image->index != MOOR_OBJECT_NO_INDEX) {
        moor_buf_append_byte(out, '[');
        moor_buf_append_u64(out, image->index);
        moor_buf_append_byte(out, ']');
    }
    /* The place of an annotation ends in its key. */
    if (image->name.len > 0 && image->annotation == NULL) {
        moor_buf_append_text(out, " \"");
        moor_escape_append(out, image->name, lengths->name);
        moor_buf_append_text(out, "\"");
    }
    moor_buf_append_text(out, ": ");
}

static void append_class(struct moor_buf *out, const struct moor_image_verdict *verdict)
{
    if (verdict->class == MOOR_CLASS_PLACEHOLDER) {
        moor_buf_append_text(out, "a placeholder that nothing replaced");
        return;
    }
    if (verdict->class != MOOR_CLASS_INVALID) {
        moor_buf_append_text(out, moor_class_name(verdict->class));
        return;
    }
    moor_escape_append(out, verdict->reason, sizeof((struct moor_error *)0)->text);
}

/* `nginx:latest is rolling (channel "latest"` and, where the image was there before, `, unchanged`
 */
static void append_finding(struct moor_buf *out, const struct moor_image_verdict *verdict,
                           const struct lengths *lengths)
{
    if (verdict->image->text.len == 0) {
        moor_buf_append_text(out, "the image");
    } else {
        moor_escape_append(out, verdict->image->text, lengths->image);
    }
    moor_buf_append_text(out, " is ");
    moor_buf_append_text(out, named[verdict->level]);
    moor_buf_append_text(out, " (");
    append_class(out, verdict);
    if (verdict->level != MOOR_LEVEL_NONE && verdict->class != MOOR_CLASS_DIGEST &&
        verdict->reference.tag.len > 0) {
        moor_buf_append_text(out, " \"");
        moor_escape_append(out, verdict->reference.tag, lengths->name);
        moor_buf_append_text(out, "\"");
    }
    if (verdict->class == MOOR_CLASS_REPOSITORY && verdict->reason.len > 0) {
        moor_buf_append_text(out, ": ");
        moor_escape_append(out, verdict->reason, lengths->reason);
    }
    if (verdict->origin == MOOR_ORIGIN_UNCHANGED) {
        moor_buf_append_text(out, ", unchanged");
    }
    moor_buf_append_text(out, ")");
}

static void append_requirement(struct moor_buf *out, const struct moor_verdict *verdict,
                               enum moor_requirement requirement, const char *verb)
{
    moor_buf_append_text(out, ", ");
    moor_buf_append(out, verdict->environment->name);
    moor_buf_append_byte(out, ' ');
    moor_buf_append_text(out, verb);
    moor_buf_append_byte(out, ' ');
    moor_buf_append_text(out, required[requirement]);
}

void moor_message_append_reason(struct moor_buf *out, const struct moor_verdict *verdict,
                                const struct moor_image_verdict *image)
{
    append_finding(out, image, &full);
    append_requirement(out, verdict, image->requirement,
                       image->would_deny ? "requires" : "asks for");
}

void moor_message_append_image_repair(struct moor_buf *out, const struct moor_image_verdict *image)
{
    if (image->class == MOOR_CLASS_PLACEHOLDER) {
        moor_buf_append_text(out, MOOR_MESSAGE_REPLACEMENT);
        return;
    }
    if (image->class == MOOR_CLASS_INVALID) {
        moor_buf_append_text(out, MOOR_MESSAGE_CORRECTION);
        return;
    }
    moor_message_append_repair(out, image->reference.repository, image->repair, image->requirement);
}

void moor_message_append_image(struct moor_buf *out, const struct moor_verdict *verdict,
                               const struct moor_image_verdict *image)
{
    append_place(out, image->image, &full);
    moor_message_append_reason(out, verdict, image);
    moor_buf_append_text(out, ": ");
    moor_message_append_image_repair(out, image);
}

void moor_message_append_fault(struct moor_buf *out, const struct moor_verdict *verdict)
{
    const struct moor_object *object = &verdict->request->object;
    switch (verdict->fault) {
    case MOOR_FAULT_NONE:
        return;
    case MOOR_FAULT_MALFORMED:
        moor_escape_append(out, object->malformed, LONGEST_PLACE);
        moor_buf_append_text(out, " does not have the shape of a ");
        moor_buf_append(out, verdict->request->holds->kind);
        moor_buf_append_text(out, ", so its images cannot be judged: correct the object");
        return;
    case MOOR_FAULT_TOO_MANY_IMAGES:
        moor_buf_printf(out, "the object has %zu images, at most %d are evaluated: split it",
                        object->image_total, MOOR_OBJECT_MAX_IMAGES);
        return;
    case MOOR_FAULT_TOO_LARGE:
        moor_buf_printf(out,
                        "the object is too large to be read completely: %zu of its images were "
                        "evaluated: split it",
                        object->image_count);
        return;
    case MOOR_FAULT_TOO_COSTLY:
        moor_buf_printf(out,
                        "matching the object against the policy takes more than %d steps: %zu of "
                        "its %zu images were evaluated: split the object, or simplify the policy",
                        MOOR_COST_MAX_STEPS, verdict->image_count, object->image_total);
        return;
    case MOOR_FAULT_COUNT:
        return;
    }
}

void moor_message_append_lost_environment(struct moor_buf *out, const struct moor_verdict *verdict)
{
    moor_buf_append_text(out, "the policy has no environment '");
    moor_escape_append(out, verdict->asked_environment, LONGEST_WARNED_NAME);
    moor_buf_append_text(out, "', which the webhook configuration asks for: judged as ");
    moor_buf_append(out, verdict->environment->name);
}

/* --- whole messages --------------------------------------------------------------------------- */

#define ROOM_FOR_REST (sizeof "\nand 4294967295 more")

/* Appends a line where it fits, else leaves the message as it was. */
static bool append_line(struct moor_buf *out, size_t start, const struct moor_verdict *verdict,
                        const struct moor_image_verdict *image)
{
    size_t before = out->len;
    if (before > start) {
        moor_buf_append_byte(out, '\n');
    }
    moor_message_append_image(out, verdict, image);
    if (out->len - start + ROOM_FOR_REST <= MOOR_MESSAGE_MAX_BYTES) {
        return true;
    }
    moor_buf_truncate(out, before);
    return false;
}

void moor_message_append_denial(struct moor_buf *out, const struct moor_verdict *verdict)
{
    size_t start = out->len;
    size_t lines = 0;
    if (verdict->fault_decision == MOOR_DECISION_DENY) {
        moor_message_append_fault(out, verdict);
    }
    for (size_t i = 0; i < verdict->image_count && lines < MOOR_MESSAGE_MAX_IMAGES; i++) {
        if (verdict->images[i].decision != MOOR_DECISION_DENY) {
            continue;
        }
        if (!append_line(out, start, verdict, &verdict->images[i])) {
            break;
        }
        lines++;
    }
    size_t rest = verdict->counts[MOOR_DECISION_DENY] - lines;
    if (rest > 0) {
        moor_buf_printf(out, "\nand %zu more", rest);
    }
}

/* Cuts what was appended since `start` to the characters that a warning may have. */
static void cut_to_characters(struct moor_buf *out, size_t start)
{
    size_t characters = 0;
    for (size_t at = start; at < out->len; at++) {
        if (!moor_utf8_continues(out->ptr[at]) && ++characters > MOOR_WARNING_MAX_CHARACTERS) {
            moor_buf_truncate(out, at);
            return;
        }
    }
}

void moor_message_append_warning(struct moor_buf *out, const struct moor_verdict *verdict,
                                 const struct moor_image_verdict *image)
{
    size_t start = out->len;
    append_place(out, image->image, &brief);
    append_finding(out, image, &brief);
    append_requirement(out, verdict, image->requirement,
                       image->would_deny ? "will refuse this, it requires" : "asks for");
    moor_buf_append_text(out, ": ");
    if (image->level == MOOR_LEVEL_NONE) {
        moor_message_append_image_repair(out, image);
    } else {
        moor_message_append_repair(out, (struct moor_slice){0}, image->repair, image->requirement);
    }
    cut_to_characters(out, start);
}

void moor_message_append_exemption(struct moor_buf *out, const struct moor_exemption *exemption)
{
    size_t start = out->len;
    moor_buf_append_text(out, "exemption '");
    moor_buf_append(out, exemption->name);
    moor_buf_append_text(out, "' let this pass");
    if (!exemption->is_permanent) {
        moor_buf_append_text(out, ", which it does until ");
        moor_buf_append(out, exemption->until);
    }
    moor_buf_append_text(out, ": ");
    moor_escape_append(out, exemption->reason, MOOR_MESSAGE_MAX_IMAGE);
    cut_to_characters(out, start);
}
