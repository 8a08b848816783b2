import type { Options } from "tsup";

// Without `clean`: both builds run at once, and one would take away what the other has made.
const shared: Options = { format: "esm", dts: true };

const server: Options = {
  ...shared,
  // `auth[Symbol.asyncDispose]` needs this library of the compiler. The bundler of types drops the line from sources.
  dts: { banner: '/// <reference lib="esnext.disposable" />' },
  entry: {
    index: "src/index.ts",
    http: "src/http/index.ts",
    kysely: "src/adapters/kysely/index.ts",
    "pwned-passwords": "src/adapters/pwned/index.ts",
    "rate-limiter": "src/adapters/flexible/index.ts",
    sqlite: "src/adapters/sqlite/index.ts",
    testing: "src/testing/index.ts",
    verifier: "src/verifier/index.ts",
    cli: "src/cli/main.ts",
  },
  target: "node20",
  platform: "node",
  splitting: true,
  // Without this `node:sqlite` becomes `sqlite`, which does not exist.
  removeNodeProtocol: false,
  // zod is half of what an import costs, most of it languages that nobody asked for: only what is used comes along.
  noExternal: ["zod"],
};

/** Each is one file without imports, which pages are served as it is. */
const client: Options = {
  ...shared,
  entry: { client: "src/client/index.ts", "client-storage": "src/client/async-storage.ts" },
  target: "es2022",
  platform: "browser",
  splitting: false,
};

const config: Options[] = [server, client];

export default config;
