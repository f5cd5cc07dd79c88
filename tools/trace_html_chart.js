// SPDX-License-Identifier: MIT
// Memory over time: exact figures under the pointer, and zoom, by mouse, finger or keys.
"use strict";
(() => {
    const {byId, count, size, time} = rgTrace;
    const {end, peak, points} = rgTrace.data.chart;
    const length = points.length / 3;
    const chart = byId("chart");
    const width = 1000;
    const height = 200;
    const rows = 4;
    const hint = byId("moment").textContent;
    let from = 0;
    let to = end;
    let cursor = -1;
    let dragged = null;

    function make(name, className, parent) {
        const element = document.createElementNS("http://www.w3.org/2000/svg", name);
        element.setAttribute("class", className);
        parent.append(element);
        return element;
    }

    function set(element, attributes) {
        for (const [name, value] of Object.entries(attributes)) {
            element.setAttribute(name, value);
        }
    }

    const chosen = make("rect", "chosen", chart);
    const line = make("line", "cursor", chart);
    const surface = make("rect", "surface", chart);
    set(chosen, {y: 0, height: "100%"});
    set(line, {y1: 0, y2: "100%"});
    set(surface, {width: "100%", height: "100%"});
    [chosen, line].forEach((element) => element.setAttribute("visibility", "hidden"));

    // The last point at or before the moment.
    function indexAt(ns) {
        let low = 0;
        let high = length - 1;
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            if (points[3 * middle] <= ns) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    const xOf = (ns, whole) => (ns - from) / (to - from) * whole;

    function roundUp(n) {
        const scale = 10 ** Math.max(0, Math.ceil(Math.log10(n)) - 1);
        return scale * ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((step) => n <= step * scale) || 10);
    }

    function rounded(n, isBytes) {
        const units = ["", "k", "M", "G", "T"];
        let unit = 0;
        for (; n >= 1000 && unit + 1 < units.length; unit++) {
            n /= 1000;
        }
        return Number(n.toPrecision(6)) + (isBytes ? "\u00a0" + units[unit] + "B" : unit ? "\u00a0" + units[unit] : "");
    }

    function path(first, last, place, top) {
        const y = (i) => (height * (1 - points[3 * i + place] / top)).toFixed(1);
        let text = `M0 ${y(first)}`;
        for (let i = first + 1; i <= last; i++) {
            text += `H${xOf(points[3 * i], width).toFixed(1)}V${y(i)}`;
        }
        return text + `H${width}`;
    }

    function drawTicks() {
        const ticks = chart.querySelector(".ticks");
        const span = to - from;
        const most = surface.getBoundingClientRect().width < 400 ? 4 : 6;
        const scale = 10 ** Math.floor(Math.log10(span / most));
        const step = scale * [1, 2, 5, 10].find((n) => span / (n * scale) <= most);
        const [unit, name] = to >= 1e9 ? [1e9, "s"] : to >= 1e6 ? [1e6, "ms"] : [1e3, "us"];
        const digits = Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9));
        ticks.replaceChildren();
        for (let i = Math.ceil(from / step); i * step <= to; i++) {
            const x = xOf(i * step, 100) + "%";
            set(make("line", "grid", ticks), {x1: x, x2: x, y1: 0, y2: "100%"});
            const text = make("text", "", ticks);
            set(text, {x, y: "100%", dy: 18});
            text.textContent = (i * step / unit).toFixed(digits) + "\u00a0" + name;
        }
    }

    function draw() {
        const first = indexAt(from);
        const last = indexAt(to);
        const tops = [1, 2].map((place) => {
            let most = 1;
            for (let i = first; i <= last; i++) {
                most = Math.max(most, points[3 * i + place]);
            }
            return rows * roundUp(most / rows);
        });
        chart.querySelector(".area").setAttribute("d", path(first, last, 1, tops[0]) + `V${height}H0Z`);
        chart.querySelector(".count").setAttribute("d", path(first, last, 2, tops[1]));
        chart.querySelectorAll(".left").forEach((text, i) => {
            text.textContent = rounded(tops[0] / rows * i, true);
        });
        chart.querySelectorAll(".right").forEach((text, i) => {
            text.textContent = rounded(tops[1] / rows * i, false);
        });
        const mark = chart.querySelector(".peak");
        const isThere = peak[0] >= from && peak[0] <= to;
        const x = xOf(peak[0], 100);
        mark.setAttribute("visibility", isThere ? "visible" : "hidden");
        if (isThere) {
            const y = 100 * (1 - peak[1] / tops[0]);
            mark.setAttribute("class", "peak " + (x < 50 ? "after" : "before"));
            set(mark.querySelector("circle"), {cx: x + "%", cy: y + "%"});
            set(mark.querySelector("text"), {x: x + "%", y: y + "%", dx: x < 50 ? 10 : -10});
        }
        drawTicks();
        byId("whole").hidden = from === 0 && to === end;
    }

    function show(ns) {
        cursor = Math.min(Math.max(ns, from), to);
        const i = indexAt(cursor);
        const x = xOf(cursor, 100) + "%";
        set(line, {x1: x, x2: x, visibility: "visible"});
        byId("moment").textContent = `After ${time(cursor)}: ${size(points[3 * i + 1])} ` +
            `(${count(points[3 * i + 1])} bytes) in ${count(points[3 * i + 2])} blocks`;
    }

    function hide() {
        line.setAttribute("visibility", "hidden");
        byId("moment").textContent = hint;
    }

    function zoom(start, stop) {
        const least = Math.min(end, 1000);
        const middle = (start + stop) / 2;
        const half = Math.max(stop - start, least) / 2;
        from = Math.max(0, Math.min(middle - half, end - 2 * half));
        to = Math.min(end, from + 2 * half);
        draw();
    }

    function momentOf(event) {
        const box = surface.getBoundingClientRect();
        const part = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
        return from + part * (to - from);
    }

    surface.addEventListener("pointerdown", (event) => {
        if (event.button === 0) {
            dragged = momentOf(event);
            surface.setPointerCapture(event.pointerId);
        }
    });
    surface.addEventListener("pointermove", (event) => {
        const ns = momentOf(event);
        show(ns);
        if (dragged !== null) {
            set(chosen, {x: xOf(Math.min(dragged, ns), 100) + "%", visibility: "visible",
                         width: Math.abs(ns - dragged) / (to - from) * 100 + "%"});
        }
    });
    function drop(event) {
        const ns = momentOf(event);
        const isWide = dragged !== null && Math.abs(ns - dragged) > (to - from) / 200;
        const start = dragged;
        dragged = null;
        chosen.setAttribute("visibility", "hidden");
        if (isWide && event.type === "pointerup") {
            zoom(Math.min(start, ns), Math.max(start, ns));
            show(ns);
        }
    }
    surface.addEventListener("pointerup", drop);
    surface.addEventListener("pointercancel", drop);
    surface.addEventListener("pointerleave", hide);
    surface.addEventListener("dblclick", () => zoom(0, end));
    byId("whole").addEventListener("click", () => zoom(0, end));
    chart.setAttribute("tabindex", "0");
    chart.addEventListener("blur", hide);
    chart.addEventListener("keydown", (event) => {
        const span = to - from;
        const at = cursor < from || cursor > to ? (from + to) / 2 : cursor;
        const actions = {
            ArrowLeft: () => show(at - span / 100), ArrowRight: () => show(at + span / 100),
            Home: () => show(from), End: () => show(to), Escape: () => zoom(0, end),
            "+": () => zoom(at - span / 4, at + span / 4), "-": () => zoom(at - span, at + span),
        };
        if (actions[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
            event.preventDefault();
            actions[event.key]();
        }
    });
    addEventListener("resize", drawTicks);
    draw();
})();
