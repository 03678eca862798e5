// Where a person gives the service's token. It lives in this tab's session and nowhere else.

import { token } from "./api.js";
import { byId } from "./dom.js";

const WHY = "This service may ask for a token. It is kept in this tab only, and forgotten when you close it.";
const REFUSED = "The service asks for a token, or refused this one. It is kept in this tab only.";

/** Returns a function that opens the dialog because of a refusal. */
export function tokenDialog() {
  const dialog = byId("token-dialog");
  const field = byId("token");
  const open = (why) => {
    byId("token-why").textContent = why;
    field.value = token.get();
    if (!dialog.open) dialog.showModal();
    field.focus();
  };
  byId("open-token").addEventListener("click", () => open(WHY));
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "use") token.set(field.value.trim());
    if (dialog.returnValue === "forget") token.set("");
    dialog.returnValue = "";
    field.value = "";
  });
  return () => open(REFUSED);
}
