// Forms: send once, apply filters at once, count characters, list chosen files.
import { each, make } from "./dom";
import { words } from "./strings";

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || form.method !== "post" || "allowTwice" in form.dataset || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  const submitter = (event as SubmitEvent).submitter;
  submitter?.classList.add("is-busy");
  submitter?.setAttribute("aria-busy", "true");
});

// Coming back by the back button shows the form as it was: it may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll(".is-busy")) {
    button.classList.remove("is-busy");
    button.removeAttribute("aria-busy");
  }
});

document.addEventListener("change", (event) => {
  const control = event.target as HTMLElement;
  const form = control.closest<HTMLFormElement>("form[data-autosubmit]");
  if (form && control.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) form.requestSubmit();
});

each<HTMLTextAreaElement>("textarea[data-count]", (area) => {
  const counter = make("p", "field-count");
  counter.setAttribute("aria-live", "polite");
  const show = () => {
    counter.textContent = area.maxLength > 0 ? `${area.value.length} / ${area.maxLength}` : `${area.value.length}`;
  };
  area.addEventListener("input", show);
  area.after(counter);
  show();
});

// data-show-if="people=other": shown only while that box of the same form is ticked, that radio or option chosen.
each<HTMLElement>("[data-show-if]", (part) => {
  const form = part.closest("form");
  const [name, value] = part.dataset.showIf!.split("=");
  if (!form) return;
  const show = () => {
    part.hidden = !new FormData(form).getAll(name).includes(value);
  };
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  show();
});

each<HTMLElement>("[data-focus-first]", (element) => {
  if (element !== document.querySelector("[data-focus-first]")) return;
  const faulty = element.closest("form")?.querySelector<HTMLElement>("[aria-invalid=true]");
  (faulty ?? element).focus({ preventScroll: Boolean(faulty) });
});

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

each<HTMLElement>("[data-drop-zone]", (zone) => {
  const input = zone.querySelector<HTMLInputElement>("input[type=file]")!;
  const list = zone.querySelector<HTMLElement>("[data-files]")!;
  let chosen: File[] = [];

  const keep = (files: File[]) => {
    chosen = files;
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    input.files = transfer.files;
    list.replaceChildren();
    zone.classList.toggle("has-files", files.length > 0);
    if (!files.length) return;
    list.append(make("p", "drop-zone-count", words.files(files.length)));
    const rows = make("ul", "drop-zone-rows");
    for (const file of files) {
      const row = make("li", "drop-zone-row");
      row.append(make("span", "drop-zone-name", file.name), make("span", "drop-zone-size num", size(file.size)));
      const remove = make("button", "btn btn-text btn-sm", words.remove);
      remove.type = "button";
      remove.setAttribute("aria-label", `${words.remove} ${file.name}`);
      remove.addEventListener("click", () => keep(chosen.filter((other) => other !== file)));
      row.append(remove);
      rows.append(row);
    }
    list.append(rows);
  };
  const add = (files: File[]) => {
    const named = (file: File) => `${file.name}|${file.size}`;
    const known = new Set(chosen.map(named));
    keep(input.multiple ? [...chosen, ...files.filter((file) => !known.has(named(file)))] : files.slice(0, 1));
  };

  input.addEventListener("change", () => add(Array.from(input.files ?? [])));
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("is-over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    add(Array.from(event.dataTransfer?.files ?? []));
  });
});

// How long a form took, told with it; a form that came back goes on counting.
each<HTMLInputElement>("input[data-seconds]", (input) => {
  const before = Number(input.value) || 0;
  input.form?.addEventListener("submit", () => {
    input.value = String(before + Math.round(performance.now() / 1000));
  });
});
