// Put into the page before its own scripts: counts the steps of what it does, stops it at one of them, and tells the
// test what a person can see. It goes on when the test has heard it.
(plan) => {
  const tell = (word) => {
    toldToTheTest(word);
    debugger;
  };
  const watching = { armed: plan.armed, step: 0 };
  globalThis.watching = watching;
  const pass = (name) => {
    if (!watching.armed) return;
    watching.step += 1;
    if (watching.step === plan.step) tell("stop/" + name);
  };
  const around = (owner, name, told) => {
    const real = owner[name];
    owner[name] = function (...given) {
      pass(told + "-begun");
      const done = real.apply(this, given);
      return done instanceof Promise ? done.finally(() => pass(told + "-done")) : done;
    };
  };
  around(SubtleCrypto.prototype, "encrypt", "seal");
  around(SubtleCrypto.prototype, "verify", "verify");
  around(globalThis, "fetch", "fetch");
  around(History.prototype, "replaceState", "screen");
  for (const name of ["add", "put", "delete"]) {
    const real = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (...given) {
      const request = real.apply(this, given);
      const isDraft = name === "put" && this.name === "drafts" && !given[0].key.includes("/file/");
      if (isDraft) this.transaction.addEventListener("complete", () => tell("drafted"));
      pass(`${this.name}-${name}`);
      return request;
    };
  }
  const real = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, ...more) {
    const transaction = real.call(this, stores, mode, ...more);
    if (mode === "readwrite") transaction.addEventListener("complete", () => pass("committed"));
    return transaction;
  };
  const said = new Set();
  const look = () => {
    const id = location.hash.startsWith("#/saved/") && document.querySelector(".phone-saved") && location.hash.slice(8);
    if (!id || said.has(id)) return;
    said.add(id);
    tell("said/" + id);
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
};
