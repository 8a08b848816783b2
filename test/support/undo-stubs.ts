import { afterAll, vi } from "vitest";

// Files share a process: what one of them has put in the place of something must not meet the next.
afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
