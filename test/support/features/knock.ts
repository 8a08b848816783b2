// A feature that exists only in tests: it signs in past the password, as a link by mail or a provider does.
import type { ClientInfo, Feature, LoginResult } from "sallyport";
import * as z from "zod/mini";
import { component } from "../../../src/contract/described.ts";
import { defineRoute } from "../../../src/contract/route.ts";
import { loginOutput } from "../../../src/contract/shapes.ts";
import { defineFeature } from "../../../src/installed-feature.ts";
import { attempt } from "../../../src/kit/attempt.ts";
import { parseClient } from "../../../src/kit/input.ts";
import { nameAccount } from "../../../src/kit/record-event.ts";
import { signIn } from "../../../src/kit/sign-in.ts";

interface KnockInput {
  readonly email: string;
  /** The methods that the knock proves. */
  readonly amr?: readonly string[] | undefined;
}

export interface KnockApi {
  enter(input: KnockInput, client: ClientInfo): Promise<LoginResult>;
}

export function knock(): Feature<KnockApi> {
  return defineFeature("knock", (bind) => {
    const api: KnockApi = {
      enter: bind.open<KnockInput, LoginResult>(async (ctx, request) => {
        const { email, amr = ["email"] } = request.input;
        const client = parseClient(request.client);
        const record = await ctx.store.users.findForLogin(email);
        const named = nameAccount(ctx, record?.user ?? null, email);
        return attempt(ctx, { type: "login", named, client }, async (trying) => {
          if (!record) throw trying.refuse("invalid_credentials", "unknown_email");
          const entry = { user: record.user, amr, device: null, replaces: null, spends: [], client };
          const result = await signIn(ctx, trying, entry);
          if (!result) throw trying.refuse("invalid_credentials", "superseded");
          return result;
        });
      }),
    };
    return {
      api,
      routes: [
        defineRoute({
          method: "POST",
          path: "/knock",
          name: "knock",
          summary: "Sign in without a password",
          access: "public",
          input: component<{ readonly email: string }>()("Knock", z.strictObject({ email: z.string() })),
          status: 200,
          output: loginOutput,
          errors: ["invalid_credentials"],
          run: (request) => api.enter(request.input(), request.client),
        }),
      ],
    };
  });
}
