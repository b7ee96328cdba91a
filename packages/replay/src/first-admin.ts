// Creates the first admin of the cloud whose environment it is given: first-admin.ts <address> <name>, with the password
// in FIRST_ADMIN_PASSWORD. A process of its own: the domain talks to one table for as long as it is loaded.
import { Users } from "@success-manager/domain/users";

const [email = "", full_name = ""] = process.argv.slice(2);
await Users.create({ email, full_name, role: "admin", password: process.env.FIRST_ADMIN_PASSWORD ?? "" });
