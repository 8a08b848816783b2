import { byId, make } from "./dom.js";

// The proof of a sign-out. The page never had the token, so it cannot try it. It shows the server's answer to this
// browser, what that does not prove, and how to prove it with a copy of the cookie.

const COOKIE = location.protocol === "https:" ? "__Host-sp-access" : "sp-access";

const UNREACHABLE = { status: 0, code: "unreachable", title: "The server cannot be reached." };

export function wireProof() {
  byId("ask-server").addEventListener("click", askServer);
  byId("proof-cookie").textContent = COOKIE;
  byId("proof-command").textContent =
    `curl -i ${location.origin}/web/auth/me \\\n  -H 'cookie: ${COOKIE}=PASTE_IT_HERE'`;
}

/** Returns the heading, to be read first. */
export function showProof() {
  byId("proof").hidden = false;
  return byId("proof-heading");
}

export function hideProof() {
  byId("proof").hidden = true;
  byId("proof-answer").replaceChildren();
  byId("proof-copy").open = false;
}

async function askServer() {
  // Not by the client: it knows that no user is signed in, and asks in a way that is answered without a refusal.
  const response = await fetch("/web/auth/me").catch(() => null);
  if (response?.ok) return; // a user has signed in meanwhile; the client reports it
  const problem = response ? await response.json() : UNREACHABLE;
  byId("proof-answer").replaceChildren(
    make("p", { className: "verdict" }, [
      make("code", { textContent: "GET /web/auth/me" }),
      make("strong", { textContent: problem.status || "No answer" }),
      make("code", { textContent: problem.code }),
    ]),
    make("p", { textContent: verdictOn(problem) }),
  );
}

function verdictOn({ status, title }) {
  if (status !== 401) return title;
  return "The server does not know this browser any more. The browser has no cookie now, so this does not prove anything about a copy.";
}
