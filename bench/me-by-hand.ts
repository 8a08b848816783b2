import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { AuthStore, SessionId, SessionRecord } from "sallyport";

/**
 * What an application writes by hand before one of its routes, and no more. The token is the bare id of the
 * session, so there is no signature to check. It looks the row up with the same store, and refuses a session that
 * is unknown, revoked or over and a user who is not active. It says of a failure only 401 or 500.
 */
export function behindSessionByHand(
  store: AuthStore,
  answer: (response: ServerResponse, found: SessionRecord) => void,
): RequestListener {
  return (request, response) => {
    sessionOf(store, request).then(
      (found) => (isLive(found) ? answer(response, found) : response.writeHead(401).end()),
      () => response.writeHead(500).end(),
    );
  };
}

function sessionOf(store: AuthStore, request: IncomingMessage): Promise<SessionRecord | null> {
  const id = request.headers.authorization?.slice("Bearer ".length) ?? "";
  return store.sessions.find(id as SessionId);
}

/**
 * The same in place of `GET /auth/me`: the same JSON under the same headers.
 *
 * It has one route, and that one only without a query. It knows neither HEAD, OPTIONS nor 405, reads no body
 * and never finds the client's address.
 */
export function meByHand(store: AuthStore): RequestListener {
  const behindSession = behindSessionByHand(store, sendMe);
  return (request, response) => {
    if (request.method !== "GET" || request.url !== "/auth/me") return void response.writeHead(404).end();
    behindSession(request, response);
  };
}

function isLive(found: SessionRecord | null): found is SessionRecord {
  if (!found || found.session.revokedAt || found.user.status !== "active") return false;
  const now = new Date();
  return now < found.session.expiresAt && now < found.session.idleExpiresAt;
}

function sendMe(response: ServerResponse, { session, user }: SessionRecord): void {
  const body = JSON.stringify({
    user: {
      id: user.id,
      email: user.email,
      emailVerified: user.emailVerifiedAt !== null,
      createdAt: user.createdAt,
      lastLoginAt: user.lastLoginAt,
    },
    session: {
      id: session.id,
      createdAt: session.createdAt,
      expiresAt: session.expiresAt,
      ip: session.ip,
      userAgent: session.userAgent,
      amr: session.amr,
    },
  });
  response
    .writeHead(200, {
      "content-type": "application/json",
      "cache-control": "no-store",
      "content-length": Buffer.byteLength(body),
      "x-content-type-options": "nosniff",
    })
    .end(body);
}
