// 记一笔: nearly everything is known, what remains is a few taps. Nothing typed is lost, whatever happens to the page.
import { NotKept, type VisitBody } from "../engine";
import { type Definition, renderQuestions } from "../questions";
import { english, words } from "../words";
import type { App, Draw, Place, Screen } from "./app";
import { gone } from "./brief";
import { concernsField } from "./concerns";
import { clock } from "./clock";
import { h, icon } from "./element";
import { axesField, followUpField, metField, noticesField, perPersonField, presentField, textField, whenField } from "./fields";
import { dropFiles, filesField, filesOf } from "./files";
import { type Fault, faultsOf, type Form, fromAppointment, fromBody, fromDuties, toDraft } from "./form";
import { button, folded, notice } from "./parts";
import { isFamily, names, peopleOf, unique, viewOf, visitItems } from "./reading";
import { ask } from "./sheet";
import { bodyOf } from "./visit";

const MENDED_AFTER = 400;

interface Task {
  key: string;
  fresh: Form;
  edit: { id: string; baseRevision: number } | null;
  before: VisitBody | null;
  back: string;
  told: Fault | null;
}

type Added = ReturnType<typeof renderQuestions>;

function taskOf(app: App, place: Place): Task | { swap: string } | null {
  const edit = place.query.get("edit");
  if (edit) {
    const found = bodyOf(app, edit);
    if (!found) return null;
    const item = visitItems(app.items).find((one) => one.id === edit);
    const told = item?.message && item.state !== "taken" ? { place: item.place, message: item.message } : null;
    return { key: `record:e${edit}`, fresh: fromBody(app, found.body), edit: { id: edit, baseRevision: found.revision }, before: found.body, back: `#/visit/${edit}`, told };
  }
  const duty = place.query.get("duty");
  if (duty) {
    const fresh = fromDuties(app, duty.split(",").map(Number));
    return fresh && { key: `record:d${fresh.duties.join("-")}`, fresh, edit: null, before: null, back: "#/today", told: null };
  }
  const appointment = Number(place.parts[1]);
  const stop = app.bundle.stops.find((one) => one.appointment === appointment);
  const visit = stop && viewOf(app, stop).visit;
  if (visit) return { swap: `#/record?edit=${visit}` };
  const fresh = fromAppointment(app, appointment, place.query.get("called") ?? "");
  return fresh && { key: `record:a${appointment}`, fresh, edit: null, before: null, back: "#/today", told: null };
}

export const record: Draw = async (app, place): Promise<Screen> => {
  const task = taskOf(app, place);
  if (!task) return gone();
  if ("swap" in task) {
    app.swap(task.swap);
    return gone();
  }
  const kept = await app.phone.draft<Form>(task.key);
  const form: Form = kept ? { ...task.fresh, ...kept } : task.fresh;
  const files = await filesField(app, task.key);
  return compose(app, task, form, kept !== null, files);
};

