// An answer: badge, result, chart, code, figures, and what was tried before.

import { chart } from "./chart.js";
import { chartOf } from "./chart_data.js";
import { codeBlock } from "./code_block.js";
import { element } from "./dom.js";
import { bytes, seconds } from "./format.js";
import { resultTable } from "./result_table.js";
import { failureWords, levelWords, verdictOf } from "./words.js";

/** The card of one answer. `asked` is {question, answer}. */
export function answerCard({ question, answer }, announce) {
  const verdict = verdictOf(answer);
  const data = answer.result === null ? null : chartOf(answer.result);
  const title = element("h2", { tabindex: -1 }, question);
  return element(
    "article",
    { class: "card", "data-verdict": verdict.kind },
    element("div", { class: "card-head" }, title, badge(verdict)),
    element("p", { class: "verdict" }, verdict.meaning),
    answer.verified ? null : failure(answer),
    warnings(answer.warnings),
    answer.result === null ? null : part("Result", resultTable(answer.result)),
    data === null ? null : part("Chart", chart(data)),
    answer.code ? codeBlock("Code", answer.code, announce, answer.execution?.error_line) : null,
    part("Figures", figures(answer)),
    earlier(answer.attempts, announce),
  );
}

export function badge({ kind, text, mark }) {
  return element("span", { class: "badge", "data-verdict": kind }, element("span", { "aria-hidden": "true" }, mark), text);
}

function part(title, node) {
  return element("section", { class: "part" }, element("h3", {}, title), node);
}

function failure({ failure_class: kind, reason, execution }) {
  const { error_line: line, error_class: name, error_message: message } = execution ?? {};
  const words = element("p", {}, element("strong", {}, failureWords(kind)));
  // The reason is often the message again, on one line.
  const isMessage = message && reason?.includes(message.split("\n")[0].slice(0, 40));
  if (reason && !isMessage) words.append(` ${reason}`);
  const said = `${line ? `Line ${line}: ` : ""}${name ? `${name}: ` : ""}${message}`;
  return element("div", { class: "why" }, words, message ? errorText(null, said) : null);
}

function warnings(list) {
  if (list.length === 0) return null;
  return element("ul", { class: "warnings", "aria-label": "Warnings" }, ...list.map((text) => element("li", {}, text)));
}

function figures({ execution, timings, attempts, system }) {
  const rows = [
    ["Answered in", seconds(timings.total_s), `waited ${seconds(timings.queue_s)}, wrote ${seconds(timings.generate_s)}, checked ${seconds(timings.verify_s)}`],
  ];
  if (execution !== null) {
    rows.push(
      ["The code took", seconds(execution.wall_s), `${seconds(execution.cpu_s)} of processor time`],
      ["Memory", bytes(execution.peak_memory_bytes), "at its peak, above the tables"],
      ["Isolation", execution.isolation_level ?? "–", levelWords(execution.isolation_level)],
    );
  }
  rows.push(
    ["Attempts", String(attempts.length), null],
    ["Model", system.model, `prompt ${system.prompt_variant}`],
  );
  return element(
    "dl",
    { class: "figures" },
    ...rows.map(([name, value, note]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, value, note === null ? null : element("small", {}, note))),
    ),
  );
}

function earlier(attempts, announce) {
  const before = attempts.slice(0, -1);
  if (before.length === 0) return null;
  return element(
    "details",
    { class: "earlier" },
    element("summary", {}, before.length === 1 ? "What the first attempt was" : `What the first ${before.length} attempts were`),
    ...before.flatMap((attempt, index) => attemptRows(attempt, index + 1, announce)),
  );
}

function attemptRows({ code, status, error_class: name, error_message: message }, number, announce) {
  const title = `Attempt ${number}: ${status.replaceAll("_", " ")}`;
  return [
    code ? codeBlock(title, code, announce) : element("h3", {}, title),
    message ? errorText("said", `${name ? `${name}: ` : ""}${message}`) : "",
  ];
}

function errorText(kind, text) {
  return element("pre", { class: kind, tabindex: 0, role: "region", "aria-label": "Error message" }, text);
}
