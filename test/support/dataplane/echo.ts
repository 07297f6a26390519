/** What a backend answers: who it is and what reached it. */
export interface Echo {
  /** `namespace/name` of the Service and the number of its port. */
  readonly service: string
  readonly port: number
  /** Where it listens: that of its pod. */
  readonly address: string
  readonly method: string
  /** With the query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** Headers of every answer, for rules that change them. */
export const answerHeaders = { 'x-set': 'backend', 'x-add': 'backend', 'x-gone': 'backend', 'x-kept': 'backend' }
