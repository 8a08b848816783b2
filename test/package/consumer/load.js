// node load.js import|require <specifier>: prints the sorted names that the module exports.
import { createRequire } from "node:module";

const [how, specifier] = process.argv.slice(2);
if (specifier === "sallyport/next") await import("./in-place-of-next.js");
const options = specifier.endsWith(".json") ? { with: { type: "json" } } : undefined;
const loaded =
  how === "require" ? createRequire(import.meta.url)(specifier) : await import(specifier, options);
const names = Object.keys(options && how === "import" ? loaded.default : loaded);
console.log(JSON.stringify(names.sort()));
