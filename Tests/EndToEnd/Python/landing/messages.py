"""Envoy's messages: every published type, and edits that reach into Any."""
import base64, importlib, pathlib, warnings

from google.protobuf import any_pb2, descriptor_pool, message_factory

warnings.filterwarnings("ignore")


def _register():
    import envoy, udpa, xds
    for package in (envoy, udpa, xds):
        for root in map(pathlib.Path, package.__path__):
            for file in sorted(root.rglob("*_pb2.py")):
                try:
                    importlib.import_module(".".join([package.__name__, *file.relative_to(root).with_suffix("").parts]))
                except (ImportError, TypeError):  # a few files need packages that the API itself does not
                    continue


_register()


def made(name):
    """An empty message of that type."""
    return message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))()


def opened(packed):
    """The message in an Any; None where its type is not published or its bytes are not of it."""
    try:
        message = made(packed.type_url.rsplit("/", 1)[-1])
        message.ParseFromString(packed.value)
        return message
    except Exception:  # KeyError and protobuf's DecodeError, whose module moves between versions
        return None


def packed(message):
    out = any_pb2.Any()
    out.Pack(message, deterministic=True)
    return out


def resource(entry):
    """A resource of a dump: {"type": type URL, "b64": bytes}."""
    return opened(any_pb2.Any(type_url=entry["type"], value=base64.b64decode(entry["b64"])))


def edit(message, change):
    """Calls `change` on every message in this one, innermost first, those in Any too."""
    if message.DESCRIPTOR.full_name == "google.protobuf.Any":
        inner = opened(message)
        if inner is not None:
            edit(inner, change)
            message.Pack(inner, deterministic=True)
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].message_type is not None:
                for inner in value.values():
                    edit(inner, change)
        elif field.is_repeated:
            for inner in value:
                edit(inner, change)
        else:
            edit(value, change)
    change(message)


def found(message, name):
    """Every message of that type in this one, outermost last."""
    out = []
    edit(message, lambda m: out.append(m) if m.DESCRIPTOR.full_name == name else None)
    return out
