// Whether a result is a chart, and which. Nothing here touches the page.

import { cell, isCategory, isNumeric, isTemporal, number } from "./format.js";

const MOST_BARS = 30;

/** {kind: "bar" | "line", label, value, points: [{label, at, value}]}, or null where a chart would
 *  say nothing or something false: another shape than a category or date and one number, rows cut
 *  off, a category twice, or nothing to compare. */
export function chartOf(result) {
  const { columns, rows, truncated } = result;
  if (columns.length !== 2 || truncated || rows.length < 2) return null;
  const [first, second] = columns.map((column) => column.dtype);
  const swapped = isNumeric(first) && !isNumeric(second);
  const [by, of] = swapped ? [1, 0] : [0, 1];
  if (!isNumeric(swapped ? first : second)) return null;
  const dtype = columns[by].dtype;
  const points = rows.map((row) => ({
    label: cell(row[by]),
    at: isTemporal(dtype) && row[by] !== null ? Date.parse(utc(row[by])) : null,
    value: row[of] === null ? null : Number(row[of]),
  }));
  if (points.some(({ value }) => value !== null && !Number.isFinite(value))) return null;
  if (points.filter(({ value }) => value !== null).length < 2) return null;
  if (new Set(points.map(({ label }) => label)).size < points.length) return null;
  const named = { label: columns[by].name, value: columns[of].name };
  if (isTemporal(dtype) && points.every(({ at }) => Number.isFinite(at) && at !== null)) {
    return { kind: "line", ...named, points: points.toSorted((a, b) => a.at - b.at) };
  }
  return isCategory(dtype) && points.length <= MOST_BARS ? { kind: "bar", ...named, points } : null;
}

/** What a reader who cannot see the chart is told. */
export function described({ kind, label, value, points }) {
  const known = points.filter((point) => point.value !== null);
  const least = known.reduce((a, b) => (b.value < a.value ? b : a));
  const most = known.reduce((a, b) => (b.value > a.value ? b : a));
  const name = kind === "bar" ? "Bar chart" : "Line chart";
  return (
    `${name} of ${value} by ${label}, ${points.length} values: ` +
    `lowest ${number(least.value)} (${least.label}), highest ${number(most.value)} (${most.label}).`
  );
}

/** Round numbers that span low to high, about `wanted` of them. */
export function ticks(low, high, wanted = 5) {
  if (low === high) return [low];
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) * power;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(15)),
  );
}

// A date and time without a zone is read as UTC, so that every reader sees the same axis.
function utc(text) {
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(text) || !/\d\d:\d\d/.test(text);
  return String(text).replace(" ", "T") + (zoned ? "" : "Z");
}
