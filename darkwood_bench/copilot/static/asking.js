// One question at a time: sent, followed, cancelled, sent again when the service is busy.

import { ServiceError, query } from "./api.js";
import { element } from "./dom.js";
import { plural, seconds } from "./format.js";
import { stageWords } from "./words.js";

const LONGEST_WAIT_S = 120;

/** Follows a question to its end: {answer}, {problem}, or null when it was cancelled. */
export async function followed(body, { signal, show, announce, onRefused }) {
  const progress = progressCard(body.question);
  show(progress.node);
  try {
    for (;;) {
      try {
        return { answer: await answered(body, signal, progress, announce) };
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        if (error.status === 401) onRefused();
        if (error.status !== 429 || !(error.retryAfter <= LONGEST_WAIT_S)) return { problem: error.message };
        await waited(error.retryAfter ?? 2, signal, progress);
      }
    }
  } catch (error) {
    if (error.name === "AbortError") return null;
    throw error;
  } finally {
    progress.end();
  }
}

async function answered(body, signal, progress, announce) {
  const steps = query(body, signal);
  let said = "";
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
    const words = stageWords(value);
    progress.say(value.tokens ? `${words}, ${plural(value.tokens, "token")}` : words);
    if (words !== said) announce(`${words}.`);
    said = words;
  }
}

async function waited(wait, signal, progress) {
  for (let left = Math.ceil(wait); left > 0; left -= 1) {
    progress.say(`The service is busy; asking again in ${left} s`);
    await new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, 1000);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      }, { once: true });
    });
  }
}

function progressCard(question) {
  const stage = element("p", { class: "stage" }, "Sending");
  const clock = element("p", { class: "hint" }, "");
  const began = performance.now();
  const timer = setInterval(() => {
    clock.textContent = seconds(Math.round((performance.now() - began) / 100) / 10);
  }, 100);
  const node = element(
    "article",
    { class: "card asking", "aria-busy": "true" },
    element("div", { class: "card-head" }, element("h2", {}, question)),
    element("div", { class: "progress" }, element("span", { class: "spinner", "aria-hidden": "true" }), stage, clock),
  );
  return { node, say: (words) => (stage.textContent = words), end: () => clearInterval(timer) };
}
