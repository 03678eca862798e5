// What a table may be called, and what could be asked about it. Nothing here touches the page.

import { isCategory, isNumeric, isTemporal } from "./format.js";
import { KEYWORDS } from "./keywords.js";

const TAKEN = new Set([...KEYWORDS, "pl", "result"]);

/** What is wrong with a table's name, or "". Code knows the table as a variable of this name. */
export function nameProblem(name, others) {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return "Letters, digits and _ only, no digit first.";
  if (TAKEN.has(name) || (name.startsWith("__") && name.endsWith("__"))) {
    return `“${name}” has a meaning in code; choose another.`;
  }
  return others.includes(name) ? `There is another table “${name}”.` : "";
}

/** A name like the one given that is free. */
export function freeName(wanted, others) {
  let base = wanted.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^A-Za-z0-9_]+/g, "_");
  base = base.replace(/^_+|_+$/g, "") || "data";
  if (nameProblem(base, []) !== "") base = `t_${base}`;
  let name = base;
  for (let index = 2; others.includes(name); index += 1) name = `${base}_${index}`;
  return name;
}

/** {columns} of lines "name: dtype", or {problem} with the first line that is not one. */
export function typedColumns(text) {
  const columns = {};
  for (const line of text.split("\n").map((raw) => raw.trim())) {
    if (line === "") continue;
    const at = line.lastIndexOf(":");
    const [name, dtype] = [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    if (at < 1 || name === "" || dtype === "") return { problem: `“${line}” is not “column: type”.` };
    if (name in columns) return { problem: `Column “${name}” is there twice.` };
    columns[name] = dtype;
  }
  return Object.keys(columns).length === 0 ? { problem: "Give at least one column." } : { columns };
}

/** Up to three questions that these columns can answer. */
export function suggestions(table, columns) {
  const first = (fits) => Object.keys(columns).find((name) => fits(columns[name], name));
  const amount = first((dtype, name) => isNumeric(dtype) && !/(^|_)(id|key|year)$/i.test(name));
  const [group, day] = [first(isCategory), first(isTemporal)];
  const found = [`How many rows does ${table} have?`];
  if (amount && group) found.push(`What is the mean ${amount} for each ${group} in ${table}?`);
  else if (group) found.push(`How many rows of ${table} are there for each ${group}?`);
  if (amount && day) found.push(`What is the sum of ${amount} for each ${day} in ${table}?`);
  else if (amount) found.push(`Which 10 rows of ${table} have the highest ${amount}?`);
  return found;
}
