import { boundedServer } from "../shared/bounded-server.ts";
import { runServer } from "../shared/run-server.ts";
import { createApp } from "./app.ts";
import { toNodeListener } from "./node-bridge.ts";

await runServer({
  command: "npm run demo:web",
  port: process.env["PORT"] ?? "3000",
  host: process.env["HOST"] ?? "127.0.0.1",
  createServer: (means) => boundedServer(toNodeListener(createApp(means), means.onError)),
});
