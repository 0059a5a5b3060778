// The questions of a record as a thumb answers them: chips to tap, words only where they are wanted.
import { words } from "../words";
import type { App } from "./app";
import { dayOf, nearDay } from "./clock";
import { freshId, h, icon } from "./element";
import { candidates, type Form } from "./form";
import { CHANNEL_ICONS, folded, optional } from "./parts";
import { isFamily, labelOf, noticesOf, peopleOf } from "./reading";

export type Changed = () => void;

interface Pick {
  value: string;
  label: string;
  checked: boolean;
  mark?: string;
  attention?: boolean;
}

/** A group of chips; `one`: only one of them. */
export function picks(legend: string, place: string, one: boolean, list: Pick[], changed: (value: string, on: boolean) => void, hidden = false): HTMLFieldSetElement {
  const name = freshId("pick");
  return h(
    "fieldset.field.picks",
    { "data-place": place },
    h("legend.form-label", { class: hidden ? "visually-hidden" : "" }, legend),
    h(
      "div.pick-row",
      null,
      list.map((pick) => {
        const input = h("input", { type: one ? "radio" : "checkbox", name, value: pick.value, checked: pick.checked, class: "pick-input" });
        input.addEventListener("change", () => changed(pick.value, input.checked));
        return h("label.pick", { class: pick.attention ? "is-attention" : "" }, input, h("span.pick-face", null, pick.mark ? icon(pick.mark) : null, h("span.pick-mark", { "aria-hidden": "true" }, icon("check")), pick.label));
      }),
    ),
  );
}

export function textField(label: string, place: string, value: string, most: number, changed: (value: string) => void, hint = "", rows = 2): HTMLElement {
  const id = freshId("text");
  const area = h("textarea.form-control", { id, rows, maxlength: most, placeholder: hint, value });
  area.addEventListener("input", () => changed(area.value));
  return h("div.field", { "data-place": place }, h("label.form-label", { for: id }, label), area);
}

function toggle<T>(list: T[], value: T, on: boolean): T[] {
  const without = list.filter((one) => one !== value);
  return on ? [...without, value] : without;
}

/** Whom this visit met: siblings at one table, or a whole teachers' room. */
export function metField(app: App, form: Form, changed: Changed): HTMLElement | null {
  if (form.offered.length < 2) return null;
  const list = form.offered.map((duty) => ({
    value: String(duty),
    label: app.bundle.people[app.bundle.duties[duty]?.person]?.name ?? words.unknownPerson,
    checked: form.duties.includes(duty),
  }));
  return picks(words.whoMet, "duties", false, list, (value, on) => {
    form.duties = form.offered.filter((duty) => (duty === Number(value) ? on : form.duties.includes(duty)));
    const known = new Set(candidates(app, form).map((one) => one.person));
    form.present = form.present.filter((one) => one.person === null || known.has(one.person));
    changed();
  });
}

/** Who was there; each may have taken part in another way (grandmother at home, father by video). */
export function presentField(app: App, form: Form, changed: Changed): HTMLElement {
  const box = h("div.phone-present", { "data-place": "participants" });
  const draw = () => {
    const others = form.present.filter((one) => one.person === null);
    const known = candidates(app, form);
    const list = known.map((one) => ({ value: String(one.person), label: `${one.relation} ${one.name}`, checked: form.present.some((who) => who.person === one.person) }));
    const choose = picks(words.present, "", false, [...list, { value: "other", label: words.otherPerson, checked: others.length > 0 }], (value, on) => {
      if (value === "other") form.present = on ? [...form.present, { person: null, relation: "", channel: "" }] : form.present.filter((one) => one.person !== null);
      else {
        const who = known.find((one) => String(one.person) === value)!;
        form.present = form.present.filter((one) => one.person !== who.person);
        if (on) form.present = [...form.present, { person: who.person, relation: who.relation, channel: "" }];
      }
      changed();
      again(value);
    });
    box.replaceChildren(choose, ...others.map((_, place) => otherRow(app, form, place, changed, () => again("other"))), ...ownChannels(app, form, changed));
  };
  const again = (value: string) => {
    const open = box.querySelector("details")?.open ?? false;
    draw();
    const fold = box.querySelector("details");
    if (fold && open) fold.open = true;
    const asked = value === "other" ? [...box.querySelectorAll<HTMLElement>(".phone-other input")].find((one) => !(one as HTMLInputElement).value) : null;
    (asked ?? box.querySelector<HTMLElement>(`input[value="${value}"]`))?.focus();
  };
  draw();
  return box;
}

