/**
 * What an aggregator is to the program generator: accumulator slots and the code that works on them.
 *
 * @module
 */

export interface AggregatorCode {
  /** Starting value of each slot. */
  readonly initial: readonly number[];
  /**
   * Statements that fold one record in.
   * @param slot source of the n-th slot, assignable: `f[e + 6]`
   * @param argument local that holds the argument, already evaluated; "" when there is none
   */
  fold(slot: (n: number) => string, argument: string): string;
  /** Expression of the result. May throw through `library`. */
  lower(slot: (n: number) => string, library: string): string;
}
