import { afterAll } from "vitest";
import { stopClouds } from "./servers.ts";

// Runs before each test file whose worker shares servers: they are free for the next file, whatever happens to this one.
afterAll(stopClouds);
