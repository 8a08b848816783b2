// Guesses at one account by someone who holds hundreds of its device tokens.
import { type AuthOptions, memoryStore, type RateLimiter, type UserId } from "sallyport";
import type { User } from "../../src/domain/user.ts";
import { sampleCredential, sampleUser } from "../../src/testing/store/samples.ts";
import { countingHasher } from "./counting-hasher.ts";
import { codeOf, type Harness, makeAuth, PASSWORD } from "./harness.ts";

const OWNER = "owner@example.com";
const START = Date.parse("2026-01-01T00:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TOKENS = 300;

/** The user of the email now, and the one for whom the tokens were made. */
const NOW: User = sampleUser({
  id: "019b76da-a800-7000-8000-000000000001" as UserId,
  email: OWNER,
  emailCanonical: OWNER,
  epoch: 1,
  createdAt: new Date(START),
  updatedAt: new Date(START),
});
const PARTIES = { issuer: "accounts", audience: "shop" };

interface Holder {
  readonly user: User;
  readonly audience: string;
}

/** What the holder of the tokens has, and how many guesses it may buy in any 15 minutes and in any 24 hours. */
export interface Hoard {
  readonly name: string;
  readonly holder: Holder;
  readonly bound: readonly [perQuarter: number, perDay: number];
}

/** What an account allows from unknown devices, and what all its known devices allow beside that. */
const ACCOUNT = [10, 100] as const;
const DEVICES = [30, 300] as const;

export const HOARDS: readonly Hoard[] = [
  {
    name: "of the present password",
    holder: { user: NOW, audience: PARTIES.audience },
    bound: [ACCOUNT[0] + DEVICES[0], ACCOUNT[1] + DEVICES[1]],
  },
  {
    name: "of before a password change",
    holder: { user: { ...NOW, epoch: 0 }, audience: PARTIES.audience },
    bound: ACCOUNT,
  },
  {
    name: "of an account that was deleted, and whose email signed up anew",
    holder: {
      user: { ...NOW, id: "019b76da-a800-7000-8000-000000000002" as UserId },
      audience: PARTIES.audience,
    },
    bound: ACCOUNT,
  },
  {
    name: "of another application with the same secret",
    holder: { user: NOW, audience: "admin" },
    bound: ACCOUNT,
  },
];

export interface TokenStep {
  readonly withTokens: true;
  /** Milliseconds since the attack began. */
  readonly at: number;
  readonly guesses: readonly { readonly ip: string; readonly deviceToken?: string | undefined }[];
}

export interface TokenTarget {
  /** Carries a step out. It returns the number of guesses that were judged. */
  carry(step: TokenStep): Promise<number>;
}

/** One instance of the application, with the owner's account. Instances agree on the account, as with one store. */
export async function makeTokenTarget(rateLimiter?: RateLimiter): Promise<TokenTarget> {
  const counting = countingHasher();
  const { auth, clock, store } = applicationOf(PARTIES, {
    rateLimiter,
    password: { hasher: counting.hasher },
  });
  clock.set(new Date(START));
  await store.users.create(NOW);
  const data = await counting.hasher.hash(PASSWORD);
  await store.credentials.add(sampleCredential({ userId: NOW.id, data }));
  return {
    async carry({ at, guesses }) {
      clock.set(new Date(START + at));
      const before = counting.calls.length;
      const login = ({ ip, ...token }: TokenStep["guesses"][number]) =>
        auth.login({ email: OWNER, password: "Wrong1password", ...token }, { ip });
      await Promise.all(guesses.map((guess) => codeOf(login(guess))));
      return counting.calls.length - before;
    },
  };
}

function applicationOf(parties: typeof PARTIES, options: Partial<AuthOptions> = {}): Harness {
  return makeAuth({ store: memoryStore(), ...parties, ...options });
}

/** For 26 hours, as fast as it can: guesses with each token in turn and without one, each from its own address. */
export function attackWith({ holder }: Hoard): readonly TokenStep[] {
  const { user, audience } = holder;
  const { ctx } = applicationOf({ ...PARTIES, audience });
  const tokens = Array.from({ length: TOKENS }, () =>
    ctx.deviceTokens.issue({ user, device: null, at: new Date(START) }),
  );
  let next = 0;
  const guess = (withToken: boolean): TokenStep["guesses"][number] => {
    const index = next++;
    const ip = `10.1.${(index >> 8) % 40}.${index & 255}`;
    return withToken ? { ip, deviceToken: tokens[index % TOKENS] } : { ip };
  };
  return Array.from({ length: (26 * HOUR) / (5 * MINUTE) }, (_, index) => ({
    withTokens: true,
    at: index * 5 * MINUTE,
    guesses: Array.from({ length: 60 }, (_guess, turn) => guess(turn % 4 !== 0)),
  }));
}
