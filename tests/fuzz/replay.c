/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay FILE|FOLDER... - gives each file to a fuzz target, once.  Stands in for libFuzzer's main()
 * where that is not linked; the input lies in memory of exactly its size.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    int result = -1;
    if (file != NULL && bytes != NULL && fread(bytes, 1, size, file) == size) {
        (void)LLVMFuzzerTestOneInput(bytes, size);
        result = 0;
    }
    free(bytes);
    if (file != NULL) {
        (void)fclose(file);
    }
    return result;
}

static int replay(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0 || replay_file(path, (size_t)status.st_size) != 0) {
        (void)fprintf(stderr, "cannot read '%s'\n", path);
        return -1;
    }
    return 0;
}

/* Only the files of the folder itself.  Returns how many were replayed, or -1. */
static int replay_folder(const char *folder)
{
    struct dirent **entries = NULL;
    int found = scandir(folder, &entries, NULL, alphasort);
    if (found < 0) {
        (void)fprintf(stderr, "cannot list '%s'\n", folder);
        return -1;
    }
    int count = 0;
    for (int i = 0; i < found; i++) {
        char path[4096];
        int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        bool fits = length > 0 && (size_t)length < sizeof path;
        if (count >= 0 && entries[i]->d_name[0] != '.') {
            count = fits && replay(path) == 0 ? count + 1 : -1;
        }
        free(entries[i]);
    }
    free(entries);
    return count;
}

int main(int argc, char **argv)
{
    int total = 0;
    for (int i = 1; i < argc; i++) {
        struct stat status;
        bool is_folder = stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode);
        int count = is_folder ? replay_folder(argv[i]) : replay(argv[i]) == 0 ? 1 : -1;
        if (count < 0) {
            return 1;
        }
        total += count;
    }
    printf("%d inputs replayed\n", total);
    return total > 0 ? 0 : 1;
}
