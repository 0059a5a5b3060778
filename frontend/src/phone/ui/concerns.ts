// Difficulties that were heard: whose, what kind, how urgent, in a sentence.
import type { Concern } from "../engine";
import { words } from "../words";
import type { App } from "./app";
import { freshId, h, icon } from "./element";
import { type Changed, picks, textField } from "./fields";
import type { Form } from "./form";
import { button, notice } from "./parts";
import { categoriesFor, peopleOf } from "./reading";

export function concernsField(app: App, form: Form, changed: Changed): HTMLElement {
  const box = h("div.stack");
  const draw = () => {
    box.replaceChildren(
      ...form.concerns.map((concern, place) => one(app, form, concern, place, changed, draw)),
      button(words.addConcern, "outline", add, "plus"),
    );
  };
  const add = () => {
    const people = peopleOf(app.bundle, form.duties);
    form.concerns.push({ id: crypto.randomUUID(), person: people[0]?.id ?? 0, category: "", alert_tier: app.bundle.alert_tiers[0]?.code ?? "green", text: "", follow_up: true });
    changed();
    draw();
    box.querySelector<HTMLElement>(".phone-concern:last-of-type input, .phone-concern:last-of-type select")?.focus();
  };
  draw();
  return box;
}

function one(app: App, form: Form, concern: Concern, place: number, changed: Changed, again: () => void): HTMLElement {
  const people = peopleOf(app.bundle, form.duties);
  const title = freshId("concern");
  const remove = button(words.remove, "text", () => {
    form.concerns = form.concerns.filter((other) => other !== concern);
    changed();
    again();
  });
  remove.setAttribute("aria-label", `${words.remove} ${words.concern(place + 1)}`);
  const select = (label: string, value: string, list: { code: string; label: string }[], chosen: (code: string) => void, blank: boolean) => {
    const id = freshId("select");
    const field = h("select.form-select", { id }, blank ? h("option", { value: "" }, "—") : null, list.map((item) => h("option", { value: item.code }, item.label)));
    field.value = value;
    field.addEventListener("change", () => {
      chosen(field.value);
      changed();
    });
    return h("div.field", null, h("label.form-label", { for: id }, label), field);
  };
  const red = notice("overdue", "", h("p", null, words.redAdvice));
  red.hidden = concern.alert_tier !== "red";
  red.setAttribute("role", "alert");
  const follow = h("input.form-check-input", { type: "checkbox", checked: concern.follow_up });
  follow.addEventListener("change", () => {
    concern.follow_up = follow.checked;
    changed();
  });
  return h(
    "section.phone-concern",
    { "aria-labelledby": title, "data-place": `concern-${concern.id}` },
    h("div.row-line.row-apart", null, h("h2.phone-concern-title", { id: title }, icon("heart-handshake"), " ", words.concern(place + 1)), remove),
    people.length > 1
      ? select(words.about, String(concern.person), people.map((person) => ({ code: String(person.id), label: person.name })), (code) => (concern.person = Number(code)), false)
      : null,
    select(words.category, concern.category, categoriesFor(app.bundle, form.campaign, concern.category), (code) => (concern.category = code), true),
    picks(
      words.tier,
      "",
      true,
      app.bundle.alert_tiers.map((tier) => ({ value: tier.code, label: tier.label, checked: tier.code === concern.alert_tier })),
      (code) => {
        concern.alert_tier = code;
        red.hidden = code !== "red";
        changed();
      },
    ),
    red,
    textField(words.concernText, "", concern.text, app.bundle.limits.text, (value) => {
      concern.text = value;
      changed();
    }),
    h("label.form-check.phone-check", null, h("span.form-check-box", null, follow), h("span.form-check-label", null, words.concernFollow)),
  );
}
