// A feature that exists only in tests: a second factor. It shows what the seam gives to a feature with ways.
import type { ClientInfo, Feature, LoginResult, Reauthenticated } from "sallyport";
import * as z from "zod/mini";
import { featureBudget } from "../../../src/config/limits.ts";
import type { Context, Spend } from "../../../src/context.ts";
import { component } from "../../../src/contract/described.ts";
import { BODY_ERRORS, LIMIT_ERRORS } from "../../../src/contract/request.ts";
import { defineRoute } from "../../../src/contract/route.ts";
import { loginOutput } from "../../../src/contract/shapes.ts";
import type { Credential } from "../../../src/domain/credential.ts";
import type { User } from "../../../src/domain/user.ts";
import { defineFeature } from "../../../src/installed-feature.ts";
import { answerChallenge } from "../../../src/kit/answer-challenge.ts";
import type { Attempt } from "../../../src/kit/attempt.ts";
import { authenticate } from "../../../src/kit/authenticate.ts";
import { type Codec, jsonCodec } from "../../../src/kit/codec.ts";
import { parseClient, parseInput } from "../../../src/kit/input.ts";
import type { Proof } from "../../../src/kit/prove.ts";
import { renewProof } from "../../../src/kit/renew-proof.ts";

interface Answer {
  readonly challengeToken: string;
  readonly code: string;
}

export interface SecondStepApi {
  answer(input: Answer, client: ClientInfo): Promise<LoginResult>;
  reauthenticate(
    accessToken: string,
    input: { readonly code: string },
    client: ClientInfo,
  ): Promise<Reauthenticated>;
}

const input: z.ZodMiniType<Answer, Answer> = z.strictObject({ challengeToken: z.string(), code: z.string() });
/** `used`: how many codes were used up. Each right code uses one up. */
export const codec: Codec<{ v: 1; code: string; used: number }> = jsonCodec(
  z.strictObject({ v: z.literal(1), code: z.string(), used: z.int() }),
);

export interface SecondStepOptions {
  readonly limits?: { readonly address?: string; readonly account?: string };
  /** Everyone has the factor, new users too. */
  readonly forAll?: boolean;
  /** Takes the place of the compare-and-swap. */
  readonly take?: Spend["take"];
}

export function secondStep(options: SecondStepOptions = {}): Feature<SecondStepApi> {
  const defaults = { address: "10/1m", account: "10/15m" };
  const budget = featureBudget("secondStep", defaults, options.limits);
  const judge = (ctx: Context, user: User, code: string) => (trying: Attempt) =>
    judgeCode({ ctx, user, code, options }, trying);
  return defineFeature("secondStep", (bind) => {
    const api: SecondStepApi = {
      answer: bind.open(async (ctx, request) => {
        const { challengeToken, code } = parseInput(input, request.input);
        const client = parseClient(request.client);
        const answer = { challengeToken, method: "test-code", client, budget };
        return answerChallenge(ctx, answer, (trying, { user }) => judge(ctx, user, code)(trying));
      }),
      reauthenticate: bind.signed<{ readonly code: string }, Reauthenticated>(async (ctx, request) => {
        const client = parseClient(request.client);
        const { user, session } = await authenticate(ctx, request.token, client);
        return renewProof(ctx, { user, session, client, judge: judge(ctx, user, request.input.code) });
      }),
    };
    return {
      api,
      budgets: [budget],
      ways: [
        {
          method: "test-code",
          kind: "totp",
          role: "factor",
          isUsable: (held) => options.forAll === true || held.length > 0,
        },
        {
          method: "test-backup",
          kind: "recovery_codes",
          role: "backup",
          isUsable: (held) => held.length > 0,
        },
      ],
      routes: [
        defineRoute({
          method: "POST",
          path: "/challenges/test-code",
          name: "answerTestCode",
          summary: "Answer a challenge with the code of the tests",
          access: "public",
          accepts: "form",
          input: inputShape,
          status: 200,
          output: loginOutput,
          errors: [...BODY_ERRORS, "invalid_challenge", "invalid_credentials", ...LIMIT_ERRORS],
          run: (request) => api.answer(request.input(), request.client),
        }),
      ],
    };
  });
}

const inputShape = component<Answer>()(
  "TestCodeAnswer",
  z.strictObject({ challengeToken: z.string(), code: z.string() }),
);

interface Judging {
  readonly ctx: Context;
  readonly user: User;
  readonly code: string;
  readonly options: SecondStepOptions;
}

async function judgeCode({ ctx, user, code, options }: Judging, trying: Attempt): Promise<Proof> {
  const [held] = await ctx.store.credentials.list(user.id, "totp");
  if (!held || codec.decode(held.data)?.code !== code)
    throw trying.refuse("invalid_credentials", "wrong_code");
  return { amr: ["otp", "mfa"], spends: [useCode(held, options)] };
}

// A code is used up in the transaction that opens the session.
function useCode(held: Credential, { take }: SecondStepOptions): Spend {
  const { id, userId, version: expectedVersion } = held;
  const stored = codec.decode(held.data);
  const data = stored ? codec.encode({ ...stored, used: stored.used + 1 }) : "";
  return {
    code: "invalid_challenge",
    reason: "challenge_overtaken",
    take: take ?? ((tx, at) => tx.credentials.replace({ id, userId, expectedVersion, data, at })),
  };
}
