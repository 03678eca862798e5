// The panel of tables: files that are uploaded, columns that are typed, their names.

import { ServiceError, removeUpload, upload } from "./api.js";
import { button, byId, element } from "./dom.js";
import { bytes, count, plural } from "./format.js";
import { freeName, nameProblem, typedColumns } from "./names.js";

/** Wires the panel and returns {asked, list, onChange}: what a query is sent, and what is there. */
export function tablePanel({ announce, onRefused, onChange }) {
  const tables = []; // {name, columns, rows, bytes, uploadId | null, node}
  const list = byId("tables");

  function names(except) {
    return tables.filter((table) => table !== except).map(({ name }) => name);
  }

  function add(table) {
    table.name = freeName(table.name, names());
    table.node = card(table);
    tables.push(table);
    list.append(table.node);
    announce(`Table ${table.name} added, ${plural(Object.keys(table.columns).length, "column")}.`);
    onChange();
  }

  function remove(table) {
    if (table.uploadId !== null) removeUpload(table.uploadId);
    const next = table.node.nextElementSibling ?? table.node.previousElementSibling;
    tables.splice(tables.indexOf(table), 1);
    table.node.remove();
    (next?.querySelector("input") ?? byId("choose")).focus();
    announce(`Table ${table.name} removed.`);
    onChange();
  }

  async function send(file) {
    const giveUp = new AbortController();
    const bar = element("progress", { max: 1, value: 0, "aria-label": `Uploading ${file.name}` });
    const row = element(
      "li",
      { class: "table uploading" },
      element("p", {}, file.name),
      bar,
      button("Cancel", () => giveUp.abort(), { class: "quiet" }),
    );
    list.append(row);
    try {
      const found = await upload(file, (share) => (bar.value = share), giveUp.signal);
      row.remove();
      const { table, columns, n_rows, bytes: size, upload_id } = found;
      add({ name: table, columns, rows: n_rows, bytes: size, uploadId: upload_id });
    } catch (error) {
      row.remove();
      if (error.name === "AbortError") return;
      if (!(error instanceof ServiceError)) throw error;
      list.append(failure(file.name, error.message));
      if (error.status === 401) onRefused();
    }
  }

  function failure(name, message) {
    const row = element(
      "li",
      { class: "table failed", role: "alert" },
      element("p", {}, element("strong", {}, name), ` was not added: ${message}`),
      button("Dismiss", () => row.remove(), { class: "quiet" }),
    );
    return row;
  }

  function card(table) {
    const id = `table-${Math.random().toString(36).slice(2)}`;
    const problem = element("p", { id: `${id}-problem`, class: "problem", role: "alert" });
    const input = element("input", {
      id,
      value: table.name,
      autocomplete: "off",
      spellcheck: "false",
      "aria-label": `Name of table ${table.name}`,
      "aria-describedby": `${id}-problem`,
    });
    input.addEventListener("input", () => {
      const wrong = nameProblem(input.value, names(table));
      input.setAttribute("aria-invalid", String(wrong !== ""));
      problem.textContent = wrong;
      if (wrong !== "") return;
      table.name = input.value;
      input.setAttribute("aria-label", `Name of table ${table.name}`);
      onChange();
    });
    input.addEventListener("blur", () => {
      input.value = table.name;
      input.setAttribute("aria-invalid", "false");
      problem.textContent = "";
    });
    const columns = Object.entries(table.columns);
    const size = table.uploadId === null ? "no data" : `${plural(table.rows, "row")} · ${bytes(table.bytes)}`;
    return element(
      "li",
      { class: "table" },
      element(
        "div",
        { class: "table-head" },
        input,
        button("×", () => remove(table), { class: "remove quiet", "aria-label": "Remove this table", title: "Remove this table" }),
      ),
      problem,
      element("p", { class: "hint" }, size),
      element(
        "details",
        { open: columns.length <= 8 },
        element("summary", {}, `${count(columns.length)} column${columns.length === 1 ? "" : "s"}`),
        element("ul", { class: "schema" }, ...columns.map(([name, dtype]) => column(name, dtype))),
      ),
    );
  }

  wireFiles(send);
  wireForm(names, (name, columns) => add({ name, columns, rows: 0, bytes: 0, uploadId: null }));
  window.addEventListener("pagehide", ({ persisted }) => {
    if (persisted) return; // the reader may come back to it
    for (const { uploadId } of tables) if (uploadId !== null) removeUpload(uploadId, true);
  });

  return {
    list: () => tables,
    asked: () =>
      Object.fromEntries(
        tables.map(({ name, columns, uploadId }) => [
          name,
          uploadId === null ? { columns } : { upload_id: uploadId },
        ]),
      ),
  };
}

function column(name, dtype) {
  return element("li", {}, element("span", {}, name), " ", element("span", { class: "dtype" }, dtype));
}

function wireFiles(send) {
  const [files, drop] = [byId("files"), byId("drop")];
  byId("choose").addEventListener("click", () => files.click());
  files.addEventListener("change", () => {
    for (const file of files.files) send(file);
    files.value = "";
  });
  // Files may be let go anywhere: beside the box a browser would open them and leave the page.
  let inside = 0;
  const mark = (change) => {
    inside = change === 0 ? 0 : inside + change;
    drop.classList.toggle("over", inside > 0);
  };
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (event) => carriesFiles(event) && mark(1));
  document.addEventListener("dragleave", (event) => carriesFiles(event) && mark(-1));
  document.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    mark(0);
    for (const file of event.dataTransfer.files) send(file);
  });
}

function wireForm(names, add) {
  const [form, open, close] = [byId("describe-form"), byId("describe"), byId("describe-close")];
  const [name, columns, problem] = ["describe-name", "describe-columns", "describe-error"].map(byId);
  const show = (shown) => {
    form.hidden = !shown;
    open.setAttribute("aria-expanded", String(shown));
    (shown ? name : open).focus();
  };
  open.addEventListener("click", () => show(form.hidden));
  close.addEventListener("click", () => show(false));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const read = typedColumns(columns.value);
    problem.textContent = nameProblem(name.value, names()) || read.problem || "";
    if (problem.textContent !== "") return;
    add(name.value, read.columns);
    form.reset();
    show(false);
  });
}
