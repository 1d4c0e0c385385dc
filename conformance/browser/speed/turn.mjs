// Measures only when it is this program's turn, where others use the machine as well.
import { spawn } from 'node:child_process';

/** Runs what follows it when it is our turn: a lock, say. */
const COMMAND = process.env.TURN;

/** After so long the others have theirs, in milliseconds. */
const SLICE = 150_000;

export class Turn {
  #holder;
  #ended;
  #since = 0;

  /** Waits for a turn, unless the one we have is young. Call it in front of each thing to measure. */
  async wait() {
    if (!COMMAND || (this.#holder && Date.now() - this.#since < SLICE)) return;
    await this.end();
    const holder = spawn(`${COMMAND} sh -c 'echo; cat'`, { shell: true, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#ended = new Promise((resolve) => holder.on('close', resolve));
    this.#holder = holder;
    const begun = new Promise((resolve) => holder.stdout.once('data', resolve));
    await Promise.race([begun, this.#ended.then(() => Promise.reject(new Error(`${COMMAND} gave us no turn`)))]);
    this.#since = Date.now();
  }

  async end() {
    this.#holder?.stdin.end();
    await this.#ended;
    this.#holder = undefined;
  }
}
