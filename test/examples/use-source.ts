import { registerHooks } from "node:module";
import config from "../../vitest.config.ts";

// For `node --import`: a program that imports the package gets its source, by the aliases of the tests.
const aliases = config.resolve?.alias as readonly { find: RegExp; replacement: string }[];

registerHooks({
  resolve: (specifier, context, next) => {
    const alias = aliases.find(({ find }) => find.test(specifier));
    return next(alias ? `file://${alias.replacement}` : specifier, context);
  },
});
