#!/bin/sh
# Builds the checker in a temporary folder and runs it: without arguments the whole suite, with "quick" a part of it that
# takes seconds, else see the head of ebr.cpp.
set -e
here=$(dirname "$0")
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
"${CXX:-g++}" -std=c++17 -O2 -Wall -Wextra -o "$build/ebr" "$here/ebr.cpp"
if [ "${1:-}" != quick ]; then
  "$build/ebr" "$@"
  exit
fi
status=0
for scenario in core refresh-weak overflow-weak; do
  "$build/ebr" $scenario || status=1
done
"$build/ebr" core-weak pin_without_fence || status=1
"$build/ebr" core free_at_tag_plus_1 || status=1
"$build/ebr" overflow-weak overflow_without_fence || status=1
exit $status
