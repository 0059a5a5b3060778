// The service worker: see jiafang/templates/phone/sw.js for the names it is given.
export {};
