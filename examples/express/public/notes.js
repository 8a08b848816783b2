import { callApi } from "./auth.js";
import { announce, byId, make } from "./dom.js";
import { handleForm, resetForm } from "./forms.js";

// The application's own data: notes that belong to one user.

let room;
let path = "";

export function wireNotes(wired) {
  room = wired;
  handleForm(byId("add-note"), {
    send: (body) => room.ask(callApi("POST", path, body)),
    done: ({ note }) => {
      byId("notes").prepend(noteRow(note));
      showIfEmpty();
      byId("note-text").focus();
      announce("Note added.");
    },
  });
}

export async function showNotes(userId) {
  path = `/web/api/users/${userId}/notes`;
  const { ok, data } = await room.askAloud(callApi("GET", path));
  if (ok) {
    byId("notes").replaceChildren(...data.notes.map(noteRow));
    showIfEmpty();
  }
  return ok;
}

export function emptyNotes() {
  path = "";
  byId("notes").replaceChildren();
  byId("notes-empty").hidden = true;
  resetForm(byId("add-note"));
}

function noteRow(note) {
  const remove = make("button", { className: "button quiet small", type: "button", textContent: "Delete" });
  remove.setAttribute("aria-label", `Delete note: ${note.text.slice(0, 60)}`);
  const row = make("li", { className: "row note" }, [
    make("p", { className: "row-words", textContent: note.text }),
    remove,
  ]);
  remove.addEventListener("click", () => removeNote(note, row));
  return row;
}

async function removeNote(note, row) {
  const { ok } = await room.askAloud(callApi("DELETE", `${path}/${note.id}`));
  if (!ok) return;
  const neighbour = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("button");
  row.remove();
  (neighbour ?? byId("note-text")).focus();
  showIfEmpty();
  announce("Note deleted.");
}

function showIfEmpty() {
  byId("notes-empty").hidden = byId("notes").firstChild !== null;
}
