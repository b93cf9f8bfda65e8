/** Memory of all logs together, bytes. */
export class LogBudget {
  readonly maxBytes: number;
  usedBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  holds(moreBytes: number): boolean {
    return this.usedBytes + moreBytes <= this.maxBytes;
  }
}
