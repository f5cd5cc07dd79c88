// SPDX-License-Identifier: MIT
// The flame graph. Of its nodes those that are a pixel wide are made, anew for each view.
"use strict";
(() => {
    const {byId, count, size, share} = rgTrace;
    const {functions, nodes: flat} = rgTrace.data;
    const measures = 5;
    const rowHeight = 21;
    const box = byId("flame");
    const tree = build();
    const own = new Map(); // elements by node
    let measure = 0;
    let zoomed = tree;
    let focused = tree;
    let words = "";

    // Each node: depth, function, values; parents come first.
    function build() {
        const path = [];
        for (let i = 0; i < flat.length; i += 2 + measures) {
            const node = {depth: flat[i], name: functions[flat[i + 1]], values: flat.slice(i + 2, i + 2 + measures),
                          children: [], parent: null};
            path.length = node.depth;
            if (node.depth > 0) {
                node.parent = path[node.depth - 1];
                node.parent.children.push(node);
            } else {
                node.name = ["all", "", 0];
            }
            path.push(node);
        }
        return path[0];
    }

    const valueOf = (node) => node.values[measure];
    const plural = (n, noun) => count(n) + " " + noun + (n === 1 ? "" : "s");
    const text = (n) => measure === 1 ? plural(n, "call") : measure === 4 ? plural(n, "temporary block") : size(n);
    const isHit = (node) => words !== "" && node.depth > 0 && node.name[0].toLowerCase().includes(words);

    function classOf(node) {
        if (isHit(node)) {
            return "hit";
        }
        if (!node.name[2]) {
            return "";
        }
        let hash = 0;
        for (const letter of node.name[0]) {
            hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
        }
        return "tint-" + hash % 5;
    }

    function describe(node) {
        const self = valueOf(node) - node.children.reduce((sum, child) => sum + valueOf(child), 0);
        const name = node.name[0] + (node.name[1] ? ` (${node.name[1]})` : "");
        return `${name}: ${text(valueOf(node))}, ${share(valueOf(node), valueOf(tree))}` +
            (self > 0 && node.children.length > 0 ? `; ${text(self)} by itself` : "");
    }

    function put(node, x, width, row, isAbove) {
        const element = document.createElement("div");
        element.className = classOf(node) + (width < 14 ? " thin" : "") + (isAbove ? " above" : "");
        element.style.left = x + "px";
        element.style.top = row * rowHeight + "px";
        element.style.width = Math.max(width, 1) + "px";
        element.textContent = width < 14 ? "" : node.name[0];
        element.setAttribute("role", "button");
        element.setAttribute("aria-label", describe(node));
        element.tabIndex = -1;
        own.set(node, element);
        element.rgNode = node;
        box.append(element);
    }

    function draw() {
        const whole = valueOf(zoomed);
        const width = box.clientWidth;
        let rows = 0;
        const line = [];
        for (let node = zoomed.parent; node; node = node.parent) {
            line.unshift(node);
        }
        own.clear();
        box.replaceChildren();
        line.forEach((node, row) => put(node, 0, width, row, true));
        const waiting = whole > 0 ? [[zoomed, 0, width]] : [];
        while (waiting.length > 0) {
            const [node, x, ownWidth] = waiting.pop();
            put(node, x, ownWidth, node.depth, false);
            rows = Math.max(rows, node.depth + 1);
            const below = [];
            let next = x;
            node.children.sort((a, b) => valueOf(b) - valueOf(a));
            for (const child of node.children) {
                const childWidth = valueOf(child) / whole * width;
                if (childWidth >= 1) {
                    below.unshift([child, next, childWidth]);
                }
                next += childWidth;
            }
            waiting.push(...below);
        }
        box.style.height = Math.max(rows, 2) * rowHeight + "px";
        if (whole === 0) {
            byId("node").textContent = "There is none of that.";
        }
        byId("out").hidden = zoomed === tree;
        if (!own.has(focused)) {
            focused = zoomed;
        }
        if (own.has(focused)) {
            own.get(focused).tabIndex = 0;
            byId("node").textContent = describe(focused);
        }
    }

    function focus(node) {
        if (node && own.has(node)) {
            if (own.has(focused)) {
                own.get(focused).tabIndex = -1;
            }
            focused = node;
            own.get(node).tabIndex = 0;
            own.get(node).focus({preventScroll: true});
            own.get(node).scrollIntoView({block: "nearest"});
            byId("node").textContent = describe(node);
        }
    }

    function zoom(node) {
        zoomed = node;
        focused = node;
        draw();
        focus(node);
    }

    // What the matching functions have allocated, each byte once.
    function find() {
        let sum = 0;
        let matches = 0;
        const waiting = [[tree, false]];
        words = byId("find").value.trim().toLowerCase();
        while (waiting.length > 0) {
            const [node, isWithin] = waiting.pop();
            const isOne = isHit(node);
            matches += isOne;
            sum += isOne && !isWithin ? valueOf(node) : 0;
            node.children.forEach((child) => waiting.push([child, isWithin || isOne]));
        }
        byId("found").textContent = words === "" ? "" : matches === 0 ? "found nowhere" :
            `${text(sum)}, ${share(sum, valueOf(tree))}`;
        draw();
    }

    function beside(node, step) {
        const shown = node.parent ? node.parent.children.filter((child) => own.has(child)) : [];
        return shown[shown.indexOf(node) + step];
    }

    box.addEventListener("click", (event) => {
        const node = event.target.rgNode;
        if (node) {
            zoom(node === zoomed && node.parent ? node.parent : node);
        }
    });
    box.addEventListener("pointerover", (event) => {
        if (event.target.rgNode) {
            byId("node").textContent = describe(event.target.rgNode);
        }
    });
    box.addEventListener("keydown", (event) => {
        const node = event.target.rgNode;
        const actions = {
            ArrowUp: () => focus(node.parent), ArrowDown: () => focus(node.children[0]),
            ArrowLeft: () => focus(beside(node, -1)), ArrowRight: () => focus(beside(node, 1)),
            Enter: () => zoom(node), " ": () => zoom(node), Escape: () => zoom(tree),
        };
        if (node && actions[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
            event.preventDefault();
            actions[event.key]();
        }
    });
    byId("measure").addEventListener("change", () => {
        measure = Number(byId("measure").value);
        if (valueOf(zoomed) === 0) {
            zoomed = tree;
        }
        find();
    });
    byId("find").addEventListener("input", find);
    byId("find").form.addEventListener("submit", (event) => event.preventDefault());
    byId("out").addEventListener("click", () => zoom(tree));
    byId("table").tBodies[0].addEventListener("click", (event) => {
        const head = event.target.closest("th");
        const code = head && head.querySelector("code");
        if (code) {
            byId("find").value = code.textContent;
            find();
            byId("callers").scrollIntoView();
        }
    });
    addEventListener("resize", draw);
    draw();
})();
