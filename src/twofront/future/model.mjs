// Evaluates futures of a case in a browser or in Node: draws in, outcomes under policies out, bit for bit those of the
// native program. Nothing is asked of the machine but WebAssembly with its vectors of 128 bits, which browsers have had
// since 2021-2023.
//
// model.json holds what twofront saw its own program do (`twofront.future.program` says what a step is); this file
// carries the steps out and knows nothing of the model.

const PAGE = 65536;

/** Fetch model.wasm and model.json from beside this file, or from another address, and make them ready. */
export async function fetchModel(base = import.meta.url) {
  const [code, description] = await Promise.all([
    fetch(new URL("model.wasm", base)).then((answer) => answer.arrayBuffer()),
    fetch(new URL("model.json", base)).then((answer) => answer.json()),
  ]);
  return openModel(code, description);
}

/** Make a model ready, from the bytes of model.wasm and what model.json holds. columns: futures side by side. */
export async function openModel(code, description, columns = 64) {
  if (description.format !== 1) throw new Error(`model.json is of format ${description.format}; this file reads 1`);
  const model = new Model(description, columns + (columns % 2));
  const { instance } = await WebAssembly.instantiate(code, { env: { __linear_memory: model.memory } });
  model.calls = description.functions.map(({ name }) => instance.exports[name]);
  return model;
}

class Model {
  constructor(description, columns) {
    this.description = description;
    this.columns = columns;
    // A run of futures with one law may be odd, and is then computed with the column behind it.
    this.stride = columns + 2;
    const most = (what) => Math.max(...description.functions.map((each) => each[what]));
    const { uniform, constants, scratch, rows } = description;
    const aligned = (bytes) => Math.ceil(bytes / 64) * 64;
    const uniformAt = aligned(constants);
    this.scratch = aligned(uniformAt + 8 * uniform.reduce((sum, each) => sum + each.length, 0));
    this.start = aligned(this.scratch + scratch);
    this.again = rows;
    this.againOut = rows + most("inputs");
    const bytes = this.start + (this.againOut + most("outputs")) * this.stride * 8;
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
    this.rows = new Float64Array(this.memory.buffer, this.start);
    let at = uniformAt;
    this.uniform = uniform.map((each) => {
      const numbers = new Float64Array(this.memory.buffer, at, each.length);
      at += each.length * 8;
      return numbers;
    });
    this.chosenBy = [...new Set(description.present.filter(([kind]) => kind === "choose").map(([, row]) => row))];
  }

  get drawn() { return this.description.drawn; }
  get outcomes() { return this.description.outcomes; }
  get statuses() { return this.description.statuses; }
  get levers() { return this.description.levers; }
  get policies() { return this.description.policies; }

  /** Settings of all levers by name: those of a policy, with changes. */
  setting(changes = {}, policy = Object.keys(this.policies)[0]) {
    for (const name of Object.keys(changes)) if (!this.levers.includes(name)) throw new Error(`no lever ${name}`);
    if (!(policy in this.policies)) throw new Error(`no policy ${policy}`);
    return { ...this.policies[policy], ...changes };
  }

  /**
   * Evaluate futures: drawn is a Float64Array, one row for each name in `drawn`, one column for each future.
   *
   * The result holds, for the present course and then for each of the settings, `outcomes`, a Float64Array with one row
   * for each name in `outcomes`, and `status`, a Uint8Array of numbers in `statuses`.
   */
  evaluate(drawn, settings = []) {
    const futures = drawn.length / this.drawn.length;
    if (!Number.isInteger(futures)) throw new Error(`draws are not rows of ${this.drawn.length} numbers a future`);
    const every = [this.setting(), ...settings];
    const found = every.map(() => ({
      outcomes: new Float64Array(this.outcomes.length * futures),
      status: new Uint8Array(futures),
    }));
    const order = this.#order(drawn, futures);
    for (let lo = 0; lo < futures; lo += this.columns) {
      const part = order.subarray(lo, Math.min(lo + this.columns, futures));
      this.#load(drawn, futures, part);
      every.forEach((setting, number) => {
        this.#set(setting);
        for (const step of number === 0 ? this.description.present : this.description.policy) this.#step(step, part.length);
        this.#keep(found[number], futures, part);
      });
    }
    return found;
  }

