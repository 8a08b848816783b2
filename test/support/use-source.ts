import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { bundlePath } from "./bundle-path.ts";
import { SOURCE_ALIASES } from "./source-aliases.ts";

// For `node --import`: a program that imports the package gets its source, by the aliases of the tests. Bundled, if the
// run has bundled it.
registerHooks({
  resolve: (specifier, context, next) => next(sourceOf(specifier) ?? specifier, context),
});

function sourceOf(specifier: string): string | undefined {
  const alias = SOURCE_ALIASES.find(({ name }) => name === specifier);
  if (!alias && specifier !== "kysely") return;
  const bundle = bundlePath(specifier);
  const path = existsSync(bundle) ? bundle : alias?.replacement;
  return path && pathToFileURL(path).href;
}
