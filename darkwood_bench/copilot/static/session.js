// The questions of this session, and the answer that is shown.

import { answerCard } from "./answer.js";
import { button, byId, element } from "./dom.js";
import { seconds } from "./format.js";
import { verdictOf } from "./words.js";

/** Keeps {question, answer | problem} in memory, newest first. */
export function session(announce) {
  const list = byId("history");
  const place = byId("answer");

  function show(asked, node) {
    for (const other of list.querySelectorAll("button")) other.removeAttribute("aria-current");
    node?.setAttribute("aria-current", "true");
    place.replaceChildren(asked.answer ? answerCard(asked, announce) : problemCard(asked));
  }

  return {
    show: (node) => place.replaceChildren(node),
    add(asked) {
      const verdict = asked.answer ? verdictOf(asked.answer) : { kind: "not", mark: "✕", text: "No answer" };
      const node = button("", () => {
        show(asked, node);
        place.querySelector("h2")?.focus();
      });
      node.append(
        element("span", { class: "mark", "data-verdict": verdict.kind, "aria-hidden": "true" }, verdict.mark),
        element("span", { class: "asked" }, asked.question),
        element("span", { class: "hint" }, asked.answer ? `${verdict.text}, ${seconds(asked.answer.timings.total_s)}` : verdict.text),
      );
      list.prepend(element("li", {}, node));
      byId("history-empty").hidden = true;
      show(asked, node);
    },
  };
}

function problemCard({ question, problem }) {
  return element(
    "article",
    { class: "card", "data-verdict": "not" },
    element("div", { class: "card-head" }, element("h2", { tabindex: -1 }, question)),
    element("div", { class: "why" }, element("p", {}, element("strong", {}, "No answer."), ` ${problem}`)),
  );
}
