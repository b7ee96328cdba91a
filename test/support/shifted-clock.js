// @ts-check
// Loaded before everything else of a process or a function of the local cloud (NODE_OPTIONS): its clock goes as the
// machine's does, CLOCK_SHIFT_MS away from it. What is made from the demo data is then the same on every day.
const shift = Number(process.env.CLOCK_SHIFT_MS);
const RealDate = Date;

globalThis.Date = /** @type {DateConstructor} */ (
  new Proxy(RealDate, {
    construct: (target, args, self) =>
      Reflect.construct(target, args.length === 0 ? [target.now() + shift] : args, self),
    apply: () => new RealDate(RealDate.now() + shift).toString(),
    get: (target, name) => (name === "now" ? () => RealDate.now() + shift : Reflect.get(target, name)),
  })
);
