import type { Edit } from "./mutant.ts";

const FILE = "test/security/g12-client-address.test.ts";
const SPOOFING = "test/security/trusted-proxies/spoofing.test.ts";
const RANGES = "test/http/trusted-proxies.test.ts";
const TOLD = "test/http/client-address.test.ts";
const RULES = "test/domain/small-rules.test.ts";

export const G12: readonly Edit[] = [
  {
    edit: "believe a header by default",
    file: "src/http/client-address/trusted-proxies.ts",
    from: "return (peer) => addressOf(peer);",
    to: 'return (peer, headers) => addressOf([headers["x-forwarded-for"]].flat()[0] ?? peer);',
    stoppedBy: FILE,
  },
  {
    edit: "a peer without an address is served",
    file: "src/http/server/node-handler.ts",
    from: "if (ip === undefined) return void response.destroy();\n    serve(handler, { request, target, ip })",
    to: "serve(handler, { request, target, ip: (ip ?? null) as string })",
    stoppedBy: FILE,
  },
  {
    edit: "a Unix socket without an address has no limit",
    file: "src/http/server/dispatch.ts",
    from: "if (ip !== undefined) return { ...client, ip,",
    to: "if (true) return { ...client, ip: ip ?? null,",
    stoppedBy: FILE,
  },
  {
    edit: "a Request without a client has no limit",
    file: "src/http/server/client-rule.ts",
    from: "if (client?.ip === undefined)",
    to: "if (client?.ip === undefined && client)",
    stoppedBy: FILE,
  },
  {
    edit: "every entry of the header is believed",
    file: "src/http/client-address/trusted-proxies.ts",
    from: " || !trusts(known, walked)) break;",
    to: ") break;",
    stoppedBy: SPOOFING,
  },
  {
    edit: "one proxy more than trusted",
    file: "src/http/client-address/trusted-proxies.ts",
    from: "(_address, hops) => hops < trusted",
    to: "(_address, hops) => hops <= trusted",
    stoppedBy: SPOOFING,
  },
  {
    edit: "text that is no address is skipped",
    file: "src/http/client-address/trusted-proxies.ts",
    from: "if (hop === null || walked",
    to: "if (hop === null) continue; if (walked",
    stoppedBy: SPOOFING,
  },
  {
    edit: "header lines are read in their order",
    file: "src/http/client-address/forwarded-hops.ts",
    from: ".flat().reverse()",
    to: ".flat()",
    stoppedBy: SPOOFING,
  },
  {
    edit: "a header block that was cut is believed",
    file: "src/http/client-address/trusted-proxies.ts",
    from: "return lines < MAX_HEADER_LINES;",
    to: "return lines > 0;",
    stoppedBy: SPOOFING,
  },
  {
    edit: "a closed connection passes for a Unix socket",
    file: "src/http/client-address/peer-address.ts",
    from: "if (socket.destroyed || socket.localAddress !== undefined) return false;",
    to: "if (socket.localAddress !== undefined) return false;",
    stoppedBy: SPOOFING,
  },
  {
    edit: "/0 is a range",
    file: "src/http/client-address/proxy-list.ts",
    from: '  if (prefix === 0) throw refuse("/0 trusts every address, and so every forged header: name your proxies");\n',
    to: "",
    stoppedBy: RANGES,
  },
  {
    edit: "bits beyond a range are ignored",
    file: "src/http/client-address/proxy-list.ts",
    from: 'if (bits.includes("1", prefix))',
    to: 'if (bits.includes("2", prefix))',
    stoppedBy: RANGES,
  },
  {
    edit: "an empty list of proxies",
    file: "src/http/client-address/proxy-list.ts",
    from: '  if (list.length === 0) throw refuse("trustedProxies is empty: leave it out, or name your proxies");\n',
    to: "",
    stoppedBy: RANGES,
  },
  {
    edit: "a port of any number",
    file: "src/http/client-address/hop-address.ts",
    from: " && Number(port) <= 65_535",
    to: "",
    stoppedBy: SPOOFING,
  },
  {
    edit: "an unknown address is served",
    file: "src/http/client-address/told-address.ts",
    from: "if (told !== null) throw",
    to: "if (told != null) throw",
    stoppedBy: TOLD,
  },
  {
    edit: "text that a platform tells is an address",
    file: "src/http/client-address/told-address.ts",
    from: 'typeof told === "string" ? bareAddress(told) : null',
    to: 'typeof told === "string" ? told : null',
    stoppedBy: TOLD,
  },
  {
    edit: "fewer proxies than stated are enough",
    file: "src/http/client-address/presets.ts",
    from: "hop === null || passed === hops",
    to: "hop === null || passed <= hops",
    stoppedBy: TOLD,
  },
  {
    edit: "a proxy list and a function at once",
    file: "src/http/server/handler-options.ts",
    from: "if (options.clientAddress && (",
    to: "if (!options.clientAddress && (",
    stoppedBy: TOLD,
  },
  {
    edit: "an address ends at its zone, whatever follows",
    file: "src/domain/client-address.ts",
    from: "ZONE.test(ip.slice(end)) ? ip",
    to: "true ? ip",
    stoppedBy: RULES,
  },
];
