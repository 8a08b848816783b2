import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP proxy that can fall silent: it keeps every connection open, and forwards nothing more. */
export interface SilentProxy {
  /** The URL of the server, through the proxy. */
  readonly url: string;
  /** Falls silent after so many more answers of the server. 0: before the next request reaches the server. */
  fallSilentAfter(answers: number): void;
  /** How many answers it has forwarded. */
  answers(): number;
  /** Serves new connections again. Those of before stay silent: their peers are not told. */
  comeBack(): void;
  close(): Promise<void>;
}

interface Pipe {
  readonly client: Socket;
  readonly server: Socket;
  isDead: boolean;
}

export async function silentProxy(serverUrl: string): Promise<SilentProxy> {
  const target = new URL(serverUrl);
  const pipes = new Set<Pipe>();
  let forwarded = 0;
  let left = Number.POSITIVE_INFINITY;

  const isSilent = (): boolean => left <= 0;
  const silence = (): void => {
    for (const pipe of pipes) pipe.isDead = true;
  };
  const answered = (pipe: Pipe, data: Buffer): void => {
    if (isSilent()) pipe.isDead = true;
    if (pipe.isDead) return;
    pipe.client.write(data);
    forwarded++;
    if (--left <= 0) silence();
  };
  const proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    const pipe: Pipe = { client, server, isDead: isSilent() };
    pipes.add(pipe);
    client.on("data", (data) => void (pipe.isDead || server.write(data)));
    server.on("data", (data) => answered(pipe, data));
    client.on("error", () => {}).on("close", () => server.destroy());
    server.on("error", () => {}).on("close", () => void (pipe.isDead || client.destroy()));
  });
  await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
  return {
    url: Object.assign(new URL(serverUrl), { port: String((proxy.address() as AddressInfo).port) }).href,
    fallSilentAfter(answers) {
      left = answers;
      if (answers === 0) silence();
    },
    answers: () => forwarded,
    comeBack() {
      left = Number.POSITIVE_INFINITY;
      // As after a restart of the proxy: the server knows that its clients are gone.
      for (const { isDead, server } of pipes) if (isDead) server.destroy();
    },
    async close() {
      for (const { client, server } of pipes) {
        client.destroy();
        server.destroy();
      }
      await new Promise((closed) => proxy.close(closed));
    },
  };
}
