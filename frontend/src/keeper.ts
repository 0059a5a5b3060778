// What was typed survives a failed request, a reload or a closed lid: kept in this tab until the server has taken it,
// for whoever typed it and nobody else. Who signs out, or is asked to sign in, leaves nothing in the tab.
import { each } from "./dom";
import { words } from "./strings";
import { toast } from "./toasts";

type Kept = { path: string; sent: boolean; values: [string, string][] };
const ANYBODY = "jiafang:form:";
const typist = document.documentElement.dataset.typist ?? "";
const PREFIX = `${ANYBODY}${typist}:`;
const UNKEPT = "input[type=password], input[type=file], input[type=hidden], [data-unkept]";

function names(): string[] {
  try {
    return Object.keys(sessionStorage).filter((name) => name.startsWith(ANYBODY));
  } catch {
    return []; // Storage is switched off.
  }
}

// An error page may not know who is signed in, and what failed is still needed.
const failed = document.querySelector(".error-card") !== null;
for (const name of names()) {
  const own = typist !== "" && name.startsWith(PREFIX);
  if (!own && (typist || !failed)) sessionStorage.removeItem(name);
}

function controls(form: HTMLFormElement): HTMLInputElement[] {
  return (Array.from(form.elements) as HTMLInputElement[]).filter((c) => c.name && !c.matches(UNKEPT) && c.type !== "submit");
}

function read(form: HTMLFormElement): [string, string][] {
  const values: [string, string][] = [];
  for (const control of controls(form)) {
    if (control.type === "checkbox" || control.type === "radio") {
      values.push([`${control.name}=${control.value}`, control.checked ? "1" : ""]);
    } else {
      values.push([control.name, control.value]);
    }
  }
  return values;
}

function write(form: HTMLFormElement, values: [string, string][]): boolean {
  let changed = false;
  const kept = new Map(values);
  for (const control of controls(form)) {
    if (control.type === "checkbox" || control.type === "radio") {
      const value = kept.get(`${control.name}=${control.value}`);
      if (value !== undefined && control.checked !== (value === "1")) {
        control.checked = value === "1";
        control.dispatchEvent(new Event("input", { bubbles: true }));
        changed = true;
      }
    } else {
      const value = kept.get(control.name);
      if (value !== undefined && control.value !== value) {
        control.value = value;
        control.dispatchEvent(new Event("input", { bubbles: true }));
        changed = true;
      }
    }
  }
  return changed;
}

function load(key: string): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + key) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

function save(key: string, kept: Kept): void {
  try {
    sessionStorage.setItem(PREFIX + key, JSON.stringify(kept));
  } catch {
    // Storage is full or switched off: the form works without it.
  }
}

const onPage = new Set<string>();
each<HTMLFormElement>("form[data-keep]", (form) => {
  if (!typist) return;
  const key = form.dataset.keep!;
  onPage.add(key);
  const initial = JSON.stringify(read(form));
  const kept = load(key);
  const refused = form.querySelector("[aria-invalid=true], .field-error, [role=alert]") !== null;
  if (kept?.sent && !refused && document.querySelector(".toast-success")) {
    // The same form came back and the server says that it has taken what was sent.
    sessionStorage.removeItem(PREFIX + key);
  } else if (kept && !refused) {
    const original = read(form);
    if (write(form, kept.values)) {
      toast(words.kept, "info", {
        label: words.dropKept,
        run: () => {
          sessionStorage.removeItem(PREFIX + key);
          write(form, original);
        },
      });
    }
  }
  const remember = (sent: boolean) => {
    const values = read(form);
    if (sent || JSON.stringify(values) !== initial) save(key, { path: location.pathname, sent, values });
    else sessionStorage.removeItem(PREFIX + key);
  };
  form.addEventListener("input", () => remember(false));
  form.addEventListener("change", () => remember(false));
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) remember(true);
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if ((event as CustomEvent).detail.successful) sessionStorage.removeItem(PREFIX + key);
    else remember(false);
  });
});

// Back in a page that never went away: what was sent may not have arrived.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const key of onPage) {
    const kept = load(key);
    if (kept) save(key, { ...kept, sent: false });
  }
});

// The server answered the form by sending us on to another page: what was sent has arrived.
const from = document.referrer ? new URL(document.referrer).pathname : "";
if (typist && !failed) {
  for (const name of names()) {
    if (!name.startsWith(PREFIX)) continue;
    const key = name.slice(PREFIX.length);
    const kept = load(key);
    if (kept?.sent && !onPage.has(key) && kept.path === from) sessionStorage.removeItem(name);
  }
}
