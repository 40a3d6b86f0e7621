// Runs one function of a WebAssembly module: node run_in_node.mjs FOLDER, which holds the module, the job and its inputs.
import { readFileSync, writeFileSync } from "node:fs";

const folder = process.argv[2];
const { name, rows, columns, outputs, constants, scratch } = JSON.parse(readFileSync(`${folder}/job.json`, "utf8"));
const given = new Uint8Array(readFileSync(`${folder}/inputs.bin`)); // inputs, then uniform ones
const start = Math.ceil(constants / 64) * 64;
const into = start + given.length;
const work = Math.ceil((into + outputs * columns * 8) / 64) * 64;
const memory = new WebAssembly.Memory({ initial: Math.ceil((work + scratch) / 65536) + 1 });
const code = new WebAssembly.Module(readFileSync(`${folder}/module.wasm`));
const { exports } = new WebAssembly.Instance(code, { env: { __linear_memory: memory } });
new Uint8Array(memory.buffer).set(given, start);
const stride = BigInt(columns);
exports[name](start, into, start + rows * columns * 8, stride, stride, 0n, stride, work);
writeFileSync(`${folder}/outputs.bin`, new Uint8Array(memory.buffer, into, outputs * columns * 8));
