// Reads the data of a chart or map from its JSON block.
export function dataOf<T>(name: string): T | null {
  const block = document.getElementById(name);
  return block?.textContent ? (JSON.parse(block.textContent) as T) : null;
}

export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
