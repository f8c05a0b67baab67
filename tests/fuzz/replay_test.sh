#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# replay_test.sh - gives each fuzz target that was built the inputs of tests/fuzz/corpus/<name>/.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${MOOR_BUILD:-build/gcc}
number=0
for target in "$build"/tests/fuzz/*_replay; do
    [ -x "$target" ] || continue
    number=$((number + 1))
    name=$(basename "$target" _replay)
    if output=$("$target" "tests/fuzz/corpus/$name" 2>&1); then
        echo "ok $number - fuzz corpus of $name: $output"
    else
        printf '%s\n' "$output" | sed 's/^/# /'
        echo "not ok $number - fuzz corpus of $name"
    fi
done
if [ "$number" -eq 0 ]; then
    number=1
    echo "not ok 1 - no fuzz target is built in $build/tests/fuzz"
fi
echo "1..$number"
