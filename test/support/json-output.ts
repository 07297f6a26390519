import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'

const folder = new URL('../../schemas/output/', import.meta.url)

/** Verbs are short for `ap command VERB`, and print what it prints. */
const verbs: readonly string[] = ['promote', 'abort', 'retry', 'pause', 'resume']

/** The name of the schema that what a command prints is held to. */
export function schemaOf(command: string): string {
  return verbs.includes(command) ? 'command' : command
}

/** What `schemas/output/<command>.schema.json` has to say against a text that a command printed with `-o json`; nothing when it fits. */
export function jsonProblems(command: string, text: string): string[] {
  const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true })
  const validate = ajv.compile(JSON.parse(readFileSync(new URL(`${schemaOf(command)}.schema.json`, folder), 'utf8')))
  const value: unknown = JSON.parse(text)
  return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
