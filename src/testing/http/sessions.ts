import assert from "node:assert/strict";
import { expectEmpty, expectJson, expectProblem, type Shape } from "./expect.ts";
import { expectRefused } from "./refused-refresh.ts";
import { UNKNOWN_ID } from "./routes.ts";
import { eventShape, ID, REFRESHED, SESSION, type SignedIn, USER } from "./shapes.ts";
import type { HttpPromises } from "./subject.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const GRACE_MS = 10_000;

const going: HttpPromises = {
  "a refresh gives the next pair of tokens of the same session": async ({ post, send, signUp }) => {
    const { refreshToken, session, user } = await signUp();
    const shape = { ...REFRESHED, user: { ...USER, id: user.id }, session: { ...SESSION, id: session.id } };
    const next = expectJson<SignedIn>(await post("/refresh", { refreshToken }), 200, { shape });
    assert.notEqual(next.refreshToken, refreshToken);
    assert.equal((await send("/me", { token: next.accessToken })).status, 200);
  },
  "a refresh that is repeated within the grace gives the same refresh token": async ({
    post,
    signUp,
    advance,
  }) => {
    const { refreshToken } = await signUp();
    const first = expectJson<SignedIn>(await post("/refresh", { refreshToken }), 200, { shape: REFRESHED });
    await advance(GRACE_MS);
    const again = expectJson<SignedIn>(await post("/refresh", { refreshToken }), 200, { shape: REFRESHED });
    assert.equal(again.refreshToken, first.refreshToken);
  },
  "a refresh token used again later ends the session": async ({ post, send, signUp, advance }) => {
    const { refreshToken } = await signUp();
    const next = JSON.parse((await post("/refresh", { refreshToken })).body) as SignedIn;
    await advance(GRACE_MS + 1);
    expectProblem(await post("/refresh", { refreshToken }), "session_revoked");
    expectRefused(await post("/refresh", { refreshToken: next.refreshToken }), "session_revoked");
    expectProblem(await send("/me", { token: next.accessToken }), "session_revoked");
  },
  "an access token ends after a day, and a refresh goes on": async ({ post, send, signUp, advance }) => {
    const { accessToken: token, refreshToken } = await signUp();
    await advance(DAY_MS);
    expectProblem(await send("/me", { token }), "token_expired");
    const next = expectJson<SignedIn>(await post("/refresh", { refreshToken }), 200, { shape: REFRESHED });
    assert.equal((await send("/me", { token: next.accessToken })).status, 200);
  },
  "a session that was not used for two weeks is over": async ({ post, signUp, advance }) => {
    const { refreshToken } = await signUp();
    await advance(14 * DAY_MS);
    expectRefused(await post("/refresh", { refreshToken }), "session_expired");
  },
};

