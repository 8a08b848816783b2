// node trace.js <specifier>: prints the URL of every module that loading it loads.
import { registerHooks } from "node:module";

const urls = [];
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    urls.push(resolved.url);
    return resolved;
  },
});
await import(process.argv[2]);
console.log(JSON.stringify(urls));
