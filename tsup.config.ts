import { fileURLToPath } from "node:url";
import type { Options } from "tsup";

// Without `clean`: the builds run at once, and one would take away what another has made.
const shared: Options = { format: "esm" };

const core = {
  entry: { index: "src/index.ts", http: "src/http/index.ts" },
};
const beside = {
  entry: {
    kysely: "src/adapters/kysely/index.ts",
    nodemailer: "src/adapters/nodemailer/index.ts",
    "pwned-passwords": "src/adapters/pwned/index.ts",
    "rate-limiter": "src/adapters/flexible/index.ts",
    sqlite: "src/adapters/sqlite/index.ts",
    testing: "src/testing/index.ts",
    verifier: "src/verifier/index.ts",
    cli: "src/cli/main.ts",
  },
};

const onServers: Options = {
  ...shared,
  target: "node20",
  platform: "node",
  splitting: true,
  // Without this `node:sqlite` becomes `sqlite`, which does not exist.
  removeNodeProtocol: false,
};

const coreCode: Options = {
  ...onServers,
  entry: { ...core.entry, errors: "src/errors.ts" },
  // zod is half of what an import costs, most of it languages that nobody asked for: only what is used comes along.
  noExternal: ["zod"],
};

const ERRORS = fileURLToPath(new URL("src/errors.ts", import.meta.url));

/**
 * Apart from the core, which would come in as many pieces as there are ways to share it, each a file to find and read.
 * What is shared is small, and copied. `AuthError` is one class.
 */
const besideCode: Options = {
  ...onServers,
  ...beside,
  esbuildPlugins: [
    {
      name: "one AuthError",
      setup: ({ onResolve, resolve }) => {
        onResolve({ filter: /\/errors\.ts$/ }, async ({ path, pluginData, ...from }) => {
          if (pluginData === ERRORS) return;
          const found = await resolve(path, { ...from, pluginData: ERRORS });
          return found.path === ERRORS ? { path: "./errors.js", external: true } : found;
        });
      },
    },
  ],
};

/** Each is one file without imports, which pages are served as it is. */
const client: Options = {
  ...shared,
  dts: true,
  entry: {
    client: "src/client/index.ts",
    "client-mail": "src/client/mail.ts",
    "client-storage": "src/client/async-storage.ts",
  },
  target: "es2022",
  platform: "browser",
  splitting: false,
};

/** Of both at once: a type that two of them export is one type. */
const types: Options = {
  ...shared,
  entry: { ...core.entry, ...beside.entry },
  // `auth[Symbol.asyncDispose]` needs this library of the compiler. The bundler of types drops the line from sources.
  dts: { only: true, banner: '/// <reference lib="esnext.disposable" />' },
};

const config: Options[] = [coreCode, besideCode, client, types];

export default config;
