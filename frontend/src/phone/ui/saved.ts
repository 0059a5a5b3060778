// After saving: the truth about where the record is, and what comes next.
import { words } from "../words";
import type { Draw, Screen } from "./app";
import { h, icon } from "./element";
import { link } from "./parts";
import { metNames, nextStop, visitItems } from "./reading";
import { reasonWord } from "./mine";
import { needsCheck } from "./status";

export const saved: Draw = (app, place): Screen => {
  const item = visitItems(app.items).find((one) => one.id === place.parts[1]);
  const body = item?.body as { people: number[] } | undefined;
  const sent = item?.state === "taken";
  const check = item !== undefined && needsCheck(item);
  const [title, text] = check ? [words.heldOnServer, item.message || reasonWord(item.reason)] : sent ? [words.savedSent, words.savedSentText] : [words.savedHere, words.savedHereText];
  const next = nextStop(app);
  return {
    title: check ? words.savedCheck : words.savedTitle,
    lead: body ? metNames(app.bundle, body) : "",
    back: "#/today",
    body: h(
      "div.stack",
      null,
      h(
        "div.card.phone-saved",
        { class: check ? "is-check" : sent ? "is-sent" : "is-here", role: "status" },
        h("span.phone-saved-mark", null, icon(check ? "alert-circle" : sent ? "cloud-check" : "device-mobile")),
        h("p.phone-saved-title", null, title),
        h("p.muted", null, text),
      ),
      item && !check ? h("div.row-line.phone-saved-ways", null, link(words.correct, "outline", `#/record?edit=${item.id}`, "pencil"), link(words.mine, "outline", "#/mine", "notes")) : null,
      next ? link(words.toToday, "text", "#/today") : null,
    ),
    foot: check
      ? link(item.state === "conflict" ? words.compare : words.mine, "primary", item.state === "conflict" ? `#/conflict/${item.id}` : "#/mine", "arrow-right")
      : next
      ? link(next.family ? words.next(next.who) : words.nextTalkWith(next.who), "primary", `#/brief/${next.stop.appointment}`, "arrow-right")
      : link(words.toToday, "primary", "#/today"),
    live: true,
  };
};
