/** How long a device stays known, in milliseconds: 180 days. */
export const DEVICE_TOKEN_MS: number = 180 * 24 * 60 * 60_000;
