// What stands in the way of saving.

/** Nothing was saved, and why: no room · the browser's database failed · nobody signed in · more than can be sent. */
export class NotKept extends Error {
  constructor(readonly code: "full" | "storage" | "no_owner" | "too_large" | "no_conflict") {
    super(code);
    this.name = "NotKept";
  }
}
