#!/usr/bin/env python3
"""Writes the Swift face of the messages listed in envoy-messages.txt, one file a package.

    generate-swift-face.py DESCRIPTOR_SET MESSAGE_LIST DIRECTORY

A message becomes a struct in the namespace Envoy with one initialiser: a parameter for each field, in
the order of the .proto, named as in JSON, with a default. Sources/EnvoyAPI/README.md has the rules.
"""
import itertools
import pathlib
import re
import sys

import descriptors

DOUBLE, FLOAT, INT64, UINT64, INT32, FIXED64, FIXED32, BOOL, STRING = range(1, 10)
MESSAGE, BYTES, UINT32, ENUM, SFIXED32, SFIXED64, SINT32, SINT64 = range(11, 19)
SCALARS = {
    DOUBLE: ("double", "Double", "0"), FLOAT: ("float", "Float", "0"), BOOL: ("bool", "Bool", "false"),
    STRING: ("string", "String", '""'), BYTES: ("bytes", "[UInt8]", "[]"),
    INT32: ("int32", "Int32", "0"), SINT32: ("sint32", "Int32", "0"), SFIXED32: ("sfixed32", "Int32", "0"),
    INT64: ("int64", "Int64", "0"), SINT64: ("sint64", "Int64", "0"), SFIXED64: ("sfixed64", "Int64", "0"),
    UINT32: ("uint32", "UInt32", "0"), FIXED32: ("fixed32", "UInt32", "0"),
    UINT64: ("uint64", "UInt64", "0"), FIXED64: ("fixed64", "UInt64", "0"),
}
# Messages that Swift has a plain type for.
PLAIN = {
    "google.protobuf.Duration": ("duration", "Swift.Duration"),
    "google.protobuf.BoolValue": ("boolValue", "Bool"),
    "google.protobuf.BytesValue": ("bytesValue", "[UInt8]"),
    "google.protobuf.DoubleValue": ("doubleValue", "Double"),
    "google.protobuf.FloatValue": ("floatValue", "Float"),
    "google.protobuf.Int32Value": ("int32Value", "Int32"),
    "google.protobuf.Int64Value": ("int64Value", "Int64"),
    "google.protobuf.StringValue": ("stringValue", "String"),
    "google.protobuf.UInt32Value": ("uint32Value", "UInt32"),
    "google.protobuf.UInt64Value": ("uint64Value", "UInt64"),
}
KEYWORDS = set(
    "associatedtype class deinit enum extension fileprivate func import init inout internal let open "
    "operator private precedencegroup protocol public rethrows static struct subscript typealias var "
    "break case catch continue default defer do else fallthrough for guard if in repeat return throw "
    "switch where while as false is nil self super throws true try Any Self none some".split())
# X.Type and X.Protocol mean something else in Swift.
RESERVED_TYPES = {"Type": "Kind", "Protocol": "ProtocolKind"}
SHADOWED = {
    "String", "Bool", "Int32", "UInt32", "Int64", "UInt64", "Double", "Float", "Array", "Optional",
    "Map", "Swift", "Envoy"}


def lower_camel(name):
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def upper_camel(name):
    name = lower_camel(name)
    return name[:1].upper() + name[1:]


def escaped(name):
    return f"`{name}`" if name in KEYWORDS else name


def enum_case(name):
    """STRICT_DNS is strictDns, TLSv1_2 is tlsv1_2, exactMatch stays."""
    if name.upper() != name and "_" not in name:
        return escaped(name[:1].lower() + name[1:])
    words = [word.lower() for word in name.split("_") if word]
    text = words[0]
    for word in words[1:]:
        text += f"_{word}" if text[-1].isdigit() and word[0].isdigit() else word[:1].upper() + word[1:]
    return escaped(text if not text[0].isdigit() else f"_{text}")


