// Added questions on pages of the server: in the record, where the answers go along in a hidden field, and in a preview.
import { dataOf } from "./data";
import { each } from "./dom";
import { type Answers, dayOf, type Definition, renderQuestions } from "./phone/questions";

interface Asked {
  set?: number;
  version?: number;
  definition: Definition;
  values: Answers | null;
}

/* <div data-questions="id of a JSON block" data-questions-day="name of the field with the day of the visit">
   with an <input type="hidden" data-questions-field> in it, if the answers are to be sent. */
each<HTMLElement>("[data-questions]", (place) => {
  const asked = dataOf<Asked>(place.dataset.questions!);
  if (!asked) return;
  const field = place.querySelector<HTMLInputElement>("[data-questions-field]");
  const ground = document.createElement("div");
  place.append(ground);
  const day = place
    .closest("form")
    ?.querySelector<HTMLInputElement>(`[name="${CSS.escape(place.dataset.questionsDay ?? "day")}"]`);
  const keep = () => {
    if (field) field.value = JSON.stringify({ set: asked.set, version: asked.version, values: sheet.values() });
  };
  const sheet = renderQuestions(ground, asked.definition, asked.values, place.dataset.questionsLanguage ?? document.documentElement.lang, {
    today: day ? () => day.value || dayOf(new Date()) : undefined,
    onChange: keep,
  });
  keep();
  day?.addEventListener("change", () => {
    sheet.refresh();
    keep();
  });
  // In the capture phase: a form that is held back here is not yet counted as sent.
  if (field) {
    document.addEventListener(
      "submit",
      (event) => {
        if (event.target !== field.form) return;
        keep();
        if (!sheet.show()) {
          event.preventDefault();
          event.stopImmediatePropagation();
        }
      },
      true,
    );
  }
});
