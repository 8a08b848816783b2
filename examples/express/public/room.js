import { call } from "./api.js";
import { describeBrowser, describeEvent, toMinute, toSecond } from "./describe.js";
import { alertIn, announce, byId, make } from "./dom.js";
import { handleForm, resetForm } from "./forms.js";

// What the signed-in see: who they are, their sessions, their audit trail and their notes.

const EVENTS_ON_A_PAGE = 8;

let userId = null;
let nextCursor = null;
let sessionEnded = () => {};

export function wireRoom({ onSessionEnd }) {
  sessionEnded = onSessionEnd;
  handleForm(byId("add-note"), {
    send: (body) => ask("POST", notesPath(), { body }),
    done: ({ note }) => {
      byId("notes").querySelector(".empty")?.remove();
      byId("notes").prepend(noteRow(note));
      byId("note-text").focus();
      announce("Note added.");
    },
  });
  byId("refresh").addEventListener("click", async () => {
    if (await showLists()) announce("Everything is up to date.");
  });
  byId("older-events").addEventListener("click", showOlderEvents);
}

/** Fills the room for the user whom `GET /auth/me` named. */
export async function openRoom({ user, session }) {
  userId = user.id;
  showMe(user, session);
  await showLists();
}

/** Leaves nothing of one user for the next. */
export function emptyRoom() {
  userId = null;
  nextCursor = null;
  for (const id of ["me", "sessions", "notes", "events"]) byId(id).replaceChildren();
  resetForm(byId("add-note"));
}

/** A call for the user who is in the room; what comes back after they left is dropped. */
async function ask(method, path, options) {
  const asker = userId;
  const answer = await call(method, path, options);
  if (asker !== userId) return { ok: false, problem: { title: "" } };
  if (answer.status === 401) sessionEnded(answer.problem);
  return answer;
}

/** The same where no form shows what went wrong. */
async function askAloud(method, path) {
  const answer = await ask(method, path);
  if (!answer.ok) alertIn(byId("room-alert"), answer.problem.title);
  return answer;
}

function showMe(user, session) {
  const facts = [
    ["Email", ...breakableEmail(user.email)],
    ["User id", make("code", { textContent: user.id })],
    ["Account since", toMinute(user.createdAt)],
    ["Signed in", toMinute(session.createdAt)],
    ["Session ends", `${toMinute(session.expiresAt)} at the latest, or when you sign out`],
  ];
  byId("me").replaceChildren(
    ...facts.map(([name, ...value]) =>
      make("div", {}, [make("dt", { textContent: name }), make("dd", {}, value)]),
    ),
  );
}

/** A long address may go on in the next line, but not in the middle of a word. */
function breakableEmail(email) {
  const at = email.lastIndexOf("@");
  return [email.slice(0, at), make("wbr"), email.slice(at)];
}

/** Whether all of it came. */
async function showLists() {
  alertIn(byId("room-alert"), null);
  const shown = await Promise.all([showSessions(), showNotes(), showEvents()]);
  return shown.every(Boolean);
}

async function showSessions() {
  const { ok, data } = await askAloud("GET", "/auth/sessions");
  if (ok) byId("sessions").replaceChildren(...data.sessions.map(sessionRow));
  return ok;
}

function sessionRow({ current, ip, userAgent, createdAt }) {
  const title = make("p", {
    className: "row-title",
    textContent: describeBrowser(userAgent),
    title: userAgent ?? "",
  });
  if (current) title.append(make("span", { className: "badge", textContent: "This one" }));
  const since = make("time", { dateTime: createdAt, textContent: toMinute(createdAt) });
  return make("li", {}, [
    title,
    make("p", { className: "row-detail" }, [`${ip ?? "No address"} · since `, since]),
  ]);
}

async function showEvents() {
  const { ok, data } = await askAloud("GET", `/auth/events?limit=${EVENTS_ON_A_PAGE}`);
  if (ok) {
    byId("events").replaceChildren(...data.events.map(eventRow));
    rememberPage(data);
  }
  return ok;
}

async function showOlderEvents() {
  const { ok, data } = await askAloud("GET", `/auth/events?limit=${EVENTS_ON_A_PAGE}&cursor=${nextCursor}`);
  if (!ok) return;
  const rows = data.events.map(eventRow);
  byId("events").append(...rows);
  rememberPage(data);
  if (data.nextCursor === null) rows.at(-1)?.focus(); // the button is gone, and the focus with it
}

function rememberPage(page) {
  nextCursor = page.nextCursor;
  byId("older-events").hidden = nextCursor === null;
}

function eventRow(event) {
  const { title, tone } = describeEvent(event);
  return make("li", { tabIndex: -1, dataset: { tone } }, [
    make("p", { className: "row-title", textContent: title }),
    make("p", { className: "row-detail" }, [
      make("time", { dateTime: event.occurredAt, textContent: toSecond(event.occurredAt) }),
      ` · ${event.ip ?? "No address"} · `,
      make("span", { textContent: describeBrowser(event.userAgent), title: event.userAgent ?? "" }),
    ]),
  ]);
}

async function showNotes() {
  const { ok, data } = await askAloud("GET", notesPath());
  if (ok) {
    byId("notes").replaceChildren(...data.notes.map(noteRow));
    showIfEmpty();
  }
  return ok;
}

function noteRow(note) {
  const remove = make("button", { className: "button quiet small", type: "button", textContent: "Delete" });
  remove.setAttribute("aria-label", `Delete note: ${note.text.slice(0, 60)}`);
  const row = make("li", { className: "note" }, [make("p", { textContent: note.text }), remove]);
  remove.addEventListener("click", () => removeNote(note, row));
  return row;
}

async function removeNote(note, row) {
  const { ok } = await askAloud("DELETE", `${notesPath()}/${note.id}`);
  if (!ok) return;
  const neighbour = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("button");
  row.remove();
  (neighbour ?? byId("note-text")).focus();
  showIfEmpty();
  announce("Note deleted.");
}

function showIfEmpty() {
  const list = byId("notes");
  if (!list.firstChild)
    list.append(
      make("li", { className: "row-detail empty", textContent: "No notes yet. Nobody else can read them." }),
    );
}

function notesPath() {
  return `/api/users/${userId}/notes`;
}
