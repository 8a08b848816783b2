// The states in which an address can be when a stranger asks for mail to it. No answer may tell them apart.
import type { AuthStore } from "sallyport";
import { sampleCredential } from "../../src/testing/store/samples.ts";
import { type Harness, PASSWORD, times } from "./harness.ts";
import { type MailHarness, NEXT } from "./mailbox.ts";
import { userOf } from "./security-change.ts";

const HERE = { ip: null };

/** Two instances over one store. */
export interface Stage {
  readonly store: AuthStore;
  /** Without a mailer: its signups make accounts at once. */
  readonly before: Harness;
  readonly mail: MailHarness;
}

type Step = (stage: Stage, email: string) => Promise<unknown>;

export interface AccountState {
  /** What came before the stranger. */
  readonly prepare: Step;
  /** What happens after the stranger has asked for a reset, and before their next call. */
  readonly meanwhile?: Step;
}

const signUp: Step = ({ before }, email) => before.auth.signup({ email, password: PASSWORD }, HERE);

const verified: Step = async (stage, email) => {
  await signUp(stage, email);
  const { id, epoch, createdAt } = await userOf(stage.store, email);
  await stage.store.users.verify(id, epoch, createdAt);
};

const withoutPassword = async ({ store }: Stage, email: string): Promise<void> => {
  const { id: userId } = await userOf(store, email);
  for (const { id } of await store.credentials.list(userId, "password"))
    await store.credentials.remove(userId, id);
};

const readMail: Step = ({ mail }) => mail.arrive();

export const ACCOUNT_STATES: Readonly<Record<string, AccountState>> = {
  unknown: { prepare: async () => {} },
  active: { prepare: verified, meanwhile: readMail },
  unverified: { prepare: signUp, meanwhile: readMail },
  disabled: {
    async prepare(stage, email) {
      await verified(stage, email);
      await stage.before.auth.users.disable((await userOf(stage.store, email)).id);
    },
    meanwhile: readMail,
  },
  passwordless: {
    async prepare(stage, email) {
      await verified(stage, email);
      await withoutPassword(stage, email);
    },
    meanwhile: readMail,
  },
  "passkey only": {
    async prepare(stage, email) {
      await verified(stage, email);
      await withoutPassword(stage, email);
      const { id: userId } = await userOf(stage.store, email);
      const passkey = sampleCredential({ userId, kind: "passkey", identifier: `key of ${email}` });
      await stage.store.credentials.add(passkey);
    },
    meanwhile: readMail,
  },
  deleting: {
    async prepare(stage, email) {
      await verified(stage, email);
      const { id, epoch, createdAt: at } = await userOf(stage.store, email);
      await stage.store.users.change(id, epoch, { status: "deleting", deleteAfter: at, at });
    },
    meanwhile: readMail,
  },
  invited: {
    async prepare(stage, email) {
      await signUp(stage, email);
      await withoutPassword(stage, email);
    },
    meanwhile: readMail,
  },
  "signup pending": {
    async prepare({ mail }, email) {
      await mail.ask(email);
      await mail.arrive();
    },
    meanwhile: readMail,
  },
  "over its budget": {
    async prepare(stage, email) {
      await verified(stage, email);
      for (const _ of times(4, Number)) {
        await stage.mail.ask(email);
        await stage.mail.auth.password.requestReset({ email }, HERE);
      }
      await stage.mail.arrive();
    },
    meanwhile: readMail,
  },
  "proof used by the owner meanwhile": {
    prepare: verified,
    async meanwhile({ mail }) {
      const newest = (await mail.arrive()).find(({ kind }) => kind === "password_reset");
      await mail.auth.password.reset({ link: newest?.link ?? "", password: NEXT }, HERE);
    },
  },
  "user deleted meanwhile": {
    prepare: verified,
    async meanwhile(stage, email) {
      await stage.mail.arrive();
      await stage.before.auth.users.delete((await userOf(stage.store, email)).id);
    },
  },
};
