/** What we use of it; Node's types have none of it, and those of browsers have all of theirs. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  function compile(code: Uint8Array): Promise<Module>;
  function instantiate(module: Module): Promise<{ readonly exports: unknown }>;
}
