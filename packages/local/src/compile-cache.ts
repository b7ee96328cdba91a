import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The folder of Node's compile cache (`NODE_COMPILE_CACHE`) for child processes and function instances. With it a
 * function's first event takes half the time: its bundle, often 0.5 MB, and the runtime's TypeScript are not
 * compiled again. Node keeps the entries of versions and users apart and adds one for each changed file.
 */
export const compileCache = process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), "node-compile-cache");
