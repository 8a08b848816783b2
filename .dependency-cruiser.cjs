// The layers of the house in one table: who may import whom. The order is
// lib <- domain <- tokens <- ports <- (api, config, base, contract) <- kit <- flows <- create-auth <- index.
const ROOM = {
  lib: "^src/lib/",
  domain: "^src/domain/",
  tokens: "^src/tokens/",
  ports: "^src/ports/",
  errors: "^src/errors\\.ts$",
  api: "^src/api/",
  config: "^src/config/",
  base: "^src/(report|context|mail-service|feature|installed-feature|install-features)\\.ts$",
  kit: "^src/kit/",
  gates: "^src/gates/",
  flows: "^src/flows/",
  contract: "^src/contract/",
  adapters: "^src/adapters/",
  client: "^src/client/",
  http: "^src/http/",
  verifier: "^src/verifier/",
  testing: "^src/testing/",
  cli: "^src/cli/",
  face: "^src/(create-auth|bind-flows|index)\\.ts$",
};

/** `room` sees itself and the named rooms of ours, and any package unless another rule forbids it. */
function onlySees(room, seen) {
  return {
    name: `${room}-sees-only-${seen.join("-") || "itself"}`,
    severity: "error",
    from: { path: ROOM[room] },
    to: { path: "^src/", pathNot: [room, ...seen].map((name) => ROOM[name]) },
  };
}

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-orphans", severity: "error", from: { orphan: true, path: "^src/" }, to: {} },
    onlySees("lib", []),
    onlySees("domain", ["lib"]),
    onlySees("tokens", ["lib", "domain", "errors", "api"]),
    onlySees("ports", ["domain", "tokens"]),
    onlySees("errors", []),
    onlySees("api", ["lib", "domain", "tokens", "ports", "errors", "base", "contract"]),
    onlySees("config", ["lib", "domain", "ports", "errors", "api", "base"]),
    onlySees("base", ["lib", "domain", "tokens", "ports", "errors", "api", "config", "contract"]),
    onlySees("kit", ["lib", "domain", "tokens", "ports", "errors", "api", "config", "base"]),
    onlySees("gates", ["domain", "ports", "base", "kit"]),
    onlySees("flows", ["lib", "domain", "tokens", "ports", "errors", "api", "base", "kit"]),
    onlySees("contract", ["lib", "domain", "errors", "api"]),
    onlySees("adapters", ["lib", "domain", "tokens", "ports", "errors"]),
    onlySees("http", ["lib", "domain", "ports", "errors", "api", "base", "contract"]),
    onlySees("client", ["errors", "api"]),
    onlySees("verifier", ["lib", "domain", "tokens", "ports", "errors", "api"]),
    onlySees("testing", ["lib", "domain", "ports", "errors", "api", "contract"]),
    onlySees("cli", ["lib", "domain", "ports", "errors", "adapters"]),
    {
      name: "flows-do-not-call-flows",
      severity: "error",
      from: { path: ROOM.flows },
      to: { path: ROOM.flows },
    },
    {
      // Pages load the client as one file. Any import that is not a type would bring a part of the server along.
      name: "client-sees-types-only-as-types",
      severity: "error",
      from: { path: ROOM.client },
      to: { path: ".", pathNot: ROOM.client, dependencyTypesNot: ["type-only"] },
    },
    {
      // A test bundles the whole graph of the verifier. Type imports are gone by then.
      name: "tokens-and-verifier-use-web-standards-and-jose-alone",
      severity: "error",
      from: { path: [ROOM.tokens, ROOM.verifier] },
      to: { path: ".", pathNot: "^src/|node_modules/jose/" },
    },
    {
      name: "drivers-only-in-adapters",
      severity: "error",
      from: { path: "^src/", pathNot: ROOM.adapters },
      to: {
        path: "^(node:sqlite$|.*node_modules/(kysely|@node-rs|nodemailer|pg|mysql2|redis|better-sqlite3)/)",
      },
    },
    {
      name: "jose-only-in-tokens-and-adapters",
      severity: "error",
      from: { path: "^src/", pathNot: [ROOM.tokens, ROOM.adapters] },
      to: { path: "node_modules/jose/" },
    },
    {
      name: "lib-domain-and-ports-use-no-package",
      severity: "error",
      from: { path: "^src/(lib|domain|ports)/" },
      to: { dependencyTypes: ["npm", "npm-dev", "npm-peer", "npm-optional"] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
