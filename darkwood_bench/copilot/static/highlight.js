// Python in colours: enough of its lexical rules for answers of a screenful.

import { KEYWORDS } from "./keywords.js";

const TOKEN = new RegExp(
  [
    String.raw`(?<comment>#[^\n]*)`,
    String.raw`(?<string>\b[rbuRBUfF]{0,2}(?:"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))`,
    String.raw`(?<bare>"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)`,
    String.raw`(?<number>\b(?:0[xXoObB][\da-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?)j?)`,
    String.raw`(?<name>[\p{L}_][\p{L}\p{N}_]*)`,
  ].join("|"),
  "gu",
);

/** Code as a list of {kind, text} that, joined, are the code again. Kinds: keyword, string,
 *  number, comment, call, plain. */
export function tokens(code) {
  const found = [];
  let end = 0;
  for (const match of code.matchAll(TOKEN)) {
    if (match.index > end) found.push({ kind: "plain", text: code.slice(end, match.index) });
    end = match.index + match[0].length;
    found.push({ kind: kindOf(match, code, end), text: match[0] });
  }
  if (end < code.length) found.push({ kind: "plain", text: code.slice(end) });
  return found;
}

/** The same by line, for numbering and for marking the line that failed. */
export function lines(code) {
  const found = [[]];
  for (const { kind, text } of tokens(code)) {
    text.split("\n").forEach((part, index) => {
      if (index > 0) found.push([]);
      if (part !== "") found.at(-1).push({ kind, text: part });
    });
  }
  return found;
}

function kindOf(match, code, end) {
  const { comment, number, name } = match.groups;
  if (comment !== undefined) return "comment";
  if (number !== undefined) return "number";
  if (name === undefined) return "string";
  if (KEYWORDS.has(name)) return "keyword";
  return code[end] === "(" ? "call" : "plain";
}
