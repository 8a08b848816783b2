import type { AuthClient, AuthClientOptions } from "./types.ts";

declare const api: unique symbol;

/** An opt-in part of the client, as its own entry makes it. What is inside is private to the package. */
export interface ClientFeature<Api extends object> {
  /** The key of the feature in `features`, and of its calls in the client. */
  readonly name: string;
  readonly [api]: Api;
}

export type ClientFeatures = Readonly<Record<string, ClientFeature<object>>>;

/** The calls that features add to a client. */
export type ClientApisOf<F> = {
  readonly [Name in keyof F]: F[Name] extends ClientFeature<infer Api> ? Api : never;
};

/** A client with the calls of its features. */
export type AuthClientWith<F> = AuthClient & ClientApisOf<F>;

/** The options of a client with features. No feature may have the name of a call of `AuthClient`. */
export type AuthClientOptionsWith<F> = AuthClientOptions<F> & {
  readonly features: F & { readonly [Name in keyof AuthClient]?: never };
};
