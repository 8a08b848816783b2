/** The random id of a known device, as its token holds it. */
export type Device = string;
