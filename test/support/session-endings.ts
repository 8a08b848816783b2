import type { Auth, AuthOptions, AuthStore, LoginResult, Refreshed, SignedIn } from "sallyport";
import { type CapturingMailer, capturingMailer } from "sallyport/testing";
import { codeOf, EMAIL, type Harness, makeAuth, PASSWORD } from "./harness.ts";

/** A caller without an address, and so without an address limit. */
export const JOB = { ip: null } as const;
const NEW_PASSWORD = "Another2horse";

type SessionOptions = NonNullable<AuthOptions["session"]>;

/** Two users and three sessions of which one is about to end, and two processes over one store. */
export interface Scene {
  readonly harness: Harness;
  /** Another process, with the same clock. */
  readonly elsewhere: Auth;
  /** The session that is to end, as it began. */
  readonly first: Refreshed;
  /** The same session, with the tokens that it has by now. */
  readonly ada: Refreshed;
  /** Another session of the same user. */
  readonly other: Refreshed;
  /** Another user's. */
  readonly bob: Refreshed;
}

/** One way in which a session ends. */
export interface Ending {
  readonly name: string;
  readonly options?: SessionOptions;
  /** What comes before, up to the last moment in which the session lives. */
  readonly lead?: (scene: Scene) => Promise<Scene>;
  /** Ends the session; says who lives on. */
  readonly end: (scene: Scene) => Promise<readonly Refreshed[]>;
  /** With which code its access tokens and its refresh tokens are refused from then on. */
  readonly access: "session_revoked" | "token_expired";
  readonly refresh: "session_revoked" | "session_expired" | "invalid_token";
}

const REVOKED = { access: "session_revoked", refresh: "session_revoked" } as const;
const EXPIRED = { access: "token_expired", refresh: "session_expired" } as const;
const MINUTE = 60_000;

