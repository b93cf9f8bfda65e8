/**
 * A definition of any size, with every kind of stage, that holds.
 *
 * @module
 */

const STAGES_PER_PIPELINE = 10;

/** @param stages a multiple of ten: each pipeline has ten, and reads what the one before it writes */
export function manyStages(stages: number): string {
  const numbers = Array.from({ length: Math.ceil(stages / STAGES_PER_PIPELINE) }, (_, n) => n);
  return `topology: large
streams:
  user_log: { value: { avro: ../schemas/user_log.avsc } }
${numbers.map((n) => `  copy_${n}: {}\n  counts_${n}: {}\n  late_${n}: {}`).join("\n")}
pipelines:
${numbers.map(pipelineText).join("\n")}
`;
}

function pipelineText(n: number): string {
  return `  shoppers_${n}:
    - source: ${n === 0 ? "user_log" : `copy_${n - 1}`}
    - filter: value.action == 'BUY' || value.item_id % 10 == ${n % 10}
    - map: { set: { item_id: value.item_id + 1 } }
    - filter: value.gender in ['FEMALE', 'MALE']
    - sink: copy_${n}
    - flatMap:
        when: value.user_id != ${n}
        key: value.gender
    - id: counted_${n}
      windowedReduce:
        window: { tumbling: 1s, grace: 0s }
        value: { people: count(), buyers: count(value.action == 'BUY'), items: sum(value.item_id) }
        emit: final
        late: late_${n}
    - map: { value: { share: double(value.buyers) / double(value.people), items: value.items } }
    - filter: value.share > 0.5
    - sink: counts_${n}`;
}
