import {
  type AuthEvent,
  type AuthOptions,
  type AuthStore,
  type AuthWith,
  createAuth,
  type Feature,
  type LoginResult,
  type NoClaims,
  type SignedIn,
  type UserId,
} from "sallyport";
import { capturingEvents, fakeClock, insecureTestHasher } from "sallyport/testing";
import { sampleCredential } from "../../../src/testing/store/samples.ts";
import { EMAIL, PASSWORD, SECRET, signedIn } from "../harness.ts";
import { type KnockApi, knock } from "./knock.ts";
import { codec, type SecondStepApi, type SecondStepOptions, secondStep } from "./second-step.ts";

export const CODE = "314159";
export const RIGHT: { readonly email: string; readonly password: string } = {
  email: EMAIL,
  password: PASSWORD,
};

interface SceneFeatures {
  readonly secondStep: Feature<SecondStepApi>;
  readonly knock: Feature<KnockApi>;
}

export interface SceneOptions extends Partial<Omit<AuthOptions, "store">> {
  readonly step?: SecondStepOptions;
}

export interface Scene {
  readonly auth: AuthWith<NoClaims, SceneFeatures>;
  readonly store: AuthStore;
  readonly clock: ReturnType<typeof fakeClock>;
  events(): Promise<readonly AuthEvent[]>;
}

/** An application with a second factor, and with a way in past the password. */
export function sceneOn(store: AuthStore, { step = {}, ...options }: SceneOptions = {}): Scene {
  const clock = fakeClock("2026-01-01T12:00:00.000Z");
  const sink = capturingEvents();
  const auth = createAuth({
    secret: SECRET,
    store,
    clock,
    password: { hasher: insecureTestHasher() },
    onEvent: sink.onEvent,
    onWarning: () => {},
    ...options,
    features: { secondStep: secondStep(step), knock: knock() },
  });
  const events = async (): Promise<readonly AuthEvent[]> => {
    await new Promise((resolve) => setImmediate(resolve));
    return sink.events;
  };
  return { auth, store, clock, events };
}

/** A user who has the factor. The result is that of the signup. */
export async function enrolled(scene: Scene, email: string = EMAIL): Promise<SignedIn> {
  const first = signedIn(await scene.auth.signup({ email, password: PASSWORD }, { ip: null }));
  await giveFactor(scene, first.user.id);
  return first;
}

export async function giveFactor(
  { store, clock }: Scene,
  userId: UserId,
  code: string = CODE,
): Promise<void> {
  const data = codec.encode({ v: 1, code, used: 0 });
  await store.credentials.add(sampleCredential({ userId, kind: "totp", data, createdAt: clock.now() }));
}

/** The challenge of a sign-in that a gate stops. */
export function challenged(result: LoginResult): Extract<LoginResult, { status: "challenge" }> {
  if (result.status !== "challenge") throw new TypeError("No gate stopped this sign-in");
  return result;
}
