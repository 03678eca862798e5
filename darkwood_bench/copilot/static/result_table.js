// The first rows of a result.

import { element } from "./dom.js";
import { cell, count, isNumeric, plural } from "./format.js";

const LONGEST_CELL = 300;

/** A table that scrolls by itself, below a line that says how much of the result it is. */
export function resultTable(result) {
  const { columns, rows, n_rows } = result;
  const numeric = columns.map(({ dtype }) => isNumeric(dtype));
  const head = element(
    "tr",
    {},
    ...columns.map(({ name, dtype }, index) =>
      element(
        "th",
        { scope: "col", class: numeric[index] ? "number" : null },
        element("span", { class: "column" }, name),
        element("span", { class: "dtype" }, dtype),
      ),
    ),
  );
  const body = rows.map((row) =>
    element("tr", {}, ...row.map((value, index) => tableCell(value, numeric[index]))),
  );
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
  const shown = rows.length < n_rows
    ? `The first ${count(rows.length)} of ${plural(n_rows, "row")}`
    : `${plural(n_rows, "row")}, ${plural(columns.length, "column")}`;
  return element(
    "div",
    { class: "result" },
    element("p", { class: "hint" }, shown),
    // A keyboard scrolls only what it can focus.
    element("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": `Result: ${shown}` }, table),
  );
}

function tableCell(value, numeric) {
  const kinds = [numeric ? "number" : "", value === null ? "null" : ""].join(" ").trim();
  const text = cell(value);
  const cut = text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL)}…` : text;
  const whole = typeof value === "number" ? String(value) : text;
  return element("td", { class: kinds || null, title: cut === whole ? null : whole.slice(0, 4000) }, cut);
}
