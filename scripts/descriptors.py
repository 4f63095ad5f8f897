"""Reads a FileDescriptorSet, as protoc writes it, with nothing but the standard library.

Only what the generators ask for is kept: packages, messages, fields, oneofs, enums (descriptor.proto in
protobuf's own sources has the field numbers).
"""
import struct


class Enum:
    def __init__(self, name):
        self.name = name
        self.values = []


class Field:
    def __init__(self):
        self.name = self.type_name = ""
        self.number = self.type = 0
        self.repeated = False
        self.oneof = None


class Message:
    def __init__(self, name, parent):
        self.name = name
        self.parent = parent
        self.fields = []
        self.oneofs = []
        self.messages = []
        self.enums = []
        self.is_map_entry = False


def records(data):
    """The (field number, value) pairs of one message: ints for varints, bytes for the rest."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        elif tag & 7 == 2:
            length = varint()
            yield tag >> 3, data[at:at + length]
            at += length
        elif tag & 7 == 5:
            yield tag >> 3, struct.unpack_from("<I", data, at)[0]
            at += 4
        else:
            yield tag >> 3, struct.unpack_from("<Q", data, at)[0]
            at += 8


def read_enum(data, prefix):
    enum = Enum("")
    for number, value in records(data):
        if number == 1:
            enum.name = f"{prefix}.{value.decode()}".lstrip(".")
        elif number == 2:
            parts = dict(records(value))
            raw = parts.get(2, 0)
            enum.values.append((parts[1].decode(), raw - (1 << 64) if raw >> 63 else raw))
    return enum


def read_field(data):
    field = Field()
    for number, value in records(data):
        if number == 1:
            field.name = value.decode()
        elif number == 3:
            field.number = value
        elif number == 4:
            field.repeated = value == 3
        elif number == 5:
            field.type = value
        elif number == 6:
            field.type_name = value.decode().lstrip(".")
        elif number == 9:
            field.oneof = value
    return field


def read_message(data, prefix, parent):
    pairs = list(records(data))
    message = Message(f"{prefix}.{dict(pairs)[1].decode()}".lstrip("."), parent)
    for number, value in pairs:
        if number == 2:
            message.fields.append(read_field(value))
        elif number == 3:
            message.messages.append(read_message(value, message.name, message))
        elif number == 4:
            message.enums.append(read_enum(value, message.name))
        elif number == 7:
            message.is_map_entry = dict(records(value)).get(7, 0) == 1
        elif number == 8:
            message.oneofs.append(dict(records(value))[1].decode())
    return message


def flatten(message):
    yield message
    for nested in message.messages:
        yield from flatten(nested)


def read(path):
    """All messages and all enums of the set, by full name, in the set's order."""
    messages, enums = {}, {}
    with open(path, "rb") as file:
        content = file.read()
    for _, file in records(content):
        pairs = list(records(file))
        package = dict(pairs).get(2, b"").decode()
        for number, value in pairs:
            if number == 4:
                for message in flatten(read_message(value, package, None)):
                    messages[message.name] = message
                    enums.update((enum.name, enum) for enum in message.enums)
            elif number == 5:
                enum = read_enum(value, package)
                enums[enum.name] = enum
    return messages, enums
