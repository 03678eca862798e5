// The service, as the page uses it. Addresses are relative, so that a proxy may add a prefix.

import { events } from "./events.js";

const KEPT = "darkwood-token";

/** What went wrong between here and the service; `status` is HTTP's, 0 where no answer came. */
export class ServiceError extends Error {
  constructor(status, message, retryAfter = null) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export const token = {
  get: () => sessionStorage.getItem(KEPT) ?? "",
  set: (text) => (text === "" ? sessionStorage.removeItem(KEPT) : sessionStorage.setItem(KEPT, text)),
};

/** What /readyz says: {status, model, prompt_variant, isolation_level}; or {status: "unreachable"}. */
export async function readiness() {
  try {
    return await (await fetch("readyz", { cache: "no-store" })).json();
  } catch {
    return { status: "unreachable" };
  }
}

/** The upload's description. `onProgress` is given the share sent so far, 0 to 1. fetch does not
 *  tell how much of a body has been sent; XMLHttpRequest does. */
export function upload(file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "v1/uploads");
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const { status, responseText } = request;
      if (status >= 200 && status < 300) resolve(JSON.parse(responseText));
      else reject(refusal(status, responseText, request.getResponseHeader("Retry-After")));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("given up", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  });
}

/** `last`: the page is going away, so the request must outlive it. */
export async function removeUpload(id, last = false) {
  const address = `v1/uploads/${encodeURIComponent(id)}`;
  await fetch(address, { method: "DELETE", headers: authorization(), keepalive: last }).catch(
    () => {}, // it expires by itself
  );
}

/** Yields {stage, attempt} as the service works, and returns its answer. */
export async function* query(question, signal) {
  const reply = await asked(question, signal);
  try {
    for await (const { event, data } of events(reply.body)) {
      if (event === "progress") yield JSON.parse(data);
      if (event === "answer") return JSON.parse(data);
      if (event === "error") throw new ServiceError(reply.status, detail(data));
    }
  } catch (error) {
    if (error instanceof ServiceError || error.name === "AbortError") throw error;
    throw unreachable();
  }
  throw new ServiceError(0, "The service ended the connection before it had answered.");
}

async function asked(question, signal) {
  let reply;
  try {
    reply = await fetch("v1/query", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "text/event-stream",
        ...authorization(),
      },
      body: JSON.stringify(question),
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw unreachable();
  }
  if (!reply.ok) throw refusal(reply.status, await reply.text(), reply.headers.get("Retry-After"));
  return reply;
}

function authorization() {
  return token.get() === "" ? {} : { Authorization: `Bearer ${token.get()}` };
}

function refusal(status, body, retryAfter) {
  const wait = Number(retryAfter);
  const text = detail(body) || `The service refused (HTTP ${status}).`;
  return new ServiceError(status, text, retryAfter !== null && wait > 0 ? wait : null);
}

function unreachable() {
  return new ServiceError(0, "The service cannot be reached. Is it still running?");
}

// FastAPI's two forms: one sentence, or a list of fields and what is wrong with each.
function detail(body) {
  try {
    const said = JSON.parse(body).detail;
    if (typeof said === "string") return said;
    if (Array.isArray(said)) return said.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`).join("; ");
  } catch {
    // not JSON: a proxy's page, say
  }
  return "";
}
