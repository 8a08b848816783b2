import type { ClientFeature, ClientFeatures } from "./feature.ts";
import type { ClientKit } from "./kit.ts";
import { mistake } from "./options.ts";
import type { AuthClient } from "./types.ts";

/** What a `ClientFeature` is inside the package. */
export interface InstallableClientFeature<Api extends object> extends ClientFeature<Api> {
  /** Makes the calls of the feature, which the client has under its name. */
  install(kit: ClientKit): Api;
}

/** Adds the calls of the features. Throws a TypeError that names the feature, when its key or its `install` fails. */
export function install(
  features: ClientFeatures | undefined,
  kit: ClientKit,
  client: AuthClient & Record<string, object>,
): AuthClient {
  for (const key in features) {
    const feature = features[key] as InstallableClientFeature<object>;
    try {
      if (key in client) throw new TypeError("this name is taken");
      if (feature.name !== key) throw new TypeError(`its name is ${feature.name}`);
      client[key] = feature.install(kit);
    } catch (cause) {
      throw mistake(`feature ${key}: ${(cause as Error).message}`, { cause });
    }
  }
  return Object.freeze(client);
}
