#!/usr/bin/env python3
"""Restores proto/ from the descriptors inside the pip package xds-protos.

The package carries compiled descriptors and no .proto text. This prints them back as text: names,
numbers, types, oneofs, maps and enums; of the options only `deprecated` and `allow_alias`. Services and
comments are left out. The fields annotated `udpa.annotations.sensitive` are listed in sensitive.txt.

    .venv/bin/python scripts/restore-protos.py           writes proto/
    .venv/bin/python scripts/restore-protos.py --check   says whether proto/ equals the descriptors

Files under proto/istio/ are written by hand and left alone.
"""
import importlib
import importlib.metadata
import pathlib
import sys

from google.protobuf import descriptor_pb2

VERSION = "1.85.0"
PROTO = pathlib.Path(__file__).resolve().parent.parent / "proto"
# What is published for Envoy v3, the parts still in the making (v3alpha) included.
ROOTS = [
    "envoy/**/v3/*_pb2.py", "envoy/**/v3alpha/*_pb2.py", "xds/**/v3/*_pb2.py", "udpa/type/v1/*_pb2.py",
]
# Annotations for tools that read the API's source; nothing that is sent refers to them.
ANNOTATIONS = (
    "udpa/annotations/", "xds/annotations/", "envoy/annotations/", "validate/",
    "google/api/annotations.proto", "google/api/http.proto", "google/protobuf/descriptor.proto",
)
LIST = "sensitive.txt"
F = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    F.TYPE_DOUBLE: "double", F.TYPE_FLOAT: "float", F.TYPE_INT64: "int64", F.TYPE_UINT64: "uint64",
    F.TYPE_INT32: "int32", F.TYPE_FIXED64: "fixed64", F.TYPE_FIXED32: "fixed32", F.TYPE_BOOL: "bool",
    F.TYPE_STRING: "string", F.TYPE_BYTES: "bytes", F.TYPE_UINT32: "uint32", F.TYPE_SFIXED32: "sfixed32",
    F.TYPE_SFIXED64: "sfixed64", F.TYPE_SINT32: "sint32", F.TYPE_SINT64: "sint64",
}


def site_packages():
    distribution = importlib.metadata.distribution("xds-protos")
    if distribution.version != VERSION:
        sys.exit(f"xds-protos {VERSION} is what proto/ is restored from; {distribution.version} is installed")
    return pathlib.Path(distribution.locate_file(""))


def descriptors():
    """Every file to restore, by name: the roots and what they refer to."""
    packages = site_packages()
    files = {}

    def add(file):
        if file.name in files:
            return
        proto = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(proto)
        files[file.name] = proto
        for dependency in file.dependencies:
            add(dependency)

    for pattern in ROOTS:
        for path in sorted(packages.glob(pattern)):
            module = path.relative_to(packages).with_suffix("").as_posix().replace("/", ".")
            add(importlib.import_module(module).DESCRIPTOR)
    return {name: file for name, file in files.items() if not name.startswith(ANNOTATIONS)}


