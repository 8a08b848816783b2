import assert from "node:assert/strict";
import { UNKNOWN_ID } from "../http/routes.ts";
import { expectServed, type Guard, type GuardedRoute, type GuardPromises, type Guards } from "./guarded.ts";
import { FAULTS, LOST_BY_A_COPY, MISTAKES } from "./mistakes.ts";

const MINUTE = 60_000;

/** A guard that takes requirements. */
type Kind = Exclude<Guard["kind"], "optional">;
const KINDS: readonly Kind[] = ["required", "same_user"];

/** What a route may ask of its caller, and what happens if it asks wrongly. */
export const requirementPromises: GuardPromises = {
  ...Object.assign({}, ...KINDS.map(ofKind)),
  "same_user: another user's path is forbidden, and so is an unknown one": (guards) =>
    guards.behind({ kind: "same_user" }, async ({ ask, signUp }) => {
      const [ada, { headers }] = [await signUp(), await signUp("eve@example.com")];
      for (const userId of [ada.userId, UNKNOWN_ID, "x", "__proto__", "%20", ada.userId.toUpperCase()])
        guards.expectRefused(await ask({ userId, headers }), "forbidden");
      expectServed(await ask({ userId: ada.userId, headers: ada.headers }), ada);
    }),
};

function ofKind(kind: Kind): GuardPromises {
  return {
    [`${kind}: requirements with a mistake refuse every user`]: (guards) =>
      mistakes(guards, kind, kind === "required" ? MISTAKES : pick(MISTAKES, LOST_BY_A_COPY)),
    [`${kind}: requirements of a wrong kind are a fault, never a success`]: (guards) =>
      faults(
        guards,
        kind,
        kind === "required" ? FAULTS : pick(FAULTS, ["a promise of true", "fresh that is false"]),
      ),
    [`${kind}: of several requirements each must be met`]: (guards) => several(guards, kind),
    [`${kind}: a user who meets the requirements passes`]: (guards) => met(guards, kind),
    [`${kind}: an old proof is not fresh`]: (guards) => freshness(guards, kind),
    [`${kind}: without a token the requirements do not matter`]: (guards) => unasked(guards, kind),
    [`${kind}: checkOrigin asks a reading request of a page for its origin`]: (guards) =>
      readingOrigin(guards, kind),
  };
}

type Requirements = typeof MISTAKES;

function pick(all: Requirements, names: readonly string[]): Requirements {
  return Object.fromEntries(names.map((name) => [name, all[name] as () => unknown]));
}

/** Signs a user up on a fresh server for each of these requirements. */
async function each(
  guards: Guards,
  guarded: { readonly kind: Kind; readonly all: Requirements },
  prove: (asked: { readonly name: string; ask: Asking }) => Promise<void>,
): Promise<void> {
  for (const [name, make] of Object.entries(guarded.all))
    await guards.behind({ kind: guarded.kind, asked: [make()] }, async (route) =>
      prove({ name, ask: await askingOf(route, guarded.kind) }),
    );
}

/** Asks for the user's own route, with the user's token. */
interface Asking {
  (headers?: Readonly<Record<string, string>>): ReturnType<GuardedRoute["ask"]>;
  readonly user: Awaited<ReturnType<GuardedRoute["signUp"]>>;
}

async function askingOf({ ask, signUp }: GuardedRoute, kind: Kind): Promise<Asking> {
  const user = await signUp();
  const path = kind === "same_user" ? { userId: user.userId } : {};
  const asking = (headers = {}): ReturnType<GuardedRoute["ask"]> =>
    ask({ ...path, headers: { ...user.headers, ...headers } });
  return Object.assign(asking, { user });
}

async function mistakes(guards: Guards, kind: Kind, all: Requirements): Promise<void> {
  await each(guards, { kind, all }, async ({ name, ask }) => {
    const answer = await ask();
    assert.equal(answer.status, 403, `${name}: ${answer.body}`);
    guards.expectRefused(answer, "forbidden");
  });
}

async function several(guards: Guards, kind: Kind): Promise<void> {
  const right = { fresh: true };
  for (const wrong of [{ allow: () => false }, { userid: UNKNOWN_ID }, null, undefined])
    for (const asked of [
      [wrong, right],
      [right, wrong],
    ])
      await guards.behind({ kind, asked }, async (route) =>
        guards.expectRefused(await (await askingOf(route, kind))(), "forbidden"),
      );
  await guards.behind({ kind, asked: [right, { allow: () => true }] }, async (route) => {
    const ask = await askingOf(route, kind);
    expectServed(await ask(), ask.user);
  });
}

async function faults(guards: Guards, kind: Kind, all: Requirements): Promise<void> {
  await each(guards, { kind, all }, async ({ name, ask }) => {
    const { status, body } = await ask({ "sec-fetch-site": "same-origin" });
    assert.equal(status, 500, `${name}: ${body}`);
    assert.ok(!body.includes(ask.user.email), name);
  });
}

async function met(guards: Guards, kind: Kind): Promise<void> {
  const all = {
    nothing: () => ({}),
    "no prototype": () => Object.assign(Object.create(null), { fresh: true }),
    "a right answer": () => ({
      allow: ({ amr }: { readonly amr: readonly string[] }) => amr.includes("pwd"),
    }),
    "a fresh proof": () => ({ fresh: true }),
    "a fresh proof, by its age": () => ({ fresh: "2m", allow: () => true }),
  };
  await each(guards, { kind, all }, async ({ ask }) => expectServed(await ask(), ask.user));
}

async function freshness(guards: Guards, kind: Kind): Promise<void> {
  for (const [fresh, minutes] of [
    [true, 5],
    ["10m", 10],
  ] as const)
    await guards.behind({ kind, asked: [{ fresh }] }, async (route) => {
      const ask = await askingOf(route, kind); // a minute passes after the sign-up
      await route.advance((minutes - 1) * MINUTE);
      expectServed(await ask(), ask.user);
      await route.advance(1000);
      guards.expectRefused(await ask(), "reauthentication_required");
    });
}

async function unasked(guards: Guards, kind: Kind): Promise<void> {
  for (const requirements of [{ fresh: true }, { allow: () => false }, { userid: "x" }, null, undefined])
    await guards.behind({ kind, asked: [requirements] }, async ({ ask, signUp }) => {
      const { userId } = await signUp();
      guards.expectRefused(await ask(kind === "same_user" ? { userId } : {}), "token_missing");
    });
}

async function readingOrigin(guards: Guards, kind: Kind): Promise<void> {
  const { origin } = guards;
  await guards.behind({ kind, asked: [{ checkOrigin: true }] }, async (route) => {
    const ask = await askingOf(route, kind);
    for (const from of [{}, { origin: "https://evil.example" }, { origin: "null" }]) {
      const answer = await ask(from);
      if (origin === undefined) expectServed(answer, ask.user);
      else guards.expectRefused(answer, "cross_site_request");
    }
    expectServed(await ask({ "sec-fetch-site": "same-origin" }), ask.user);
    if (origin !== undefined) expectServed(await ask({ origin }), ask.user);
  });
}
