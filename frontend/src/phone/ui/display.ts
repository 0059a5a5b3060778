// Language and type size of this person: the page may come from the phone's store, so the cookies decide again.
function cookie(name: string): string {
  const found = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

function remember(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${secure}`;
}

const root = document.documentElement;
const language = cookie("django_language");
if (language) root.lang = language;
root.classList.toggle("large-type", cookie("jf_type") === "large");

export function isLarge(): boolean {
  return root.classList.contains("large-type");
}

export function setLarge(large: boolean): void {
  root.classList.toggle("large-type", large);
  remember("jf_type", large ? "large" : "");
}

export function setLanguage(code: string): void {
  remember("django_language", code);
}
