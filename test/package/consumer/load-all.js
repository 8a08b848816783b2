// node load-all.js import|require <specifier>...: a line for each, with the sorted names it exports, or its error.
import { createRequire } from "node:module";

const [how, ...specifiers] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const load = how === "require" ? async (specifier) => require(specifier) : (specifier) => import(specifier);
for (const specifier of specifiers) {
  const said = await load(specifier).then((loaded) => Object.keys(loaded).sort(), String);
  console.log(JSON.stringify([specifier, said]));
}
