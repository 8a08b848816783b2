import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { SOURCE_ALIASES } from "../support/source-aliases.ts";

// For `node --import`: a program that imports the package gets its source, by the aliases of the tests.
registerHooks({
  resolve: (specifier, context, next) => {
    const alias = SOURCE_ALIASES.find(({ find }) => find.test(specifier));
    return next(alias ? pathToFileURL(alias.replacement).href : specifier, context);
  },
});
