import { boundedServer } from "../shared/bounded-server.ts";
import { runServer } from "../shared/run-server.ts";
import { createPagesApp } from "./app.ts";

await runServer({
  command: "npm run demo:pages",
  port: process.env["PORT"] ?? "3000",
  host: process.env["HOST"] ?? "127.0.0.1",
  createServer: (means) => boundedServer(createPagesApp(means)),
});
