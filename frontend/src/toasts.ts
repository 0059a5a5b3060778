// Messages stay until they are closed: nothing that matters vanishes by itself.
import { icon, make } from "./dom";
import { words } from "./strings";

export type Level = "success" | "error" | "warning" | "info";

const MARKS: Record<Level, string> = {
  success: "circle-check",
  error: "alert-circle",
  warning: "alert-triangle",
  info: "info-circle",
};

export function toast(message: string, level: Level = "info", action?: { label: string; run: () => void }): void {
  const place = document.querySelector<HTMLElement>("[data-toasts]");
  if (!place) return;
  for (const old of place.querySelectorAll("[data-toast]")) {
    if (old.querySelector(".toast-words")?.textContent === message) old.remove();
  }
  const note = make("div", `toast-note toast-${level}`);
  note.dataset.toast = "";
  note.append(icon(MARKS[level]), make("span", "toast-words", message));
  if (action) {
    const button = make("button", "btn btn-text", action.label);
    button.type = "button";
    button.addEventListener("click", () => {
      note.remove();
      action.run();
    });
    note.append(button);
  }
  const close = make("button", "btn-icon toast-close", "×");
  close.type = "button";
  close.dataset.closeToast = "";
  close.setAttribute("aria-label", words.close);
  note.append(close);
  place.append(note);
  if (level === "error") note.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.closest("[data-close-toast]")) target.closest("[data-toast]")?.remove();
});
