import { accountPromises } from "./http/account.ts";
import { bodyPromises } from "./http/bodies.ts";
import { guardPromises } from "./http/guards.ts";
import { inputPromises } from "./http/inputs.ts";
import { limitPromises } from "./http/limits.ts";
import { methodPromises } from "./http/methods.ts";
import { pathPromises } from "./http/paths.ts";
import { proofPromises } from "./http/proofs.ts";
import { publicPromises } from "./http/public.ts";
import { sessionPromises } from "./http/sessions.ts";
import { type HttpPromises, type HttpServerUnderTest, subjectOf } from "./http/subject.ts";
import { tokenPromises } from "./http/tokens.ts";
import type { TestFunction } from "./store-suite.ts";

export type { HttpServerUnderTest } from "./http/subject.ts";

export interface HttpSuiteOptions {
  readonly test: TestFunction;
  /**
   * Starts a server of a fresh `createAuth`: an empty store, a fake clock, a cheap hasher, a `secret`, and
   * every other option at its default. It is asked for once in each test. The suite closes it.
   */
  readonly open: () => HttpServerUnderTest | Promise<HttpServerUnderTest>;
}

const GROUPS: Readonly<Record<string, HttpPromises>> = {
  account: accountPromises,
  proofs: proofPromises,
  sessions: sessionPromises,
  public: publicPromises,
  inputs: inputPromises,
  bodies: bodyPromises,
  tokens: tokenPromises,
  methods: methodPromises,
  paths: pathPromises,
  limits: limitPromises,
  guards: guardPromises,
};

/**
 * Proves that a server keeps the HTTP contract: each route, each refusal, each header. It knows nothing but
 * URLs, so it runs on any framework and in front of any mount; all of them answer alike, or do not pass.
 * There is no switch to leave a test out.
 */
export function httpSuite({ test, open }: HttpSuiteOptions): void {
  for (const [group, promises] of Object.entries(GROUPS)) {
    for (const [promise, prove] of Object.entries(promises)) {
      test(`${group}: ${promise}`, async () => {
        const server = await open();
        try {
          await prove(subjectOf(server));
        } finally {
          await server.close();
        }
      });
    }
  }
}
