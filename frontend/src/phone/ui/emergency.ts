// What to do first when a child may have been harmed: needs no line, no list and nobody signed in.
import { words } from "../words";
import type { Screen } from "./app";
import { h, icon } from "./element";
import { link, notice, panel } from "./parts";

const NUMBERS = ["110", "120", "12355"] as const;

export function emergency(): Screen {
  const calls = NUMBERS.map((number, at) => {
    const call = link(words.emergencyCalls[at], at ? "outline" : "danger", `tel:${number}`, "phone");
    if (!at) call.classList.add("emergency-call");
    return call;
  });
  const points = (list: readonly string[]) => h("ul.emergency-list", null, list.map((one) => h("li", null, one)));
  return {
    title: words.emergency,
    lead: words.emergencyLead,
    back: "#/today",
    body: h(
      "div.stack",
      null,
      panel(words.emergencyFirst, "", h("div.stack", null, calls)),
      panel(words.emergencyMind, "", points(words.emergencyPoints)),
      panel(words.emergencyNote, "", points(words.emergencyNotes)),
      notice("info", "", words.emergencyPaper),
      h("a.account-choice", { href: "/report/" }, icon("lock"), h("span", null, words.emergencySeal)),
    ),
  };
}
