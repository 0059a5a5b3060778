// One sentence that always says the truth about what is saved where.
import type { ItemView, Phone } from "../engine";
import { words } from "../words";
import type { Tone } from "./parts";

export interface Status {
  tone: Tone;
  mark: string;
  text: string;
  note: string;
  href: string;
}

export function needsCheck(item: ItemView): boolean {
  return !item.superseded && !item.settledThere && (item.state === "held" || item.state === "conflict" || item.state === "refused_here");
}

export function onlyHere(item: ItemView): boolean {
  return !item.superseded && (item.state === "waiting" || item.state === "sending");
}

export function statusOf(phone: Phone, items: ItemView[]): Status {
  const check = items.filter(needsCheck).length;
  const waiting = items.filter(onlyHere);
  const records = waiting.filter((item) => item.kind !== "file").length || waiting.length;
  if (phone.account === "expired") {
    return { tone: "due", mark: "alert-triangle", text: words.expired, note: "", href: "/accounts/login/?next=/phone/" };
  }
  if (check) {
    const note = records ? words.waitingCount(records) : "";
    return { tone: "overdue", mark: "alert-circle", text: words.toCheck(check), note, href: "#/mine" };
  }
  if (records) {
    const sending = waiting.some((item) => item.state === "sending");
    const text = sending ? words.sending : words.keptHere;
    return { tone: "due", mark: sending ? "cloud-upload" : "device-mobile", text, note: words.waitingCount(records), href: "#/mine" };
  }
  if (items.length) return { tone: "met", mark: "cloud-check", text: words.allSent, note: "", href: "#/mine" };
  return { tone: "neutral", mark: "", text: "", note: "", href: "" };
}
