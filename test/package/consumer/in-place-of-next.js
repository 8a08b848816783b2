// Next.js has modules of its own for these names, which Node does not find.
import { registerHooks } from "node:module";

const MODULES = {
  "next/headers": "export const headers = async () => new Headers()",
  "next/navigation": "export const redirect = (url) => { throw new TypeError(url) }",
};

registerHooks({
  resolve: (specifier, context, next) => {
    const source = MODULES[specifier];
    if (source === undefined) return next(specifier, context);
    return { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true };
  },
});
