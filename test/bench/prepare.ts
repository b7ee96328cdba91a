import { Users } from "@success-manager/domain/user";
import { ADMIN } from "./cloud.ts";
import { fill } from "./fill.ts";

/** `node prepare.ts <customers>` fills the table of its environment and prints the id of a customer in the middle. */
await Users.create({ ...ADMIN, full_name: "Admin", role: "admin" });
console.log(await fill(Number(process.argv[2])));
