import type { Auth, SignupInput } from "./api/auth.ts";

declare const api: unique symbol;

/**
 * An opt-in feature, as its factory makes it: `totp({ ... })`. It is opaque and carries the type of its calls. Pass it
 * to `createAuth` in `features`, under its own name.
 */
export interface Feature<Api extends object> {
  readonly name: string;
  readonly [api]: Api;
}

/** The option `features`: each feature under its name. */
export type Features = Readonly<Record<string, Feature<object>>>;

/** The calls that features add to `Auth`, under the name of each feature. */
export type ApisOf<F> = {
  readonly [Name in keyof F]: F[Name] extends Feature<infer Api> ? Api : never;
};

/** An `Auth` with the calls of its features. */
export type AuthWith<Claims extends object, F, Input extends SignupInput = SignupInput> = Auth<
  Claims,
  Input
> &
  ApisOf<F>;
