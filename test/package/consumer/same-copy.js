// Both ways of loading give the same functions: an error made in one is an AuthError in the other.
import { createRequire } from "node:module";
import * as imported from "sallyport";

const required = createRequire(import.meta.url)("sallyport");
console.log(imported.createAuth === required.createAuth && imported.AuthError === required.AuthError);
