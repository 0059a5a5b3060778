// Sheets that come up from below: a question, a list of steps. Closing one gives the focus back.
import { words } from "../words";
import { freshId, h } from "./element";

export interface Sheet {
  dialog: HTMLDialogElement;
  close(): void;
}

export function openSheet(title: string, ...children: (Node | null)[]): Sheet {
  const id = freshId("sheet");
  const close = () => dialog.close();
  const dialog = h(
    "dialog.dialog",
    { "aria-labelledby": id },
    h(
      "div.dialog-head",
      null,
      h("h2", { id }, title),
      h("button.btn-icon", { type: "button", "aria-label": words.close, onclick: close }, "×"),
    ),
    children,
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, close };
}

export function ask(question: string, yes: string = words.yes): Promise<boolean> {
  return new Promise((resolve) => {
    let agreed = false;
    const answer = (value: boolean) => {
      agreed = value;
      dialog.close();
    };
    const id = freshId("ask");
    const dialog = h(
      "dialog.dialog",
      { "aria-labelledby": id },
      h("p.dialog-question", { id }, question),
      h(
        "div.dialog-foot",
        null,
        h("button.btn.btn-outline", { type: "button", onclick: () => answer(false) }, words.no),
        h("button.btn.btn-primary", { type: "button", onclick: () => answer(true) }, yes),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(agreed);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
