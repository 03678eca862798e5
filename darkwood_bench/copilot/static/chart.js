// A result as a picture: SVG with a title, a description, and the table beside it as the whole story.

import { described, ticks } from "./chart_data.js";
import { drawn, element } from "./dom.js";
import { number } from "./format.js";

const ROW = 28;
const LINE_HEIGHT = 260;
const FONT = "13px system-ui, sans-serif"; // as page.css says
const measure = document.createElement("canvas").getContext("2d");
let made = 0;

/** A figure that is drawn again when its place changes width. */
export function chart(data) {
  const place = element("div", { class: "chart-place" });
  const figure = element(
    "figure",
    { class: "chart" },
    element("figcaption", {}, `${data.value} by ${data.label}`),
    place,
  );
  let width = 0;
  new ResizeObserver(([{ contentRect }]) => {
    const now = Math.round(contentRect.width);
    if (now === width || now < 40) return;
    width = now;
    place.replaceChildren(data.kind === "bar" ? bars(data, now) : line(data, now));
  }).observe(place);
  return figure;
}

function bars(data, width) {
  const known = data.points.map(({ value }) => value ?? 0);
  const low = Math.min(0, ...known);
  const high = Math.max(0, ...known);
  const texts = data.points.map(({ value }) => (value === null ? "null" : number(value)));
  const most = width * 0.35;
  const labels = data.points.map(({ label }) => cut(label, most));
  const left = widest(labels) + 12;
  const right = widest(texts) + 10;
  const before = low < 0 ? right : 0;
  const room = Math.max(width - left - right - before, 20);
  const x = (value) => left + before + (high === low ? 0 : ((value - low) / (high - low)) * room);

  const rows = data.points.map(({ label, value }, index) => {
    const y = index * ROW;
    const [from, to] = [Math.min(x(0), x(value ?? 0)), Math.max(x(0), x(value ?? 0))];
    const negative = (value ?? 0) < 0;
    return drawn(
      "g",
      {},
      drawn("title", {}, `${label}: ${texts[index]}`),
      drawn("text", { x: left - 10, y: y + 18, "text-anchor": "end" }, labels[index]),
      drawn("rect", { class: "bar", x: from, y: y + 4, width: Math.max(to - from, 1), height: ROW - 8, rx: 3 }),
      drawn(
        "text",
        { class: "value", x: negative ? from - 6 : to + 6, y: y + 18, "text-anchor": negative ? "end" : "start" },
        texts[index],
      ),
    );
  });
  const height = data.points.length * ROW;
  const zero = drawn("line", { class: "axis", x1: x(0), x2: x(0), y1: 0, y2: height });
  return picture(data, width, height, ...rows, zero);
}

function line(data, width) {
  const known = data.points.filter(({ value }) => value !== null);
  const values = known.map(({ value }) => value);
  const scale = ticks(Math.min(...values), Math.max(...values));
  const [low, high] = [scale[0], scale.at(-1)];
  const [first, last] = [data.points[0].at, data.points.at(-1).at];
  const left = widest(scale.map(number)) + 14;
  const [top, bottom, right] = [10, LINE_HEIGHT - 28, width - 14];
  const x = (at) => (last === first ? left : left + ((at - first) / (last - first)) * (right - left));
  const y = (value) =>
    high === low ? (top + bottom) / 2 : bottom - ((value - low) / (high - low)) * (bottom - top);

  const grid = scale.map((tick) =>
    drawn(
      "g",
      {},
      drawn("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }),
      drawn("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, number(tick)),
    ),
  );
  const dots =
    known.length > 80
      ? []
      : known.map((point) =>
          drawn(
            "circle",
            { class: "dot", cx: x(point.at), cy: y(point.value), r: 3.5 },
            drawn("title", {}, `${point.label}: ${number(point.value)}`),
          ),
        );
  return picture(
    data,
    width,
    LINE_HEIGHT,
    ...grid,
    drawn("path", { class: "line", d: path(data.points, x, y) }),
    ...dots,
    drawn("text", { x: left, y: LINE_HEIGHT - 6 }, day(data.points[0].label)),
    drawn("text", { x: right, y: LINE_HEIGHT - 6, "text-anchor": "end" }, day(data.points.at(-1).label)),
  );
}

// A gap where a value is null.
function path(points, x, y) {
  let pen = "M";
  const steps = [];
  for (const { at, value } of points) {
    if (value === null) {
      pen = "M";
      continue;
    }
    steps.push(`${pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}`);
    pen = "L";
  }
  return steps.join("");
}

function picture(data, width, height, ...parts) {
  made += 1;
  const [title, description] = [`chart-title-${made}`, `chart-description-${made}`];
  return drawn(
    "svg",
    { role: "img", "aria-labelledby": `${title} ${description}`, viewBox: `0 0 ${width} ${height}`, width, height },
    drawn("title", { id: title }, `${data.value} by ${data.label}`),
    drawn("desc", { id: description }, described(data)),
    ...parts,
  );
}

function widest(texts) {
  measure.font = FONT;
  return Math.max(...texts.map((text) => measure.measureText(text).width));
}

function cut(text, room) {
  if (widest([text]) <= room) return text;
  let length = text.length;
  while (length > 1 && widest([`${text.slice(0, length)}…`]) > room) length -= 1;
  return `${text.slice(0, length)}…`;
}

function day(label) {
  return label.replace(/[T ]00:00:00(\.0+)?$/, "");
}
