import { isOver, outcomeOf } from "./auth.js";
import { toMinute } from "./describe.js";
import { alertIn, announce, byId, make } from "./dom.js";
import { emptyNotes, showNotes, wireNotes } from "./notes.js";
import { emptyPassword, wirePassword } from "./password.js";
import { emptySessions, showSessions, wireSessions } from "./sessions.js";
import { emptyTimeline, showTimeline, wireTimeline } from "./timeline.js";

// What the signed-in see: who they are, their sessions, their notes, their password and their audit trail.

let userId = null;
let sessionEnded = () => {};

export function wireRoom({ onSessionEnd }) {
  sessionEnded = onSessionEnd;
  const room = { ask, askAloud, complain, trailChanged: () => showTimeline() };
  wireSessions(room);
  wireNotes(room);
  wirePassword(room);
  wireTimeline(room);
  byId("refresh").addEventListener("click", async () => {
    if (await showLists()) announce("Everything is up to date.");
  });
}

/** Fills the room for the user whom `GET /web/auth/me` named. */
export async function openRoom({ user, session }) {
  userId = user.id;
  showMe(user, session);
  await showLists();
}

/** Leaves nothing of one user for the next. */
export function emptyRoom() {
  userId = null;
  byId("me").replaceChildren();
  byId("account-email").textContent = "";
  alertIn(byId("room-alert"), null);
  emptySessions();
  emptyNotes();
  emptyPassword();
  emptyTimeline();
}

/** A call for the user who is in the room. `problem` is null when the room has dealt with it. */
async function ask(call) {
  const asker = userId;
  const answer = await outcomeOf(call);
  // The client empties the room before its answer is here, which says why.
  if (answer.problem && isOver(answer.problem)) sessionEnded(answer.problem);
  // What else comes back after they left is dropped.
  else if (asker === userId && answer.problem?.code !== "session_changed") return answer;
  return { ok: false, problem: null };
}

/** The same where no form shows what went wrong. */
async function askAloud(call) {
  const answer = await ask(call);
  if (answer.problem) complain(answer.problem);
  return answer;
}

function complain({ message }) {
  alertIn(byId("room-alert"), `${message} You are still signed in.`);
}

/** Whether all of it came. */
async function showLists() {
  alertIn(byId("room-alert"), null);
  // One alone at first: the answer that a session is over ends its cookies, and calls beside it could not say why.
  if (!(await showSessions())) return false;
  const shown = await Promise.all([showNotes(userId), showTimeline()]);
  return shown.every(Boolean);
}

function showMe(user, session) {
  const facts = [
    ["Email", ...breakableEmail(user.email)],
    ["User id", make("code", { textContent: user.id })],
    ["Signed in", toMinute(session.createdAt)],
    ["Session ends", `${toMinute(session.expiresAt)}, or when you sign out`],
  ];
  byId("password-owner").value = user.email; // password managers ask whose it is
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
