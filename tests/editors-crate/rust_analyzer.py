"""Hovers and definitions of rust-analyzer inside `lightnet!`, by the language server protocol.

    rustup component add rust-analyzer
    python3 tests/editors-crate/rust_analyzer.py

Asks for names in src/lib.rs of this crate, prints what is shown and where each leads, and fails if one does not.
"""

import json
import pathlib
import queue
import subprocess
import sys
import threading

CRATE = pathlib.Path(__file__).resolve().parent
FILE = CRATE / "src/lib.rs"
# a line that holds it, the name on that line, a part of what is shown, the file that it leads to
WANTED = [
    ("x -> [Conv2d(out, kernel_size", "Conv2d", "a convolution\nof `[C, H, W]`", "src/layers/conv.rs"),
    ("x -> [Conv2d(out, kernel_size", "padding", "Zeros around the map", "src/layers/conv.rs"),
    ("x -> [Conv2d(out, kernel_size", "BatchNorm2d", "running_mean", "src/layers/norm.rs"),
    ("x -> [Conv2d(out, kernel_size", "eps", "Added to the variance", "src/layers/norm.rs"),
    ("x -> [Unit(out, type", "Unit", "A block with a parameter", "editors-crate/src/lib.rs"),
    ("x -> [Unit(out, type", "type", "A parameter of the block `Unit`", "editors-crate/src/lib.rs"),
    ("use blocks::{Named", "Twice", "A block for `lightnet!`: `Twice(x; out)`", "editors-crate/src/lib.rs"),
    ("x -> a: Double", "Double", "A block for `lightnet!`: `Twice(x; out)`", "editors-crate/src/lib.rs"),
    ("x -> a: Double", "out", "A parameter of the block `Twice`", "editors-crate/src/lib.rs"),
    ("x -> Private(", "out", "A parameter of the block `Unit`", "editors-crate/src/lib.rs"),
    ("-> Unit(8, type", "type", "A parameter of the block `Unit`", "editors-crate/src/lib.rs"),
    ("-> Phantoms(", "out", "A parameter of the block `Ghosts`", "blocks-crate/src/lib.rs"),
    ("-> b: Ghost(", "kernel_size", "A parameter of the block `Ghost`", "blocks-crate/src/lib.rs"),
    ("-> b: Ghost(", "Ghost", "Half of the channels by a convolution", "blocks-crate/src/lib.rs"),
    ("-> c: InvertedResidual(", "InvertedResidual", "MobileNetV2", "src/blocks.rs"),
    ("-> c: InvertedResidual(", "expand_ratio", "How many times the channels are expanded", "src/blocks.rs"),
    ("-> [GlobalAvgPool", "Softmax", "exponentials over their sum", "src/layers/activation.rs"),
    ("-> [GlobalAvgPool", "axis", "Along which", "src/layers/activation.rs"),
]


class Server:
    """A language server on standard input and output."""

    def __init__(self, settings):
        self.settings, self.messages, self.count = settings, queue.Queue(), 0
        self.process = subprocess.Popen(["rust-analyzer"], cwd=CRATE, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        out = self.process.stdout
        while line := out.readline():
            length = int(line.split(b":")[1]) if line.lower().startswith(b"content-length") else None
            while out.readline().strip():
                pass
            self.messages.put(json.loads(out.read(length)))

    def send(self, **message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def wait(self, is_it):
        """The next message that it is; the server's own questions are answered meanwhile."""
        while True:
            message = self.messages.get(timeout=600)
            if "method" in message and "id" in message:
                items = message.get("params", {}).get("items", [])
                self.send(id=message["id"], result=[self.settings for _ in items] or None)
            elif is_it(message):
                return message

    def ask(self, method, params):
        self.count += 1
        self.send(id=self.count, method=method, params=params)
        return self.wait(lambda message: message.get("id") == self.count).get("result")


def main():
    settings = {"checkOnSave": False, "cachePriming": {"enable": False}}
    server = Server(settings)
    capabilities = {
        "textDocument": {"hover": {"contentFormat": ["markdown"]}},
        "experimental": {"serverStatusNotification": True},
    }
    folder = {"uri": CRATE.as_uri(), "name": CRATE.name}
    server.ask("initialize", {
        "processId": None, "rootUri": CRATE.as_uri(), "workspaceFolders": [folder], "capabilities": capabilities,
        "initializationOptions": settings,
    })
    server.send(method="initialized", params={})
    text = FILE.read_text()
    document = {"uri": FILE.as_uri(), "languageId": "rust", "version": 1, "text": text}
    server.send(method="textDocument/didOpen", params={"textDocument": document})
    server.wait(lambda m: m.get("method") == "experimental/serverStatus" and m["params"]["quiescent"])
    failures = 0
    for line_with, name, shown, leads_to in WANTED:
        number, line = next((i, line) for i, line in enumerate(text.splitlines()) if line_with in line)
        position = {"line": number, "character": line.index(name) + 1}
        where = {"textDocument": {"uri": FILE.as_uri()}, "position": position}
        hover = (server.ask("textDocument/hover", where) or {}).get("contents", {}).get("value", "")
        found = [d["uri"] for d in server.ask("textDocument/definition", where) or []]
        good = shown in hover and any(uri.endswith(leads_to) for uri in found)
        failures += not good
        print("ok    " if good else "FAILED", f"{name}, line {number + 1}:", shown if good else (hover, found))
    server.process.terminate()
    sys.exit(f"{failures} failed" if failures else 0)


main()
