import type { AuthErrorCode } from "../../errors.ts";
import type { Answer } from "../http/call.ts";
import { ACCESS } from "../http/set-cookie.ts";
import {
  expectServed,
  type GuardPromises,
  type Guards,
  type GuardToOpen,
  type SignedInUser,
} from "./guarded.ts";

const DAY = 86_400_000;

/** What a guard makes of each request: both kinds, in one table. */
export const tablePromises: GuardPromises = {
  ...ofKind("required"),
  ...ofKind("optional"),
};

function ofKind(kind: "required" | "optional"): GuardPromises {
  const named = (promise: string): string => `${kind}: ${promise}`;
  return {
    [named("a signed-in user passes, and the route knows their email")]: (guards) =>
      ownUser(guards, { kind }),
    [named("without a token no user is signed in")]: (guards) => noToken(guards, { kind }),
    [named("a forged token, and one that comes twice, sign no user in")]: (guards) =>
      forged(guards, { kind }),
    [named("an expired token, and that of an ended session, sign no user in")]: (guards) =>
      ended(guards, { kind }),
    [named("another site is refused in cookie mode, signed in or not")]: (guards) =>
      otherSite(guards, { kind }),
    [named("tokens by two transports are not told apart")]: (guards) => twoTransports(guards, { kind }),
    [named("without the store there is no verdict")]: (guards) => noStore(guards, { kind }),
  };
}

/** No user is signed in: what a required guard refuses with this code, an optional one serves as a stranger. */
function expectStranger(
  guards: Guards,
  { kind }: GuardToOpen,
  answer: Answer,
): (code: AuthErrorCode) => void {
  return (code) => {
    if (kind === "optional") expectServed(answer, null);
    else guards.expectRefused(answer, code);
  };
}

async function ownUser(guards: Guards, guard: GuardToOpen): Promise<void> {
  await guards.behind(guard, async ({ ask, signUp }) => {
    for (const user of [await signUp(), await signUp("eve@example.com")]) {
      expectServed(await ask({ headers: user.headers }), user);
      expectServed(await ask({ method: "POST", headers: user.writing }), user);
    }
  });
}

async function noToken(guards: Guards, guard: GuardToOpen): Promise<void> {
  const { origin } = guards;
  await guards.behind(guard, async ({ ask, signUp }) => {
    await signUp();
    const absent =
      origin === undefined
        ? [{}, { authorization: "" }, { authorization: "Basic YTpi" }, { cookie: `${ACCESS}=x` }]
        : [{}, { cookie: "" }, { cookie: "a=b" }, { cookie: `${ACCESS}=` }];
    for (const headers of absent) expectStranger(guards, guard, await ask({ headers }))("token_missing");
  });
}

async function forged(guards: Guards, guard: GuardToOpen): Promise<void> {
  const forge = guards.origin === undefined ? forgedHeaders : forgedCookies;
  await guards.behind(guard, async ({ ask, signUp }) => {
    for (const headers of forge(await signUp()))
      expectStranger(guards, guard, await ask({ headers }))("invalid_token");
  });
}

type Lines = Readonly<Record<string, string | readonly string[]>>;

function forgedHeaders({ headers: { authorization = "" } }: SignedInUser): readonly Lines[] {
  const texts = ["Bearer forged", "Bearer", `${authorization}=`, authorization.slice(0, -1)];
  return [...texts, [authorization, authorization]].map((told) => ({ authorization: told }));
}

function forgedCookies({ headers: { cookie = "" } }: SignedInUser): readonly Lines[] {
  const twice = [`${cookie}; ${cookie}`, `${cookie}; ${ACCESS}=`, `${ACCESS}=forged; ${cookie}`];
  return [`${ACCESS}=forged`, `${cookie}=`, cookie.slice(0, -1), ...twice].map((told) => ({ cookie: told }));
}

async function ended(guards: Guards, guard: GuardToOpen): Promise<void> {
  await guards.behind(guard, async ({ ask, signUp, advance }) => {
    const [stays, leaves] = [await signUp(), await signUp("eve@example.com")];
    await leaves.signOut();
    expectStranger(guards, guard, await ask({ headers: leaves.headers }))("session_revoked");
    expectServed(await ask({ headers: stays.headers }), stays);
    await advance(DAY);
    expectStranger(guards, guard, await ask({ headers: stays.headers }))("token_expired");
  });
}

async function otherSite(guards: Guards, guard: GuardToOpen): Promise<void> {
  await guards.behind(guard, async ({ ask, signUp }) => {
    const user = await signUp();
    for (const from of [{ origin: "https://evil.example" }, { origin: "null" }]) {
      const headers = { ...user.headers, ...from };
      expectServed(await ask({ headers }), user); // it only reads
      for (const told of [headers, from]) {
        const answer = await ask({ method: "POST", headers: told });
        if (guards.origin !== undefined) guards.expectRefused(answer, "cross_site_request");
        else if (told === headers) expectServed(answer, user);
        else expectStranger(guards, guard, answer)("token_missing");
      }
    }
  });
}

async function twoTransports(guards: Guards, guard: GuardToOpen): Promise<void> {
  await guards.behind(guard, async ({ ask, signUp }) => {
    const user = await signUp();
    const { authorization = "Bearer forged", cookie = `${ACCESS}=forged` } = user.headers;
    const answer = await ask({ headers: { authorization, cookie } });
    // Bearer mode never reads a cookie, so there the request has one token.
    if (guards.origin === undefined) expectServed(answer, user);
    else guards.expectRefused(answer, "malformed_request");
  });
}

async function noStore(guards: Guards, guard: GuardToOpen): Promise<void> {
  await guards.behind(guard, async ({ ask, signUp, loseStore }) => {
    const user = await signUp();
    await loseStore();
    const answer = await ask({ headers: user.headers });
    guards.expectRefused(answer, "unavailable", { retryAfterSeconds: 5 });
  });
}
