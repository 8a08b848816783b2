import { createVerifier } from "sallyport/verifier";
import type { Ground } from "./forged-tokens.ts";
import { codeOf } from "./harness.ts";

type Judgement = (token: string) => Promise<string>;

/** Somebody who says whether a token is good: `fulfilled`, or the code with which it is refused. */
export interface Judge {
  readonly name: string;
  /** Null: not for this configuration. */
  readonly make: (ground: Ground) => Judgement | null;
  /** Whether it judges the session as well, and so knows whose token it must be. */
  readonly judgesMore: boolean;
}

/** All are held to the same answers; the verifier has the public keys alone. */
const JUDGES: readonly Judge[] = [
  { name: "the signer", judgesMore: false, make: makeSigner },
  { name: "verifyToken", judgesMore: true, make: makeVerify },
  { name: "logout", judgesMore: false, make: makeLogout },
  { name: "sallyport/verifier", judgesMore: false, make: makeVerifier },
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

function makeVerifier({ harness: { auth, clock } }: Ground): Judgement | null {
  const jwks = auth.jwks();
  if (jwks.keys.length === 0) return null; // a secret signs: there is nothing to verify by
  const verifier = createVerifier({ jwks, issuer: "sallyport", audience: "sallyport", clock });
  return (token) => codeOf(verifier.verify(token));
}

/** Those that judge tokens of a configuration. */
export function judgesOf(ground: Ground): (readonly [Judge, Judgement])[] {
  return JUDGES.flatMap((judge) => {
    const judgement = judge.make(ground);
    return judgement ? [[judge, judgement] as const] : [];
  });
}
