import type { Member, Protocol } from "./member.ts";

/** Whether some protocol is common to `protocols` and to all members. */
export function hasCommonProtocol(
  protocols: readonly Protocol[],
  members: readonly Member[],
): boolean {
  return protocols.some(({ name }) => members.every((member) => member.supports(name)));
}

/**
 * The protocol of the coming generation: each member votes for the first of its protocols that all
 * support; most votes win, at a tie the one that was named first.
 */
export function voteProtocol(members: readonly Member[]): string | null {
  const votes = new Map<string, number>();
  for (const { protocols } of members) {
    const choice = protocols.find(({ name }) => members.every((member) => member.supports(name)));
    if (choice !== undefined) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1);
  }
  let winner: string | null = null;
  for (const [name, count] of votes) {
    if (winner === null || count > votes.get(winner)!) winner = name;
  }
  return winner;
}
