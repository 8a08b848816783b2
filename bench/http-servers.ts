import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";

/** How a listener of `node:http` is served. Both get the same. */
export interface Framework {
  readonly name: string;
  /** The share of the requests by hand that is to be kept. */
  readonly goal: number;
  readonly ours: (handler: RequestListener) => Server;
  readonly byHand: (listener: RequestListener) => Server;
}

export const FRAMEWORKS: readonly Framework[] = [
  {
    name: "node:http",
    goal: 0.9,
    ours: (handler) => createServer(handler),
    byHand: (listener) => createServer(listener),
  },
  {
    name: "Express",
    goal: 0.8,
    ours: (handler) => createServer(express().use(handler)),
    byHand: (listener) => createServer(express().get("/auth/me", listener)),
  },
];

/** Runs with the address of each server on loopback, and closes them. */
export async function withServers<T>(
  servers: readonly Server[],
  work: (urls: readonly string[]) => Promise<T>,
): Promise<T> {
  const urls = await Promise.all(servers.map(listen));
  try {
    return await work(urls);
  } finally {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  }
}

export async function listen(server: Server): Promise<string> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
