// What became of a visit without a record: agreed, nobody in, cancelled, moved, declined.
import { NotKept, type Outcome } from "../engine";
import { words } from "../words";
import type { App } from "./app";
import { addDays, clock, dayOf, isoOf, nearMoment } from "./clock";
import { freshId, h } from "./element";
import { button, link } from "./parts";
import type { StopView } from "./reading";
import { ask, openSheet } from "./sheet";

/** Kept on this phone and said so; false where it could not be kept. */
async function keep(app: App, view: StopView, outcome: Outcome, what: string, movedTo: string | null = null): Promise<boolean> {
  try {
    await app.phone.saveOutcome({ appointment: view.stop.appointment, outcome, moved_to: movedTo });
  } catch (error) {
    app.say(error instanceof NotKept && error.code === "full" ? words.fullPhone : words.notKept, "error");
    return false;
  }
  app.say(words.noted(what), "success");
  return true;
}

/** The day of it has come: it may have taken place, or not. */
export function hasBegun(app: App, view: StopView): boolean {
  return dayOf(view.startsAt) <= dayOf(app.phone.now());
}

/** Agreed with the family: what is wanted next of a visit still to come. */
export function arrangedButton(app: App, view: StopView): HTMLElement {
  const label = view.family ? words.arranged : words.arrangedTalk;
  const agree = async () => {
    if (await keep(app, view, "arranged", label)) await app.reload();
  };
  return button(label, "primary", () => void agree(), "check");
}

/** `calledAt`: the sheet follows a telephone call. */
export function openOutcomes(app: App, view: StopView, calledAt = ""): void {
  const { family } = view;
  const begun = hasBegun(app, view);
  const note = async (outcome: Outcome, what: string, movedTo: string | null = null) => {
    if (!(await keep(app, view, outcome, what, movedTo))) return;
    sheet.close();
    await app.reload();
  };
  const choice = (outcome: Outcome, label: string, mark: string) => button(label, "outline", () => void note(outcome, label), mark);
  const declined = async () => {
    if (await ask(`${words.declined}? ${words.declinedComfort}`)) await note("declined", words.declined);
  };
  const talked = link(words.talkedInstead, "tonal", `#/record/${view.stop.appointment}?called=${encodeURIComponent(calledAt)}`, "pencil");
  talked.addEventListener("click", () => sheet.close());
  const sheet = openSheet(
    calledAt ? words.afterCall : begun ? words.outcomeTitle : words.rearrangeTitle,
    h("p.dialog-lead", null, `${clock(view.startsAt)} ${view.who}`),
    h(
      "div.stack-tight.phone-choices",
      null,
      view.stop.state === "confirmed" ? null : choice("arranged", family ? words.arranged : words.arrangedTalk, "check"),
      calledAt && begun ? talked : null,
      button(words.move, "outline", () => move(app, view, sheet.close, note), "calendar-event"),
      begun ? choice("missed", words.missed, "circle-dashed") : null,
      choice("cancelled_by_family", family ? words.byFamily : words.byOther, "x"),
      choice("cancelled_by_school", family ? words.bySchool : words.byMe, "calendar-off"),
      family ? button(words.declined, "outline", () => void declined(), "minus") : null,
    ),
    h("p.muted.small", null, family ? words.stillDue : ""),
  );
}

function move(
  app: App,
  view: StopView,
  close: () => void,
  note: (outcome: Outcome, what: string, movedTo: string) => Promise<void>,
): void {
  const now = app.phone.now();
  const dayId = freshId("day");
  const timeId = freshId("time");
  const problem = h("p.field-error", { role: "alert" });
  const later = dayOf(view.startsAt) > dayOf(now) ? dayOf(view.startsAt) : addDays(dayOf(now), 1);
  const day = h("input.form-control", { id: dayId, type: "date", value: later, min: dayOf(now) });
  const time = h("input.form-control", { id: timeId, type: "time", value: clock(view.startsAt) });
  const save = async () => {
    const moment = day.value && time.value ? isoOf(day.value, time.value) : "";
    if (!moment || new Date(moment) <= now) {
      problem.textContent = words.moveFuture;
      return;
    }
    await note("moved", words.stateMoved(nearMoment(moment, now)), moment);
    second.close();
  };
  close();
  const second = openSheet(
    words.moveTitle,
    h("p.dialog-lead", null, view.who),
    h(
      "div.record-when",
      null,
      h("div.field", null, h("label.form-label", { for: dayId }, words.day), day),
      h("div.field", null, h("label.form-label", { for: timeId }, words.time), time),
    ),
    problem,
    h("div.dialog-foot", null, button(words.moveSave, "primary", () => void save(), "check")),
  );
}
