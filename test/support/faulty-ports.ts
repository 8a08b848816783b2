import { type Auth, type AuthOptions, type AuthStore, memoryRateLimiter } from "sallyport";
import { fakeClock, insecureTestHasher } from "sallyport/testing";
import { bindFlows } from "../../src/bind-flows.ts";
import { type Harness, NOON } from "./harness.ts";
import { interceptAll, interceptStore } from "./intercept-store.ts";

export interface FaultyPorts {
  readonly options: Partial<AuthOptions>;
  /** The calls of an `Auth` whose signer is one of the ports. */
  callsOf(harness: Harness): Auth;
  /** Only the n-th step from now on fails. */
  failAt(n: number): void;
  /** The steps since then: `sessions.find`, `limiter.consume`, `signer.sign`, ... */
  readonly seen: string[];
}

/** Every port of the library over one count of steps. One step fails; before and after it the ports work. */
export function faultyPorts(
  inner: AuthStore,
  fault: (step: string) => unknown = (step) => new TypeError(`fault at ${step}`),
): FaultyPorts {
  const seen: string[] = [];
  let countdown = Number.POSITIVE_INFINITY;
  const step = (name: string): void => {
    seen.push(name);
    if (--countdown === 0) throw fault(name);
  };
  const hasher = insecureTestHasher();
  const limiter = memoryRateLimiter({ clock: fakeClock(NOON) });
  const options: Partial<AuthOptions> = {
    store: interceptStore(inner, step),
    password: { hasher: { ...hasher, ...interceptAll("hasher", pick(hasher, "hash", "verify"), step) } },
    rateLimiter: interceptAll("limiter", pick(limiter, "consume", "refund"), step),
    hooks: {
      userCreated: () => step("hooks.userCreated"),
      claims: (() => {
        step("hooks.claims");
        return {};
      }) as never,
    },
  };
  return {
    options,
    seen,
    callsOf({ ctx }) {
      const signer = { ...ctx.signer, ...interceptAll("signer", pick(ctx.signer, "sign", "verify"), step) };
      return bindFlows({ ...ctx, signer, signatures: { get: () => undefined, set: () => undefined } });
    },
    failAt: (n) => {
      seen.length = 0;
      countdown = n;
    },
  };
}

function pick<T, K extends keyof T>(port: T, ...verbs: readonly K[]): Pick<T, K> {
  return Object.fromEntries(verbs.map((verb) => [verb, port[verb]])) as Pick<T, K>;
}
