// Elements from one expression: h("p.muted", { id: "x" }, "words").
import { icon as spriteIcon } from "../../dom";

type Child = Node | string | number | null | undefined | false | Child[];
type Handler = (event: Event) => void;
export type Props = Record<string, string | number | boolean | null | undefined | Handler>;

export function h<K extends keyof HTMLElementTagNameMap>(
  name: K | `${K}.${string}`,
  props?: Props | null,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props ?? {})) set(element, key, value);
  append(element, children);
  return element as HTMLElementTagNameMap[K];
}

function set(element: HTMLElement, key: string, value: Props[string]): void {
  if (typeof value === "function") element.addEventListener(key.replace(/^on/, ""), value);
  else if (key === "checked" || key === "open" || key === "disabled") {
    if (value) element.setAttribute(key, "");
  } else if (key === "value" && "value" in element) (element as HTMLInputElement).value = String(value ?? "");
  else if (key === "class") element.className = `${element.className} ${value ?? ""}`.trim();
  else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : String(value));
}

function append(parent: Node, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (child instanceof Node) parent.appendChild(child);
    else if (child !== null && child !== undefined && child !== false) parent.appendChild(document.createTextNode(String(child)));
  }
}

export function icon(name: string): SVGSVGElement {
  return spriteIcon(name);
}

let serial = 0;
/** An id for a label to point at. */
export function freshId(name: string): string {
  serial += 1;
  return `${name}-${serial}`;
}
