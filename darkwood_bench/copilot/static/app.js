// The page: tables on one side, a question and its answer on the other.

import { readiness } from "./api.js";
import { followed } from "./asking.js";
import { button, byId, element } from "./dom.js";
import { plural } from "./format.js";
import { suggestions } from "./names.js";
import { session } from "./session.js";
import { tablePanel } from "./tables.js";
import { tokenDialog } from "./token_dialog.js";
import { verdictOf } from "./words.js";

const READY_TEXT = {
  ready: "Ready",
  loading: "Loading the model",
  failed: "The model did not load",
  stopping: "Stopping",
  unreachable: "Not reachable",
};
const LOOK_AGAIN_MS = { ready: 30000, loading: 2000 };

const [question, problem, send, cancel] = ["question", "ask-problem", "send", "cancel"].map(byId);
const onRefused = tokenDialog();
const tables = tablePanel({ announce, onRefused, onChange: suggest });
const asked = session(announce);
let running = null; // the AbortController of the question that is being answered

function announce(text) {
  byId("announce").textContent = text;
}

async function ask() {
  if (running !== null) return;
  problem.textContent = missing();
  if (problem.textContent !== "") return (tables.list().length === 0 ? byId("choose") : question).focus();
  const body = {
    question: question.value.trim(),
    tables: tables.asked(),
    options: {
      max_rows: Number(byId("max-rows").value),
      attempts: Number(byId("attempts").value),
      run_on: byId("run-on").value,
      result: "json",
    },
  };
  running = new AbortController();
  busy(true);
  try {
    const end = await followed(body, { signal: running.signal, show: asked.show, announce, onRefused });
    const shown = end ?? { problem: "You cancelled this question." };
    asked.add({ question: body.question, ...shown });
    announce(shown.answer ? spoken(shown.answer) : shown.problem);
  } finally {
    running = null;
    busy(false);
  }
}

function missing() {
  if (tables.list().length === 0) return "Add a table first.";
  return question.value.trim() === "" ? "Write a question first." : "";
}

function busy(is) {
  send.disabled = is;
  cancel.hidden = !is;
  if (!is && document.activeElement === document.body) question.focus();
}

function spoken(answer) {
  const rows = answer.result === null ? "" : ` ${plural(answer.result.n_rows, "row")}.`;
  return `Answered. ${verdictOf(answer).text}.${rows}`;
}

function suggest() {
  const [first] = tables.list().slice(-1);
  const place = byId("suggestions");
  place.hidden = first === undefined;
  if (first === undefined) return;
  place.replaceChildren(
    ...suggestions(first.name, first.columns).map((text) =>
      element("li", {}, button(text, () => {
        question.value = text;
        question.focus();
      })),
    ),
  );
  problem.textContent = "";
}

async function watchService() {
  const { status, model, isolation_level: level } = await readiness();
  byId("service").dataset.state = status;
  const text = READY_TEXT[status] ?? status;
  byId("service-text").textContent = text;
  byId("service-model").textContent = status === "ready" ? `: ${model}` : "";
  const checked = level ? `Code runs in the sandbox at level ${level}.` : "Code cannot be run here.";
  byId("service").title = status === "ready" ? checked : "";
  setTimeout(watchService, LOOK_AGAIN_MS[status] ?? 5000);
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
question.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  ask();
});
cancel.addEventListener("click", () => running?.abort());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !byId("token-dialog").open) running?.abort();
});
watchService();
