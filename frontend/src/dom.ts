// Small helpers to find and make elements.
export function all<T extends Element>(root: ParentNode, selector: string): T[] {
  const found = Array.from(root.querySelectorAll<T>(selector));
  return root instanceof Element && root.matches(selector) ? [root as unknown as T, ...found] : found;
}

export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  text = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

/** An icon of the sprite that the page's own icons come from. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  const sprite = document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0] ?? "";
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** Runs `once` for every matching element, now and in whatever htmx brings in later. */
export function each<T extends Element>(selector: string, once: (element: T) => void): void {
  const seen = new WeakSet<Element>();
  const run = (root: ParentNode) => {
    for (const element of all<T>(root, selector)) {
      if (!seen.has(element)) {
        seen.add(element);
        once(element);
      }
    }
  };
  run(document);
  document.addEventListener("htmx:load", (event) => run((event as CustomEvent).detail.elt as Element));
}
