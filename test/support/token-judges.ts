import type { Ground } from "./forged-tokens.ts";
import { codeOf } from "./harness.ts";

type Judgement = (token: string) => Promise<string>;

/** Somebody who says whether a token is good: `fulfilled`, or the code with which it is refused. */
export interface Judge {
  readonly name: string;
  /** Null: not for this configuration. */
  readonly make: (ground: Ground) => Judgement | null;
  /** Whether it judges time and session as well, and not the token alone. */
  readonly judgesMore: boolean;
}

/** All are held to the same answers. A further one is a further row: a verifier that has public keys alone, too. */
const JUDGES: readonly Judge[] = [
  { name: "the signer", judgesMore: false, make: makeSigner },
  { name: "verifyToken", judgesMore: true, make: makeVerify },
  { name: "logout", judgesMore: false, make: makeLogout },
];

function makeSigner({ harness: { ctx } }: Ground): Judgement {
  return async (token) => ((await ctx.signer.verify(token)) ? "fulfilled" : "invalid_token");
}

function makeVerify({ harness: { auth } }: Ground): Judgement {
  return (token) => codeOf(auth.verifyToken(token));
}

function makeLogout({ harness: { auth } }: Ground): Judgement {
  return (token) => codeOf(auth.logout(token, { ip: null }));
}

/** Those that judge tokens of a configuration. */
export function judgesOf(ground: Ground): (readonly [Judge, Judgement])[] {
  return JUDGES.flatMap((judge) => {
    const judgement = judge.make(ground);
    return judgement ? [[judge, judgement] as const] : [];
  });
}
