// Who may import whom: the layers of the house in one table. The order is
// domain <- ports <- (errors, auth, auth-data, options, config, context, feature) <- kit <- flows <- create-auth <- index.
const ROOM = {
  domain: "^src/domain/",
  ports: "^src/ports/",
  base: "^src/((errors|report|auth|auth-data|options|config|context|feature)\\.ts$|config/)",
  kit: "^src/kit/",
  flows: "^src/flows/",
  adapters: "^src/adapters/",
  client: "^src/client/",
  http: "^src/http/",
  verifier: "^src/verifier/",
  testing: "^src/testing/",
  cli: "^src/cli/",
  face: "^src/(create-auth|index)\\.ts$",
};

/** `room` sees only the named rooms of ours (and, unless `packages` says otherwise, any package). */
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
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, path: "^src/" },
      to: {},
    },
    onlySees("domain", []),
    onlySees("ports", ["domain"]),
    {
      name: "errors-see-nothing",
      severity: "error",
      from: { path: "^src/errors\\.ts$" },
      to: { path: "^src/" },
    },
    onlySees("base", ["domain", "ports"]),
    onlySees("kit", ["domain", "ports", "base"]),
    onlySees("flows", ["domain", "ports", "base", "kit"]),
    {
      name: "flows-do-not-call-flows",
      severity: "error",
      from: { path: ROOM.flows },
      to: { path: ROOM.flows },
    },
    onlySees("adapters", ["domain", "ports", "base"]),
    {
      name: "adapters-see-errors-only-of-the-base",
      severity: "error",
      from: { path: ROOM.adapters },
      to: { path: ROOM.base, pathNot: "^src/errors\\.ts$" },
    },
    {
      // The spelling of an address is one rule: what proxies tell is compared, and counted, in no other. So is the
      // time for which a device is known.
      name: "http-sees-public-types-errors-the-clock-and-two-rules-of-the-domain",
      severity: "error",
      from: { path: ROOM.http },
      to: {
        path: "^src/",
        pathNot: [
          ROOM.http,
          "^src/(auth|errors|report|ports/clock|domain/(client-address|device-token))\\.ts$",
        ],
      },
    },
    {
      name: "client-sees-public-types-alone",
      severity: "error",
      from: { path: ROOM.client },
      to: { path: ".", pathNot: [ROOM.client, "^src/(auth|errors)\\.ts$"] },
    },
    {
      // Pages load it as one file: what is not a type would bring a part of the server along.
      name: "client-sees-types-only-as-types",
      severity: "error",
      from: { path: ROOM.client },
      to: { path: "^src/", pathNot: ROOM.client, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "nobody-sees-the-client",
      severity: "error",
      from: { path: "^src/", pathNot: ROOM.client },
      to: { path: ROOM.client },
    },
    onlySees("verifier", ["domain", "ports", "base", "kit", "adapters"]),
    {
      name: "verifier-sees-only-what-runs-on-any-runtime",
      severity: "error",
      from: { path: ROOM.verifier },
      to: {
        path: [ROOM.base, ROOM.kit, ROOM.adapters],
        pathNot: "^src/(errors|auth|kit/principal|adapters/(access-token-jws|system-clock))\\.ts$",
      },
    },
    {
      // Its whole graph is tried by test/verifier, bundled: what is only a type does not count there.
      name: "verifier-and-what-it-stands-on-use-web-standards-and-jose-alone",
      severity: "error",
      from: { path: "^src/(verifier/|kit/principal\\.ts|adapters/(access-token-jws|system-clock)\\.ts)" },
      to: { path: ".", pathNot: "^src/|node_modules/jose/" },
    },
    onlySees("testing", ["domain", "ports", "base"]),
    onlySees("cli", ["domain", "ports", "base", "kit", "adapters"]),
    {
      // Drivers come with `open-database`, which loads them when they are asked for: `secret` needs none.
      // `private-jwks` is what `createAuth` reads signing keys by: `keys` must not take or make others.
      name: "cli-sees-few-adapters-one-step-of-kit-and-of-the-base-errors-and-private-jwks",
      severity: "error",
      from: { path: ROOM.cli },
      to: {
        path: [ROOM.base, ROOM.kit, ROOM.adapters],
        pathNot:
          "^src/(errors|config/private-jwks|kit/purge-in-batches|adapters/(open-database|system-clock|kysely/tables))\\.ts$",
      },
    },
    {
      name: "only-create-auth-names-adapters",
      severity: "error",
      from: { path: "^src/", pathNot: [ROOM.adapters, ROOM.face, ROOM.cli, ROOM.verifier] },
      to: { path: ROOM.adapters },
    },
    {
      name: "drivers-only-in-adapters",
      severity: "error",
      from: { path: "^src/", pathNot: ROOM.adapters },
      to: { path: "^(node:sqlite$|.*node_modules/(kysely|@node-rs|pg|mysql2|redis|better-sqlite3|jose)/)" },
    },
    {
      name: "domain-and-ports-use-no-package",
      severity: "error",
      from: { path: "^src/(domain|ports)/" },
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
