/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Feeds files, or all files of folders, to a fuzz target, once each: the main of a fuzz target that is built without
 * libFuzzer, by any compiler. What the corpus once broke stays mended in every build.
 */
#include <dirent.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_file(const char *path, size_t size)
{
	uint8_t *data = malloc(size ? size : 1);
	FILE *file = fopen(path, "rb");

	if (!data || !file || fread(data, 1, size, file) != size)
		err(1, "%s", path);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

static unsigned replay(const char *path)
{
	struct dirent *entry;
	unsigned count = 0;
	struct stat stat_;
	DIR *dir;

	if (stat(path, &stat_) < 0)
		err(1, "%s", path);
	if (!S_ISDIR(stat_.st_mode)) {
		replay_file(path, (size_t)stat_.st_size);
		return 1;
	}
	dir = opendir(path);
	if (!dir)
		err(1, "%s", path);
	while ((entry = readdir(dir))) {
		char *below;

		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&below, "%s/%s", path, entry->d_name) < 0)
			err(1, NULL);
		count += replay(below);
		free(below);
	}
	closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	unsigned count = 0;

	for (int i = 1; i < argc; i++)
		count += replay(argv[i]);
	printf("%u inputs\n", count);
	return 0;
}
