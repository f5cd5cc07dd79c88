// SPDX-License-Identifier: MIT
// Filters, groups and unfolds the cards. Without it the page is complete, but for the form, which it shows.
"use strict";
(() => {
    const byId = (id) => document.getElementById(id);
    const form = byId("filter");
    const main = byId("findings");
    const cards = Array.from(document.querySelectorAll("article.card"));
    const kindSections = Array.from(document.querySelectorAll("section.group"));
    const homes = cards.map((card) => card.parentNode);
    const texts = []; // of the cards, in lower case, made when first needed
    const noFile = "(no source file is known)";
    const printedAtMost = 100;

    const plural = (n, noun) => n.toLocaleString("en") + " " + noun + (n === 1 ? "" : "s");
    const shownCards = () => cards.filter((card) => !card.hidden);

    function textOf(index) {
        if (texts[index] === undefined) {
            texts[index] = cards[index].textContent.toLowerCase();
        }
        return texts[index];
    }

    function sections() {
        return Array.from(main.querySelectorAll("section.group"));
    }

    function filter() {
        const words = byId("text").value.toLowerCase().split(/\s+/).filter(Boolean);
        const kind = byId("kind").value;
        cards.forEach((card, index) => {
            card.hidden = (kind !== "" && card.dataset.kind !== kind) ||
                !words.every((word) => textOf(index).includes(word));
        });
        for (const section of sections()) {
            section.hidden = section.querySelector("article.card:not([hidden])") === null;
        }
        const count = shownCards().length;
        byId("shown").textContent = count === cards.length ? "" :
            plural(count, "finding") + " of " + cards.length.toLocaleString("en");
    }

    function newSection(name, number, members) {
        const section = document.createElement("section");
        const details = document.createElement("details");
        const summary = document.createElement("summary");
        const title = document.createElement("h2");
        const counts = document.createElement("span");
        const box = document.createElement("div");
        const times = members.reduce((sum, card) => sum + Number(card.dataset.times), 0);
        section.className = "group";
        title.id = "file-" + number;
        section.setAttribute("aria-labelledby", title.id);
        title.textContent = name;
        counts.className = "n";
        counts.textContent = plural(members.length, "finding") + ", " + plural(times, "occurrence");
        details.open = members.length <= 300;
        summary.append(title, " ", counts);
        box.className = "cards";
        box.append(...members);
        details.append(summary, box);
        section.append(details);
        return section;
    }

    function groupByFile() {
        const files = new Map();
        const times = (members) => members.reduce((sum, card) => sum + Number(card.dataset.times), 0);
        for (const card of cards) {
            const file = card.dataset.file || noFile;
            if (!files.has(file)) {
                files.set(file, []);
            }
            files.get(file).push(card);
        }
        const order = Array.from(files).sort((a, b) => times(b[1]) - times(a[1]) || (a[0] < b[0] ? -1 : 1));
        order.forEach(([file, members], index) => {
            members.sort((a, b) => b.dataset.times - a.dataset.times);
            main.append(newSection(file, index + 1, members));
        });
        kindSections.forEach((section) => section.remove());
    }

    function groupByKind() {
        const made = sections();
        cards.forEach((card, index) => homes[index].append(card));
        made.forEach((section) => section.remove());
        main.append(...kindSections);
    }

    function unfold(isOpen) {
        if (isOpen) {
            main.querySelectorAll("section.group:not([hidden]) > details").forEach((group) => {
                group.open = true;
            });
        }
        shownCards().forEach((card) => {
            card.firstElementChild.open = isOpen;
        });
    }

    // A link to a card, or to a group, leads to something that can be seen.
    function follow() {
        const target = location.hash.length > 1 && byId(location.hash.slice(1));
        if (!target || !main.contains(target)) {
            return;
        }
        for (let node = target; node !== main; node = node.parentNode) {
            node.hidden = false;
            if (node.tagName === "DETAILS") {
                node.open = true;
            }
        }
        const own = target.querySelector("details");
        if (own) {
            own.open = true;
        }
        target.scrollIntoView();
    }

    let opened = [];
    function beforePrint() {
        const shown = shownCards();
        if (shown.length <= printedAtMost) {
            opened = shown.flatMap((card) => Array.from(card.querySelectorAll("details:not([open])")));
            opened.forEach((details) => {
                details.open = true;
            });
        }
    }

    function afterPrint() {
        opened.forEach((details) => {
            details.open = false;
        });
        opened = [];
    }

    if (form) {
        let timer = 0;
        form.hidden = false;
        form.addEventListener("submit", (event) => event.preventDefault());
        byId("text").addEventListener("input", () => {
            clearTimeout(timer);
            timer = setTimeout(filter, 150);
        });
        byId("kind").addEventListener("change", filter);
        byId("by").addEventListener("change", () => {
            (byId("by").value === "file" ? groupByFile : groupByKind)();
            filter();
        });
        byId("unfold").addEventListener("click", () => unfold(true));
        byId("fold").addEventListener("click", () => unfold(false));
        addEventListener("hashchange", follow);
        addEventListener("beforeprint", beforePrint);
        addEventListener("afterprint", afterPrint);
        follow();
    }
})();
