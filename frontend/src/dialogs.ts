// Native dialogs: opened by name, and one that asks before something that cannot be taken back.
export function ask(question: string): Promise<boolean> {
  const dialog = document.querySelector<HTMLDialogElement>("#confirm-dialog");
  if (!dialog) return Promise.resolve(window.confirm(question));
  dialog.querySelector("[data-confirm-question]")!.textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const opener = target.closest<HTMLElement>("[data-open-dialog]");
  if (opener) document.querySelector<HTMLDialogElement>(`#${CSS.escape(opener.dataset.openDialog!)}`)?.showModal();
  if (target.closest("[data-close-dialog]")) target.closest("dialog")?.close();
  if (target instanceof HTMLDialogElement && target.open) target.close();
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open], .tabbar-more[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open], .tabbar-more[open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

// A form or button with data-confirm is held back until the person agrees.
const agreed = new WeakSet<HTMLFormElement>();
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target as HTMLFormElement;
    const submitter = (event as SubmitEvent).submitter;
    const question = submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!question || agreed.has(form)) {
      agreed.delete(form);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    void ask(question).then((yes) => {
      if (!yes) return;
      agreed.add(form);
      form.requestSubmit(submitter as HTMLButtonElement | null);
    });
  },
  true,
);

document.addEventListener("htmx:confirm", (event) => {
  const detail = (event as CustomEvent).detail as { question: string | null; issueRequest: (skip: boolean) => void };
  if (!detail.question) return;
  event.preventDefault();
  void ask(detail.question).then((yes) => yes && detail.issueRequest(true));
});
