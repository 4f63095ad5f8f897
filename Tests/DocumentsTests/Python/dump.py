"""Prints COUNT lines of JSON, each a random YAML text of PyYAML's and the documents it stands for."""

import json
import random
import sys

import yaml

WORDS = ["name", "shop.example.com", "*.example.com", "true", "yes", "null", "", "80", "1.5",
         "a: b", "- a", "#x", "a #b", "@at", "%d", "[a]", "|", "---", "one\ntwo\n", "one\n\n two",
         " leading", "trailing ", "tab\there", 'quote"s', "it's", "back\\slash", "é", "日本", "😀",
         "a rather long text that goes on beyond the width of a line, so that it has to be folded"]


def value(depth):
    kind = random.randrange(10 if depth else 6)
    if kind == 0:
        return random.choice([None, True, False])
    if kind == 1:
        return random.choice([0, 1, -1, 80, 2**63 - 1, 1.5, -0.25])
    if kind < 6:
        return random.choice(WORDS)
    if kind < 8:
        return [value(depth - 1) for _ in range(random.randrange(4))]
    return mapping(depth)


def mapping(depth):
    made = {random.choice(WORDS): value(depth - 1) for _ in range(random.randrange(5))}
    if made and random.random() < 0.2:
        shared = random.choice(list(made.values()))
        made["again"] = shared  # PyYAML writes an anchor and an alias for one object twice.
    return made


for seed in range(int(sys.argv[1])):
    random.seed(seed)
    documents = [mapping(4) for _ in range(random.randrange(1, 4))]
    text = yaml.dump_all(
        documents,
        default_flow_style=random.choice([True, False, None]),
        default_style=random.choice([None, None, '"', "'", "|", ">"]),
        allow_unicode=random.random() < 0.5,
        width=random.choice([20, 80, 1000]),
        indent=random.choice([2, 4, 8]),
        explicit_start=True,
        explicit_end=random.random() < 0.3,
    )
    # PyYAML breaks some long quoted texts in a way that means something else: its reader is the oracle.
    print(json.dumps({"yaml": text, "value": list(yaml.safe_load_all(text))}))
