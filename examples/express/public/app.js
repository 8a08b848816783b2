import { auth, isOver, onChange, outcomeOf, settled } from "./auth.js";
import { alertIn, byId } from "./dom.js";
import { openDoor, wireDoor } from "./door.js";
import { emptyRoom, openRoom, wireRoom } from "./room.js";
import { openScreen } from "./screens.js";

// Decides which screen is open: the room for a signed-in user, the door for all others. The client's `onChange` opens
// them, so a sign-in in another tab works like one in this tab.

const ENDED = {
  session_revoked: "A sign-out from another browser or a password change ended this session. Sign in again.",
  session_expired: "This session has expired. Sign in again.",
  token_missing: "This browser no longer has a session. Sign in again.",
  invalid_token: "The server no longer knows a session of this browser. Sign in again.",
};
const ANOTHER_TAB = "You signed out in another tab of this browser.";

/** The user and session of the open room: `{ userId, sessionId }`, or null. */
let inside = null;
/** Whether the door already explains why it is open. */
let explained = true;
let turns = 0;

wireDoor();
wireRoom({ onSessionEnd: endSession });
onChange(follow);
byId("sign-out").addEventListener("click", signOut);
byId("retry").addEventListener("click", async () => {
  byId("waiting-title").focus(); // the button is removed
  await start();
});
// The page notices a session that was ended elsewhere when the user returns to it.
globalThis.addEventListener("focus", lookAgain);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && lookAgain());
globalThis.addEventListener("online", () => (inside ? lookAgain() : byId("waiting").hidden || start()));
// The browser may keep the whole page for its back button, and another person may press it.
globalThis.addEventListener("pagehide", () => leave({}, "waiting"));
globalThis.addEventListener("pageshow", (event) => event.persisted && start());
await start();

/** Asks the server, because the client may remember an old state. */
async function start() {
  const before = auth.state();
  if (before === "signed_out") return leave({});
  showWaiting("One moment", "Asking the server whether you are signed in …");
  await enter({ isFirstVisit: before === "unknown" });
}

async function enter({ isFirstVisit = false } = {}) {
  const turn = ++turns;
  const { ok, data, problem } = await outcomeOf(auth.me());
  // A later call, a sign-in or a sign-out came first. The client reports those itself.
  if (turn !== turns || problem?.code === "session_changed") return;
  if (ok) return showRoom(data);
  if (isOver(problem)) return leave(isFirstVisit ? { form: "sign-up" } : { notice: ENDED[problem.code] });
  // The server did not say that the session is over, so the user stays signed in.
  if (inside) return alertIn(byId("room-alert"), `${problem.message} You are still signed in.`);
  showWaiting("That did not work", `${problem.message} If you were signed in, you still are.`);
  byId("retry").hidden = false;
}

async function lookAgain() {
  if (inside) await enter();
}

async function follow(state) {
  if (state === "signed_in") return enter();
  if (!byId("door").hidden) return;
  // Immediately, because no private data may stay. The answer to a call of this tab may explain it later.
  explained = false;
  if (inside) showDoor({});
  await settled();
  if (!explained && !inside) leave({ notice: ANOTHER_TAB });
}

async function showRoom({ user, session }) {
  alertIn(byId("room-alert"), null);
  const before = inside;
  if (before?.userId === user.id && before.sessionId === session.id) return;
  // After a password change, the same user has a new session, so the room is not emptied.
  if (before?.userId !== user.id) emptyRoom();
  inside = { userId: user.id, sessionId: session.id };
  byId("account-email").textContent = user.email;
  show("room");
  await openRoom({ user, session });
}

function showWaiting(title, text) {
  show("waiting");
  byId("waiting-title").textContent = title;
  byId("waiting-text").textContent = text;
  byId("retry").hidden = true;
}

async function signOut() {
  const { ok, problem } = await outcomeOf(auth.logout());
  if (ok) return leave({ proof: true });
  // Only the server can end a session. Without its answer, the page must not claim that it is over.
  alertIn(byId("room-alert"), `You are still signed in. ${problem.message}`);
}

/** Called when the server answered a call that its session is over. */
async function endSession({ code }) {
  // An earlier session: the user has signed in again, or the next answer is different.
  if (auth.state() === "signed_in") return enter();
  if (inside || !explained) leave({ notice: ENDED[code] });
}

/** Empties the room and explains it at the door, for a caller that knows the reason. */
function leave(options, screen = "door") {
  explained = true;
  turns += 1;
  showDoor(options, screen);
}

function showDoor(options, screen = "door") {
  inside = null;
  emptyRoom();
  const heading = openDoor(options);
  show(screen);
  heading?.focus();
}

function show(screen) {
  if (!openScreen(screen)) return;
  byId("account").hidden = screen !== "room";
  document.title = screen === "room" ? "Signed in · Sallyport demo" : "Sallyport demo";
}
