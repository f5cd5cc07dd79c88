# SPDX-License-Identifier: MIT
"""A headless Chromium, as far as tests of a page need one, spoken to through a pair of pipes."""

import base64
import json
import os
import shutil
import subprocess

# The colours of each text against what is behind it, as a ratio of luminances; those below 4.5 are hard to read.
CONTRAST = """
(() => {
    const parse = (text) => text.match(/[\\d.]+/g).map(Number);
    const luminance = (rgb) => {
        const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        for (let e = element; e; e = e.parentElement) {
            const color = parse(getComputedStyle(e).backgroundColor);
            if (color.length < 4 || color[3] === 1) {
                return color.slice(0, 3);
            }
        }
        return [255, 255, 255];
    };
    const weak = [];
    let count = 0;
    for (const element of document.body.querySelectorAll("*")) {
        const own = Array.from(element.childNodes).some((n) => n.nodeType === 3 && n.data.trim());
        if (!own || !element.checkVisibility() || element.tagName === "SCRIPT") {
            continue;
        }
        const style = getComputedStyle(element);
        const color = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
        const pair = [luminance(parse(color).slice(0, 3)), luminance(behind(element))].sort();
        count++;
        if ((pair[1] + 0.05) / (pair[0] + 0.05) < 4.5) {
            weak.push(element.outerHTML.slice(0, 80));
        }
    }
    return [count, weak];
})()
"""


class Chromium:
    """Opens one page. What the browser complains about gathers in `complaints`, what it asked for in `requests`."""

    @staticmethod
    def is_installed():
        return shutil.which("chromium") is not None

    def __init__(self, folder):
        to_browser, self.out = os.pipe()
        self.back, from_browser = os.pipe()
        # It reads from descriptor 3 and writes to 4.
        script = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        env = {"HOME": folder, "PATH": os.environ["PATH"], "XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder}
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            ["bash", "-c", script, "bash", "chromium", "--headless", "--no-sandbox", "--disable-gpu",
             "--remote-debugging-pipe", "--no-first-run", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--disable-background-networking", f"--user-data-dir={folder}/chromium"],
            pass_fds=(to_browser, from_browser), env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.unread = b""
        self.number = 0
        self.events = []
        self.complaints = []
        self.requests = []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def close(self):
        self.session = None
        try:
            self.call("Browser.close")
            self.process.wait(60)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            self.process.kill()
        os.close(self.out)
        os.close(self.back)
        self.process.wait()

    def receive(self):
        while b"\0" not in self.unread:
            more = os.read(self.back, 1 << 20)
            if not more:
                raise RuntimeError("chromium has ended")
            self.unread += more
        message, _, self.unread = self.unread.partition(b"\0")
        message = json.loads(message)
        if "method" in message:
            self.take_event(message["method"], message.get("params", {}))
        return message

    def take_event(self, method, params):
        self.events.append(method)
        if method == "Runtime.exceptionThrown":
            self.complaints.append(params["exceptionDetails"]["text"])
        elif method == "Log.entryAdded":
            self.complaints.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(json.dumps(params["args"]))
        elif method == "Network.requestWillBeSent" and params["request"]["url"] != "about:blank":
            self.requests.append(params["request"]["url"])

    def call(self, method, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.out, json.dumps(request).encode() + b"\0")
        while True:
            message = self.receive()
            if message.get("id") == request["id"]:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    def open(self, url):
        # A page that is open already would not be loaded again for another anchor.
        for address in ("about:blank", url):
            self.events.clear()
            self.call("Page.navigate", url=address)
            while "Page.loadEventFired" not in self.events:
                self.receive()

    def emulate(self, scheme, width=1100, height=900, media=""):
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def set_script(self, is_on):
        self.call("Emulation.setScriptExecutionDisabled", value=not is_on)

    def evaluate(self, expression):
        """The value of an expression, awaited if it is a promise."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def screenshot(self, path):
        """Of the whole page."""
        image = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(image))
