import type { Role } from "@success-manager/contract/vocabulary";

/** Who can sign in to the demo. The passwords are public, so these exist on one machine only. */
export interface DemoAccount {
  readonly email: string;
  readonly password: string;
  readonly role: Role;
  readonly full_name: string;
}

export const [admin, sarah, james, emily, michael] = [
  { email: "admin@extravis.com", password: "Admin@123", role: "admin", full_name: "System Administrator" },
  {
    email: "sarah.manager@extravis.com",
    password: "Manager@123",
    role: "manager",
    full_name: "Sarah Johnson",
  },
  {
    email: "james.manager@extravis.com",
    password: "Manager@123",
    role: "manager",
    full_name: "James Wilson",
  },
  { email: "emily.viewer@extravis.com", password: "Viewer@123", role: "viewer", full_name: "Emily Brown" },
  {
    email: "michael.viewer@extravis.com",
    password: "Viewer@123",
    role: "viewer",
    full_name: "Michael Davis",
  },
] as const satisfies readonly DemoAccount[];

export const accounts: readonly DemoAccount[] = [admin, sarah, james, emily, michael];
