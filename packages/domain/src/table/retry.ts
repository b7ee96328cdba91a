import { setTimeout as sleep } from "node:timers/promises";

const FIRST_PAUSE_MS = 15;

/** Waits before attempt `n`, exponentially and with full jitter, so that those who met don't meet again. */
export const sleepWithJitter = (n: number) => sleep(Math.random() * FIRST_PAUSE_MS * 2 ** n);