export const ENDINGS: readonly Ending[] = [
  {
    name: "a logout with the access token",
    ...REVOKED,
    end: async ({ harness, ada, other, bob }) => {
      await harness.auth.logout(ada.accessToken, JOB);
      return [other, bob];
    },
  },
  {
    name: "a logout with the refresh token",
    ...REVOKED,
    end: async ({ harness, ada, other, bob }) => {
      await harness.auth.logout(ada.refreshToken, JOB);
      return [other, bob];
    },
  },
  {
    name: "its revocation by another session of the user",
    ...REVOKED,
    end: async ({ harness, ada, other, bob }) => {
      await harness.auth.sessions.revoke(other.accessToken, ada.session.id, JOB);
      return [other, bob];
    },
  },
  {
    name: "its revocation by itself",
    ...REVOKED,
    end: async ({ harness, ada, other, bob }) => {
      await harness.auth.sessions.revoke(ada.accessToken, ada.session.id, JOB);
      return [other, bob];
    },
  },
  {
    name: "another session's revoking all others",
    ...REVOKED,
    end: async ({ harness, other, bob }) => {
      await harness.auth.sessions.revokeOthers(other.accessToken, JOB);
      return [other, bob];
    },
  },
  {
    name: "a password change",
    ...REVOKED,
    end: async (scene) => [await changePassword(scene, scene.other), scene.bob],
  },
  {
    name: "a password change by itself",
    ...REVOKED,
    end: async (scene) => [await changePassword(scene, scene.ada), scene.bob],
  },
  {
    name: "a reset of the password by mail",
    ...REVOKED,
    end: async ({ harness, bob }) => {
      await harness.auth.password.requestReset({ email: EMAIL }, JOB);
      await harness.auth.mail.deliver();
      const mailer = harness.ctx.mail?.mailer as CapturingMailer | undefined;
      const link = mailer?.last(EMAIL)?.link?.split(".").at(-1) ?? "";
      await harness.auth.password.reset({ link, password: NEW_PASSWORD }, JOB);
      return [bob];
    },
  },
  {
    name: "disabling the user",
    ...REVOKED,
    end: async ({ harness, ada, bob }) => {
      await harness.auth.users.disable(ada.user.id, JOB);
      return [bob];
    },
  },
  {
    name: "disabling and enabling the user",
    ...REVOKED,
    end: async ({ harness, ada, bob }) => {
      await harness.auth.users.disable(ada.user.id, JOB);
      await harness.auth.users.enable(ada.user.id, JOB);
      return [bob];
    },
  },
  {
    name: "deleting the user",
    access: "session_revoked",
    refresh: "invalid_token", // the row is gone: nothing is known of it any more
    end: async ({ harness, ada, bob }) => {
      await harness.auth.users.delete(ada.user.id, JOB);
      return [bob];
    },
  },
  {
    name: "a reuse of its refresh token",
    ...REVOKED,
    lead: async (scene) => {
      const { auth, clock } = scene.harness;
      const ada = await auth.refresh(scene.first.refreshToken, JOB);
      clock.advance(10_001); // the grace is over
      return { ...scene, ada };
    },
    end: async ({ harness, first, other, bob }) => {
      const code = await codeOf(harness.auth.refresh(first.refreshToken, JOB));
      if (code !== "session_revoked") throw new TypeError(`The reuse ended as ${code}`);
      return [other, bob];
    },
  },
  {
    name: "its idle end",
    ...EXPIRED,
    options: { idleTtl: "10m" },
    lead: async (scene) => {
      const { auth, clock } = scene.harness;
      const end = scene.first.refreshTokenExpiresAt.getTime();
      clock.set(new Date(end - MINUTE));
      const other = await auth.refresh(scene.other.refreshToken, JOB);
      const bob = await auth.refresh(scene.bob.refreshToken, JOB);
      clock.set(new Date(end - 1));
      return { ...scene, other, bob };
    },
    end: async ({ harness, other, bob }) => {
      harness.clock.advance(1);
      return [other, bob];
    },
  },
  {
    name: "its absolute end",
    ...EXPIRED,
    options: { refreshTtl: "20m", idleTtl: "15m" },
    lead: async (scene) => {
      const { auth, clock } = scene.harness;
      const end = scene.first.session.expiresAt.getTime();
      clock.set(new Date(end - 6 * MINUTE));
      const ada = await auth.refresh(scene.first.refreshToken, JOB);
      const other = signedIn(await auth.login({ email: EMAIL, password: PASSWORD }, JOB));
      const bob = signedIn(await auth.login({ email: "bob@example.com", password: PASSWORD }, JOB));
      clock.set(new Date(end - MINUTE));
      const last = await auth.refresh(ada.refreshToken, JOB);
      clock.set(new Date(end - 1));
      return { ...scene, ada: last, other, bob };
    },
    end: async ({ harness, other, bob }) => {
      harness.clock.advance(1);
      return [other, bob];
    },
  },
  {
    name: "the next sign-in of its browser",
    ...REVOKED,
    end: async ({ harness, ada, other, bob }) => {
      const { refreshToken } = ada;
      const next = await harness.auth.login({ email: EMAIL, password: PASSWORD, refreshToken }, JOB);
      return [signedIn(next), other, bob];
    },
  },
  {
    name: "another user's sign-in in its browser",
    ...REVOKED,
    end: async ({ harness, ada, other, bob }) => {
      const { refreshToken } = ada;
      const input = { email: "bob@example.com", password: PASSWORD, refreshToken };
      return [signedIn(await harness.auth.login(input, JOB)), other, bob];
    },
  },
  {
    name: "a login beyond session.max",
    ...REVOKED,
    options: { max: 2 },
    end: async ({ harness, other, bob }) => {
      const next = await harness.auth.login({ email: EMAIL, password: PASSWORD }, JOB);
      return [signedIn(next), other, bob];
    },
  },
];

/** Everything up to the moment before the end, in which both processes still let the session in. */
export async function playScene(
  ending: Ending,
  store: AuthStore,
  check: SessionOptions["check"],
): Promise<Scene> {
  const session = { ...ending.options, check };
  const mail = { page: "https://app.acme.example/mail", delivery: "manual" } as const;
  const email = { verification: "off" } as const;
  const harness = makeAuth({ store, session, mailer: capturingMailer(), mail, email });
  const { auth, clock } = harness;
  const elsewhere = makeAuth({ store, clock, session }).auth;
  const first = await auth.signup({ email: EMAIL, password: PASSWORD }, JOB);
  clock.advance("1s"); // the oldest session is to be this one
  const other = signedIn(await auth.login({ email: EMAIL, password: PASSWORD }, JOB));
  const bob = await auth.signup({ email: "bob@example.com", password: PASSWORD }, JOB);
  const opening = { harness, elsewhere, first, ada: first, other, bob };
  const scene = ending.lead ? await ending.lead(opening) : opening;
  await auth.verifyToken(scene.ada.accessToken);
  await elsewhere.verifyToken(scene.ada.accessToken);
  return scene;
}

function signedIn(result: LoginResult): SignedIn {
  if (result.status !== "signed_in") throw new TypeError("No session");
  return result;
}

async function changePassword({ harness }: Scene, by: Refreshed): Promise<SignedIn> {
  const input = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
  return harness.auth.password.change(by.accessToken, input, JOB);
}
