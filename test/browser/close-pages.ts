import { afterAll } from "vitest";
import { closeContexts } from "../support/browser.ts";

// Runs before each test file of a worker, whose browser the next file uses.
afterAll(closeContexts);
