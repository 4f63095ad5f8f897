"""Google's own protobuf, asked what random messages of the published types are in bytes, in JSON and merged.

    oracle.py make SEED COUNT    prints a case a line: type, bytes, JSON, a patch and the merged bytes
    oracle.py check FILE         reads what Fairlead made of them, a line a case; prints what is wrong
"""
import base64
import importlib
import json
import pathlib
import random
import sys

from google.protobuf import any_pb2, descriptor_pool, json_format, message_factory

HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = ["envoy/**/v3", "envoy/**/v3alpha", "xds/**/v3", "udpa/type/v1"]


def all_types():
    packages = pathlib.Path(importlib.import_module("udpa.type.v1.typed_struct_pb2").__file__).parents[3]
    names = []

    def walk(descriptor):
        names.append(descriptor.full_name)
        for nested in descriptor.nested_types:
            if not nested.GetOptions().map_entry:
                walk(nested)

    for folder in FOLDERS:
        for path in sorted(packages.glob(folder + "/*_pb2.py")):
            name = path.relative_to(packages).with_suffix("").as_posix().replace("/", ".")
            for descriptor in importlib.import_module(name).DESCRIPTOR.message_types_by_name.values():
                walk(descriptor)
    # Annotations of the API's source are no messages that are sent, and proto/ is without them.
    return sorted({name for name in names if ".annotations." not in name})


def message_class(name):
    return message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))


class Filler:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.types = all_types()

    def any(self, depth):
        message = any_pb2.Any()
        if self.random.random() < 0.9:
            message.Pack(self.message(self.random.choice(self.types), depth + 1))
        return message

    def message(self, name, depth=0):
        message = message_class(name)()
        self.fill(message, depth)
        return message

    def fill(self, message, depth):
        name = message.DESCRIPTOR.full_name
        if name == "google.protobuf.Any":
            message.CopyFrom(self.any(depth))
        elif name == "google.protobuf.Duration":
            sign = self.random.choice([1, -1])
            message.seconds = sign * self.random.choice([0, 1, 15, 315_576_000_000])
            message.nanos = sign * self.random.choice([0, 1, 5_000, 500_000_000])
            if abs(message.seconds) == 315_576_000_000:
                message.nanos = 0
        elif name == "google.protobuf.Timestamp":
            message.seconds = self.random.randint(-62135596800, 253402300799)
            message.nanos = self.random.choice([0, 1, 120_000, 999_000_000])
        elif name == "google.protobuf.Value":
            self.value(message, depth)
        else:
            density = self.random.choice([0.2, 0.5, 1.0]) / (depth / 2 + 1)
            oneofs = set()
            for field in message.DESCRIPTOR.fields:
                if self.random.random() > density:
                    continue
                if field.containing_oneof:
                    if field.containing_oneof.name in oneofs:
                        continue
                    oneofs.add(field.containing_oneof.name)
                self.field(message, field, depth)

    def value(self, message, depth):
        kind = self.random.randrange(6 if depth < 6 else 4)
        if kind == 0:
            message.null_value = 0
        elif kind == 1:
            message.number_value = self.random.choice([0.0, 1.0, -2.5, 1e300, 0.1])
        elif kind == 2:
            message.string_value = self.text()
        elif kind == 3:
            message.bool_value = self.random.random() < 0.5
        elif kind == 4:
            message.struct_value.SetInParent()
            for _ in range(self.random.randrange(3)):
                self.value(message.struct_value.fields[self.text()], depth + 2)
        else:
            message.list_value.SetInParent()
            for _ in range(self.random.randrange(3)):
                self.value(message.list_value.values.add(), depth + 2)

    def field(self, message, field, depth):
        value_type = field.message_type
        if value_type and value_type.GetOptions().map_entry:
            target = getattr(message, field.name)
            key, value = value_type.fields_by_name["key"], value_type.fields_by_name["value"]
            for _ in range(self.random.randrange(3)):
                if value.message_type:
                    self.fill(target[self.scalar(key)], depth + 1)
                else:
                    target[self.scalar(key)] = self.scalar(value)
        elif field.is_repeated:
            target = getattr(message, field.name)
            for _ in range(self.random.randrange(1, 4)):
                if value_type:
                    self.fill(target.add(), depth + 1)
                else:
                    target.append(self.scalar(field))
        elif value_type:
            child = getattr(message, field.name)
            child.SetInParent()
            if depth < 6:
                self.fill(child, depth + 1)
        else:
            setattr(message, field.name, self.scalar(field))

    def text(self):
        return "".join(self.random.choice(["a", "B", "_", "/", "é", "漢", "\"", "\\", "\n", "\x01"])
                       for _ in range(self.random.randrange(6)))

    def scalar(self, field):
        pick = self.random.choice
        kinds = {
            "double": lambda: pick([0.0, 0.1, -1.5, 1e17, 123456789.125, float("inf")]),
            "float": lambda: pick([0.0, 0.1, -1.5, 3.25, float("-inf")]),
            "int64": lambda: pick([0, 1, -1, 2**63 - 1, -2**63]), "uint64": lambda: pick([0, 1, 2**64 - 1]),
            "int32": lambda: pick([0, 1, -1, 2**31 - 1, -2**31]), "uint32": lambda: pick([0, 1, 300, 2**32 - 1]),
            "bool": lambda: pick([False, True]), "string": self.text,
            "bytes": lambda: self.random.randbytes(self.random.randrange(7)),
        }
        if field.enum_type:
            return pick([v.number for v in field.enum_type.values])
        names = {1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 6: "uint64", 7: "uint32",
                 8: "bool", 9: "string", 12: "bytes", 13: "uint32", 15: "int32", 16: "int64", 17: "int32",
                 18: "int64"}
        return kinds[names[field.type]]()