function compose(app: App, task: Task, form: Form, wasKept: boolean, files: HTMLElement | null): Screen {
  const family = isFamily(app.bundle, form.campaign);
  const opened = performance.now() - form.seconds * 1000;
  const kept = h("p.phone-kept.muted.small", null, words.draftKept);
  let done = false;
  let fresh = true;
  let keeping: Promise<void> | null = null;
  /** One write at a time, and always a last one: what was typed is on the phone a moment later. */
  const keep = (): Promise<void> => {
    fresh = false;
    kept.dataset.kept = "false";
    keeping ??= (async () => {
      while (!fresh) {
        fresh = true;
        form.seconds = (performance.now() - opened) / 1000;
        await app.phone.keepDraft(task.key, form).catch(() => undefined);
      }
      keeping = null;
      kept.dataset.kept = "true";
    })();
    return keeping;
  };
  const changed = () => {
    if (!done) void keep();
  };
  const comeBack = () => {
    if (!document.hidden && !form.end && !task.edit && location.hash.includes("called=")) {
      // Back from the telephone: the talk has just ended.
      form.end = clock(app.phone.now());
      when.replaceWith((when = whenField(app, form, changed)));
      changed();
    }
  };
  document.addEventListener("visibilitychange", comeBack);

  const present = h("div");
  const axes = h("div");
  const each = h("div");
  const notices = h("div");
  const title = h("span");
  const redraw = () => {
    present.replaceChildren(presentField(app, form, changed));
    axes.replaceChildren(axesField(app, form, changed));
    each.replaceChildren(...some(perPersonField(app, form, changed)));
    notices.replaceChildren(...some(noticesField(app, form, changed)));
    title.textContent = names(peopleOf(app.bundle, form.duties));
  };
  const met = task.edit
    ? null
    : metField(app, form, () => {
        redraw();
        changed();
      });
  let when = whenField(app, form, changed);
  const questions = addedQuestions(app, form, changed);
  const problems = h("div.phone-problems", { role: "alert" });
  redraw();
  const startOver = async () => {
    if (!(await ask(words.startOverAsk, words.startOver))) return;
    done = true;
    await keeping;
    await app.phone.dropDraft(task.key);
    await dropFiles(app, task.key);
    await app.reload();
  };
  const save = h("button.btn.btn-primary", { type: "button" }, icon("check"), task.edit ? words.saveEdit : words.save);
  const opinion = folded(
    family ? words.opinion : words.opinionTalk,
    words.optional,
    Boolean(form.opinion),
    textField(family ? words.opinion : words.opinionTalk, "guardian_opinion", form.opinion, app.bundle.limits.text, (value) => {
      form.opinion = value;
      changed();
    }),
  );
  const body = h(
    "div.phone-form",
    null,
    problems,
    wasKept ? notice("info", words.restored, button(words.startOver, "text", () => void startOver())) : null,
    task.edit ? notice("info", "", h("p", null, words.editKeeps)) : null,
    met,
    when,
    present,
    axes,
    textField(words.line, "finding", form.finding, app.bundle.limits.text, (value) => {
      form.finding = value;
      changed();
    }, words.lineHint),
    each,
    notices,
    questions.required ? questions.node : null,
    followUpField(form, changed),
    h(
      "section.phone-folds",
      { "aria-label": words.moreToNote },
      opinion,
      folded(words.concerns, words.optional, form.concerns.length > 0, concernsField(app, form, changed)),
      files ? folded(app.bundle.features.photos ? words.photos : words.voice, words.optional, files.querySelector("li") !== null, files) : null,
      questions.node && !questions.required ? folded(words.addedQuestions, words.optional, Object.keys(form.answers).length > 0, questions.node) : null,
    ),
    kept,
  );

  const allFaults = () => {
    questions.read();
    return [...faultsOf(app, form), ...questions.faults()];
  };
  // What has been mended no longer stands in red; not at once, or the page would move below a tap.
  let mending = 0;
  body.addEventListener("change", () => {
    window.clearTimeout(mending);
    mending = window.setTimeout(() => problems.childElementCount && showFaults(body, problems, allFaults(), false), MENDED_AFTER);
  });
  save.addEventListener("click", () => {
    if (save.disabled) return;
    const faults = allFaults();
    questions.show();
    showFaults(body, problems, faults, true);
    if (faults.length) return;
    save.disabled = true;
    save.replaceChildren(icon("device-mobile"), words.saving);
    void store().catch((error: unknown) => {
      done = false;
      save.disabled = false;
      save.replaceChildren(icon("check"), task.edit ? words.saveEdit : words.save);
      const code = error instanceof NotKept ? error.code : "";
      showFaults(body, problems, [{ place: "", message: code === "full" ? words.fullPhone : code === "too_large" ? words.tooLarge : words.notKept }], true);
    });
  });
  const store = async () => {
    await keep();
    // What was typed up to here is in the record; the draft ends with it.
    done = true;
    await keeping;
    const { files, drafts } = await filesOf(app, task.key);
    const how = { edit: task.edit ?? undefined, files, ofDrafts: [task.key, ...drafts] };
    const { id } = await app.phone.saveVisit(toDraft(app, form, task.before), how);
    app.swap(`#/saved/${id}`);
  };
  if (task.told) queueMicrotask(() => showFaults(body, problems, [task.told!], true));
  return {
    title: names(peopleOf(app.bundle, form.duties)) || words.record,
    eyebrow: task.edit ? words.correct : words.record,
    lead: unique(peopleOf(app.bundle, form.duties).map((person) => person.where)).join(words.joiner),
    back: task.back,
    body,
    foot: save,
    leave: () => document.removeEventListener("visibilitychange", comeBack),
  };
}

