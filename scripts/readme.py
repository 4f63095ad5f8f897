#!/usr/bin/env python3
"""Runs what README.md tells people to type: every line of its sh blocks, from the project's root, with the release build
first on the PATH. A line that fails ends it with status 1.

    readme.py [--elsewhere COMMAND]…    leaves out lines that are run elsewhere

`make run` goes on until Ctrl-C: it gets one when it has said that Ctrl-C ends it, and must then leave nothing behind.
"""
import argparse, os, pathlib, re, select, signal, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
READY = "Ctrl-C ends everything."


def commands(text):
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            command = re.sub(r"\s+# .*", "", line).strip()
            if command and not command.startswith("#"):
                yield command


def run(command, environment):
    return subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode == 0


def run_until_ready(command, environment, seconds=300):
    """Ctrl-C as a terminal sends it: SIGINT to the whole foreground group."""
    process = subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, start_new_session=True)
    limit, seen = time.monotonic() + seconds, b""
    while READY.encode() not in seen:
        ready, _, _ = select.select([process.stdout], [], [], max(0, limit - time.monotonic()))
        chunk = os.read(process.stdout.fileno(), 65536) if ready else b""
        if not chunk:
            os.killpg(process.pid, signal.SIGKILL)
            return False
        sys.stdout.write(chunk.decode())
        seen += chunk
    os.killpg(process.pid, signal.SIGINT)
    process.wait(30)
    folder = re.search(rb"[^\s']*fairlead-demo-\w+", seen)[0]
    left = [f for f in pathlib.Path("/proc").glob("[0-9]*/cmdline") if folder in read(f)]
    return not left


def read(file):
    try:
        return file.read_bytes()
    except OSError:
        return b""


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--elsewhere", action="append", default=[])
    elsewhere = arguments.parse_args().elsewhere
    environment = {**os.environ, "PATH": f"{ROOT / '.build/release'}:{os.environ['PATH']}"}
    found = list(commands((ROOT / "README.md").read_text()))
    if not found:
        raise SystemExit("README.md shows no command")
    for command in found:
        if command in elsewhere:
            continue
        print(f"$ {command}", flush=True)
        if not (run_until_ready if command == "make run" else run)(command, environment):
            raise SystemExit(f"README.md shows a command that fails: {command}")


if __name__ == "__main__":
    main()
