// The server, as any client sees it, and the token.
//
// The demo uses the library's bearer mode: the token travels in a header that no other site can make a
// browser send, so there is nothing to forge. The price is that scripts can read it. Hence sessionStorage
// (it survives a reload, ends with the tab, and other tabs do not see it) and a content security policy
// under which no script but these files ever runs.

const KEY = "sallyport-demo";

/** The token that this tab holds: `{ accessToken, expiresAt }`, or null. */
let held = JSON.parse(sessionStorage.getItem(KEY) ?? "null");

export function heldToken() {
  return held;
}

export function holdToken({ accessToken, accessTokenExpiresAt }) {
  held = { accessToken, expiresAt: accessTokenExpiresAt };
  sessionStorage.setItem(KEY, JSON.stringify(held));
}

export function dropToken() {
  held = null;
  sessionStorage.removeItem(KEY);
}

/**
 * One call. It never throws: `{ ok: true, status, data }`, or `{ ok: false, status, problem }` with the
 * server's problem details.
 */
export async function call(method, path, { body, token = held } = {}) {
  const headers = {};
  if (token) headers.authorization = `Bearer ${token.accessToken}`;
  if (body) headers["content-type"] = "application/json";
  try {
    const response = await fetch(path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
    });
    const data = response.status === 204 ? null : await response.json();
    return response.ok
      ? { ok: true, status: response.status, data }
      : { ok: false, status: response.status, problem: data };
  } catch {
    const title = "The server does not answer. Is it running?";
    return { ok: false, status: 0, problem: { code: "unreachable", title } };
  }
}