function otherRow(app: App, form: Form, place: number, changed: Changed, again: Changed): HTMLElement {
  const who = form.present.filter((one) => one.person === null)[place];
  const id = freshId("relation");
  const label = isFamily(app.bundle, form.campaign) ? words.otherRelation : words.otherRelationTalk;
  const input = h("input.form-control", { id, maxlength: app.bundle.limits.relation, placeholder: words.otherRelationHint, value: who.relation });
  input.addEventListener("input", () => {
    who.relation = input.value;
    const own = input.closest(".phone-present")?.querySelector(`[data-who="${form.present.indexOf(who)}"]`);
    if (own) own.textContent = input.value || words.otherPerson;
    changed();
  });
  const more = h("button.btn.btn-text", { type: "button" }, words.addAnother);
  more.addEventListener("click", () => {
    form.present = [...form.present, { person: null, relation: "", channel: "" }];
    changed();
    again();
  });
  const count = form.present.filter((one) => one.person === null).length;
  const room = form.present.length < app.bundle.limits.participants;
  return h("div.field.phone-other", null, h("label.form-label", { for: id }, label), input, place === count - 1 && room ? more : null);
}

function ownChannels(app: App, form: Form, changed: Changed): HTMLElement[] {
  if (form.present.length < 2) return [];
  const known = candidates(app, form);
  const rows = form.present.map((who, place) => {
    const id = freshId("own");
    const name = known.find((one) => one.person === who.person)?.name ?? who.relation;
    const select = h("select.form-select", { id }, app.bundle.channels.map((one) => h("option", { value: one.code }, one.label)));
    select.value = who.channel || form.channel;
    select.addEventListener("change", () => {
      who.channel = select.value === form.channel ? "" : select.value;
      changed();
    });
    return h("div.phone-own", null, h("label", { for: id, "data-who": place }, who.relation && name !== who.relation ? `${who.relation} ${name}` : name || words.otherPerson), select);
  });
  return [folded(words.sameForAll, "", form.present.some((one) => one.channel), ...rows)];
}

/** How and when, known from the appointment: one line, unfolded to change it. */
export function whenField(app: App, form: Form, changed: Changed): HTMLElement {
  const ids = { day: freshId("day"), start: freshId("start"), end: freshId("end") };
  const fold = folded("", words.change, form.appointment === null);
  const sum = fold.querySelector("summary span")!;
  const told = () => {
    const when = form.day ? nearDay(form.day, dayOf(app.phone.now())) : "";
    sum.replaceChildren(icon(CHANNEL_ICONS[form.channel] ?? "message-circle"), ` ${labelOf(app.bundle.channels, form.channel)} · ${when} ${form.start}${form.end ? `–${form.end}` : ""}`);
  };
  const input = (key: "day" | "start" | "end", type: string, label: string) => {
    const field = h("input.form-control", { id: ids[key], type, value: form[key], max: key === "day" ? dayOf(app.phone.now()) : null });
    field.addEventListener("input", () => {
      form[key] = field.value;
      told();
      changed();
    });
    return h("div.field", { "data-place": key === "end" ? "ended_at" : "started_at" }, h("label.form-label", { for: ids[key] }, label), field);
  };
  const channels = app.bundle.channels.map((one) => ({ value: one.code, label: one.label, checked: one.code === form.channel, mark: CHANNEL_ICONS[one.code] }));
  fold.querySelector(".fold-body")!.append(
    picks(words.channel, "channel", true, channels, (value) => {
      form.channel = value;
      told();
      changed();
    }),
    h("div.phone-times", null, input("day", "date", words.day), input("start", "time", words.began), input("end", "time", words.ended)),
  );
  fold.classList.add("phone-when");
  told();
  return fold;
}

