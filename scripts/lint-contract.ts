// Writes the OpenAPI document that the handler serves to .cache/openapi.json, for the linter.
import { mkdirSync, writeFileSync } from "node:fs";
import { contractRoute } from "../src/http/openapi.ts";
import { routes } from "../src/http/routes.ts";

const contract = contractRoute(routes, "/auth");
mkdirSync(".cache", { recursive: true });
writeFileSync(
  ".cache/openapi.json",
  JSON.stringify(await contract.run(undefined as never, undefined as never), null, 2),
);
