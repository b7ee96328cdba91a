import * as fc from "fast-check";
import { expect, it } from "vitest";
import { timeline } from "./timeline.ts";

it("lets things happen by time, and at the same time in the order in which they were added", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (times) => {
      const happened: (readonly [number, number])[] = [];
      const time = timeline();
      times.forEach((at, n) => {
        time.add(new Date(at), () => happened.push([at, n]));
      });
      time.run();
      expect(happened).toEqual(times.map((at, n) => [at, n]).sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0)));
    }),
  );
});

it("lets what happens bring about more, each in its time", () => {
  const happened: string[] = [];
  const time = timeline();
  time.add(new Date(1), () => {
    happened.push("cause");
    time.add(new Date(2), () => happened.push("effect"));
  });
  time.add(new Date(2), () => happened.push("before it"));
  time.add(new Date(3), () => happened.push("end"));
  time.run();
  expect(happened).toEqual(["cause", "before it", "effect", "end"]);
});
