import { AuthProblem, createAuthClient, isAuthProblem } from "./client.js";
import { delivery, mail } from "./setup.js";

// Calls the server with `sallyport/client` in cookie mode. The tokens are in cookies that no script can read. This page
// knows only the user of a session and when its access token expires.

let tell = () => {};

export const auth = createAuthClient({
  basePath: "/web/auth",
  transport: "cookie",
  onChange: (state) => tell(state),
  ...(mail && { features: { mail: mail() } }),
});

/** Shows what belongs to the mail of this server: each element names in `data-delivery` where it is shown. */
export function showDelivery() {
  for (const element of document.querySelectorAll("[data-delivery]")) {
    element.hidden = !element.dataset.delivery.split(" ").includes(delivery);
  }
}

/** Called when the signed-in user changes, in this tab or another. */
export function onChange(listener) {
  tell = listener;
}

const OVER = ["token_missing", "invalid_token", "session_revoked", "session_expired"];

/** Whether the server said that there is no session. `invalid_credentials` is 401 too, but does not say that. */
export function isOver(problem) {
  return OVER.includes(problem.code);
}

const underWay = new Set();

/** The result of a call: `{ ok: true, data }`, or `{ ok: false, problem }`. */
export async function outcomeOf(call) {
  underWay.add(call);
  try {
    return { ok: true, data: await call };
  } catch (problem) {
    if (!isAuthProblem(problem)) throw problem;
    return { ok: false, problem };
  } finally {
    underWay.delete(call);
  }
}

/** Resolves after all calls and their callers are done: one of them may know why a session ended. */
export async function settled() {
  await Promise.allSettled(underWay);
  await new Promise((resolve) => setTimeout(resolve));
}

/** Calls one of the application's own routes. Its problems have the library's format. */
export async function callApi(method, path, body) {
  const response = await auth
    .fetch(path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    })
    .catch((error) => {
      if (isAuthProblem(error)) throw error;
      throw new AuthProblem({ code: "unreachable", status: 0, title: "The server cannot be reached." });
    });
  if (response.status === 204) return null;
  const data = await response.json().catch(() => null);
  if (response.ok && data) return data;
  const unexpected = { code: "unexpected_answer", title: "The answer did not come from this server." };
  throw new AuthProblem({ ...unexpected, ...data, status: response.status });
}
