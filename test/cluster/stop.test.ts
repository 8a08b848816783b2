// What was started by one command ends with it, however it ends.
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
  type Cluster,
  callFrom,
  freshAddress,
  launchCluster,
  PASSWORD,
  servicesAreThere,
  startCluster,
} from "./cluster.ts";

describe.runIf(servicesAreThere())("the command", () => {
  let cluster: Pick<Cluster, "remove"> | undefined;

  afterEach(async () => {
    await cluster?.remove();
    cluster = undefined;
  });

  test.each([
    ["SIGTERM to it alone", "SIGTERM", 1],
    ["Ctrl-C, which reaches its instances as well,", "SIGINT", -1],
  ] as const)(
    "answers what has begun when %s comes, and leaves nothing behind",
    async (_what, signal, sign) => {
      const started = await startCluster({ detached: true });
      cluster = started;
      const { front, main, instances, ended, output } = started;
      const body = { email: "ada@example.com", password: PASSWORD };
      const underWay = callFrom(freshAddress(), ["POST", `${front}/auth/signup`], { body });
      // When this is answered, what was sent before it has arrived.
      await callFrom(freshAddress(), ["GET", `${front}/auth/openapi.json`]);
      const pids = instances().map(({ pid }) => pid);
      const urls = [front, ...instances().map(({ url }) => url)];
      process.kill(sign * (main.pid as number), signal);

      expect((await underWay).status).toBe(201);
      expect(await ended).toBe(0);
      expect(pids.filter(isRunning)).toEqual([]);
      expect(await Promise.all(urls.map(listens))).toEqual([false, false, false, false]);
      expect(output().trim().split("\n").length).toBe(5);
    },
  );

  test("killed with -9, it takes the instances along", async () => {
    const started = await startCluster();
    cluster = started;
    const urls = started.instances().map(({ url }) => url);
    started.main.kill("SIGKILL");
    for (const url of urls) await expect.poll(() => listens(url)).toBe(false);
  });

  test("that cannot start says why, once it has ended what did start", async () => {
    const started = await launchCluster({ environment: { SALLYPORT_SECRET: "short" } });
    cluster = started;
    expect(await started.ended).toBe(1);
    expect(started.output().match(/^AuthError: createAuth: secret: /gm)).toHaveLength(1);
    expect(started.instances()).toEqual([]);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function listens(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}
