#!/usr/bin/env python3
"""Writes registry.c: every message protoc-gen-c made, sorted by name, with what its descriptors lack.

    generate-registry.py DESCRIPTOR_SET DIRECTORY_OF_C SENSITIVE_LIST > registry.c
"""
import pathlib
import re
import sys

import descriptors

DEFINITION = re.compile(
    r'^const ProtobufCMessageDescriptor (\w+) =\n\{\n  PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,\n  "([\w.]+)"',
    re.M)


def main(descriptor_set, sources, sensitive_list):
    messages, _ = descriptors.read(descriptor_set)
    symbols = {}
    for path in sorted(pathlib.Path(sources).rglob("*.pb-c.c")):
        symbols.update((name, symbol) for symbol, name in DEFINITION.findall(path.read_text()))
    missing = set(messages) ^ set(symbols)
    assert not missing, missing
    sensitive = {}
    for line in pathlib.Path(sensitive_list).read_text().split():
        message, field = line.rsplit(".", 1)
        number = next(f.number for f in messages[message].fields if f.name == field)
        sensitive.setdefault(message, []).append(number)

    print('#include "CEnvoyAPI.h"\n')
    for symbol in sorted(symbols.values()):
        print(f"extern const ProtobufCMessageDescriptor {symbol};")
    for message, numbers in sorted(sensitive.items()):
        listed = ", ".join(map(str, numbers + [0]))
        print(f"static const uint32_t {symbols[message]}_sensitive[] = {{{listed}}};")
    print("\nconst CEnvoyMessageType cenvoy_message_types[] = {")
    # The order of bytes, as strcmp has it: the runtime searches by halves.
    for name in sorted(symbols):
        secrets = f"{symbols[name]}_sensitive" if name in sensitive else "0"
        is_map_entry = int(messages[name].is_map_entry)
        print(f'  {{&{symbols[name]}, "type.googleapis.com/{name}", {secrets}, {is_map_entry}}},')
    print("};")
    print(f"const unsigned cenvoy_message_type_count = {len(symbols)};")


main(*sys.argv[1:])
