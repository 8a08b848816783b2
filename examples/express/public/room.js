import { auth, isOver, outcomeOf } from "./auth.js";
import { toMinute } from "./describe.js";
import { alertIn, announce, byId, make } from "./dom.js";
import { emptyNotes, showNotes, wireNotes } from "./notes.js";
import { emptyPassword, wirePassword } from "./password.js";
import { emptySessions, showSessions, wireSessions } from "./sessions.js";
import { emptyTimeline, showTimeline, wireTimeline } from "./timeline.js";
import { emptyVerify, showVerify, wireVerify } from "./verify.js";

// The screen for a signed-in user: account, sessions, notes, password and audit trail.

let userId = null;
let sessionEnded = () => {};

export function wireRoom({ onSessionEnd }) {
  sessionEnded = onSessionEnd;
  const room = { ask, askAloud, complain, showMe, trailChanged: () => showTimeline() };
  wireSessions(room);
  wireNotes(room);
  wirePassword(room);
  wireTimeline(room);
  wireVerify(room);
  byId("refresh").addEventListener("click", async () => {
    if (await showLists()) announce("Everything is up to date.");
  });
}

/** Fills the room for the user from `GET /web/auth/me`. */
export async function openRoom({ user, session }) {
  userId = user.id;
  showMe({ user, session });
  await showLists();
}

/** Removes all data of one user before the next. */
export function emptyRoom() {
  userId = null;
  byId("me").replaceChildren();
  byId("account-email").textContent = "";
  alertIn(byId("room-alert"), null);
  emptySessions();
  emptyNotes();
  emptyPassword();
  emptyTimeline();
  emptyVerify();
}

/** A call for the user of the room. `problem` is null if the room has handled it. */
async function ask(call) {
  const asker = userId;
  const answer = await outcomeOf(call);
  // The client empties the room before the answer arrives. The answer has the reason.
  if (answer.problem && isOver(answer.problem)) sessionEnded(answer.problem);
  // Other late answers are dropped after the user left.
  else if (asker === userId && answer.problem?.code !== "session_changed") return answer;
  return { ok: false, problem: null };
}

/** The same, for calls without a form that shows the problem. */
async function askAloud(call) {
  const answer = await ask(call);
  if (answer.problem) complain(answer.problem);
  return answer;
}

function complain({ message }) {
  alertIn(byId("room-alert"), `${message} You are still signed in.`);
}

/** Whether all lists arrived. */
async function showLists() {
  alertIn(byId("room-alert"), null);
  // First one call alone: if the session is over, its answer deletes the cookies. Parallel calls would not know why.
  if (!(await showSessions())) return false;
  const shown = await Promise.all([showNotes(userId), showTimeline()]);
  return shown.every(Boolean);
}

function showMe({ user, session }) {
  const facts = [
    ["Email", ...breakableEmail(user.email), ...verification(user)],
    ["User id", make("code", { textContent: user.id })],
    ["Signed in", toMinute(session.createdAt)],
    ["Session ends", `${toMinute(session.expiresAt)}, or when you sign out`],
  ];
  showVerify(user);
  byId("password-owner").value = user.email; // password managers need the user name
  byId("me").replaceChildren(
    ...facts.map(([name, ...value]) =>
      make("div", {}, [make("dt", { textContent: name }), make("dd", {}, value)]),
    ),
  );
}

/** A long address may continue on the next line, but must not break within a word. */
function breakableEmail(email) {
  const at = email.lastIndexOf("@");
  return [email.slice(0, at), make("wbr"), email.slice(at)];
}

/** Whether the mailbox was proven. A server without mail cannot know. */
function verification({ emailVerified }) {
  if (!auth.mail) return [];
  const badge = emailVerified ? ["badge", "Verified"] : ["badge bad", "Not verified"];
  return [" ", make("span", { className: badge[0], textContent: badge[1] })];
}
