"use strict";
document.documentElement.classList.add("scripted");

// Tabs: arrow keys, Home and End move; only the chosen panel is shown on a screen.
for (const tabs of document.querySelectorAll(".tabs")) {
  const buttons = [...tabs.querySelectorAll(":scope > [role=tablist] > [role=tab]")];
  const choose = (chosen) => {
    for (const button of buttons) {
      const here = button === chosen;
      button.setAttribute("aria-selected", here);
      button.tabIndex = here ? 0 : -1;
      document.getElementById(button.getAttribute("aria-controls")).classList.toggle("away", !here);
    }
  };
  const moves = {
    ArrowRight: (i) => (i + 1) % buttons.length,
    ArrowLeft: (i) => (i + buttons.length - 1) % buttons.length,
    Home: () => 0,
    End: () => buttons.length - 1,
  };
  buttons.forEach((button, i) => {
    button.addEventListener("click", () => choose(button));
    button.addEventListener("keydown", (event) => {
      if (!Object.hasOwn(moves, event.key)) return;
      event.preventDefault();
      const next = buttons[moves[event.key](i)];
      choose(next);
      next.focus();
    });
  });
  choose(buttons[0]);
}

// Sorting: numbers by data-key, text as people order it; what is missing stays below.
const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const keyOf = (cell, numeric) =>
  numeric ? (cell.dataset.key === undefined ? null : Number(cell.dataset.key)) : cell.textContent.trim();
for (const head of document.querySelectorAll("table.sortable thead th")) {
  const button = head.querySelector(".sort");
  if (!button) continue;
  button.addEventListener("click", () => {
    const body = head.closest("table").tBodies[0];
    const numeric = head.classList.contains("number");
    const up = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "descending" : !numeric;
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const rows = [...body.rows].map((row) => [keyOf(row.cells[head.cellIndex], numeric), row]);
    rows.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      const difference = numeric ? a - b : order.compare(a, b);
      return up ? difference : -difference;
    });
    body.append(...rows.map(([, row]) => row));
  });
}