/** The axes of the tier, each with its chips and, folded, own words about the one who is met. */
export function axesField(app: App, form: Form, changed: Changed): HTMLElement {
  const tier = app.bundle.campaigns[form.campaign]?.tier ?? "";
  const people = peopleOf(app.bundle, form.duties);
  const alone = people.length === 1 ? people[0].id : null;
  return h(
    "div.phone-axes",
    { "data-place": "chips" },
    (app.bundle.axes[tier] ?? []).map((axis) => {
      const list = axis.chips.map((chip) => ({ value: chip.code, label: chip.label, checked: form.chips.includes(chip.code), attention: chip.attention }));
      const group = picks(axis.label, "", false, list, (value, on) => {
        form.chips = toggle(form.chips, value, on);
        changed();
      });
      if (alone !== null) ownWords(app, form, `${alone}|${axis.code}`, axis.label, group, changed);
      return group;
    }),
  );
}

function ownWords(app: App, form: Form, key: string, axis: string, group: HTMLElement, changed: Changed): void {
  const id = freshId("words");
  const area = textField(words.ownWordsOf(axis), "", form.notes[key] ?? "", app.bundle.limits.text, (value) => {
    form.notes[key] = value;
    changed();
  });
  area.id = id;
  area.classList.add("phone-own-words");
  area.hidden = !form.notes[key];
  const opener = h("button.pick-words", { type: "button", "aria-expanded": String(!area.hidden), "aria-controls": id, "aria-label": words.ownWordsOf(axis) }, icon("pencil"), words.ownWords);
  opener.addEventListener("click", () => {
    area.hidden = !area.hidden;
    opener.setAttribute("aria-expanded", String(!area.hidden));
    if (!area.hidden) area.querySelector("textarea")?.focus();
  });
  group.querySelector(".pick-row")!.append(opener);
  group.append(area);
}

/** Several are met: what was heard from each, apart. */
export function perPersonField(app: App, form: Form, changed: Changed): HTMLElement | null {
  const people = peopleOf(app.bundle, form.duties);
  if (people.length < 2) return null;
  const axes = app.bundle.axes[app.bundle.campaigns[form.campaign]?.tier ?? ""] ?? [];
  const places = [{ code: "", label: words.general }, ...axes];
  return h(
    "fieldset.field.phone-each",
    null,
    h("legend.form-label", null, words.perPerson, " ", optional()),
    people.map((person) => {
      const written = places.filter((axis) => form.notes[`${person.id}|${axis.code}`]).length;
      return folded(
        person.name,
        person.where,
        written > 0,
        ...places.map((axis) =>
          textField(`${person.name} · ${axis.label}`, "", form.notes[`${person.id}|${axis.code}`] ?? "", app.bundle.limits.text, (value) => {
            form.notes[`${person.id}|${axis.code}`] = value;
            changed();
          }, "", 1),
        ),
      );
    }),
  );
}

export function noticesField(app: App, form: Form, changed: Changed): HTMLElement | null {
  const told = noticesOf(app.bundle, form.campaign, form.duties);
  if (!told.length) return null;
  const box = h("input.form-check-input", { type: "checkbox", checked: form.conveyed });
  box.addEventListener("change", () => {
    form.conveyed = box.checked;
    changed();
  });
  return h(
    "div.record-notices",
    null,
    told.map((text) => h("p.agenda-note.preline", null, text)),
    h("label.form-check.phone-check", null, h("span.form-check-box", null, box), h("span.form-check-label", null, words.conveyed)),
  );
}

export function followUpField(form: Form, changed: Changed): HTMLElement {
  const list = [
    { value: "no", label: words.followUpNo, checked: form.followUp === false },
    { value: "yes", label: words.followUpYes, checked: form.followUp === true },
  ];
  const group = picks(words.followUp, "follow_up", true, list, (value) => {
    form.followUp = value === "yes";
    changed();
  });
  group.classList.add("phone-yes-no");
  return group;
}