def clear_durations(base, patch):
    """Istio replaces a Duration where protobuf would merge its seconds and nanoseconds."""
    for field, value in patch.ListFields():
        if not field.message_type or field.is_repeated or not base.HasField(field.name):
            continue
        if field.message_type.full_name == "google.protobuf.Duration":
            base.ClearField(field.name)
        else:
            clear_durations(getattr(base, field.name), value)


def merged(base, patch):
    result = type(base)()
    result.CopyFrom(base)
    clear_durations(result, patch)
    result.MergeFrom(patch)
    return result


def clear_lists(base, patch):
    """MERGE_AND_REPLACE_LIST: a list that the patch gives takes the place of the one that is there."""
    for field, value in patch.ListFields():
        is_map = field.message_type and field.message_type.GetOptions().map_entry
        if field.is_repeated and not is_map:
            base.ClearField(field.name)
        elif not field.is_repeated and field.message_type and base.HasField(field.name):
            clear_lists(getattr(base, field.name), value)


def replaced(base, patch):
    result = type(base)()
    result.CopyFrom(base)
    clear_lists(result, patch)
    return merged(result, patch)


def equal(a, b):
    """A map within an Any may stand in another order; as dictionaries the two are the same."""
    return a == b or json_format.MessageToDict(a) == json_format.MessageToDict(b)


def make(seed, count):
    filler = Filler(int(seed))
    for _ in range(int(count)):
        name = filler.random.choice(filler.types)
        base, patch = filler.message(name), filler.message(name)
        print(json.dumps({
            "type": name,
            "bytes": base64.b64encode(base.SerializeToString()).decode(),
            "patch": base64.b64encode(patch.SerializeToString()).decode(),
            "json": json_format.MessageToJson(base, indent=None),
            "snake": json_format.MessageToJson(
                base, indent=None, preserving_proto_field_name=True, use_integers_for_enums=True),
        }))


def check(path):
    all_types()
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines()):
        case = json.loads(line)
        cls = message_class(case["type"])
        base, patch = (cls.FromString(base64.b64decode(case[k])) for k in ("bytes", "patch"))
        found = []
        if json.loads(case["toJSON"]) != json.loads(json_format.MessageToJson(base)):
            found.append("JSON differs: " + case["toJSON"] + "\n  expected: " + json_format.MessageToJson(base, indent=None))
        for key in ("fromJSON", "fromSnake"):
            if not equal(cls.FromString(base64.b64decode(case[key])), base):
                found.append(f"{key} differs")
        if not equal(cls.FromString(base64.b64decode(case["merged"])), merged(base, patch)):
            found.append("merged differs")
        if not equal(cls.FromString(base64.b64decode(case["replaced"])), replaced(base, patch)):
            found.append("merged with lists replaced differs")
        for what in found:
            print(f"case {number}, {case['type']}: {what}")


{"make": make, "check": check}[sys.argv[1]](*sys.argv[2:])