class Face:
    def __init__(self, descriptor_set, message_list):
        self.messages, self.enums = descriptors.read(descriptor_set)
        self.index = {name: i for i, name in enumerate(sorted(self.messages))}
        self.given, self.left_out, roots = {}, set(), []
        for line in pathlib.Path(message_list).read_text().splitlines():
            words = line.split("#")[0].split()
            if not words:
                continue
            if words[0].startswith("-"):
                self.left_out.add(words[0][1:])
                continue
            roots.append(words[0])
            if len(words) > 1:
                self.given[words[0]] = words[1]
        unknown = [n for n in roots + sorted(self.left_out) if n not in self.messages]
        assert not unknown, f"envoy-messages.txt: no such message: {unknown}"
        self.wanted, self.wanted_enums = set(), set()
        pending = roots
        while pending:
            pending = self.visit(pending)
        self.check_names()

    def visit(self, names):
        found = []
        for name in names:
            if name in self.wanted or name in PLAIN or name in self.left_out:
                continue
            self.wanted.add(name)
            for field in self.messages[name].fields:
                if field.type == MESSAGE:
                    found.append(field.type_name)
                elif field.type == ENUM:
                    self.wanted_enums.add(field.type_name)
        return found

    def short(self, full):
        short = full.rsplit(".", 1)[-1]
        return self.given.get(full, RESERVED_TYPES.get(short, short))

    def parent(self, full):
        name = full.rsplit(".", 1)[0]
        return name if name in self.messages else None

    def swift(self, full):
        parent = self.parent(full)
        return f"{self.swift(parent) if parent else 'Envoy'}.{self.short(full)}"

    def outermost(self, full):
        while self.parent(full):
            full = self.parent(full)
        return full

    def tops(self):
        named = {n for n in self.wanted if not self.messages[n].is_map_entry} | self.wanted_enums
        return sorted({self.outermost(n) for n in named})

    def check_names(self):
        taken = {}
        for full in self.tops():
            short = self.short(full)
            assert short not in SHADOWED, f"{full} needs a Swift name in envoy-messages.txt"
            assert short not in taken, (
                f"{full} and {taken[short]} would both be Envoy.{short}: name one in envoy-messages.txt")
            taken[short] = full

    def files(self):
        """Swift text by file name."""
        packages = {}
        for full in self.tops():
            packages.setdefault(full.rsplit(".", 1)[0], []).append(full)
        for package, names in sorted(packages.items()):
            lines = [
                "// swift-format-ignore-file", "// Made by scripts/generate-swift-face.py.", "",
                "extension Envoy {"]
            for full in names:
                if full in self.messages:
                    lines += self.message(self.messages[full], "  ")
                else:
                    lines += self.enum(self.enums[full], "  ")
            yield f"{package}.swift", "\n".join(lines + ["}"]) + "\n"

    def enum(self, enum, pad):
        lines = [f"{pad}/// `{enum.name}`", f"{pad}package enum {self.short(enum.name)}: Int32, Sendable {{"]
        seen = set()
        for name, number in enum.values:
            if number not in seen:
                lines.append(f"{pad}  case {enum_case(name)} = {number}")
            seen.add(number)
        return lines + [f"{pad}}}"]

    def has_wanted(self, message):
        return any(
            n.name in self.wanted or self.has_wanted(n) or any(e.name in self.wanted_enums for e in n.enums)
            for n in message.messages if not n.is_map_entry)

    def message(self, message, pad):
        wanted = message.name in self.wanted
        kind = "struct" if wanted else "enum"
        conforms = ": EnvoyMessage" if wanted else ""
        lines = [f"{pad}/// `{message.name}`", f"{pad}package {kind} {self.short(message.name)}{conforms} {{"]
        if wanted:
            lines += self.body(message, pad + "  ")
        for nested in message.messages:
            if not nested.is_map_entry and (nested.name in self.wanted or self.has_wanted(nested)
                                            or any(e.name in self.wanted_enums for e in nested.enums)):
                lines += self.message(nested, pad + "  ")
        for enum in message.enums:
            if enum.name in self.wanted_enums:
                lines += self.enum(enum, pad + "  ")
        return lines + [f"{pad}}}"]

    def is_left_out(self, field):
        if field.type != MESSAGE:
            return False
        target = self.messages[field.type_name]
        if target.is_map_entry:
            return any(self.is_left_out(part) for part in target.fields)
        return field.type_name in self.left_out

    def body(self, message, pad):
        fields = [f for f in message.fields if not self.is_left_out(f)]
        parameters, choices, done = [], [], set()
        for field in fields:
            if field.oneof is None:
                parameters.append(self.parameter(field))
            elif field.oneof not in done:
                done.add(field.oneof)
                self.choice(message, field.oneof, fields, parameters, choices)
        statements = self.statements(message, sorted(fields, key=lambda f: f.number))
        lines = [
            f"package static var messageType: MessageType {{ MessageType(index: {self.index[message.name]}) }}",
            "package let reference: MessageReference",
            "package init(reference: MessageReference) { self.reference = reference }",
        ]
        signature = ["package init("] + [f"  {p}," for p in parameters]
        signature[-1] = signature[-1].rstrip(",")
        lines += (signature + [") {"]) if parameters else ["package init() {"]
        lines += [f"  {'var' if statements else 'let'} m = MessageWriter()"] + [f"  {s}" for s in statements]
        lines += ["  reference = m.finish()", "}"] + choices
        return [pad + line for line in lines]

    def statements(self, message, fields):
        """What writes the fields, in order of number; of a oneof one switch for each stretch of it."""
        lines = []
        for oneof, stretch in itertools.groupby(fields, lambda f: f.oneof):
            if oneof is None:
                lines += [self.statement(f, escaped(lower_camel(f.name))) for f in stretch]
                continue
            lines.append(f"switch {escaped(lower_camel(message.oneofs[oneof]))} {{")
            for field in stretch:
                stored = self.statement(field, "v", is_optional=False, is_chosen=True)
                lines.append(f"case .{escaped(lower_camel(field.name))}(let v)?: {stored}")
            lines += ["default: break", "}"]
        return lines

    def choice(self, message, index, fields, parameters, choices):
        name = message.oneofs[index]
        type_name = upper_camel(name)
        siblings = {self.short(n.name) for n in message.messages + message.enums}
        if type_name in siblings or type_name in RESERVED_TYPES:
            type_name += "Choice"
        parameters.append(f"{escaped(lower_camel(name))}: {self.swift(message.name)}.{type_name}? = nil")
        choices.append(f"package enum {type_name} {{")
        for field in fields:
            if field.oneof == index:
                choices.append(f"  case {escaped(lower_camel(field.name))}({self.element_type(field)})")
        choices.append("}")

    def element_type(self, field):
        if field.type == MESSAGE:
            return PLAIN[field.type_name][1] if field.type_name in PLAIN else self.swift(field.type_name)
        return self.swift(field.type_name) if field.type == ENUM else SCALARS[field.type][1]

    def map_entry(self, field):
        if field.type == MESSAGE and self.messages[field.type_name].is_map_entry:
            return self.messages[field.type_name].fields
        return None

    def parameter(self, field):
        label = escaped(lower_camel(field.name))
        # What is only read need not be given away: a copy would be counted, and most are empty.
        lent = "__shared "
        entry = self.map_entry(field)
        if entry:
            return f"{label}: {lent}Envoy.Map<{self.element_type(entry[0])}, {self.element_type(entry[1])}> = [:]"
        element = self.element_type(field)
        if field.repeated:
            return f"{label}: {lent}[{element}] = []"
        if field.type == MESSAGE:
            return f"{label}: {element}? = nil"
        if field.type == ENUM:
            first = enum_case(self.enums[field.type_name].values[0][0])
            return f"{label}: {element} = .{first}"
        return f"{label}: {lent if field.type in (STRING, BYTES) else ''}{element} = {SCALARS[field.type][2]}"

    def statement(self, field, value, is_optional=True, is_chosen=False):
        at = field.number
        entry = self.map_entry(field)
        if entry:
            key = self.statement(entry[0], "key")
            mapped = self.statement(entry[1], "value", is_optional=False)
            return f"m.map({at}, {value}) {{ m, key, value in {key}; {mapped} }}"
        if field.type == MESSAGE and field.type_name in PLAIN:
            return f"m.{PLAIN[field.type_name][0]}{'s' * field.repeated}({at}, {value})"
        if field.type == MESSAGE:
            if field.repeated:
                return f"m.messages({at}, {value})"
            return f"m.message({at}, {value}{'?' * is_optional}.reference)"
        chosen = ", isChosen: true" * is_chosen
        if field.type == ENUM:
            if field.repeated:
                return f"m.int32s({at}, {value}.map(\\.rawValue))"
            return f"m.int32({at}, {value}.rawValue{chosen})"
        return f"m.{SCALARS[field.type][0]}{'s' * field.repeated}({at}, {value}{chosen})"


def main(descriptor_set, message_list, directory):
    folder = pathlib.Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in Face(descriptor_set, message_list).files():
        # Within an initialiser a parameter `m` or `reference` would hide the writer.
        assert not re.search(r"^ +(m|reference): ", text, re.M), name
        (folder / name).write_text(text)


main(*sys.argv[1:])