const ending: HttpPromises = {
  "a logout takes the refresh token instead": async ({ post, send, signUp }) => {
    const { accessToken: token, refreshToken } = await signUp();
    expectEmpty(await post("/logout", { refreshToken }), 204);
    expectProblem(await send("/me", { token }), "session_revoked");
  },
  "a logout works with a token that has expired, and twice": async ({ post, send, signUp, advance }) => {
    const { accessToken: token, refreshToken } = await signUp();
    await advance(DAY_MS + HOUR_MS);
    for (const _ of [1, 2]) expectEmpty(await send("/logout", { method: "POST", token }), 204);
    expectRefused(await post("/refresh", { refreshToken }), "session_revoked");
  },
  "a logout says nothing of a body: with a token in its header none is read": async ({
    send,
    post,
    signUp,
    logIn,
  }) => {
    await signUp();
    // A client that always sends a content type: there is nothing to parse, and nothing wrong.
    const json = { "content-type": "application/json" };
    const { accessToken: first } = await logIn();
    expectEmpty(await send("/logout", { method: "POST", token: first, headers: json }), 204);
    const { accessToken: second } = await logIn();
    expectEmpty(await post("/logout", {}, { token: second }), 204);
  },
  "a logout without a token, or with a forged one, is refused": async ({ send, post }) => {
    expectProblem(await send("/logout", { method: "POST" }), "token_missing");
    const json = { "content-type": "application/json" };
    expectProblem(await send("/logout", { method: "POST", headers: json }), "token_missing");
    expectProblem(await send("/logout", { method: "POST", token: "forged" }), "invalid_token");
    expectProblem(await post("/logout", { refreshToken: "forged" }), "invalid_token");
  },
  "one session is ended by its id, and the others live on": async ({ send, signUp, logIn }) => {
    const { accessToken: token } = await signUp();
    const { session, accessToken: ended } = await logIn();
    expectEmpty(await send(`/sessions/${session.id}`, { method: "DELETE", token }), 204);
    expectProblem(await send("/me", { token: ended }), "session_revoked");
    assert.equal((await send("/me", { token })).status, 200);
  },
  "a session of another user is not found, nor one's own in another spelling": async ({ send, signUp }) => {
    const ada = await signUp();
    const eve = await signUp("eve@example.com");
    const ids = [
      ada.session.id,
      UNKNOWN_ID,
      "x",
      eve.session.id.toUpperCase(),
      "{id}",
      "%7Bid%7D",
      "%",
      "%2e%2e",
      "..",
      "a".repeat(300),
    ];
    for (const id of ids) {
      const answer = await send(`/sessions/${id}`, { method: "DELETE", token: eve.accessToken });
      expectProblem(answer, "not_found");
    }
    for (const token of [ada.accessToken, eve.accessToken])
      assert.equal((await send("/me", { token })).status, 200);
  },
  "ending all other sessions ends none of another user": async ({ send, signUp }) => {
    const ada = await signUp();
    const eve = await signUp("eve@example.com");
    const answer = await send("/sessions", { method: "DELETE", token: eve.accessToken });
    expectJson(answer, 200, { shape: { revoked: 0 } });
    assert.equal((await send("/me", { token: ada.accessToken })).status, 200);
  },
  "all other sessions are ended at once, and counted": async ({ send, signUp, logIn }) => {
    const { accessToken: token } = await signUp();
    const others = [await logIn(), await logIn()];
    const answer = await send("/sessions", { method: "DELETE", token });
    expectJson(answer, 200, { shape: { revoked: 2 } });
    for (const { accessToken } of others)
      expectProblem(await send("/me", { token: accessToken }), "session_revoked");
    expectJson(await send("/sessions", { method: "DELETE", token }), 200, { shape: { revoked: 0 } });
  },
};

const seeing: HttpPromises = {
  "the list of sessions is newest first, and marks the current one": async ({ send, signUp, logIn }) => {
    const first = await signUp();
    const second = await logIn();
    const listed = (id: string, current: boolean): Shape => ({ ...SESSION, id, current });
    const sessions = [listed(second.session.id, false), listed(first.session.id, true)];
    expectJson(await send("/sessions", { token: first.accessToken }), 200, { shape: { sessions } });
  },
  "the audit trail is one's own, newest first, and comes in pages": async ({ post, send, signUp }) => {
    const { accessToken: token } = await signUp();
    await post("/login", { email: "ada@example.com", password: "Wrong1password" });
    await signUp("eve@example.com");
    const events = [eventShape("login", "failure", "wrong_password"), eventShape("signup", "success", null)];
    expectJson(await send("/events", { token }), 200, { shape: { events, nextCursor: null } });
    const page = { shape: { events: events.slice(0, 1), nextCursor: ID } };
    const first = expectJson<{ nextCursor: string }>(await send("/events?limit=1", { token }), 200, page);
    const next = await send(`/events?limit=1&cursor=${first.nextCursor}`, { token });
    const { events: rest } = JSON.parse(next.body);
    assert.deepEqual(
      rest.map(({ type }: { readonly type: string }) => type),
      ["signup"],
    );
  },
  "a token that was overtaken twice within the grace ends nothing": async ({ post, send, signUp }) => {
    const { refreshToken: slow, accessToken: token } = await signUp();
    const { refreshToken } = JSON.parse((await post("/refresh", { refreshToken: slow })).body);
    await post("/refresh", { refreshToken });
    expectRefused(await post("/refresh", { refreshToken: slow }), "invalid_token");
    assert.equal((await send("/me", { token })).status, 200);
  },
  "a forged refresh token costs its sender a point": async ({ post }) => {
    expectRefused(await post("/refresh", { refreshToken: "forged" }), "invalid_token");
  },
};

/** What begins with a sign-in: going on with a session, ending it, seeing all of them. */
export const sessionPromises: HttpPromises = { ...going, ...ending, ...seeing };
