"""Prints as one JSON list the YAML documents of standard input, read by PyYAML."""

import json
import re
import sys

import yaml


class Loader(yaml.CSafeLoader):
    """SafeLoader with the numbers of YAML 1.2: `1e+300` needs no dot."""


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+[eE][-+]?[0-9]+$"), list("-+0123456789"))

print(json.dumps(list(yaml.load_all(sys.stdin.buffer.read(), Loader=Loader))))