  /** Futures so that those with the same laws stand together. */
  #order(drawn, futures) {
    const by = this.chosenBy.map((row) => drawn.subarray(row * futures, (row + 1) * futures));
    return Uint32Array.from({ length: futures }, (_, future) => future).sort((one, two) => {
      for (const row of by) if (row[one] !== row[two]) return row[one] - row[two];
      return one - two;
    });
  }

  #load(drawn, futures, part) {
    const { rows, stride } = this;
    for (let row = 0; row < this.drawn.length; row++) {
      for (let column = 0; column < part.length; column++) rows[row * stride + column] = drawn[row * futures + part[column]];
      for (let column = part.length; column < stride; column++) rows[row * stride + column] = rows[row * stride + part.length - 1];
    }
    this.runs = new Map(this.chosenBy.map((row) => [row, this.#runs(row * stride, part.length)]));
  }

  /** Where a row of numbers changes: [number, first column, column behind the last]. */
  #runs(at, count) {
    const found = [];
    for (let lo = 0, hi = 1; hi <= count; hi++) {
      if (hi === count || this.rows[at + hi] !== this.rows[at + lo]) {
        found.push([this.rows[at + lo], lo, hi]);
        lo = hi;
      }
    }
    return found;
  }

  #set(setting) {
    this.description.uniform.forEach((each, number) => {
      each.forEach((item, place) => { this.uniform[number][place] = typeof item === "string" ? setting[item] : item; });
    });
  }

  #step(step, count) {
    const { rows, stride } = this;
    switch (step[0]) {
      case "copy": {
        const [, to, from, rowsToCopy, apart] = step;
        if (apart === 1) rows.copyWithin(to * stride, from * stride, (from + rowsToCopy) * stride);
        else for (let row = 0; row < rowsToCopy; row++) {
          const source = (from + row * apart) * stride;
          rows.copyWithin((to + row) * stride, source, source + stride);
        }
        break;
      }
      case "fill": {
        const [, to, rowsToFill, value] = step;
        rows.fill(value, to * stride, (to + rowsToFill) * stride);
        break;
      }
      case "run": {
        const [, call, from, to, uniform] = step;
        this.#run(call, from, to, uniform, 0, count);
        break;
      }
      case "choose": {
        const [, row, calls, from, to, uniform] = step;
        // Left to right: the column behind an odd run is computed again by its own law.
        for (const [number, lo, hi] of this.runs.get(row)) this.#run(calls[number], from, to, uniform, lo, hi);
        break;
      }
      case "again": this.#again(step, count); break;
      default: throw new Error(`no step is called ${step[0]}`);
    }
  }

  #run(call, from, to, uniform, lo, hi) {
    const { stride, start } = this;
    const last = hi + ((hi - lo) % 2);
    this.calls[call](
      start + from * stride * 8, start + to * stride * 8, this.uniform[uniform].byteOffset,
      BigInt(stride), BigInt(stride), BigInt(lo), BigInt(last), this.scratch,
    );
  }

  /** Futures not within some limit once more, side by side in rows of their own. */
  #again([, call, from, to, uniform, limits], count) {
    const { rows, stride, again, againOut } = this;
    const hard = [];
    for (let column = 0; column < count; column++) {
      if (limits.some(([row, limit]) => !(rows[row * stride + column] <= limit))) hard.push(column);
    }
    if (!hard.length) return;
    const { inputs, outputs } = this.description.functions[call];
    const twice = [...hard, hard.at(-1)]; // an even number of columns is computed
    for (let row = 0; row < inputs; row++) {
      twice.forEach((column, place) => { rows[(again + row) * stride + place] = rows[(from + row) * stride + column]; });
    }
    this.#run(call, again, againOut, uniform, 0, hard.length);
    for (let row = 0; row < outputs; row++) {
      hard.forEach((column, place) => { rows[(to + row) * stride + column] = rows[(againOut + row) * stride + place]; });
    }
  }

  #keep(found, futures, part) {
    const { rows, stride, description } = this;
    for (let row = 0; row < this.outcomes.length; row++) {
      const source = (description.firstOutcome + row) * stride;
      for (let column = 0; column < part.length; column++) found.outcomes[row * futures + part[column]] = rows[source + column];
    }
    for (let column = 0; column < part.length; column++) found.status[part[column]] = rows[description.status * stride + column];
  }
}
