import * as fc from "fast-check";
import { expect, it } from "vitest";
import { eventQueue } from "./event-queue.ts";

it("runs events by time, and at the same time in the order in which they were added", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (times) => {
      const happened: (readonly [number, number])[] = [];
      const events = eventQueue();
      times.forEach((at, n) => {
        events.add(new Date(at), () => happened.push([at, n]));
      });
      events.run();
      expect(happened).toEqual(times.map((at, n) => [at, n]).sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0)));
    }),
  );
});

it("lets an event add others, each in its time", () => {
  const happened: string[] = [];
  const events = eventQueue();
  events.add(new Date(1), () => {
    happened.push("cause");
    events.add(new Date(2), () => happened.push("effect"));
  });
  events.add(new Date(2), () => happened.push("before it"));
  events.add(new Date(3), () => happened.push("end"));
  events.run();
  expect(happened).toEqual(["cause", "before it", "effect", "end"]);
});
