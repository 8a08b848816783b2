import { accountPromises } from "./http/account.ts";
import { bodyPromises } from "./http/bodies.ts";
import { guardPromises } from "./http/guards.ts";
import { inputPromises } from "./http/inputs.ts";
import { limitPromises } from "./http/limits.ts";
import { methodPromises } from "./http/methods.ts";
import { pathPromises } from "./http/paths.ts";
import { proofPromises } from "./http/proofs.ts";
import { chosen, proveAreas } from "./http/prove-areas.ts";
import { publicPromises } from "./http/public.ts";
import { sessionPromises } from "./http/sessions.ts";
import { type HttpPromises, type HttpServerUnderTest, subjectOf } from "./http/subject.ts";
import { tokenPromises } from "./http/tokens.ts";
import type { TestFunction } from "./store-suite.ts";

export type { HttpServerUnderTest } from "./http/subject.ts";

/** One part of the contract. */
export type HttpArea =
  | "account"
  | "proofs"
  | "sessions"
  | "public"
  | "inputs"
  | "bodies"
  | "tokens"
  | "methods"
  | "paths"
  | "limits"
  | "guards";

/** What every server has. A feature adds areas of its own beside these, which are proven where they are named. */
const CORE_AREAS: Readonly<Record<HttpArea, HttpPromises>> = {
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

export interface HttpSuiteOptions {
  readonly test: TestFunction;
  /**
   * Starts a server of a fresh `createAuth`: an empty store, a fake clock, a cheap hasher, a `secret`, and
   * every other option at its default. It is asked for once in each test. The suite closes it.
   */
  readonly open: () => HttpServerUnderTest | Promise<HttpServerUnderTest>;
  /** Proves these areas alone. Default: every area of the core. A server that leaves out one is not proven. */
  readonly areas?: readonly HttpArea[];
}

/**
 * Proves that a server keeps the HTTP contract: each route, each refusal, each header. It knows nothing but
 * URLs, so it runs on any framework and in front of any mount; all of them answer alike, or do not pass.
 */
export function httpSuite({ test, open, areas }: HttpSuiteOptions): void {
  proveAreas(chosen(CORE_AREAS, areas), { test, open, askerOf: subjectOf });
}
