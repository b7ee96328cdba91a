import fc from "fast-check";
import { expect, test } from "vitest";
import { addressHash, networkOf } from "./index.ts";

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::FFFF:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:0001:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["test 1", "test 1"],
])("%s stands for %s", (address, network) => expect(networkOf(address)).toBe(network));

test("whoever has 64 bits to choose from is one caller, however the address is written", () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  const groups = (length: number) => fc.array(group, { minLength: length, maxLength: length });
  fc.assert(
    fc.property(groups(4), groups(4), groups(4), (network, one, other) => {
      const address = (host: number[]) => [...network, ...host].map((part) => part.toString(16)).join(":");
      const canonical = new URL(`http://[${address(other)}]`).hostname.slice(1, -1);
      expect(addressHash(canonical)).toBe(addressHash(address(one)));
    }),
  );
});
