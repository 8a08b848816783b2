import type { Auth } from "./api/auth.ts";
import { CORE_BUDGETS } from "./config/limits.ts";
import type { FactorWay } from "./context.ts";
import type { Route } from "./contract/route.ts";
import { type AuthError, misconfigured } from "./errors.ts";
import type { Features } from "./feature.ts";
import type { Bind, InstallableFeature, InstalledFeature } from "./installed-feature.ts";

/** The calls, ways and routes of all features. */
export interface Installed {
  readonly apis: Readonly<Record<string, object>>;
  readonly ways: readonly FactorWay[];
  readonly routes: readonly Route[];
}

/** Installs each feature once. Throws `invalid_configuration`, and its message names the feature. */
export function installFeatures(features: Features, bind: Bind): Installed {
  const installed = Object.entries(features).map(
    ([name, feature]) => [name, install(name, feature, bind)] as const,
  );
  const parts = installed.map(([, part]) => part);
  const ways = parts.flatMap((part) => part.ways ?? []);
  refuseRepeats(
    "way through the second factor",
    ways.map(({ method }) => method),
  );
  const budgets = parts.flatMap((part) => part.budgets ?? []).map(({ name }) => name);
  refuseRepeats("budget", [...CORE_BUDGETS, ...budgets]);
  return {
    apis: Object.fromEntries(installed.map(([name, { api }]) => [name, api])),
    ways,
    routes: Object.freeze(parts.flatMap((part) => part.routes ?? [])),
  };
}

/** The calls of `Auth` and those of its features, as one frozen object. */
export function withApis(auth: Auth, { apis }: Installed): Auth {
  const taken = Object.keys(apis).find((name) => name in auth);
  if (taken) throw unusable(taken, "has the name of a call of `Auth`: rename the feature");
  return Object.freeze({ ...auth, ...apis });
}

function install(name: string, feature: unknown, bind: Bind): InstalledFeature<object> {
  if (!isInstallable(feature)) {
    throw unusable(name, "is not a feature: call its factory, such as totp({ ... })");
  }
  if (feature.name !== name) {
    throw unusable(name, "has another name: pass each feature once, under the name of its factory");
  }
  try {
    return feature.install(bind);
  } catch (cause) {
    throw unusable(name, "could not be installed: see the cause of this error", cause);
  }
}

function isInstallable(value: unknown): value is InstallableFeature<object> {
  if (typeof value !== "object" || value === null) return false;
  const { name, install: installs } = value as Readonly<Record<string, unknown>>;
  return typeof name === "string" && typeof installs === "function";
}

function refuseRepeats(what: string, names: readonly string[]): void {
  const repeat = names.find((name, index) => names.indexOf(name) < index);
  if (repeat === undefined) return;
  throw misconfigured(
    `createAuth: features: the ${what} ${repeat} is taken: remove the feature that repeats it`,
  );
}

function unusable(name: string, problem: string, cause?: unknown): AuthError {
  return misconfigured(`createAuth: features.${name}: ${problem}`, cause);
}
