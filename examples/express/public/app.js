import { call, dropToken, heldToken, holdToken } from "./api.js";
import { alertIn, announce, byId } from "./dom.js";
import { openDoor, wireDoor } from "./door.js";
import { emptyRoom, openRoom, wireRoom } from "./room.js";

// Which of the screens is open: the room for the signed-in, the door for everybody else.

wireDoor({ signedIn: enterRoom });
wireRoom({ onSessionEnd: endSession });
byId("sign-out").addEventListener("click", signOut);
byId("retry").addEventListener("click", start);
await start();

/** A token that was kept over a reload is worth what the server says it is. */
async function start() {
  if (!heldToken()) return showDoor({ form: "sign-up" });
  showWaiting("One moment", "Asking the server who you are …");
  const answer = await call("GET", "/auth/me");
  if (answer.ok) return showRoom(answer.data);
  if (answer.status === 401) return endSession(answer.problem);
  showWaiting("That did not work", answer.problem.title);
  byId("retry").hidden = false;
}

function showWaiting(title, text) {
  show("waiting");
  byId("waiting-title").textContent = title;
  byId("waiting-text").textContent = text;
  byId("retry").hidden = true;
}

async function enterRoom(answer) {
  // A gate of the library asked for a second step; this page has none.
  if (answer.status !== "signed_in") return announce("This account asks for a second step.");
  holdToken(answer);
  await showRoom(answer);
}

async function showRoom({ user, session }) {
  byId("account-email").textContent = user.email;
  show("room");
  await openRoom({ user, session });
}

async function signOut() {
  const ended = heldToken();
  const answer = await call("POST", "/auth/logout");
  // Only the server can end a session: without its word the page must not say that it is over.
  if (!answer.ok && answer.status !== 401) {
    return alertIn(byId("room-alert"), `You are still signed in. ${answer.problem.title}`);
  }
  dropToken();
  showDoor({ ended });
  byId("proof-heading").focus();
}

function endSession(problem) {
  dropToken();
  showDoor({ notice: `${problem.title} Sign in again.` });
}

function showDoor(options) {
  emptyRoom();
  openDoor(options);
  show("door");
}

/** Opens one screen, and moves the focus there unless the page has only just come up. */
function show(screen) {
  const cameFrom = document.querySelector(".screen:not([hidden])");
  for (const section of document.querySelectorAll(".screen")) section.hidden = section.id !== screen;
  announce("");
  byId("account").hidden = screen !== "room";
  document.title = screen === "room" ? "Signed in · Sallyport demo" : "Sallyport demo";
  if (cameFrom) byId(screen).querySelector("h1").focus();
}