class Printer:
    def __init__(self, file, owners):
        self.file = file
        self.owners = owners
        self.lines = []
        self.used = set()

    def text(self):
        for message in self.file.message_type:
            self.message(message, 0)
        for enum in self.file.enum_type:
            self.enum(enum, 0)
        head = ['syntax = "proto3";', "", f"package {self.file.package};", ""]
        imports = [f'import "{name}";' for name in sorted(self.used - {self.file.name})]
        return "\n".join(head + imports + [""] * bool(imports) + self.lines) + "\n"

    def line(self, depth, text):
        self.lines.append("  " * depth + text)

    def message(self, message, depth):
        self.line(depth, f"message {message.name} {{")
        maps = {n.name: n for n in message.nested_type if n.options.map_entry}
        for nested in message.nested_type:
            if nested.name not in maps:
                self.message(nested, depth + 1)
        for enum in message.enum_type:
            self.enum(enum, depth + 1)
        oneof = None
        for field in message.field:
            index = field.oneof_index if field.HasField("oneof_index") else None
            if index != oneof:
                if oneof is not None:
                    self.line(depth + 1, "}")
                if index is not None:
                    self.line(depth + 1, f"oneof {message.oneof_decl[index].name} {{")
                oneof = index
            self.field(field, maps, depth + 1 + (oneof is not None))
        if oneof is not None:
            self.line(depth + 1, "}")
        self.line(depth, "}")

    def type(self, field):
        if field.type in SCALARS:
            return SCALARS[field.type]
        self.used.add(self.owners[field.type_name])
        return field.type_name

    def field(self, field, maps, depth):
        entry = maps.get(field.type_name.rsplit(".", 1)[-1]) if field.type == F.TYPE_MESSAGE else None
        if entry is not None and field.label == F.LABEL_REPEATED:
            kind = f"map<{self.type(entry.field[0])}, {self.type(entry.field[1])}>"
        else:
            kind = ("repeated " if field.label == F.LABEL_REPEATED else "") + self.type(field)
        assert not field.options.HasField("packed"), field.name
        assert not field.proto3_optional, field.name
        suffix = " [deprecated = true]" if field.options.deprecated else ""
        self.line(depth, f"{kind} {field.name} = {field.number}{suffix};")

    def enum(self, enum, depth):
        self.line(depth, f"enum {enum.name} {{")
        if enum.options.allow_alias:
            self.line(depth + 1, "option allow_alias = true;")
        for value in enum.value:
            self.line(depth + 1, f"{value.name} = {value.number};")
        self.line(depth, "}")


def owners(files):
    """The file each message and enum stands in, by full name with a leading dot."""
    found = {}

    def walk(message, prefix, name):
        found[f"{prefix}.{message.name}"] = name
        for nested in message.nested_type:
            walk(nested, f"{prefix}.{message.name}", name)
        for enum in message.enum_type:
            found[f"{prefix}.{message.name}.{enum.name}"] = name

    for name, file in files.items():
        for message in file.message_type:
            walk(message, f".{file.package}", name)
        for enum in file.enum_type:
            found[f".{file.package}.{enum.name}"] = name
    return found


def sensitive(files):
    """The fields that carry secrets: `package.Message.field`, one a line."""
    found = []

    def walk(message, prefix):
        for field in message.field:
            for option, value in field.options.ListFields():
                if option.full_name == "udpa.annotations.sensitive" and value:
                    found.append(f"{prefix}.{message.name}.{field.name}")
        for nested in message.nested_type:
            walk(nested, f"{prefix}.{message.name}")

    for file in files.values():
        for message in file.message_type:
            walk(message, file.package)
    return "".join(f"{line}\n" for line in sorted(found))


def restored():
    files = descriptors()
    owner = owners(files)
    texts = {name: Printer(file, owner).text() for name, file in files.items()}
    return {**texts, LIST: sensitive(files)}


def present():
    paths = [p for p in PROTO.rglob("*.proto") if p.relative_to(PROTO).parts[0] != "istio"]
    return {p.relative_to(PROTO).as_posix(): p for p in [*paths, PROTO / LIST] if p.exists()}


def main():
    wanted = restored()
    there = present()
    if sys.argv[1:] == ["--check"]:
        wrong = sorted(set(wanted) ^ set(there))
        wrong += sorted(n for n in set(wanted) & set(there) if there[n].read_text() != wanted[n])
        if wrong:
            sys.exit("proto/ differs from xds-protos " + VERSION + ": " + ", ".join(wrong[:10]))
        print(f"proto/ equals xds-protos {VERSION}: {len(wanted) - 1} files")
        return
    for name in set(there) - set(wanted):
        there[name].unlink()
    for name, text in wanted.items():
        path = PROTO / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    print(f"wrote {len(wanted) - 1} files")


main()
