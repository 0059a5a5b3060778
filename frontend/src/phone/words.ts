// What the phone says by itself; names, chips and lists come in the bundle. Chinese is the source.
import "./ui/display";
import { en } from "./words.en";
import { type Words, zh } from "./words.zh";

const chosen = document.documentElement.lang.startsWith("en") ? en : zh;
export const english = chosen === en;
export const words: Words = chosen;
