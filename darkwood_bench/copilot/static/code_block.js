// Code with numbers, colours and a button that copies it.

import { button, element } from "./dom.js";
import { lines } from "./highlight.js";

/** Below its title; `failedLine`, from 1, is marked. */
export function codeBlock(title, code, announce, failedLine = null) {
  const copy = button("Copy", async () => {
    copy.textContent = (await copied(code)) ? "Copied" : "Not copied";
    announce(`${copy.textContent}.`);
    setTimeout(() => (copy.textContent = "Copy"), 2000);
  }, { class: "copy", "aria-label": "Copy the code" });
  const rows = lines(code.replace(/\n+$/, "")).map((parts, index) =>
    element(
      "span",
      { class: index + 1 === failedLine ? "line failed" : "line" },
      ...parts.map(({ kind, text }) => (kind === "plain" ? text : element("span", { class: kind }, text))),
      "\n",
    ),
  );
  return element(
    "section",
    { class: "part code" },
    element("div", { class: "code-head" }, element("h3", {}, title), copy),
    element("pre", { tabindex: 0, role: "region", "aria-label": "Polars code" }, element("code", {}, ...rows)),
  );
}

// Without a secure context (a plain HTTP address that is not this machine's) there is no clipboard.
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = element("textarea", { class: "unseen" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
