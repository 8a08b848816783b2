import type { ClientInfo } from "./api/auth.ts";
import type { FactorWay, Flow, OpenRequest, SignedRequest } from "./context.ts";
import type { Route } from "./contract/route.ts";
import type { Budget } from "./domain/budget.ts";
import type { Feature } from "./feature.ts";

/**
 * Binds a feature's flows to the finished context, with all gates and ways. A feature gets a context in no other way:
 * an unfinished context has no gates, so it would open sessions without a second factor.
 */
export interface Bind {
  open<Input, Result>(
    flow: Flow<OpenRequest<Input>, Result>,
  ): (input: Input, client: ClientInfo) => Promise<Result>;
  /** Binds a flow for a signed-in user. The flow authenticates the token itself. */
  signed<Input, Result>(
    flow: Flow<SignedRequest<Input>, Result>,
  ): (accessToken: string, input: Input, client: ClientInfo) => Promise<Result>;
}

/** A feature as `createAuth` sees it. */
export interface InstallableFeature<Api extends object> extends Feature<Api> {
  install(bind: Bind): InstalledFeature<Api>;
}

export interface InstalledFeature<Api extends object> {
  readonly api: Api;
  /** Ways through the second factor. */
  readonly ways?: readonly FactorWay[] | undefined;
  /** Rows of the HTTP contract, for the feature's own calls. */
  readonly routes?: readonly Route[] | undefined;
  /** The budgets in which its flows count. Two features must not have budgets of the same name. */
  readonly budgets?: readonly Budget[] | undefined;
}

/** Makes a feature. Its type carries its calls and hides what it installs. */
export function defineFeature<Api extends object>(
  name: string,
  install: (bind: Bind) => InstalledFeature<Api>,
): Feature<Api> {
  return Object.freeze({ name, install }) as unknown as InstallableFeature<Api>;
}
