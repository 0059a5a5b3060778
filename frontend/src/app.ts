// The one script of ordinary pages.
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";
import "./board";
import "./dialogs";
import "./forms";
import "./keeper";
import "./passkeys";
import "./questions-form";
import "./timetable";
import { csrfToken, each } from "./dom";
import { words } from "./strings";
import { toast } from "./toasts";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}
window.htmx = htmx;

document.addEventListener("htmx:configRequest", (event) => {
  const detail = (event as CustomEvent).detail as { verb: string; headers: Record<string, string> };
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = csrfToken();
});
// A failed poll is quiet: the panel stays and asks again.
const polls = (event: Event) => ((event as CustomEvent).detail.elt as Element).matches("[hx-trigger^='every']");
document.addEventListener("htmx:sendError", (event) => {
  if (!polls(event)) toast(words.lost, "error");
});
document.addEventListener("htmx:responseError", (event) => {
  const status = ((event as CustomEvent).detail.xhr as XMLHttpRequest).status;
  if (polls(event) && status >= 500) return;
  toast(status === 401 || status === 403 ? words.expired : status === 404 ? words.missing : words.failed, "error");
});

// Forms that htmx sends come back with their faults (422): they are shown like any answer.
document.addEventListener("htmx:beforeSwap", (event) => {
  const detail = (event as CustomEvent).detail as { xhr: XMLHttpRequest; shouldSwap: boolean; isError: boolean };
  if (detail.xhr.status === 422) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

// Charts and maps have scripts of their own, loaded only where one is shown.
const loaded = new Set<string>();
function load(address: string | undefined, style?: string): void {
  if (!address || loaded.has(address)) return;
  loaded.add(address);
  if (style) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = style;
    document.head.append(link);
  }
  const script = document.createElement("script");
  script.src = address;
  document.head.append(script);
}
// A row of chips wider than the screen shows the chosen one.
each(".chips", (chips: HTMLElement) => {
  const chosen = chips.querySelector<HTMLElement>(".is-active");
  if (chosen && chips.scrollWidth > chips.clientWidth) {
    chips.scrollLeft = chosen.offsetLeft - chips.offsetLeft - (chips.clientWidth - chosen.offsetWidth) / 2;
  }
});

const root = document.documentElement;
each("[data-chart]", () => load(root.dataset.chartScript));
each("[data-map]", () => load(root.dataset.mapScript, root.dataset.mapStyle));

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const type = target.closest<HTMLButtonElement>("[data-large-type]");
  if (type) {
    const large = root.classList.toggle("large-type");
    document.cookie = `jf_type=${large ? "large" : ""}; path=/; max-age=31536000; samesite=lax`;
    type.setAttribute("aria-pressed", String(large));
  }
  if (target.closest("[data-print]")) window.print();
  const copy = target.closest<HTMLElement>("[data-copy]");
  if (copy) void navigator.clipboard.writeText(copy.dataset.copy ?? "").then(() => toast(words.copied, "success"));
});

Alpine.start();
