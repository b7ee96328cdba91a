import { Users } from "@success-manager/domain/user";
import { fill } from "./fill.ts";

/** Fills the table of this process's environment and prints the id of a customer in the middle. */
const password = "Correct-Horse-1";
await Users.create({ email: "admin@bench.example", full_name: "Admin", role: "admin", password });
await Users.create({ email: "manager@bench.example", full_name: "Manager", role: "manager", password });
console.log(await fill(Number(process.argv[2])));
