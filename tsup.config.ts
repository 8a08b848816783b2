import type { Options } from "tsup";

const config: Options = {
  entry: {
    index: "src/index.ts",
    http: "src/http/index.ts",
    kysely: "src/adapters/kysely/index.ts",
    "rate-limiter": "src/adapters/flexible/index.ts",
    sqlite: "src/adapters/sqlite.ts",
    testing: "src/testing/index.ts",
    verifier: "src/verifier/index.ts",
    cli: "src/cli/main.ts",
  },
  format: "esm",
  target: "node20",
  platform: "node",
  splitting: true,
  dts: true,
  clean: true,
  // Without this `node:sqlite` becomes `sqlite`, which does not exist.
  removeNodeProtocol: false,
  // zod is half of what an import costs, most of it languages that nobody asked for: only what is used comes along.
  noExternal: ["zod"],
};

export default config;
