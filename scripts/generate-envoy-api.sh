#!/usr/bin/env bash
# Makes what EnvoyAPI is built on: generated/libenvoyapi.a, all messages of proto/ as C, and
# Sources/EnvoyAPI/Generated/, the Swift face of those in scripts/envoy-messages.txt.
# Does nothing while its inputs are unchanged.
set -euo pipefail
cd "$(dirname "$0")/.."

protos() { find proto -type f -print0 | LC_ALL=C sort -z | xargs -0 cat; }
hash_of() { sha256sum | cut -d' ' -f1; }
archive_stamp=$({
  protos
  cat scripts/generate-envoy-api.sh scripts/generate-registry.py scripts/descriptors.py \
    Sources/CEnvoyAPI/include/CEnvoyAPI.h
} | hash_of)
face_stamp=$({
  protos
  cat scripts/generate-swift-face.py scripts/descriptors.py scripts/envoy-messages.txt
} | hash_of)
face=Sources/EnvoyAPI/Generated
has_stamp() { [ -f "$1/.stamp" ] && [ "$(cat "$1/.stamp")" = "$2" ]; }
has_archive() { has_stamp generated "$archive_stamp" && [ -f generated/libenvoyapi.a ]; }

if has_archive && has_stamp "$face" "$face_stamp"; then
  exit 0
fi
mkdir -p generated
exec 9>generated/lock
flock 9

if ! has_archive; then
  work=generated/work
  rm -rf "$work" generated/.stamp
  mkdir -p "$work/c"
  mapfile -t files < <(cd proto && find . -name '*.proto' -printf '%P\n' | LC_ALL=C sort)
  protoc -Iproto --include_imports --descriptor_set_out=generated/descriptors.bin "${files[@]}"
  protoc -Iproto --c_out="$work/c" "${files[@]}"
  # protobuf-c puts a member `base` first in each struct, and does not escape a field of that name.
  grep -rlE '\*base;|, base\)' "$work/c" \
    | xargs sed -i -E 's/\*base;/*base_;/; s/, base\)/, base_)/'
  python3 scripts/generate-registry.py generated/descriptors.bin "$work/c" \
    <(cat proto/sensitive.txt proto/istio/sensitive.txt) \
    > "$work/registry.c"
  # A few big compilations instead of hundreds that each read the same headers.
  (cd "$work/c" && find . -name '*.pb-c.c' -printf '%P\n' | LC_ALL=C sort) \
    | awk -v n=8 -v dir="$work" '{ print "#include \"" $0 "\"" > (dir "/unit" (NR % n) ".c") }'
  find "$work" -maxdepth 1 -name '*.c' -print0 \
    | xargs -0 -n1 -P2 sh -c 'gcc -O1 -fPIC -ffunction-sections -I"$0"/c -ISources/CEnvoyAPI/include \
        -c "$1" -o "${1%.c}.o"' "$work"
  ar rcs "$work/libenvoyapi.a" "$work"/*.o
  # At once, for a build that links meanwhile.
  mv "$work/libenvoyapi.a" generated/libenvoyapi.a
  rm -rf "$work"
  echo "$archive_stamp" > generated/.stamp
fi
if ! has_stamp "$face" "$face_stamp"; then
  rm -rf "$face"
  python3 scripts/generate-swift-face.py generated/descriptors.bin scripts/envoy-messages.txt "$face"
  echo "$face_stamp" > "$face/.stamp"
fi
