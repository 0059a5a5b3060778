// What every screen is given, and what a screen is.
import type { Bundle, ItemView, Phone } from "../engine";

export type Tab = "today" | "class" | "mine" | "me";

export interface Screen {
  title: string;
  body: Node;
  /** The place of the tab bar that stays lit; without one the screen is a task of its own. */
  tab?: Tab;
  /** Where the arrow leads. */
  back?: string;
  /** The step within the thumb's reach. */
  foot?: Node;
  /** Drawn again when something changes on the phone. */
  live?: boolean;
  /** Small words above and below the title. */
  eyebrow?: string;
  lead?: string;
  /** Runs before another screen takes its place. */
  leave?: () => void;
}

export interface Place {
  parts: string[];
  query: URLSearchParams;
}

export interface App {
  phone: Phone;
  bundle: Bundle;
  items: ItemView[];
  go(hash: string): void;
  /** Takes the place of the present entry, so that "back" does not come here again. */
  swap(hash: string): void;
  reload(): Promise<void>;
  say(message: string, level?: "success" | "error" | "warning" | "info"): void;
}

export type Draw = (app: App, place: Place) => Screen | Promise<Screen>;
