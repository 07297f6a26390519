/** What a backend is to do about a request, told in a header of it. */
export interface Behavior {
  /** 200 unless given. */
  readonly status?: number
  /** Of a call: 0 unless given. */
  readonly grpcStatus?: number
  /** Milliseconds before the answer. */
  readonly delay?: number
  /** The connection is closed in place of an answer. */
  readonly close?: boolean
  /** The address of the only pod that is to do so; all of them unless given. */
  readonly at?: string
  /** How many requests of its trial a backend treats so before it answers well; all of them unless given. */
  readonly failures?: number
}

/** Names the trial that a request belongs to: its attempts and copies carry it on. */
export const trialHeader = 'x-trial'
const behaviorHeader = 'x-behave'

let trials = 0

/** Headers of a request that is to be recognized at the backends, and of what they are to do about it. */
export function trialHeaders(behavior: Behavior = {}): Record<string, string> {
  trials += 1
  return { [trialHeader]: `${process.pid}-${trials}`, [behaviorHeader]: JSON.stringify(behavior) }
}

/** The path `/status/503` asks for a status as well, where headers are somebody else's. */
export function readBehavior(url: string, headers: Readonly<Record<string, string>>): Behavior {
  const asked = /^\/status\/([2-5]\d\d)$/.exec(url)?.[1]
  const told: Behavior = JSON.parse(headers[behaviorHeader] ?? '{}')
  return { ...(asked !== undefined && { status: Number(asked) }), ...told }
}
