// SPDX-License-Identifier: MIT
// What the scripts of the page have in common: the data, figures as text, sorting of the table. Without them the page
// is complete, but for the flame graph, which is a table then.
"use strict";
const rgTrace = (() => {
    const byId = (id) => document.getElementById(id);
    const data = JSON.parse(byId("data").textContent);
    document.documentElement.classList.add("has-script");

    function scaled(n, base, units) {
        let unit = 0;
        for (n /= base; n >= 999.5 && unit + 1 < units.length; unit++) {
            n /= 1000;
        }
        return n.toFixed(n < 9.995 ? 2 : n < 99.95 ? 1 : 0) + "\u00a0" + units[unit];
    }

    const count = (n) => n.toLocaleString("en");
    const size = (n) => n < 1000 ? n + "\u00a0B" : scaled(n, 1000, ["kB", "MB", "GB", "TB", "PB"]);
    const time = (ns) => ns < 1000 ? Math.round(ns) + "\u00a0ns" : scaled(ns, 1000, ["us", "ms", "s"]);
    const shownAtFirst = 40;
    const share = (part, whole) => (whole > 0 ? 100 * part / whole : 0).toFixed(1) + "\u00a0%";

    function sortable(table) {
        const heads = Array.from(table.tHead.rows[0].cells);
        const body = table.tBodies[0];
        const valueOf = (row, column) => column === 0 ? row.cells[0].textContent.toLowerCase() :
            Number(row.cells[column].dataset.n);

        let isWhole = body.rows.length <= 1.25 * shownAtFirst;
        const more = byId("more");

        function fold() {
            Array.from(body.rows).forEach((row, i) => {
                row.hidden = !isWhole && i >= shownAtFirst;
            });
            more.hidden = isWhole;
            more.textContent = `Show all ${count(body.rows.length)} sites`;
        }

        function sort(column) {
            const was = heads[column].getAttribute("aria-sort");
            const isDown = was ? was === "ascending" : column > 0;
            const rows = Array.from(body.rows).map((row) => [valueOf(row, column), row]);
            rows.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0) * (isDown ? -1 : 1));
            body.append(...rows.map((row) => row[1]));
            fold();
            heads.forEach((head) => head.removeAttribute("aria-sort"));
            heads[column].setAttribute("aria-sort", isDown ? "descending" : "ascending");
        }

        heads.forEach((head, column) => {
            const button = document.createElement("button");
            button.type = "button";
            button.textContent = head.textContent;
            button.addEventListener("click", () => sort(column));
            head.replaceChildren(button);
        });
        more.addEventListener("click", () => {
            isWhole = true;
            fold();
        });
        fold();
    }

    sortable(byId("table"));
    let opened = [];
    addEventListener("beforeprint", () => {
        opened = Array.from(document.querySelectorAll("details:not([open])")).slice(0, 100);
        opened.forEach((details) => {
            details.open = true;
        });
    });
    addEventListener("afterprint", () => {
        opened.forEach((details) => {
            details.open = false;
        });
    });
    return {byId, data, count, size, time, share};
})();
