import { type Auth, createAuth, memoryStore } from "sallyport";
import { createHandler, forwarded, type PlatformHandler } from "sallyport/http";
import { nextAuth } from "sallyport/next";
import { fakeClock } from "sallyport/testing";

/** A fresh `Auth` for each test, in the one process of `next start`. */
interface Stage {
  readonly auth: Auth;
  readonly handler: PlatformHandler;
  readonly clock: ReturnType<typeof fakeClock>;
  readonly errors: string[];
  /** How often a page asked who is there. */
  asked: number;
}

export interface StageOptions {
  readonly origins?: readonly string[];
  readonly signIn?: string;
}

const kept = globalThis as typeof globalThis & { stage?: Stage };

export function stage(): Stage {
  if (!kept.stage) throw new TypeError("There is no stage yet");
  return kept.stage;
}

export function openStage({ origins, signIn }: StageOptions): void {
  const clock = fakeClock("2026-01-01T12:00:00.000Z");
  const errors: string[] = [];
  const onError = (error: unknown): unknown => errors.push(String(error));
  const secret = process.env.SALLYPORT_SECRET;
  const auth = createAuth({ secret, store: memoryStore(), clock, onError });
  const handler = createHandler(auth, {
    ...(origins && { transport: "cookie" as const, origins }),
    ...(signIn !== undefined && { pages: { signIn } }),
    clientAddress: forwarded({ hops: 1 }),
    onError,
  });
  kept.stage = { auth, handler, clock, errors, asked: 0 };
}

/** The handler of the stage of this test. */
const current = new Proxy((() => undefined) as unknown as PlatformHandler, {
  apply: (_target, _this, [request]: [Request]) => stage().handler(request),
  get(_target, name) {
    if (name === "identify") stage().asked++;
    return Reflect.get(stage().handler, name);
  },
});

export const { routes, withUser, visitor } = nextAuth(() => current);
