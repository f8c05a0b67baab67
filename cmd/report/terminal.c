/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/report/terminal.h"

#define NARROWEST  40 /* a narrower terminal reports a wrong width */
#define NO_COLUMNS 80 /* width of a terminal that reports none */

/* Returns the value of a variable; empty if it is not set. */
static const char *variable(const char *name)
{
    const char *value = getenv(name); // NOLINT(concurrency-mt-unsafe): there is no other thread
    return value != NULL ? value : "";
}

bool moor_terminal_is_dumb(void)
{
    return strcmp(variable("TERM"), "dumb") == 0;
}

/* Tools that read FORCE_COLOR take `0` and `false` for a refusal, and any other text for consent.
 */
static bool is_forced(void)
{
    const char *value = variable("FORCE_COLOR");
    return *value != '\0' && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
}

static bool has_colour(bool is_terminal, bool is_output, enum moor_colour colour)
{
    if (colour != MOOR_COLOUR_AUTO) {
        return colour == MOOR_COLOUR_ALWAYS && is_output;
    }
    if (*variable("NO_COLOR") != '\0') {
        return false;
    }
    return (is_output && is_forced()) || (is_terminal && !moor_terminal_is_dumb());
}

struct moor_page_style moor_terminal_style(FILE *out, enum moor_colour colour)
{
    struct moor_page_style style = {0};
    struct winsize size = {0};
    int fd = fileno(out);
    bool is_terminal = fd >= 0 && isatty(fd) != 0;
    style.colour = has_colour(is_terminal, is_terminal || fd == STDOUT_FILENO, colour);
    if (is_terminal) {
        bool is_sized = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= NARROWEST;
        style.columns = is_sized ? size.ws_col : NO_COLUMNS;
    }
    return style;
}
