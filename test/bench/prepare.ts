import { Users } from "@success-manager/domain/user";
import { fill } from "./fill.ts";

/** Who measures. */
export const ADMIN = { email: "admin@bench.example", password: "Correct-Horse-1" };

/** `node prepare.ts <customers>` fills the table of its environment and prints the id of a customer in the middle. */
if (import.meta.main) {
  await Users.create({ ...ADMIN, full_name: "Admin", role: "admin" });
  console.log(await fill(Number(process.argv[2])));
}
