// How figures and cells are written. Nothing here touches the page.

/** 0.0042 s is "4.2 ms"; seconds from 1 s on, minutes from 100 s on. */
export function seconds(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value > 0 && value < 0.0001) return "< 0.1 ms";
  if (value < 1) return `${short(value * 1000)} ms`;
  if (value < 100) return `${short(value)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

/** 1e6 bytes are a megabyte, as everywhere in this project. */
export function bytes(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${short(value)} ${units[unit]}`;
}

/** 12345 is "12,345". */
export function count(value) {
  return value.toLocaleString("en-US");
}

/** "1 row", "2 rows". */
export function plural(value, word) {
  return `${count(value)} ${word}${value === 1 ? "" : "s"}`;
}

/** A cell's text; nested values as JSON. */
export function cell(value) {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return number(value);
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** At most four digits after the point, or four that count where it is less than one. */
export function number(value) {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  return String(Number(Math.abs(value) < 1 ? value.toPrecision(4) : value.toFixed(4)));
}

export function isNumeric(dtype) {
  return /^(U?Int\d+|Float\d+|Decimal)/.test(dtype);
}

export function isTemporal(dtype) {
  return /^(Date|Datetime)/.test(dtype);
}

export function isCategory(dtype) {
  return /^(String|Categorical|Enum|Boolean)/.test(dtype);
}

function short(value) {
  return String(Number(value.toPrecision(3)));
}
