import type { Auth, AuthStore, Mail, User } from "sallyport";
import type { CapturingMailer } from "sallyport/testing";
import { CLIENT, PASSWORD } from "../fixtures.ts";

/** Two instances on one store. */
export interface Scene {
  readonly store: AuthStore;
  /** Without a mailer: its signups make accounts at once. */
  readonly before: Auth;
  readonly auth: Auth;
  readonly mailer: CapturingMailer;
}

export interface State {
  readonly name: string;
  /** Brings an address into this state. */
  prepare(scene: Scene, email: string): Promise<unknown>;
  /** What happens between the ask, whose mail has arrived, and the wrong answer. */
  meanwhile?(scene: Scene, email: string): Promise<unknown>;
}

/** The states of LIFECYCLE: every account that an address can have when a stranger asks about it. */
export const STATES: readonly State[] = [
  { name: "unknown", prepare: async () => {} },
  { name: "active", prepare: verified },
  { name: "unverified", prepare: signUp },
  {
    name: "disabled",
    prepare: async (scene, email) => {
      await verified(scene, email);
      await scene.before.users.disable((await userOf(scene, email)).id);
    },
  },
  {
    name: "without a password",
    prepare: async (scene, email) => {
      await verified(scene, email);
      await dropPassword(scene, email);
    },
  },
  {
    name: "invited: unverified, without a password",
    prepare: async (scene, email) => {
      await signUp(scene, email);
      await dropPassword(scene, email);
    },
  },
  {
    name: "being deleted",
    prepare: async (scene, email) => {
      await verified(scene, email);
      const { id, epoch, createdAt } = await userOf(scene, email);
      const doomed = { status: "deleting", deleteAfter: createdAt, at: createdAt } as const;
      await scene.store.users.change(id, epoch, doomed);
    },
  },
  {
    name: "a signup that waits",
    prepare: ({ auth }, email) => auth.signup({ email, password: PASSWORD }, CLIENT),
  },
  {
    name: "over its budget",
    prepare: async (scene, email) => {
      await verified(scene, email);
      for (let asks = 0; asks < 4; asks++) {
        await scene.auth.signup({ email, password: PASSWORD }, CLIENT);
        await scene.auth.password.requestReset({ email }, CLIENT);
      }
    },
  },
  { name: "proof used by the owner meanwhile", prepare: verified, meanwhile: reset },
  {
    name: "user deleted meanwhile",
    prepare: verified,
    meanwhile: async (scene, email) => scene.before.users.delete((await userOf(scene, email)).id),
  },
];

async function signUp({ before }: Scene, email: string): Promise<void> {
  await before.signup({ email, password: PASSWORD }, CLIENT);
}

async function verified(scene: Scene, email: string): Promise<void> {
  await signUp(scene, email);
  const { id, epoch, createdAt } = await userOf(scene, email);
  await scene.store.users.verify(id, epoch, createdAt);
}

async function dropPassword(scene: Scene, email: string): Promise<void> {
  const user = await userOf(scene, email);
  for (const { id } of await scene.store.credentials.list(user.id, "password"))
    await scene.store.credentials.remove(user.id, id);
}

async function reset({ auth, mailer }: Scene, email: string): Promise<void> {
  const isReset = ({ kind, to }: Mail): boolean => kind === "password_reset" && to === email;
  const link = mailer.all.find(isReset)?.link?.split(".").at(-1);
  if (!link) throw new TypeError(`No mail to ${email}`);
  await auth.password.reset({ link, password: `${PASSWORD}-2` }, CLIENT);
}

async function userOf({ store }: Scene, email: string): Promise<User> {
  const record = await store.users.findForLogin(email);
  if (!record) throw new TypeError(`No account of ${email}`);
  return record.user;
}
