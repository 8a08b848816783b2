import { afterAll, beforeAll, expect, test } from "vitest";
import { codeBlock } from "./support/pages.ts";
import { type Folder, makeFolder } from "./support/programs.ts";

const PAGE = "docs/sockets.md";

/** Opens sockets as pages do, ends sessions in three ways, and says what became of each socket. */
const PROGRAM = `
import { createServer, request } from "node:http";
import { createAuth, memoryStore } from "sallyport";
import { createHandler } from "sallyport/http";
import { createSockets } from "./sockets.ts";
import { streamOf } from "./streams.ts";

const origin = "https://app.example";
const store = memoryStore();
const options = { secret: process.env.SALLYPORT_SECRET, store };
const sockets = createSockets(Number(process.env.EVERY_MS));
const auth = createAuth({ ...options, onEvent: sockets.onEvent });
const elsewhere = createAuth(options); // another instance on the same store
const handler = createHandler(auth, { transport: "cookie", origins: [origin] });

const server = createServer();
sockets.serve(server, handler, async ({ socket }, me) => {
  socket.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n");
  return {
    close: (code) => socket.end(String(code)),
    on: (_event, listener) => socket.on("close", listener),
  };
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();

let count = 0;
const signUp = () => auth.signup({ email: \`user\${count++}@example.com\`, password: "Correct1horse" }, { ip: null });
function open(token, from) {
  const headers = { connection: "Upgrade", upgrade: "websocket", cookie: \`__Host-sp-access=\${token}\`, ...from };
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: "127.0.0.1", headers });
    asked.on("response", ({ statusCode }) => resolve({ opened: statusCode }));
    asked.on("upgrade", (_response, socket) => {
      const closed = new Promise((end) => socket.once("data", (code) => { end(String(code)); socket.destroy(); }));
      resolve({ opened: 101, closed });
    });
    asked.on("error", reject).end();
  });
}

const foreign = await signUp();
for (const from of [{}, { origin: "https://evil.example" }, { origin: "null" }])
  console.log("foreign", (await open(foreign.accessToken, from)).opened);

const ended = { logout: (one) => auth.logout(one.accessToken), disable: (one) => auth.users.disable(one.user.id),
  elsewhere: (one) => elsewhere.logout(one.refreshToken) };
for (const [how, end] of Object.entries(ended).filter(([name]) => process.env.ENDINGS.includes(name))) {
  const one = await signUp();
  const bystander = await signUp();
  const [socket, other] = [await open(one.accessToken, { origin }), await open(bystander.accessToken, { origin })];
  await end(one);
  const isFirst = await Promise.race([socket.closed.then(() => true), other.closed.then(() => false)]);
  console.log(how, socket.opened, await socket.closed, isFirst);
  await auth.logout(bystander.accessToken);
}

const site = (value) => ({ method: "GET", headers: { cookie: \`__Host-sp-access=\${foreign.accessToken}\`, ...(value && { "sec-fetch-site": value }) } });
for (const value of [undefined, "same-origin", "same-site", "cross-site", "none"])
  console.log("stream", value, await streamOf(handler, site(value)).then(() => "open", ({ code }) => code));
process.exit(0);
`;

let folder: Folder;

beforeAll(() => {
  folder = makeFolder({
    "sockets.ts": codeBlock(PAGE, "ts", "createSockets("),
    "streams.ts": codeBlock(PAGE, "ts", "streamOf("),
    "program.ts": PROGRAM,
  });
});
afterAll(() => folder.remove());

const SECRET = "Zk3vP0xT8qLd5nWy2RbJ7mHc9GsF4aEu6XiQ1oVt";

// With an hour between two checks, only the event can have closed a socket.
test.each([
  ["this process ends them", ["logout", "disable"], "3600000"],
  ["another one does, and a check finds out", ["elsewhere"], "20"],
])(
  "the code of the page opens sockets to its own pages alone, and closes them when %s",
  async (_how, endings, every) => {
    const env = { SALLYPORT_SECRET: SECRET, EVERY_MS: every, ENDINGS: endings.join() };
    const program = folder.start(["program.ts"], env);
    expect([await program.exit, program.said().trim().split("\n")]).toEqual([
      0,
      [
        ...["foreign 401", "foreign 401", "foreign 401"],
        ...endings.map((how) => `${how} 101 4401 true`),
        ...["stream undefined cross_site_request", "stream same-origin open"],
        ...["stream same-site cross_site_request", "stream cross-site cross_site_request"],
        "stream none cross_site_request",
      ],
    ]);
  },
);
