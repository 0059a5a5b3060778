// Builds scripts, styles and the icon sprite under fixed names into jiafang/static/build.
import { readFileSync, writeFileSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../jiafang/static/build");
const SCRIPT_BUDGET = 120 * 1024;

const options = {
  absWorkingDir: here,
  entryPoints: {
    app: "src/app.ts",
    chart: "src/chart.ts",
    map: "src/map.ts",
    phone: "src/phone/main.ts",
    sw: "src/sw.ts",
    "app-style": "src/css/app.css",
    "map-style": "src/css/map.css",
    "phone-style": "src/css/phone.css",
  },
  entryNames: "[name]",
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020", "chrome88", "safari14", "firefox90"],
  loader: { ".png": "dataurl", ".svg": "dataurl" },
  legalComments: "linked",
  logLevel: "warning",
};

// Styles keep the name of the script they belong to (app.css beside app.js).
const fixedNames = {
  name: "fixed-names",
  setup(build) {
    build.initialOptions.write = false;
    build.onEnd((result) => {
      if (result.errors.length) return;
      for (const file of result.outputFiles) {
        writeFileSync(file.path.replace(/(app|map|phone)-style\.css/, "$1.css"), file.contents);
      }
    });
  },
};

function sprite() {
  const names = readFileSync(join(here, "../jiafang/web/components/icons.txt"), "utf8").split(/\s+/).filter(Boolean);
  const symbols = names.map((name) => {
    const source = readFileSync(join(here, `node_modules/@tabler/icons/icons/outline/${name}.svg`), "utf8");
    const paths = source
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace("</svg>", "")
      .replace(/<path stroke="none"[^>]*\/>/, "")
      .replace(/\s+/g, " ")
      .trim();
    return `<symbol id="${name}" viewBox="0 0 24 24">${paths}</symbol>`;
  });
  writeFileSync(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
sprite();

if (process.argv.includes("--watch")) {
  const context = await esbuild.context({ ...options, plugins: [fixedNames] });
  await context.watch();
} else {
  await esbuild.build({ ...options, plugins: [fixedNames] });
  for (const name of ["app.js", "app.css", "chart.js", "map.js", "phone.js", "phone.css", "sw.js"]) {
    const size = gzipSync(readFileSync(join(out, name))).length;
    console.log(`${name.padEnd(10)} ${(size / 1024).toFixed(1)} KB compressed`);
    if (["app.js", "phone.js"].includes(name) && size > SCRIPT_BUDGET) {
      console.error(`${name} is larger than its budget`);
      process.exit(1);
    }
  }
}
