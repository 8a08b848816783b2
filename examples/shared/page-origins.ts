/** The origins of a page that is served on this port: `ORIGIN`, or this machine. */
export function pageOrigins(port: number): readonly string[] {
  const { ORIGIN } = process.env;
  return ORIGIN ? [ORIGIN] : [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
}