function some(part: HTMLElement | null): HTMLElement[] {
  return part ? [part] : [];
}

interface Questions {
  node: HTMLElement | null;
  required: boolean;
  /** Puts what stands in the fields into the form. */
  read(): void;
  /** Says beside each question what is wrong with its answer. */
  show(): void;
  faults(): Fault[];
}

/** The questions that the bureau or the school added to this tier. */
function addedQuestions(app: App, form: Form, changed: () => void): Questions {
  const sets = (app.bundle.campaigns[form.campaign]?.questions ?? []).filter((set) => app.bundle.questions[set]);
  if (!sets.length) return { node: null, required: false, read: () => undefined, show: () => undefined, faults: () => [] };
  const drawn: [number, Added][] = [];
  const node = h("div.stack");
  const read = () => {
    for (const [set, added] of drawn) form.answers[set] = added.values();
  };
  const follow = () => {
    read();
    changed();
  };
  for (const set of sets) {
    const { title, definition } = app.bundle.questions[set];
    const place = h("div.phone-questions");
    const options = { today: () => form.day, onChange: follow };
    drawn.push([set, renderQuestions(place, definition as Definition, form.answers[set] ?? null, english ? "en" : "zh", options)]);
    node.append(h("section", { "aria-label": title }, h("h2.panel-title", null, title), place));
  }
  return {
    node,
    required: drawn.some(([, added]) => added.faults().length > 0),
    read,
    show: () => drawn.forEach(([, added]) => added.show()),
    faults: () => drawn.flatMap(([, added]) => added.faults().map((fault) => ({ place: `answers.${fault.name}`, message: fault.message }))),
  };
}

function showFaults(body: HTMLElement, problems: HTMLElement, faults: Fault[], go: boolean): void {
  for (const old of body.querySelectorAll(".phone-fault")) old.remove();
  for (const old of body.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
  problems.replaceChildren();
  if (!faults.length) return;
  let first: HTMLElement | null = null;
  const homeless: string[] = [];
  for (const fault of faults) {
    const place = fault.place ? body.querySelector<HTMLElement>(`[data-place="${CSS.escape(fault.place)}"]`) : null;
    if (!place) {
      homeless.push(fault.message);
      continue;
    }
    const fold = place.closest("details");
    if (fold) fold.open = true;
    if (place.dataset.question) {
      first ??= place.querySelector<HTMLElement>("input, textarea, select"); // an added question says its own faults
      continue;
    }
    place.append(h("p.field-error.phone-fault", null, icon("alert-circle"), h("span", null, fault.message)));
    const control = place.querySelector<HTMLElement>("input, textarea, select");
    control?.setAttribute("aria-invalid", "true");
    first ??= control;
  }
  const said = first ? [...new Set(faults.map((fault) => fault.message))] : homeless;
  problems.append(notice("overdue", first ? words.faults : "", h("ul.plain-list", null, said.map((one) => h("li", null, one)))));
  if (!go) return;
  if (first) {
    first.focus({ preventScroll: true });
    first.closest("[data-place]")?.scrollIntoView({ block: "center" });
  } else problems.scrollIntoView({ block: "center" });
}
