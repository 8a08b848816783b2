import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { AuthStore, SessionId, SessionRecord } from "sallyport";
import { notesOf, sendJson } from "./by-hand.ts";

/**
 * What an application writes by hand over a store of this library, and no more. The token is the bare id of the
 * session, so there is no signature to check. It refuses a session that is unknown, revoked or over and a user who is
 * not active. It says of a failure only 401 or 500.
 */
export function routesOnStore(store: AuthStore): {
  readonly own: RequestListener;
  readonly me: RequestListener;
} {
  return {
    own: behindSession(store, (response, { user }) => sendJson(response, notesOf(user.id))),
    me: behindSession(store, sendMe),
  };
}

function behindSession(
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

function isLive(found: SessionRecord | null): found is SessionRecord {
  if (!found || found.session.revokedAt || found.user.status !== "active") return false;
  const now = new Date();
  return now < found.session.expiresAt && now < found.session.idleExpiresAt;
}

/** The same JSON under the same headers as `GET /auth/me`. */
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
