import type { UserId } from "./ids.ts";
import type { User } from "./user.ts";

/** The random id of a known device. Its device token holds it. */
export type Device = string;

/** A genuine device token: the device, and the user and epoch for which it was made. */
export interface PresentedDevice {
  readonly id: Device;
  readonly userId: UserId;
  /** Every change of the password or the status of the user moves the epoch on, and so ends the token. */
  readonly epoch: number;
}

/** The device, if it is known to this user now. Null: it is unknown, and counts like any other. */
export function knownDevice(presented: PresentedDevice | null, user: User | null): Device | null {
  if (!presented || !user) return null;
  return presented.userId === user.id && presented.epoch === user.epoch ? presented.id : null;
}

/** The name under which all devices of one user at one epoch count together. */
export function familyOf({ userId, epoch }: Pick<PresentedDevice, "userId" | "epoch">): string {
  return `${userId}:${epoch}`;
}
